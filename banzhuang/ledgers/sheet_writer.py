"""Long sheets on disk, in flat memory: the only place that knows the library that writes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rustpy_xlsxwriter import Format, write_worksheets

from banzhuang.core.fonts import BODY_FONT, HEAD_FONT, TITLE_FONT

PAGE = {"landscape": True, "paper_size": 9, "fit_to_pages": (1, 0)}  # A4, as wide as the table


@dataclass(frozen=True)
class SheetColumn:
    """A column: its header, its width in characters, the number format of its cells ("@" for text)."""

    header: str
    width: float
    number_format: str = "General"


@dataclass(frozen=True)
class LongSheet:
    """A sheet below the lines over its table: a title, and lines of text.

    columns: at least two; rows: in their order, str, int, float, Decimal, date or None for a blank cell. Text is never
    a formula.
    """

    name: str
    title: str
    lines: Sequence[str]
    columns: Sequence[SheetColumn]
    rows: Iterable[Sequence[Any]]


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
        freeze_panes={sheet.name: {"row": header_row(sheet) + 1, "col": 0} for sheet in sheets},
        column_widths={sheet.name: [column.width for column in sheet.columns] for sheet in sheets},
        column_formats={sheet.name: formats(sheet) for sheet in sheets},
        header_format=dict.fromkeys(names, header),
        header_row={sheet.name: header_row(sheet) for sheet in sheets},
        merge_ranges={sheet.name: above(sheet) for sheet in sheets},
        ignore_errors={
            sheet.name: [c.header for c in sheet.columns if c.number_format == "@"] for sheet in sheets
        },
        page_setup={name: PAGE for name in names},
    )


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
    return [
        Format().set_font_name(BODY_FONT).set_num_format(column.number_format) for column in sheet.columns
    ]


def above(sheet: LongSheet) -> list[tuple]:
    last, line = len(sheet.columns) - 1, Format().set_font_name(BODY_FONT).set_num_format("@")
    title = (0, 0, 0, last, sheet.title, centred(TITLE_FONT, 18))
    return [title, *((row, 0, row, last, text, line) for row, text in enumerate(sheet.lines, 1))]


def centred(font: str, size: int) -> Format:
    return Format().set_font_name(font).set_font_size(size).set_align("center")
