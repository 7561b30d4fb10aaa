"""The cover of the monthly workbook: the red head of an issue, what it holds, who signs."""

from dataclasses import dataclass

from xlsxwriter.worksheet import Worksheet

from .formats import BODY_FONT, HEAD_FONT, IDENTITY, INK_2, TITLE_FONT, Formats
from .official import Page, set_up_page
from .tables import DOCUMENT_MARGINS

COLUMN_PIXELS, COLUMNS = 84, 8
HEIGHTS = (99.75, 57.75, 33.75, 26.25, 110.25, 30, 30, 30, 30, 30, 120, 26.25, 39.75, 20.25, 18, 18)


@dataclass(frozen=True)
class Cover:
    """The words of the cover, ready to print.

    issue: "2026年第 6 期（总第 18 期）". lines: the five rows 报告期 数据截至 范围 内容 状态 as (label, text).
    made: "生成 2026-07-01 06:02　校验 9F3C 21AB 07D4 E5B8".
    trail: "审计 1234 条　链头 07D4 E5B8 9F3C 21AB　封印 2026-07-01 06:02:03".
    """

    title: str
    issue: str
    office: str
    date: str
    lines: tuple[tuple[str, str], ...]
    compiled_by: str = ""
    made: str = ""
    trail: str = ""


def write_cover(worksheet: Worksheet, formats: Formats, cover: Cover) -> None:
    """Fills the first sheet: one upright page without footer."""
    page = Page(worksheet, formats)
    set_up_page(worksheet, "portrait", DOCUMENT_MARGINS, one_page=True, footer="")
    worksheet.set_column_pixels(0, COLUMNS - 1, COLUMN_PIXELS)
    for row, height in enumerate(HEIGHTS):
        page.height(row, height)
    centred = {"align": "center"}
    title = formats.get(font_name=TITLE_FONT, font_size=34, font_color=IDENTITY, shrink=True, **centred)
    page.span(1, 0, 7, cover.title, title)
    page.span(2, 0, 7, cover.issue, formats.words(16, **centred))
    rule = {"bottom": 5, "bottom_color": IDENTITY}
    page.span(3, 0, 3, cover.office, formats.words(14, **rule))
    page.span(3, 4, 7, cover.date, formats.words(14, align="right", **rule))
    label = formats.get(font_name=HEAD_FONT, font_size=14, border=1, **centred)
    text = formats.get(font_name=BODY_FONT, font_size=14, border=1, align="left", indent=1)
    for row, (name, words) in enumerate(cover.lines, start=5):
        page.span(row, 1, 2, name, label)
        page.span(row, 3, 6, words, text)
    signed = formats.words(14)
    page.span(11, 0, 2, "签发：", signed)
    page.span(11, 3, 4, "审核：", signed)
    page.span(11, 5, 7, f"编制：{cover.compiled_by}", signed)
    page.span(13, 0, 7, "内部资料，注意保管", formats.get(font_name=HEAD_FONT, font_size=12, **centred))
    for row, words in ((14, cover.made), (15, cover.trail)):
        page.span(row, 0, 7, words, formats.words(10, font_color=INK_2, **centred))
    worksheet.print_area(0, 0, len(HEIGHTS) - 1, COLUMNS - 1)
