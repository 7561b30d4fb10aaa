"""What comes out of files that can be read, in every format."""

import datetime

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from banzhuang.ledgers.grid import WorkbookGrid, cell_address, column_letters, column_number
from banzhuang.ledgers.reader import read_workbook

from .workbooks import MAIN, ods, ods_cell, row, sheet, styles, table, xls, xlsx


def read(path, name="台账.xlsx") -> WorkbookGrid:
    return read_workbook(path, name)


def only_sheet(path, name="台账.xlsx"):
    [found] = read(path, name).sheets
    return found


def test_addresses():
    assert [cell_address(11, 5), cell_address(0, 0), cell_address(1_048_575, 16_383)] == [
        "F12",
        "A1",
        "XFD1048576",
    ]
    assert all(column_number(column_letters(column)) == column for column in range(16_384))


def test_values_keep_their_types(tmp_path):
    book = openpyxl.Workbook()
    values = [
        "文字",
        12,
        12.5,
        True,
        datetime.date(2018, 8, 5),
        datetime.datetime(2018, 8, 5, 14, 30),
        "710000197911109437",
    ]
    book.active.append(values)
    book.active.append(
        [datetime.time(14, 30), datetime.timedelta(hours=30, minutes=5), " 前后空格 ", None, "第一行\n第二行"]
    )
    book.save(tmp_path / "a.xlsx")
    found = only_sheet(tmp_path / "a.xlsx")
    assert found.rows[0] == values
    assert [type(value) for value in found.rows[0]] == [type(value) for value in values]
    assert found.rows[1] == ["14:30:00", "30:05:00", " 前后空格 ", None, "第一行\n第二行"]


def test_empty_rows_and_columns_before_the_table_keep_its_place(tmp_path):
    book = openpyxl.Workbook()
    book.active["C4"] = "姓名"
    book.save(tmp_path / "a.xlsx")
    found = only_sheet(tmp_path / "a.xlsx")
    assert found.value(3, 2) == "姓名"
    assert found.rows[:3] == [[], [], []]
    assert found.value(99, 99) is None


def test_an_identity_number_as_number_stays_recognisable(tmp_path):
    found = only_sheet(xlsx(tmp_path / "a.xlsx", table([710000197911109437])))
    assert isinstance(found.rows[0][0], int)
    assert len(str(found.rows[0][0])) == 18


def test_1904_dates(tmp_path):
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active["A1"] = datetime.date(2018, 8, 5)
    book.save(tmp_path / "a.xlsx")
    assert only_sheet(tmp_path / "a.xlsx").rows == [[datetime.date(2018, 8, 5)]]


def test_a_cell_that_shows_only_the_month_is_that_month(tmp_path):
    """2018年6月 typed into Excel is stored as the first of June."""
    formats = ["yyyy.mm", 'yyyy"年"m"月";@', "mmm-yy", "yyyy", "yyyy-mm-dd", "[DBNum1]yyyy年m月d日", "0.00"]
    cells = [(f' s="{style}"', "<v>43252</v>") for style in range(1, 8)]
    middle = [(f' s="{style}"', "<v>43260</v>") for style in (1, 4)]
    path = xlsx(tmp_path / "a.xlsx", table(cells, middle), parts={"xl/styles.xml": styles(*formats)})
    first, second = only_sheet(path).rows
    day = datetime.date(2018, 6, 1)
    assert first == ["2018-06", "2018-06", "2018-06", day, day, day, 43252]
    assert second == [datetime.date(2018, 6, 9)] * 2


def test_a_year_format_shows_the_year_on_its_first_day(tmp_path):
    path = xlsx(
        tmp_path / "a.xlsx", table([(' s="1"', "<v>43101</v>")]), parts={"xl/styles.xml": styles("yyyy")}
    )
    assert only_sheet(path).rows == [["2018"]]


def test_formulas_without_value_and_errors(tmp_path):
    cells = [
        ("", "<f>SUM(B1:C1)</f>"),
        ("", "<f>1+1</f><v>2</v>"),
        ("", "<f>1+1</f><v/>"),
        (' t="str"', '<f>""</f><v></v>'),
        (' t="e"', "<f>1/0</f><v>#DIV/0!</v>"),
        ("", '<f t="shared" si="0"/>'),
    ]
    found = only_sheet(xlsx(tmp_path / "a.xlsx", table(["x", "y"], cells)))
    assert found.formulas_without_value == {(1, 0), (1, 2), (1, 5)}
    assert found.rows[1] == [None, 2, None, None, "#DIV/0!"]


def test_a_last_row_of_errors_is_not_lost(tmp_path):
    path = xlsx(tmp_path / "a.xlsx", table(["数"], [1], [(' t="e"', "<v>#REF!</v>")]))
    assert only_sheet(path).rows == [["数"], [1], ["#REF!"]]


def test_hidden_rows_columns_and_sheets_and_merged_cells(tmp_path):
    book = openpyxl.Workbook()
    first = book.active
    for number in range(1, 6):
        first.append([number, "a", "b", "c"])
    first.row_dimensions[3].hidden = True
    first.column_dimensions["C"].hidden = True
    first.merge_cells("A1:B1")
    first.merge_cells("D2:D5")
    book.create_sheet("隐藏的").sheet_state = "hidden"
    book.create_sheet("深藏的").sheet_state = "veryHidden"
    book.save(tmp_path / "a.xlsx")
    found = read(tmp_path / "a.xlsx").sheets
    assert [sheet.hidden for sheet in found] == [False, True, True]
    assert found[0].hidden_rows == {2}
    assert found[0].hidden_columns == {2}
    assert sorted(found[0].merged) == [(0, 0, 0, 1), (1, 3, 4, 3)]
    assert found[0].notes == []


def test_xml_with_prefixes_or_without_addresses(tmp_path):
    """Some libraries write <x:row>, some leave the r attributes out."""
    prefixed = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:cols>'
        '<x:col min="2" max="3" hidden="1"/></x:cols><x:sheetData><x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row>'
        '<x:row r="3" hidden="1"><x:c r="B3"><x:f>A1</x:f></x:c><x:c r="C3"><x:v>3</x:v></x:c></x:row></x:sheetData>'
        '<x:mergeCells><x:mergeCell ref="A1:A2"/></x:mergeCells></x:worksheet>'
    )
    bare = sheet("<row><c><v>1</v></c><c><f>A1</f></c></row><row/><row hidden='true'><c><v>3</v></c></row>")
    first, second = read(xlsx(tmp_path / "a.xlsx", prefixed, bare)).sheets
    assert first.rows == [[1], [], [None, None, 3]]
    assert (first.hidden_rows, first.hidden_columns, first.merged) == ({2}, {1, 2}, [(0, 0, 1, 0)])
    assert first.formulas_without_value == {(2, 1)}
    assert second.rows == [[1], [], [3]]
    assert (second.hidden_rows, second.formulas_without_value) == ({2}, {(0, 1)})


def test_two_cells_a_million_rows_apart(tmp_path):
    """1.8 KB that make calamine ask for 550 GB."""
    rows = row(1, "村") + '<row r="1048576"><c r="XFD1048576"><v>7</v></c></row>'
    found = only_sheet(xlsx(tmp_path / "a.xlsx", sheet(rows, before='<dimension ref="A1:XFD1048576"/>')))
    assert len(found.rows) == 1_048_576
    assert found.value(0, 0) == "村"
    assert found.value(1_048_575, 16_383) == 7
    assert found.rows[500_000] == []


def test_a_million_blank_formatted_rows(tmp_path):
    blank = "".join(
        f'<row r="{number}" s="1" ht="20" customHeight="1"><c r="A{number}" s="1"/><c r="B{number}" s="1"/></row>'
        for number in range(3, 1_048_577)
    )
    path = xlsx(tmp_path / "a.xlsx", sheet(row(1, "村", "姓名") + row(2, "班庄", "王海英") + blank))
    assert only_sheet(path).rows == [["村", "姓名"], ["班庄", "王海英"]]


def test_far_cells_of_a_sheet_moved_together_keep_dates_errors_and_text(tmp_path):
    cells = (
        '<c r="B900000" s="1"><v>43252</v></c><c r="ZZ900000" t="e"><v>#N/A</v></c>'
        '<c r="AAA900000" t="inlineStr"><is><t xml:space="preserve"> x </t></is></c>'
    )
    path = xlsx(
        tmp_path / "a.xlsx",
        sheet(row(1, "村") + f'<row r="900000">{cells}</row>'),
        parts={"xl/styles.xml": styles("yyyy.mm")},
    )
    last = only_sheet(path).rows[899_999]
    assert (last[1], last[column_number("ZZ")], last[column_number("AAA")]) == ("2018-06", "#N/A", " x ")


def test_macros_are_ignored(tmp_path):
    path = xlsx(tmp_path / "a.xlsm", table(["姓名"]), parts={"xl/vbaProject.bin": "not run"})
    assert only_sheet(path, "a.xlsm").rows == [["姓名"]]


def test_the_content_decides_not_the_ending(tmp_path):
    assert read(xlsx(tmp_path / "a", table([1])), "a.et").format == "xlsx"
    assert read(xls(tmp_path / "b", [[1]]), "b.et").format == "xls"
    (tmp_path / "c").write_text("村\t姓名\n班庄\t王海英\n", encoding="gbk")
    assert read(tmp_path / "c", "c.xls").format == "csv"


def test_xls(tmp_path):
    rows = [["村", "姓名", "任职"], ["班庄", "王海英", (43317,)], [None, 710000197911109437, 2018.1]]
    found = only_sheet(xls(tmp_path / "a.xls", rows, merged=[(1, 0, 2, 0)], hidden=True))
    assert found.name == "台账"
    assert found.rows[:2] == [["村", "姓名", "任职"], ["班庄", "王海英", datetime.date(2018, 8, 5)]]
    assert found.rows[2][2] == 2018.1
    assert found.merged == [(1, 0, 2, 0)]
    assert found.hidden
    assert "看不出隐藏的行和列" in found.notes[0]


def test_xls_of_1904(tmp_path):
    found = only_sheet(xls(tmp_path / "a.xls", [[(41855,)]], mode_1904=True))
    assert found.rows == [[datetime.date(2018, 8, 5)]]


def test_ods(tmp_path):
    over_two_rows = ods_cell("村", ' table:number-rows-spanned="2"')
    formula = ods_cell(None, ' table:formula="of:=1+1"')
    first = (
        '<table:table table:name="甲"><table:table-column table:number-columns-repeated="2"/>'
        '<table:table-column table:visibility="collapse"/>'
        f"<table:table-row>{over_two_rows}{ods_cell(12)}</table:table-row>"
        f'<table:table-row table:visibility="filter"><table:covered-table-cell/>{ods_cell(12.5)}{formula}</table:table-row>'
        "<table:table-row><table:table-cell/>"
        '<table:table-cell office:value-type="date" office:date-value="2018-08-05"/></table:table-row>'
        '<table:table-row table:visibility="collapse" table:number-rows-repeated="1048573">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>'
    )
    book = read(ods(tmp_path / "a.ods", first), "a.ods")
    [found] = book.sheets
    assert book.format == "ods"
    assert found.rows == [["村", 12], [None, 12.5], [None, datetime.date(2018, 8, 5)]]
    assert found.merged == [(0, 0, 1, 0)]
    assert (found.hidden_rows, found.hidden_columns) == ({1}, {2})
    assert found.formulas_without_value == {(1, 2)}


CSV = "村,姓名,情况\n班庄,王海英,=房屋漏雨\n\n古城,刘德,-无\n"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_and_with_a_character_that_ends_in_zero(encoding, tmp_path):
    """一 is 4E00."""
    path = tmp_path / "名册.csv"
    path.write_bytes("村,小组\n西响石村,一组\n马圩村,一一组\n".encode(encoding))
    assert read_workbook(path, path.name).sheets[0].rows[1:] == [["西响石村", "一组"], ["马圩村", "一一组"]]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_csv_in_every_encoding(tmp_path, encoding):
    (tmp_path / "a.csv").write_text(CSV, encoding=encoding, newline="")
    book = read(tmp_path / "a.csv", "走访记录.csv")
    [found] = book.sheets
    assert (book.format, found.name) == ("csv", "走访记录")
    assert found.rows == [
        ["村", "姓名", "情况"],
        ["班庄", "王海英", "=房屋漏雨"],
        [],
        ["古城", "刘德", "-无"],
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_with_every_delimiter(tmp_path, delimiter):
    text = f'标题，有逗号\n村{delimiter}"情况"\n班庄{delimiter}"一，二{delimiter}三"\n'
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    assert only_sheet(tmp_path / "a.csv").rows[1:] == [["村", "情况"], ["班庄", f"一，二{delimiter}三"]]


def test_rare_characters_of_gb18030(tmp_path):
    (tmp_path / "a.csv").write_text("村,姓名\n沟埃𡐓,㐂\n", encoding="gb18030")
    assert only_sheet(tmp_path / "a.csv").rows[1] == ["沟埃𡐓", "㐂"]


def test_empty_sheets_beside_the_table(tmp_path):
    """As programs leave them, and a large one that holds nothing but formats and rules."""
    blank = (
        f'<worksheet xmlns="{MAIN}"><dimension ref="A1"/><sheetData/><pageMargins left="0.7"/></worksheet>'
    )
    rules = "<conditionalFormatting/>" * 50_000
    path = xlsx(
        tmp_path / "a.xlsx", blank, table(["村"]), sheet(after=rules), blank.replace("<sheetData/>", "")
    )
    assert [found.rows for found in read(path).sheets] == [[], [["村"]], [], []]
