"""Long tables as text for other programs: UTF-8 with a mark, so that Excel too reads it as such."""

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from .parsers import plain_number
from .sheet_writer import LongSheet

FORMULA = ("=", "+", "-", "@", "\t", "\r")
BEFORE_TEXT = "\u3000"  # a wide space makes it text to every spreadsheet, and our own reader trims it


def write_csv(path: Path, sheets: Sequence[LongSheet]) -> None:
    """Write what write_sheets would write, sheet below sheet; the rows are taken one by one."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        for sheet in sheets:
            writer.writerow([sheet.title])
            writer.writerows([line] for line in sheet.lines)
            writer.writerow([column.header for column in sheet.columns])
            writer.writerows([text_of(value) for value in row] for row in sheet.rows)


def text_of(value: Any) -> str:
    """A cell; blank for None. Text is no formula, whatever it begins with."""
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str):
        return plain_number(value)
    return f"{BEFORE_TEXT}{value}" if value.startswith(FORMULA) else value
