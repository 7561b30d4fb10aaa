"""Long sheets on disk, in flat memory: the only place that knows the library that writes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rustpy_xlsxwriter import Format, write_worksheets

from banzhuang.core.fonts import BODY_FONT, HEAD_FONT, TITLE_FONT

PAGE = {
    "landscape": True,
    "fit_to_pages": (1, 0),  # as wide as the table
    "center_horizontally": True,
    "margins": {"left": 0.6, "right": 0.6, "top": 0.75, "bottom": 0.75, "header": 0.3, "footer": 0.4},
    "footer": "&C第 &P 页，共 &N 页",
}
A3, A4 = 8, 9
WIDEST_ON_A4 = (
    175  # characters; a wider table would be printed smaller than 80 % on A4, and offices print it on A3
)
LONGEST_HEADER = 255
TITLE_HEIGHT, LINE_HEIGHT, HEAD_HEIGHT = 36, 20.25, 31


@dataclass(frozen=True)
class SheetColumn:
    """A column: its header, its width in characters, the number format of its cells ("@" for text), where they stand."""

    header: str
    width: float
    number_format: str = "General"
    align: str = "left"


@dataclass(frozen=True)
class LongSheet:
    """A sheet below the lines over its table: a title, and lines of text.

    columns: at least two; frozen: how many of them stay in sight; rows: in their order, str, int, float, Decimal, date
    or None for a blank cell. Text is never a formula. mark: stands at the head of every page that is printed.
    """

    name: str
    title: str
    lines: Sequence[str]
    columns: Sequence[SheetColumn]
    rows: Iterable[Sequence[Any]]
    frozen: int = 0
    mark: str = ""


def paper_for(width: float) -> int:
    """A4, or A3 for a table of so many characters that nobody could read it on A4; as Excel numbers them."""
    return A3 if width > WIDEST_ON_A4 else A4


def write_sheets(path: Path, sheets: Sequence[LongSheet]) -> None:
    """Write an .xlsx; the rows are taken one by one while it grows. Raises OSError, and what the rows raise."""
    try:
        write_all(path, sheets)
    except BaseException as fault:
        if type(fault).__name__ != "PanicException":  # the library's, and no Exception: a disk that is full
            raise
        raise OSError(str(fault)) from fault


def write_all(path: Path, sheets: Sequence[LongSheet]) -> None:
    header = centred(HEAD_FONT, 11).set_text_wrap().set_border("thin")
    names = [sheet.name for sheet in sheets]
    write_worksheets(
        [(sheet.name, records(sheet)) for sheet in sheets],
        str(path),
        freeze_panes={sheet.name: {"row": header_row(sheet) + 1, "col": sheet.frozen} for sheet in sheets},
        column_widths={sheet.name: [column.width for column in sheet.columns] for sheet in sheets},
        column_formats={sheet.name: formats(sheet) for sheet in sheets},
        header_format=dict.fromkeys(names, header),
        header_row={sheet.name: header_row(sheet) for sheet in sheets},
        row_heights={sheet.name: heights(sheet) for sheet in sheets},
        merge_ranges={sheet.name: above(sheet) for sheet in sheets},
        ignore_errors={
            sheet.name: [c.header for c in sheet.columns if c.number_format == "@"] for sheet in sheets
        },
        page_setup={sheet.name: page(sheet) for sheet in sheets},
    )


def page(sheet: LongSheet) -> dict[str, Any]:
    """Across, one page wide, the head on every page, the footer with its section code."""
    width = sum(column.width for column in sheet.columns)
    marked = {"header": page_mark(sheet.mark)} if sheet.mark else {}
    return PAGE | marked | {"paper_size": paper_for(width), "repeat_rows": header_row(sheet)}


def page_mark(text: str) -> str:
    """A header at the right: Excel takes no more than 255 characters, and what follows an & for a code."""
    return f"&R&9 {text.replace('&', '＆')}"[:LONGEST_HEADER]


def heights(sheet: LongSheet) -> dict[int, float]:
    lines = dict.fromkeys(range(1, header_row(sheet)), LINE_HEIGHT)
    return {0: TITLE_HEIGHT, **lines, header_row(sheet): HEAD_HEIGHT}


def header_row(sheet: LongSheet) -> int:
    return 1 + len(sheet.lines)


def records(sheet: LongSheet) -> Iterable[dict[str, Any]]:
    """The library takes the headers from the first row: a sheet without rows gets a blank one."""
    headers = [column.header for column in sheet.columns]
    empty = True
    for row in sheet.rows:
        empty = False
        yield dict(zip(headers, row, strict=True))
    if empty:
        yield dict.fromkeys(headers)


def formats(sheet: LongSheet) -> list[Format]:
    return [body(column) for column in sheet.columns]


def body(column: SheetColumn) -> Format:
    """What is too long for its cell is made smaller: rows keep their height, and nothing is cut on paper."""
    cell = Format().set_font_name(BODY_FONT).set_num_format(column.number_format).set_border("thin")
    cell = cell.set_align(column.align).set_align("vcenter").set_shrink()
    return cell.set_indent(1) if column.align == "right" else cell


def above(sheet: LongSheet) -> list[tuple]:
    last, line = (
        len(sheet.columns) - 1,
        Format().set_font_name(BODY_FONT).set_num_format("@").set_align("vcenter"),
    )
    title = (0, 0, 0, last, sheet.title, centred(TITLE_FONT, 20))
    return [title, *((row, 0, row, last, text, line) for row, text in enumerate(sheet.lines, 1))]


def centred(font: str, size: int) -> Format:
    return Format().set_font_name(font).set_font_size(size).set_align("center").set_align("vcenter")
