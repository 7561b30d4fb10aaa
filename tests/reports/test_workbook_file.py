"""The monthly workbook as a file: cover, contents with links, one sheet an entry, all ready to print."""

import datetime
import io

import pytest
from openpyxl import load_workbook

from banzhuang.reports.contents import Entry
from banzhuang.reports.cover import Cover
from banzhuang.reports.workbook import write_month

from .examples import register

COVER = Cover(
    title="班庄镇党建与民生工作月报",
    issue="2026年第 6 期（总第 18 期）",
    office="中共班庄镇委员会党建办公室",
    date="2026年7月1日",
    lines=(
        ("报告期", "2026年6月1日 — 6月30日"),
        ("数据截至", "2026年6月30日 24:00"),
        ("范　　围", "全镇 44 个村、7 个责任单位"),
        ("内　　容", "17 项机制、44 村总表、逾期事项"),
        ("状　　态", "已发布，数据冻结"),
    ),
    compiled_by="周敏",
    made="生成 2026-07-01 06:02　校验 9F3C 21AB 07D4 E5B8",
    trail="审计 1234 条　链头 07D4 E5B8 9F3C 21AB　封印 2026-07-01 06:02:03",
)
ENTRIES = [
    Entry("44村总表", "党建办", "44 村 × 11 项", "", register()),
    Entry("M1 选准带头人", "组织办", "机关、退职干部任书记 5 人，本年调整 3 人", "ok", register()),
    Entry("M2 育强带头人", "组织办", "2 人未受训", "near", register()),
    Entry("M3 管好带头人", "组织办", "一句很长的要点，" * 8, "bad", register()),
    Entry("M17 评先创优", "党建办", "年底开展", "none", register()),
]


@pytest.fixture(scope="module")
def book():
    stream, steps = io.BytesIO(), []
    write_month(stream, COVER, ENTRIES, datetime.datetime(2026, 7, 1, 6, 2), lambda *step: steps.append(step))
    assert steps == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]
    return load_workbook(stream)


def test_order_of_the_sheets(book):
    assert book.sheetnames == ["封面", "目录", *[entry.name for entry in ENTRIES]]
    assert book.active.title == "封面"


def test_cover(book):
    cover = book["封面"]
    assert cover["A2"].value == COVER.title
    assert (cover["A2"].font.sz, cover["A2"].font.color.rgb) == (34, "FF8C1A1C")
    assert (cover["A3"].value, cover["A4"].value, cover["E4"].value) == (
        COVER.issue,
        COVER.office,
        COVER.date,
    )
    assert (cover["A4"].border.bottom.style, cover["H4"].border.bottom.style) == ("thick", "thick")
    assert [(cover[f"B{row}"].value, cover[f"D{row}"].value) for row in range(6, 11)] == list(COVER.lines)
    assert cover["F12"].value == "编制：周敏"
    assert cover["A15"].value.endswith("9F3C 21AB 07D4 E5B8")
    assert cover["A16"].value == COVER.trail
    assert cover.print_area == "'封面'!$A$1:$H$16"
    assert not cover.oddFooter.center.text


def test_contents_lead_to_every_sheet(book):
    contents = book["目录"]
    rows = [[contents.cell(row, column).value for column in range(1, 6)] for row in range(3, 8)]
    assert rows[0] == [1, "44村总表", "党建办", "44 村 × 11 项", "—"]
    assert [row[4] for row in rows] == ["—", "● 正常", "▲ 临近", "■ 逾期", "○ 无数据"]
    for row, entry in enumerate(ENTRIES, start=3):
        assert contents.cell(row, 2).hyperlink.location == f"'{entry.name}'!A1"
        assert book[entry.name]["A1"].value
    assert contents["E6"].font.b and contents["E6"].font.color.rgb == "FFAE2E10"
    assert contents["D4"].alignment.shrink_to_fit
    assert contents["D6"].alignment.wrap_text and contents.row_dimensions[6].height > 26.25


def test_every_sheet_leads_back_and_prints(book):
    for entry in ENTRIES:
        sheet = book[entry.name]
        back = [cell for cell in sheet[2] if cell.hyperlink]
        assert [(cell.value, cell.hyperlink.location) for cell in back] == [("返回目录", "'目录'!A1")]
        assert sheet.oddFooter.center.text == "第 &P 页，共 &N 页"
        assert sheet.print_title_rows == "$3:$4"
        assert sheet.page_setup.paperSize == 9


def test_openpyxl_keeps_the_footer(book):
    stream = io.BytesIO()
    book.save(stream)
    assert load_workbook(stream)["目录"].oddFooter.center.text == "第 &P 页，共 &N 页"
