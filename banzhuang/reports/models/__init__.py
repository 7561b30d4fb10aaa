from .monthly import MonthlyWorkbook

__all__ = ["MonthlyWorkbook"]
