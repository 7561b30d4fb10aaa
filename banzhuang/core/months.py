"""Months as their first day; the calendar arithmetic of figures and workbooks."""

import datetime


def month_of(day: datetime.date) -> datetime.date:
    return day.replace(day=1)


def shift_month(month: datetime.date, by: int) -> datetime.date:
    """The first day of the month `by` months later (earlier when negative)."""
    index = month.year * 12 + month.month - 1 + by
    return datetime.date(index // 12, index % 12 + 1, 1)


def month_end(month: datetime.date) -> datetime.date:
    """The last day of the month."""
    return shift_month(month, 1) - datetime.timedelta(days=1)


def year_start(day: datetime.date) -> datetime.date:
    return day.replace(month=1, day=1)


def month_ends_until(day: datetime.date, count: int) -> list[datetime.date]:
    """`count` days, oldest first: the ends of the months before, and `day` itself for the running month."""
    return [month_end(shift_month(month_of(day), -back)) for back in range(count - 1, 0, -1)] + [day]


def parse_month(text: str) -> datetime.date:
    """`YYYY-MM` from 1949 to 2200 → first day; ValueError with a Chinese sentence for anything else."""
    try:
        month = datetime.datetime.strptime(text.strip(), "%Y-%m").date()
    except ValueError:
        month = None
    if month is None or not 1949 <= month.year <= 2200:
        raise ValueError(f"月份“{text}”看不懂，应写成 2026-06 这样的形式。")
    return month
