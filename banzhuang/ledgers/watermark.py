"""Who took a table, when and what for: in words on the sheet, and at the head of every page that is printed."""

from typing import Any

from django.utils import timezone

from banzhuang.accounts.audit import clean


def watermark(user: Any, what: str = "") -> str:
    """周敏（zuzhi）于 2026-07-15 12时00分 导出，号码脱敏.

    It says nothing about the table: of 导出时间：… and of a reason with 期间：2019 our reader would take its year.
    """
    at = timezone.localtime().strftime("%Y-%m-%d %H时%M分")
    return clean(f"{user}（{user.username}）于 {at} {what}").replace("：", " ").replace(":", " ").strip()
