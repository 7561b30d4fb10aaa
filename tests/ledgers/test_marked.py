"""The uploaded workbook back with its faults marked: as it was, mended in Excel, uploaded again."""

import datetime
import subprocess
import sys
import zipfile

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Border, Side

from banzhuang.ledgers import reader
from banzhuang.ledgers.grid import Refused
from banzhuang.ledgers.marked import mark_batch, mark_workbook
from banzhuang.ledgers.plan import make_plan
from banzhuang.ledgers.reader import read_workbook
from banzhuang.ledgers.reading.limits import MARKING_STEPS
from banzhuang.ledgers.staging import stage
from cadres.models import Cadre, Post
from tests.factories import id_number

from . import workbooks
from .secretaries_book import person, register

DAY = datetime.date(2026, 6, 30)
RED, AMBER = "FFFFC7CE", "FFFFEB9C"


def problem(cell, sheet="表1", severity="error", message="“姓名”没有填。", remedy="补上后再导入。"):
    row = int("".join(filter(str.isdigit, cell)))
    return {
        "sheet": sheet,
        "row": row,
        "key": "name",
        "column": "姓名",
        "cell": cell,
        "value": "",
        "severity": severity,
        "message": message,
        "remedy": remedy,
    }


@pytest.fixture
def mark(tmp_path):
    """mark(path, problem, …) → the marked workbook, opened."""

    def marking(path, *problems, header_rows=None):
        out = tmp_path / "标注.xlsx"
        mark_workbook(path, path.name, problems, out, header_rows)
        return openpyxl.load_workbook(out)

    return marking


@pytest.fixture
def table(tmp_path):
    """A small table in the way people set one up."""
    path = tmp_path / "名册.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "表1"
    for row in (
        ["名册"],
        ["村", "姓名", "备注"],
        ["西响石", "张建甲", None],
        [None, None, "=1+1"],
        [None, "李乙", 0],
    ):
        sheet.append(row)
    for area in ("A1:C1", "A3:A5"):
        sheet.merge_cells(area)
    sheet["B2"].border = Border(left=Side("thin"))
    sheet["B3"].comment = Comment("请核实", "王会计")
    sheet.freeze_panes = "A3"
    sheet.print_title_rows = "2:2"
    sheet.print_area = "A1:C5"
    sheet.page_setup.orientation = "landscape"
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
    sheet.column_dimensions["B"].width = 23
    sheet.column_dimensions.group("D", "H", hidden=True)
    book.create_sheet("表2")["A1"] = "别的"
    book.save(path)
    return path


def with_sheet(source, path, edit):
    """A copy of a workbook with the XML of its first sheet edited."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert edit(content.decode()) is not None
                content = edit(content.decode()).encode()
            new.writestr(name, content)
    return path


# --- The marks -----------------------------------------------------------------------------------------------
def test_a_bad_cell_is_red_and_says_what_and_how_to_mend_it(mark, table):
    sheet = mark(table, problem("B4"), problem("B5", severity="warning"))["表1"]
    assert (sheet["B4"].fill.fgColor.rgb, sheet["B5"].fill.fgColor.rgb) == (RED, AMBER)
    assert sheet["B4"].comment.text == "“姓名”没有填。补上后再导入。"
    assert sheet["C3"].fill.fill_type is None


def test_the_last_column_explains_each_row_and_the_others_are_left_blank(mark, table):
    sheet = mark(table, problem("B4"), problem("C4", message="看不懂。", remedy="改成是或否。"))["表1"]
    notes = [sheet.cell(row, 4).value for row in range(1, 6)]
    assert notes == [
        None,
        "错误说明",
        None,
        "姓名：“姓名”没有填。补上后再导入；姓名：看不懂。改成是或否。",
        None,
    ]


def test_a_problem_of_the_whole_row_has_no_cell(mark, table):
    sheet = mark(table, problem("B4") | {"cell": "第 4 行"})["表1"]
    assert sheet["D4"].value.startswith("姓名：")
    assert not any(cell.comment for cell in sheet[4])


def test_a_cell_merged_down_is_marked_where_it_can_be_typed_into(mark, table):
    sheet = mark(table, problem("A5"))["表1"]
    assert sheet["A3"].fill.fgColor.rgb == RED
    assert sheet["A3"].comment
    assert sheet["D5"].value


def test_anothers_comment_is_kept_below_ours(mark, table):
    text = mark(table, problem("B3"))["表1"]["B3"].comment.text
    assert text == "“姓名”没有填。补上后再导入。\n\n原批注：请核实"


def test_the_column_stands_beside_a_header_two_deep(mark, tmp_path):
    path = register(tmp_path / "书记.xlsx", [person(1), person(2)])
    sheet = mark(path, problem("C6", "村书记"), header_rows={"村书记": [3, 4]})["村书记"]
    assert (sheet["S3"].value, sheet["S6"].value[:2]) == ("错误说明", "姓名")
    assert "S3:S4" in [str(area) for area in sheet.merged_cells.ranges]


# --- As it was uploaded --------------------------------------------------------------------------------------
def test_everything_else_is_as_it_was(mark, table):
    book = mark(table, problem("B4"))
    sheet = book["表1"]
    assert (sheet.freeze_panes, sheet.print_title_rows, sheet.print_area) == (
        "A3",
        "$2:$2",
        "'表1'!$A$1:$C$5",
    )
    assert (sheet.page_setup.orientation, sheet.column_dimensions["B"].width) == ("landscape", 23)
    assert {str(area) for area in sheet.merged_cells.ranges} == {"A1:C1", "A3:A5"}
    assert sheet["B2"].border.left.style == "thin"
    assert (sheet["C4"].value, sheet["C5"].value, sheet["B3"].comment.text) == ("=1+1", 0, "请核实")
    assert (book.sheetnames, book["表2"]["A1"].value) == (["表1", "表2"], "别的")
    assert book.calculation.fullCalcOnLoad


def test_the_new_column_is_seen_where_the_rest_of_the_sheet_is_hidden(mark, table):
    columns = mark(table, problem("B4"))["表1"].column_dimensions
    assert (columns["D"].hidden, columns["D"].width > 40) == (False, True)
    assert (columns["E"].hidden, columns["E"].max) == (True, 8)


@pytest.mark.parametrize("footer", ["第 &amp;P 页，共 &amp;N 页", "&amp;C&amp;10第 &amp;P 页，共 &amp;N 页"])
def test_a_footer_without_section_is_not_emptied(mark, table, tmp_path, footer):
    path = with_sheet(
        table, tmp_path / "a.xlsx", lambda xml: xml.replace("&amp;C第 &amp;P 页，共 &amp;N 页", footer)
    )
    assert mark(path, problem("B2"))["表1"].oddFooter.center.text == "第 &P 页，共 &N 页"


def test_macros_are_left_behind(mark, table, tmp_path):
    path = with_sheet(table, tmp_path / "带宏.xlsm", str)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", "x")
    book = mark(path, problem("B4"))
    assert (book.sheetnames, book["表1"]["B4"].fill.fgColor.rgb) == (["表1", "表2"], RED)
    with zipfile.ZipFile(tmp_path / "标注.xlsx") as archive:
        assert not [name for name in archive.namelist() if "vba" in name]
        assert b"macroEnabled" not in archive.read("[Content_Types].xml")


def test_an_identity_number_typed_over_a_ruined_one_keeps_its_digits(mark, tmp_path):
    path = workbooks.xlsx(
        tmp_path / "a.xlsx", workbooks.table(["村", "身份证号"], ["西响石", 320721197503010011])
    )
    assert mark(path, problem("B2"))["表1"]["B2"].number_format == "@"


# --- Other formats -------------------------------------------------------------------------------------------
def test_a_text_table_comes_back_as_text(mark, tmp_path):
    path = tmp_path / "走访.csv"
    path.write_text(f"村,姓名,身份证号\n=1+1,张建甲,{id_number(1)}\n李小湾,,007\n", encoding="gb18030")
    sheet = mark(path, problem("B3", "走访"))["走访"]
    assert [cell.value for cell in sheet[2]] == ["=1+1", "张建甲", id_number(1), None]
    assert (sheet["A2"].data_type, sheet["A2"].quotePrefix) == ("s", True)
    assert (sheet["C3"].value, sheet["B3"].number_format) == ("007", "@")
    assert sheet["B3"].fill.fgColor.rgb == RED


def test_an_old_workbook_comes_back_with_its_merged_cells_and_dates(mark, tmp_path):
    path = workbooks.xls(
        tmp_path / "台账.xls",
        [["名册", None], ["村", "日期"], ["西响石", (45000,)], [None, 3]],
        merged=[(0, 0, 0, 1), (2, 0, 3, 0)],
    )
    sheet = mark(path, problem("A4", "台账"))["台账"]
    assert {str(area) for area in sheet.merged_cells.ranges} == {"A1:B1", "A3:A4"}
    assert (sheet["B3"].value, sheet["B4"].value) == (datetime.datetime(2023, 3, 15), 3)
    assert sheet["A3"].fill.fgColor.rgb == RED


def test_an_open_document_comes_back_as_xlsx(mark, tmp_path):
    rows = "".join(
        f"<table:table-row>{''.join(map(workbooks.ods_cell, row))}</table:table-row>"
        for row in (["村", "姓名"], ["西响石", "甲/乙"])
    )
    path = workbooks.ods(tmp_path / "a.ods", f'<table:table table:name="表:1">{rows}</table:table>')
    sheet = mark(path, problem("B2", "表:1"))["表_1"]
    assert (sheet["B2"].value, sheet["C1"].value) == ("甲/乙", "错误说明")


def test_what_openpyxl_cannot_open_is_built_from_its_values(mark, tmp_path):
    broken = workbooks.styles("0").replace(
        "<numFmts>", '<fonts><font><family val="99"/></font></fonts><numFmts>'
    )
    path = workbooks.xlsx(
        tmp_path / "wps.xlsx",
        workbooks.table(["村", "姓名"], ["西响石", "甲"]),
        parts={"xl/styles.xml": broken},
    )
    sheet = mark(path, problem("B2"))["表1"]
    assert (sheet["A2"].value, sheet["B2"].fill.fgColor.rgb) == ("西响石", RED)


# --- What no file may do -------------------------------------------------------------------------------------
LAST = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


@pytest.mark.parametrize("end", ["", LAST])
def test_blank_rows_without_end_and_a_cell_at_the_end_of_the_sheet_do_no_harm(mark, table, tmp_path, end):
    blank = (
        "".join(f'<row r="{row}"><c r="A{row}" s="1"/></row>' for row in range(6, 150_000 if end else 20_000))
        + end
    )
    path = with_sheet(
        table, tmp_path / "a.xlsx", lambda xml: xml.replace("</sheetData>", f"{blank}</sheetData>")
    )
    sheet = mark(path, problem("B4"))["表1"]
    assert (sheet["B4"].fill.fgColor.rgb, sheet["A3"].value, sheet["C5"].value) == (RED, "西响石", 0)
    assert sheet.freeze_panes == "A3"
    if end:
        grid = read_workbook(tmp_path / "标注.xlsx", "标注.xlsx").sheets[0]
        assert grid.value(1_048_575, 16_383) == 1
    else:
        assert sheet.max_row == 5 + 1_000


def test_a_bomb_is_refused_in_words_and_leaves_nothing(tmp_path):
    bomb = workbooks.sheet(workbooks.row(1, "村") + " " * 30_000_000)
    path = workbooks.xlsx(tmp_path / "a.xlsx", bomb, compresslevel=9)
    with pytest.raises(Refused, match="展开后大得不正常"):
        mark_workbook(path, "a.xlsx", [problem("A2")], tmp_path / "out.xlsx")
    assert not (tmp_path / "out.xlsx").exists()


def test_a_file_that_takes_too_long_is_refused_in_words(table, tmp_path):
    with pytest.raises(Refused, match="按页面上列出的单元格修改"):
        mark_workbook(table, "a.xlsx", [problem("B4")], tmp_path / "out.xlsx", seconds=0.01)


def test_it_says_which_steps_are_done(table, tmp_path):
    steps = []
    mark_workbook(table, "a.xlsx", [problem("B4")], tmp_path / "out.xlsx", tell=steps.append)
    assert steps == list(range(1, MARKING_STEPS + 1))


def test_the_marking_process_knows_no_django():
    code = (
        "import sys; sys.path.append(sys.argv[1]); import ledgers.reading.marking;"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'django', 'celery', 'banzhuang'}))"
    )
    command = [sys.executable, "-I", "-c", code, reader.FRAME]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"


# --- Who has it made -----------------------------------------------------------------------------------------
WHO = "周敏（zuzhi）于 2026-07-15 12时00分"
SAID = f"{WHO} 标注，供改正后再导入"


@pytest.fixture
def named(tmp_path):
    """named(path, problem, …) → the marked workbook of 周敏, opened."""

    def marking(path, *problems, mark=WHO, out="有名.xlsx"):
        mark_workbook(path, path.name, problems, tmp_path / out, mark=mark)
        return openpyxl.load_workbook(tmp_path / out)

    return marking


def test_it_stands_above_the_explanations_and_at_the_head_of_every_page(named, table):
    book = openpyxl.load_workbook(table)
    book.create_sheet("没有错的").append(["甲"])
    book.save(table)
    marked = named(table, problem("B4"))
    assert marked["表1"]["D1"].value == f"标注说明：{SAID}"
    assert [sheet.oddHeader.right.text for sheet in marked] == [SAID] * len(marked.worksheets)
    assert marked["表1"].oddFooter.center.text == "第 &P 页，共 &N 页"


def test_where_no_cell_is_free_above_it_is_a_comment(named, tmp_path):
    path = tmp_path / "名册.csv"
    path.write_text("村,姓名\n西响石,张三\n", encoding="utf-8")
    sheet = named(path, problem("B2", "名册")).worksheets[0]
    assert (sheet["C1"].value, sheet["C1"].comment.text) == ("错误说明", f"标注说明：{SAID}")


def test_marked_again_it_names_the_last_alone_and_another_head_is_kept(named, table, tmp_path):
    book = openpyxl.load_workbook(table)
    sheet = book["表1"]
    sheet.oddHeader.right.text, sheet.oddHeader.left.text = "内部资料", "班庄镇"
    sheet.firstHeader.left.text, sheet.HeaderFooter.differentFirst = "首页", True
    book.save(table)
    named(table, problem("B4"))
    sheet = named(tmp_path / "有名.xlsx", problem("B4"), mark="吴燕（minzheng）于 2026-07-16", out="又.xlsx")[
        "表1"
    ]
    last = "吴燕（minzheng）于 2026-07-16 标注，供改正后再导入"
    assert sheet["D1"].value == f"标注说明：{last}"
    assert (sheet.oddHeader.left.text, sheet.oddHeader.right.text) == ("班庄镇", f"内部资料\n{last}")
    assert (sheet.firstHeader.left.text, sheet.firstHeader.right.text) == ("首页", last)


def test_a_head_too_long_for_excel_gives_way(named, table):
    book = openpyxl.load_workbook(table)
    book["表1"].oddHeader.center.text = "长" * 245
    book.save(table)
    head = named(table, problem("B4"), mark="甲&P乙")["表1"].oddHeader
    assert (head.center.text, head.right.text) == (None, "甲＆P乙 标注，供改正后再导入")


# --- Mended and uploaded again -------------------------------------------------------------------------------
@pytest.fixture
def upload(villages, organisation_office):
    """upload(path) → (the plan, its batch)."""
    Post.objects.all().delete()
    Cadre.objects.all().delete()

    def uploading(path):
        plan = make_plan(path, path.name, organisation_office, DAY)
        return plan, stage(plan, path.name, path.read_bytes())

    return uploading


@pytest.mark.django_db
def test_marked_mended_and_uploaded_again_all_is_valid(upload, tmp_path):
    bad = id_number(1)[:-1] + ("1" if id_number(1)[-1] != "1" else "2")
    path = register(tmp_path / "书记.xlsx", [person(1, number=bad), person(2, village="乌有村", born="某年")])
    plan, batch = upload(path)
    assert plan.counts["invalid"] == 2
    out = tmp_path / "标注.xlsx"
    mark_batch(batch, path, out)
    marked = openpyxl.load_workbook(out)
    assert marked["村书记"]["O5"].comment
    assert marked["村书记"]["S2"].value.startswith("标注说明：周敏（zuzhi）于 ")
    again, _ = upload(out)
    assert again.counts == plan.counts
    assert again.tables[0].header_rows == [3, 4]
    marked["村书记"]["O5"] = id_number(1)
    marked["村书记"]["B6"] = "李小湾"
    marked["村书记"]["F6"] = "1975.3"
    marked.save(out)
    mended, batch = upload(out)
    assert (mended.counts["new"], mended.counts["invalid"], mended.counts["errors"]) == (2, 0, 0)
    assert batch.understanding["unmatched"].count("错误说明") == 1


@pytest.mark.django_db
def test_marked_a_second_time_what_was_mended_is_no_longer_red(upload, tmp_path):
    path = register(tmp_path / "书记.xlsx", [person(1, village="乌有村"), person(2, village="子虚村")])
    out = tmp_path / "标注.xlsx"
    mark_batch(upload(path)[1], path, out)
    marked = openpyxl.load_workbook(out)
    marked["村书记"]["B5"] = "西响石"
    marked.save(out)
    mark_batch(upload(out)[1], out, tmp_path / "再标.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "再标.xlsx")["村书记"]
    assert (sheet["B5"].comment, sheet["B5"].fill.fill_type, sheet["S5"].value) == (None, None, None)
    assert sheet["B6"].fill.fgColor.rgb == RED
    assert sheet["B6"].comment.text.count("没有这个村") == 1
    assert (sheet["T3"].value, sheet["S3"].value) == (None, "错误说明")
