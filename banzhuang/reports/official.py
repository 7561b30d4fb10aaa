"""Writes official tables with XlsxWriter: A4, head repeated, footer, thin borders, signatures, notes.

Rows are written from top to bottom and every row once, so that `constant_memory` works.
"""

import datetime
from typing import BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from banzhuang.core.dates import PartialDate

from .chart import place_chart
from .formats import NOTE_SIZE, Formats
from .tables import Flag, Layout, Margins, OfficialTable, TableColumn, Total, Value
from .widths import (
    LINE_SIZE,
    LINK_WORDS,
    PADDING,
    column_widths,
    groups,
    lines_needed,
    text_pixels,
    unit_columns,
)

FOOTER = "&C第 &P 页，共 &N 页"
A4 = 9
A4_POINTS = {"portrait": (595.3, 841.9), "landscape": (841.9, 595.3)}
# A path, or a stream in memory.
Target = str | BinaryIO
WORKBOOK_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
LINE_HEIGHT = 1.45
SHORT_LINK_WORDS = "目录"
SIGNATURES = ("单位负责人：", "审核人：", "填表人：", "联系电话：")
# XML holds no control characters but tab and line feed.
CONTROLS = dict.fromkeys(set(range(32)) - {9, 10})
FORBIDDEN_IN_SHEET_NAMES = str.maketrans("[]:*?/\\", "（）：＊？／＼")


def sheet_name(text: str) -> str:
    """A name a spreadsheet accepts: at most 31 characters, without []:*?/\\ and quotes at the ends."""
    return text.translate(FORBIDDEN_IN_SHEET_NAMES).strip("'")[:31]


def quoted(name: str) -> str:
    """A sheet's name as links and formulas write it."""
    return "'" + name.replace("'", "''") + "'"


def write_official_workbook(target: Target, tables: list[tuple[str, OfficialTable]]) -> None:
    """A workbook of single tables, one sheet each, without cover: [(sheet name, table)]."""
    with Workbook(target, WORKBOOK_OPTIONS) as workbook:
        formats = Formats(workbook)
        for name, table in tables:
            write_table(workbook, workbook.add_worksheet(sheet_name(name)), formats, table)


def set_up_page(
    worksheet: Worksheet, orientation: str, margins: Margins, one_page: bool, footer: str = FOOTER
) -> None:
    """A4, centred, one page wide, margins in inches, the footer with its section code."""
    worksheet.hide_gridlines(2)
    worksheet.set_paper(A4)
    (worksheet.set_landscape if orientation == "landscape" else worksheet.set_portrait)()
    worksheet.set_margins(margins.left, margins.right, margins.top, margins.bottom)
    worksheet.center_horizontally()
    worksheet.fit_to_pages(1, 1 if one_page else 0)
    worksheet.set_footer(footer, {"margin": margins.footer})


def put(worksheet: Worksheet, row: int, column: int, value: Value, cell_format) -> None:
    """Writes one value by its type. A text is always text, whatever it begins with."""
    if value is None or value == "":
        worksheet.write_blank(row, column, None, cell_format)
    elif isinstance(value, bool):
        worksheet.write_string(row, column, "是" if value else "否", cell_format)
    elif isinstance(value, str):
        worksheet.write_string(row, column, value.replace("\r", "\n").translate(CONTROLS), cell_format)
    elif isinstance(value, PartialDate):
        worksheet.write_datetime(row, column, _midnight(value.first), cell_format)
    elif isinstance(value, datetime.date):
        worksheet.write_datetime(row, column, _midnight(value), cell_format)
    else:
        worksheet.write_number(row, column, value, cell_format)


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime(day.year, day.month, day.day)


class Page:
    """One worksheet being filled from top to bottom."""

    def __init__(self, worksheet: Worksheet, formats: Formats):
        self.worksheet = worksheet
        self.formats = formats

    def height(self, row: int, points: float) -> None:
        self.worksheet.set_row(row, points)

    def put(self, row: int, column: int, value: Value, cell_format) -> None:
        put(self.worksheet, row, column, value, cell_format)

    def span(self, row: int, first: int, last: int, value: Value, cell_format, rows: int = 1) -> None:
        """A value over the columns first..last and, where `rows` is 2, over the row below, which the caller fills.

        The merge is noted, not made by merge_range: that would write into rows which are already on disk.
        """
        self.put(row, first, value, cell_format)
        for column in range(first + 1, last + 1):
            self.put(row, column, None, cell_format)
        if first != last or rows > 1:
            self.worksheet.merge.append([row, first, row + rows - 1, last])


def write_table(
    workbook: Workbook, worksheet: Worksheet, formats: Formats, table: OfficialTable, contents: str = ""
) -> None:
    """Fills `worksheet` with the table. contents: name of the sheet that a link 返回目录 leads to."""
    page, layout = Page(worksheet, formats), table.layout
    widths = column_widths(table)
    set_up_page(worksheet, layout.orientation, layout.margins, layout.one_page)
    for index, width in enumerate(widths):
        worksheet.set_column_pixels(index, index, width)
    row_height = _row_height(table, widths)
    _title(page, table, widths, contents)
    at = _head(page, table)
    head_rows = (2, at - 1)
    at = _body(page, table, at, widths, row_height)
    at = _totals(page, table, at)
    if table.chart:
        at = place_chart(workbook, worksheet, formats, table.chart, at, widths)
    last = _closing(page, table, at, widths)
    worksheet.repeat_rows(*head_rows)
    worksheet.freeze_panes(head_rows[1] + 1, min(table.frozen_columns, len(widths) - 1))
    worksheet.print_area(0, 0, last, len(widths) - 1)


def _title(page: Page, table: OfficialTable, widths: list[int], contents: str) -> None:
    """Row 1: the title. Row 2: who fills in, when, in which unit, and the way back."""
    last, layout, formats = len(widths) - 1, table.layout, page.formats
    page.height(0, layout.title_height)
    page.span(0, 0, last, table.title, formats.title())
    page.height(1, layout.info_height)
    linked = last if contents and last > 1 else last + 1
    left = unit_columns(table, widths, linked)
    page.span(1, 0, left - 1, table.unit_line(), formats.words())
    if left < linked:
        page.span(1, left, linked - 1, table.date_line(), formats.words(align="right"))
    if linked == last:
        words = (
            LINK_WORDS if widths[last] >= text_pixels(LINK_WORDS, LINE_SIZE) + PADDING else SHORT_LINK_WORDS
        )
        target = f"internal:{quoted(contents)}!A1"
        page.worksheet.write_url(1, last, target, formats.link(align="right"), words)


def _head(page: Page, table: OfficialTable) -> int:
    """Rows 3 and, where columns have groups, 4. Returns the first row of the body."""
    columns, layout = table.columns, table.layout
    head = page.formats.head(layout.head_size)
    upper = groups(columns)
    if not upper:
        broken = any("\n" in column.label for column in columns)
        page.height(2, layout.head_heights[1] if broken else max(layout.head_heights[0], layout.row_height))
        for index, column in enumerate(columns):
            page.put(2, index, column.label, head)
        return 3
    page.height(2, layout.head_heights[0])
    for index, column in enumerate(columns):
        if not column.group:
            page.span(2, index, index, column.label, head, rows=2)
        else:
            for first, last, label in upper:
                if first == index:
                    page.span(2, first, last, label, head)
    page.height(3, layout.head_heights[1])
    for index, column in enumerate(columns):
        page.put(3, index, column.label if column.group else None, head)
    return 4


def _body(page: Page, table: OfficialTable, at: int, widths: list[int], row_height: float) -> int:
    """The rows; a text longer than its column's declared width is wrapped and its row grows."""
    layout = table.layout
    for row in table.rows:
        height = row_height
        for index, (column, value) in enumerate(zip(table.columns, row, strict=True)):
            shown = value.shown if isinstance(value, Flag) else value
            size = column.size or layout.body_size
            lines = 1
            if isinstance(shown, str) and (column.width or "\n" in shown):
                lines = lines_needed(shown, size, widths[index])
            if lines > 1:
                height = max(height, lines * size * LINE_HEIGHT + 3)
            page.put(
                at, index, as_shown(shown, column), page.formats.cell(column, layout, value, wrap=lines > 1)
            )
        page.height(at, height)
        at += 1
    return at


def as_shown(value: Value, column: TableColumn) -> Value:
    """A date in a column of months goes out as a month: the file holds no birthday that the page does not show."""
    if (
        isinstance(value, datetime.date | PartialDate)
        and column.number_format
        and "d" not in column.number_format
    ):
        day = value.first if isinstance(value, PartialDate) else value
        return day.replace(day=1)
    return value


def _totals(page: Page, table: OfficialTable, at: int) -> int:
    cells = table.total_cells()
    if not cells:
        return at
    layout, column = table.layout, 0
    page.height(at, layout.total_height)
    for cell in _filled(cells, len(table.columns)):
        label = isinstance(cell.value, str)
        cell_format = page.formats.total(layout, cell.number_format, label)
        page.span(at, column, column + cell.span - 1, cell.value, cell_format)
        column += cell.span
    return at + 1


def _filled(cells: tuple[Total, ...], columns: int) -> list[Total]:
    """The cells of the row 合计, empty ones added up to the last column."""
    missing = columns - sum(cell.span for cell in cells)
    return [*cells, *[Total()] * missing]


def _closing(page: Page, table: OfficialTable, at: int, widths: list[int]) -> int:
    """Signatures and notes. Returns the last row of the print area."""
    last, formats = len(widths) - 1, page.formats
    if table.signature:
        if not table.chart:
            page.height(at, 8.25)
            at += 1
        page.height(at, 24)
        words = [name + table.filled_by if name == "填表人：" else name for name in SIGNATURES]
        if len(widths) < len(words):
            page.span(at, 0, last, "　　　　".join(words), formats.words())
        else:
            for text, (first, end) in zip(words, _signature_bounds(widths, table.layout), strict=True):
                page.span(at, first, end, text, formats.words())
        at += 1
    for number, note in enumerate(table.notes):
        text = f"注：{note}" if number == 0 else f"　　{note}"
        lines = lines_needed(text, NOTE_SIZE, sum(widths))
        page.height(at, max(15, lines * NOTE_SIZE * LINE_HEIGHT))
        page.span(at, 0, last, text, formats.words(NOTE_SIZE, **({"text_wrap": True} if lines > 1 else {})))
        at += 1
    return at - 1


def _signature_bounds(widths: list[int], layout: Layout) -> list[tuple[int, int]]:
    """The columns of the four signatures: a quarter of the width each, or as the layout says."""
    ends = list(layout.signature_after) if len(widths) > max(layout.signature_after, default=99) else []
    if not ends:
        whole, edges = sum(widths), [sum(widths[: index + 1]) for index in range(len(widths))]
        for quarter in (1, 2, 3):
            least = ends[-1] + 1 if ends else 1
            nearest = min(range(len(edges)), key=lambda index: abs(edges[index] - whole * quarter / 4))
            ends.append(max(least, nearest + 1))
    starts, ends = [0, *ends], [*ends, len(widths)]
    return [(first, max(first, end - 1)) for first, end in zip(starts, ends, strict=True)]


def _row_height(table: OfficialTable, widths: list[int]) -> float:
    """The layout's height, or the one with which `rows_per_page` rows fill a page below the repeated head."""
    layout = table.layout
    if not table.rows_per_page:
        return layout.row_height
    width, height = A4_POINTS[layout.orientation]
    margins = layout.margins
    scale = min(1, (width - 72 * (margins.left + margins.right)) / (sum(widths) * 0.75))
    room = (height - 72 * (margins.top + margins.bottom)) / scale * 0.97
    room -= layout.title_height + layout.info_height + sum(layout.head_heights)
    return round(max(15, min(36, room / table.rows_per_page)) / 0.75) * 0.75
