"""How wide a text stands in a cell: 16 pixels for a Chinese character of 12 points, half of it for a Latin one.

Column widths follow the default font, which differs from desk to desk, so the rule is generous rather than exact:
narrower, and 横山官庄村 is cut; wider, and the page is scaled below what can be read.
"""

import datetime
import math
import re
import unicodedata
from decimal import Decimal

from banzhuang.core.dates import PartialDate

from .tables import Flag, Layout, OfficialTable, TableColumn, Value

PADDING, INDENT, SHAPE = 10, 10, 20
# A word that does not fit is cut, a number that does not fit becomes ###: numbers get more room.
NUMBER_PADDING = 17
PIXELS_PER_POINT = 4 / 3
SERIAL_WIDTH = 45
TITLE_SIZE, LINE_SIZE, LINK_WORDS = 20, 11, "返回目录"


def text_pixels(text: str, size: float) -> float:
    """Width of the longest line of `text` in pixels, at `size` points."""
    wide = size * PIXELS_PER_POINT
    return max(
        (sum(wide if _is_wide(mark) else wide / 2 for mark in line) for line in text.split("\n")), default=0
    )


def _is_wide(mark: str) -> bool:
    return unicodedata.east_asian_width(mark) in "WFA"


def shown_text(value: Value, number_format: str = "") -> str:
    """About what a spreadsheet shows for the value in this number format; for measuring only."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, PartialDate):
        return value.iso()
    if isinstance(value, datetime.date):
        return number_format or "yyyy-mm-dd"
    if isinstance(value, int | float | Decimal):
        return _shown_number(value, number_format)
    return str(value)


def _shown_number(number: int | float | Decimal, number_format: str) -> str:
    section = number_format.split(";")[0]
    words = "".join(re.findall(r'"([^"]*)"', section))
    pattern = re.sub(r'"[^"]*"|\* |_.', "", section)
    decimals = len(pattern.partition(".")[2].replace("%", ""))
    if "%" in pattern:
        return f"{words}{float(number) * 100:.{decimals}f}%"
    if pattern in ("", "General", "@"):
        return f"{words}{number}"
    return f"{words}{number:{',' if ',' in pattern else ''}.{decimals}f}"


def column_width(column: TableColumn, values: list[Value | Flag], layout: Layout) -> int:
    """Pixels of a column: what it declares, else its longest value or head line, whichever is wider."""
    if column.width:
        return column.width
    size = column.size or layout.body_size
    body = max((_cell_pixels(value, column, size) for value in values), default=0)
    head = text_pixels(column.label, layout.head_size) + PADDING
    return max(SERIAL_WIDTH, math.ceil(max(body, head)))


def _cell_pixels(value: Value | Flag, column: TableColumn, size: float) -> float:
    flagged = isinstance(value, Flag)
    shown = value.shown if flagged else value
    padding = PADDING if isinstance(shown, str) else NUMBER_PADDING
    number_format = (value.number_format if flagged else "") or column.number_format
    width = text_pixels(shown_text(shown, number_format), size) + padding
    if column.align == "left":
        width += INDENT
    if flagged and value.state in ("near", "bad"):
        width += SHAPE
    return width


def column_widths(table: OfficialTable) -> list[int]:
    """Pixels of every column of the table, from left to right; a group's head fits over its columns."""
    totals = _values_in_totals(table)
    widths = []
    for index, column in enumerate(table.columns):
        values = [row[index] for row in table.rows] + totals.get(index, [])
        widths.append(column_width(column, values, table.layout))
    for first, last, label in groups(table.columns):
        missing = (
            math.ceil(text_pixels(label, table.layout.head_size)) + PADDING - sum(widths[first : last + 1])
        )
        if missing > 0:
            widths[last] += missing
    return _with_room_above(table, widths)


def unit_columns(table: OfficialTable, widths: list[int], linked: int) -> int:
    """How many columns from the left hold 填报单位; `linked` is the column of the link, or past the last."""
    room = text_pixels(table.unit_line(), LINE_SIZE) + PADDING
    least = max(1, table.left_columns or linked // 2)
    return next((count for count in range(least, linked) if sum(widths[:count]) >= room), max(1, linked - 1))


def _with_room_above(table: OfficialTable, widths: list[int]) -> list[int]:
    """Widens the columns of a narrow table, 序号 left as it is, until title, 填报单位 and 填报日期 fit above them."""
    last = len(widths) - 1
    linked = last if last > 1 else last + 1
    title = math.ceil(text_pixels(table.title, TITLE_SIZE)) + PADDING
    widths = _widened(widths, range(1, last + 1), title)
    left = unit_columns(table, widths, linked)
    unit, date = (
        math.ceil(text_pixels(text, LINE_SIZE)) + PADDING for text in (table.unit_line(), table.date_line())
    )
    widths = _widened(widths, range(min(1, left - 1), left), unit)
    return _widened(widths, range(left, linked), date)


def _widened(widths: list[int], columns: range, least: int) -> list[int]:
    """The widths with these columns made wider by the same share, until together they have `least` pixels."""
    missing = least - sum(widths[column] for column in columns)
    if missing <= 0 or not columns:
        return widths
    share = math.ceil(missing / len(columns))
    return [width + share if index in columns else width for index, width in enumerate(widths)]


def _values_in_totals(table: OfficialTable) -> dict[int, list[Value]]:
    """The totals that stand in one column, as the text they show."""
    found: dict[int, list[Value]] = {}
    at = 0
    for total in table.total_cells():
        if total.span == 1 and total.value is not None:
            found[at] = [shown_text(total.value, total.number_format)]
        at += total.span
    return found


def groups(columns: tuple[TableColumn, ...]) -> list[tuple[int, int, str]]:
    """(first, last, label) of every upper head: neighbouring columns with the same group."""
    found: list[tuple[int, int, str]] = []
    for index, column in enumerate(columns):
        if not column.group:
            continue
        if found and found[-1][2] == column.group and found[-1][1] == index - 1:
            found[-1] = (found[-1][0], index, column.group)
        else:
            found.append((index, index, column.group))
    return found


def lines_needed(text: str, size: float, width: int) -> int:
    """Lines that `text` takes in a column of `width` pixels."""
    room = max(width - PADDING, size)
    return sum(max(1, math.ceil(text_pixels(line, size) / room)) for line in text.split("\n"))
