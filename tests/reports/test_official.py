"""The official table as it leaves the portal: what openpyxl reads in the file."""

import datetime
import io

import pytest
from openpyxl import load_workbook
from xlsxwriter import Workbook

from banzhuang.core.dates import PartialDate
from banzhuang.reports.formats import Formats
from banzhuang.reports.official import WORKBOOK_OPTIONS, sheet_name, write_table
from banzhuang.reports.tables import BOARD, UPRIGHT_REGISTER, Flag, TableColumn, Total

from .examples import register, written


def merged(sheet):
    return {str(area) for area in sheet.merged_cells.ranges}


def test_title_and_the_line_below_it():
    sheet = written(register())
    assert sheet["A1"].value == "班庄镇村党组织书记基本情况表"
    assert (sheet["A1"].font.name, sheet["A1"].font.sz) == ("方正小标宋简体", 20)
    assert sheet["A2"].value == "填报单位（盖章）：中共班庄镇委员会"
    assert sheet["E2"].value == "填报日期：2026年6月30日　单位：元"
    assert sheet["E2"].alignment.horizontal == "right"
    assert "A1:G1" in merged(sheet)


def test_head_is_merged_down_and_across():
    sheet = written(register())
    assert {"A3:A4", "B3:B4", "C3:C4", "D3:E3", "F3:F4", "G3:G4"} <= merged(sheet)
    assert (sheet["D3"].value, sheet["D4"].value, sheet["E4"].value) == (
        "任现职情况",
        "任现职\n时间",
        "产生方式",
    )
    assert sheet["D4"].font.name == "黑体"
    assert sheet["D4"].alignment.wrap_text


def test_head_of_one_row():
    plain = register(columns=(TableColumn("序号"), TableColumn("村")), rows=((1, "班庄村"),))
    sheet = written(plain)
    assert [sheet["A3"].value, sheet["A4"].value] == ["序号", 1]
    assert sheet.freeze_panes == "B4"


def test_body_has_types_borders_and_fonts():
    sheet = written(register())
    assert sheet["A5"].value == 1
    assert sheet["D5"].value == datetime.datetime(2013, 5, 1)
    assert sheet["D5"].number_format == "yyyy.mm"
    assert (sheet["B5"].font.name, sheet["B5"].font.sz) == ("仿宋_GB2312", 12)
    assert (sheet["B5"].alignment.horizontal, sheet["B5"].alignment.indent) == ("left", 1)
    assert {sheet["B5"].border.left.style, sheet["G6"].border.bottom.style} == {"thin"}


def test_total_is_a_number_under_its_column():
    sheet = written(register())
    assert sheet["A7"].value == "合计"
    assert sheet["F7"].value == 2100.5
    assert sheet["F7"].number_format == "#,##0.00"
    assert "A7:B7" in merged(sheet)


def test_totals_given_cell_by_cell():
    totals = (Total("合计", span=2), Total(2, number_format='0"人"'), Total("男 1 人　女 1 人", span=2))
    sheet = written(register(totals=totals))
    assert (sheet["C7"].value, sheet["C7"].number_format) == (2, '0"人"')
    assert sheet["D7"].value == "男 1 人　女 1 人"
    assert sheet["G7"].border.left.style == "thin"


def test_signatures_and_notes_close_the_table():
    sheet = written(register())
    words = [cell.value for row in sheet.iter_rows(min_row=8) for cell in row if cell.value]
    assert words == [
        "单位负责人：",
        "审核人：",
        "填表人：周敏",
        "联系电话：",
        "注：身份证号不在本表。",
        "　　补贴按月计。",
    ]
    assert sheet.print_area == "'表'!$A$1:$G$11"


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_few_columns_still_hold_title_and_signatures(columns):
    heads = tuple(TableColumn(f"列{number}") for number in range(columns))
    sheet = written(register(columns=heads, rows=((1,) * columns,), totals=()))
    assert sheet["A1"].value == "班庄镇村党组织书记基本情况表"
    assert any("单位负责人" in str(cell.value) for row in sheet.iter_rows() for cell in row)


def test_print_setup():
    sheet = written(register())
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.print_title_rows == "$3:$4"
    assert sheet.print_options.horizontalCentered
    assert sheet.oddFooter.center.text == "第 &P 页，共 &N 页"
    assert (sheet.page_margins.left, sheet.page_margins.top) == (0.98, 1.0)
    assert sheet.freeze_panes == "C5"


def test_layouts_of_one_page_and_upright():
    board = written(register(layout=BOARD))
    assert board.page_setup.orientation == "portrait"
    assert board.page_setup.fitToHeight in (None, 1)
    assert written(register(layout=UPRIGHT_REGISTER)).page_setup.orientation == "portrait"


@pytest.mark.parametrize(
    "text", ["=1+1", "+86", "-5", "@SUM(A1)", "\t=1", "\r=1", "http://intranet/x", "{=1}"]
)
def test_text_is_never_a_formula_or_link(text):
    rows = ((1, text, text, None, text, 0, text),)
    sheet = written(register(rows=rows, title=text, notes=(text,)))
    for address in ("A1", "B5", "C5", "G5"):
        assert sheet[address].data_type == "s"
        assert sheet[address].value.strip() == text.strip()  # a carriage return becomes a line feed
        assert sheet[address].hyperlink is None
    if text[0] in "=+-@\t\r":
        assert sheet["B5"].quotePrefix


def test_identity_numbers_stay_text():
    rows = ((1, "班庄村", "710000199001019437", None, "两推一选", 0, "13900001062"),)
    sheet = written(register(rows=rows))
    assert sheet["C5"].value == "710000199001019437"
    assert sheet["G5"].value == "13900001062"


def test_flagged_figures_stay_numbers():
    columns = (
        TableColumn("序号"),
        TableColumn("村", align="left"),
        TableColumn("签到", align="right", number_format="0%"),
        TableColumn("考核", align="right"),
    )
    rows = (
        (1, "古城", Flag(0.81, "bad"), Flag("基本称职", "near")),
        (2, "三清阁", Flag("未报", "none"), Flag(None, "na")),
        (3, "马圩", Flag(None, "none"), "称职"),
    )
    sheet = written(register(columns=columns, rows=rows))
    flagged, near, missing = sheet["C4"], sheet["D4"], sheet["C5"]
    assert (flagged.value, flagged.number_format) == (0.81, '"■"* 0%_ ')
    assert flagged.font.b and flagged.fill.fgColor.rgb == "FFFCE8E1"
    assert (near.value, near.number_format, near.fill.fgColor.rgb) == ("基本称职", '"▲"* @_ ', "FFFFF1D0")
    assert (missing.value, missing.fill.fill_type) == ("未报", "lightUp")
    assert sheet["D5"].value == "／"
    assert sheet["C6"].value == "无数据"


def test_dates_keep_what_is_known():
    year, month = (
        PartialDate(datetime.date(2018, 1, 1), "year"),
        PartialDate(datetime.date(2018, 8, 1), "month"),
    )
    day = PartialDate(datetime.date(2018, 8, 5))
    rows = tuple(
        (number, "班庄村", "甲", date, "", 0, date) for number, date in enumerate([year, month, day], start=1)
    )
    sheet = written(register(rows=rows))
    assert [sheet[f"D{row}"].number_format for row in (5, 6, 7)] == ["yyyy", "yyyy.mm", "yyyy.mm"]
    assert [sheet[f"G{row}"].number_format for row in (5, 6, 7)] == ["yyyy", "yyyy.mm", "yyyy.mm.dd"]
    # What the column does not show is not in the file either.
    assert sheet["D7"].value == datetime.datetime(2018, 8, 1)
    assert sheet["G7"].value == datetime.datetime(2018, 8, 5)


def test_long_text_in_a_declared_width_makes_its_row_higher():
    rows = (
        (1, "班庄村", "甲", None, "", 0, "这一句比一百二十个像素长得多，要分成几行"),
        (2, "曹顶村", "乙", None, "", 0, "短"),
    )
    sheet = written(register(rows=rows))
    assert sheet.row_dimensions[5].height > sheet.row_dimensions[6].height == 20.25
    assert sheet["G5"].alignment.wrap_text


def test_rows_per_page_sets_the_row_height():
    many, few = (written(register(rows_per_page=count)).row_dimensions[5].height for count in (20, 12))
    assert 15 < many < few <= 36


def test_constant_memory_writes_the_same_cells():
    stream = io.BytesIO()
    with Workbook(stream, {**WORKBOOK_OPTIONS, "constant_memory": True}) as workbook:
        write_table(workbook, workbook.add_worksheet("表"), Formats(workbook), register())
    flat, usual = load_workbook(stream)["表"], written(register())
    assert merged(flat) == merged(usual)
    for row in usual.iter_rows():
        for cell in row:
            twin = flat[cell.coordinate]
            assert (twin.value, twin.number_format, twin.font.name) == (
                cell.value,
                cell.number_format,
                cell.font.name,
            )


def test_sheet_names_are_what_a_spreadsheet_accepts():
    assert sheet_name("M1/M2: 书记[全镇]?*") == "M1／M2： 书记（全镇）？＊"
    assert len(sheet_name("很长的名字" * 20)) == 31
