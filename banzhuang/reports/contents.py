"""The contents of the monthly workbook: every sheet with its link, office, the month's one fact, shape and word."""

from collections.abc import Sequence
from dataclasses import dataclass

from xlsxwriter.worksheet import Worksheet

from .formats import BAD_TEXT, BODY_FONT, INK_3, NEAR_TEXT, OK_TEXT, Formats
from .official import Page, put, quoted, set_up_page
from .tables import BAD, DOCUMENT_MARGINS, NEAR, NO_DATA, OfficialTable
from .widths import lines_needed

SHEET_NAME = "目录"
WIDTHS = (52, 150, 108, 318, 94)
HEADS = ("序号", "工作表", "责任单位", "本月要点", "状态")
SHRINKABLE = 1.2
NORMAL = "ok"
# State → shape and word, text colour, bold.
STATES = {
    NORMAL: ("● 正常", OK_TEXT, False),
    NEAR: ("▲ 临近", NEAR_TEXT, False),
    BAD: ("■ 逾期", BAD_TEXT, True),
    NO_DATA: ("○ 无数据", INK_3, False),
    "": ("—", "#000000", False),
}
LEGEND = "● 正常　▲ 临近　■ 逾期　○ 无数据。点工作表名可跳转；每张表首行右上角可返回目录。"


@dataclass(frozen=True)
class Entry:
    """One sheet of the workbook and its line in the contents. state: "ok", "near", "bad", "none" or "" (—)."""

    name: str
    office: str
    highlight: str
    state: str
    table: OfficialTable


def write_contents(worksheet: Worksheet, formats: Formats, entries: Sequence[Entry]) -> None:
    """Fills the second sheet, one upright page; every name leads to its sheet."""
    page = Page(worksheet, formats)
    set_up_page(worksheet, "portrait", DOCUMENT_MARGINS, one_page=True)
    for index, width in enumerate(WIDTHS):
        worksheet.set_column_pixels(index, index, width)
    page.height(0, 39.75)
    page.span(0, 0, 4, "目　录", formats.title())
    page.height(1, 24.75)
    for index, head in enumerate(HEADS):
        page.put(1, index, head, formats.head(12))
    for row, entry in enumerate(entries, start=2):
        _write_entry(page, row, entry)
    page.height(len(entries) + 2, 8.25)
    last = len(entries) + 3
    page.span(last, 0, 4, LEGEND, formats.words(10))
    worksheet.print_area(0, 0, last, 4)


def _write_entry(page: Page, row: int, entry: Entry) -> None:
    formats, worksheet = page.formats, page.worksheet
    body = {"font_name": BODY_FONT, "font_size": 12, "border": 1}
    centred = formats.get(**body, align="center")
    # A few characters too many are printed smaller, a long sentence takes a second line.
    lines = lines_needed(entry.highlight, 12, round(WIDTHS[3] * SHRINKABLE))
    page.height(row, max(26.25, lines * 17.25 + 3))
    put(worksheet, row, 0, row - 1, centred)
    link = formats.link(12, border=1, align="left", indent=1)
    worksheet.write_url(row, 1, f"internal:{quoted(entry.name)}!A1", link, entry.name)
    put(worksheet, row, 2, entry.office, centred)
    fit = {"text_wrap": True} if lines > 1 else {"shrink": True}
    put(worksheet, row, 3, entry.highlight, formats.get(**body, align="left", indent=1, **fit))
    words, colour, bold = STATES[entry.state]
    put(worksheet, row, 4, words, formats.get(**body, align="center", font_color=colour, bold=bold))
