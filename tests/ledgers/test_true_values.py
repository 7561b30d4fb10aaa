"""From the file to the value, through reader, finder and parsers: nothing is silently changed on the way."""

import datetime
from types import SimpleNamespace

import openpyxl
import pytest

from banzhuang.ledgers.header import find_table
from banzhuang.ledgers.plan import parse_table
from banzhuang.ledgers.reader import read_workbook

from .columns import SECRETARIES, Declared
from .workbooks import sheet, styles, table, xls, xlsx

HEADER = ["序号", "村", "姓名", "出生年月", "身份证号", "联系电话"]
CONTEXT = SimpleNamespace(villages={"班庄": "01", "班庄村": "01", "古城": "03"}, townships={"班庄镇"})
NUMBER = "710000197911109437"


def person(born=None, number=None, phone=None):
    return [1, "班庄", "王海英", born, number, phone]


def facts(path):
    [grid] = read_workbook(path, path.name).sheets
    return parse_table(Declared("s", SECRETARIES), find_table(grid, SECRETARIES), CONTEXT)


def outcomes(path, key):
    """(value, or why there is none) of a column, row by row."""
    found = []
    for fact in facts(path):
        problem = next((problem for name, problem in fact.problems if name == key), None)
        found.append((str(fact.values[key]) if fact.values.get(key) else None, problem and problem.message))
    return found


def book(path, *rows):
    workbook = openpyxl.Workbook()
    for values in [HEADER, *rows]:
        workbook.active.append(values)
    workbook.save(path)
    return path


DATES = {
    "2018.08": "2018-08", "2018.8": "2018-08", "2018-8-5": "2018-08-05", "2018/2/3  14:30": "2018-02-03",
    "2018年8月": "2018-08", "20180805": "2018-08-05", 20180805: "2018-08-05", "二〇一八年八月": "2018-08",
    datetime.date(2018, 8, 5): "2018-08-05", datetime.datetime(2018, 8, 5, 14, 30): "2018-08-05",
    "2018年8月5日 14:30": "2018-08-05", 2018.08: "2018-08",
}  # fmt: skip


def test_dates_of_every_shape(tmp_path):
    path = book(tmp_path / "a.xlsx", *[person(born) for born in DATES])
    assert outcomes(path, "born") == [(value, None) for value in DATES.values()]


def test_what_has_two_readings_or_none_has_no_value(tmp_path):
    path = book(tmp_path / "a.xlsx", *[person(born) for born in (2018.1, 59, 60, 43317, "'18.8")])
    assert [value for value, _ in outcomes(path, "born")] == [None] * 5
    severities = [problem.severity for fact in facts(path) for _, problem in fact.problems]
    assert severities == ["warning", "error", "error", "error", "error"]


SERIALS = {
    1: None,
    59: None,
    60: None,
    61: "1900-03-01",
    2018: None,
    43317: "2018-08-05",
    43317.604: "2018-08-05",
}


@pytest.mark.parametrize("format", ["xlsx", "xls"])
def test_day_numbers_in_cells_with_a_date_format(tmp_path, format):
    """Excel's calendar has a 29 February 1900 (60): below it programs disagree, so these are refused."""
    if format == "xls":
        path = xls(tmp_path / "a.xls", [HEADER, *[person((number,)) for number in SERIALS]])
    else:
        cells = [person((' s="1"', f"<v>{number}</v>")) for number in SERIALS]
        path = xlsx(
            tmp_path / "a.xlsx", table(HEADER, *cells), parts={"xl/styles.xml": styles("yyyy/m/d h:mm")}
        )
    assert [value for value, _ in outcomes(path, "born")] == list(SERIALS.values())
    assert all(value or message for value, message in outcomes(path, "born"))


def test_identity_numbers(tmp_path):
    texts = [NUMBER, f"'{NUMBER}", f" {NUMBER[:6]} {NUMBER[6:]}", "７１００００１９７９１１１０９４３７"]
    path = book(tmp_path / "a.xlsx", *[person(number=text) for text in texts], person(number=int(NUMBER)))
    assert outcomes(path, "id_number") == [
        *[(NUMBER, None)] * 4,
        (None, "身份证号以数字保存，末几位已丢失。"),
    ]


def test_phones(tmp_path):
    path = book(
        tmp_path / "a.xlsx",
        *[person(phone=phone) for phone in (13900001062, "13900001062/0518-87651234", "139 0000 1062")],
    )
    mobile, several = "13900001062", "13900001062、051887651234"
    assert [value for value, _ in outcomes(path, "phone")] == [mobile, several, mobile]


def test_cells_in_error_and_formulas_never_computed(tmp_path):
    cells = [(' t="e"', "<f>1/0</f><v>#DIV/0!</v>"), ("", "<f>A1</f>"), ("", "<f>A1</f><v>13900001062</v>")]
    path = xlsx(tmp_path / "a.xlsx", table(HEADER, person(*cells)))
    assert [fact.problems[place][1].message for fact in facts(path) for place in (0, 1)] == [
        "公式出错，结果是 #DIV/0!。",
        "公式没有算出的结果。",
    ]
    assert outcomes(path, "phone") == [("13900001062", None)]


def test_blank_formatted_rows_and_a_row_far_below(tmp_path):
    """Two rows, a million blank ones that are only formatted, and one more at the end of the sheet."""
    rows = [HEADER, person(phone="13900001062"), [2, "古城", "刘德"]]
    text = table(*rows).partition("<sheetData>")[2].partition("</sheetData>")[0]
    blank = "".join(f'<row r="{n}" ht="20"><c r="A{n}" s="1"/></row>' for n in range(4, 200_000))
    last = '<row r="1048576"><c r="B1048576" t="inlineStr"><is><t>班庄</t></is></c></row>'
    found = facts(xlsx(tmp_path / "a.xlsx", sheet(text + blank + last)))
    assert [(fact.number, fact.values["village"]) for fact in found] == [
        (2, "01"),
        (3, "03"),
        (1_048_576, "01"),
    ]


DEEP = [
    ["附件1"], ["班庄镇村党组织书记"], ["信 息 表"],
    ["填报单位：", None, "班庄镇党委", None, "填报人：张三", None, "填报日期：", datetime.date(2022, 3, 31)], ["（单位：人）"],
    ["序号", "村别", "姓　名", "出生\n年月", "文 化 程 度", None, None, "手机\r\n号码"],
    [None, None, None, None, "全日制\n教育", None, "在职\n教育"], [None, None, None, None, "学历", "学位", "学历"],
    [None, "必填", "必填", "如：1970.05", "选填", "选填", "选填", "数字"],
    [1, "班庄", "甲乙", "1970.05", "高中", None, "大专", 13900001062],
    ["注意：", None, "1.本表一式两份"],
    [2, None, "丙丁", "1970.05", "高中", None, "大专", 13900001063], [3, "〃", "戊己", "1971.5"],
    ["合 计", None, "3人"], [], ["单位负责人：", None, "审核人：", None, "填表人："],
]  # fmt: skip
MERGED = "A2:H2 A3:H3 A4:B4 C4:D4 A5:H5 A6:A8 B6:B8 C6:C8 D6:D8 E6:G6 E7:F7 H6:H8 B10:B12".split()


def test_a_form_with_everything_that_offices_do(tmp_path):
    workbook = openpyxl.Workbook()
    for values in DEEP:
        workbook.active.append(values)
    for cells in MERGED:
        workbook.active.merge_cells(cells)
    workbook.save(tmp_path / "a.xlsx")
    [grid] = read_workbook(tmp_path / "a.xlsx", "a.xlsx").sheets
    found = find_table(grid, SECRETARIES)
    assert found.header_rows == [6, 7, 8]
    assert found.metadata == {
        "填报单位": "班庄镇党委", "填报人": "张三", "填报日期": "2022-03-31", "单位": "人",
    }  # fmt: skip
    assert [(entry.row, entry.reason) for entry in found.dropped] == [
        (9, "填写提示行"), (11, "说明行"), (14, "合计“3人”"), (16, "签字栏"),
    ]  # fmt: skip
    assert [(row.number, row.values["village"]) for row in found.rows] == [(n, "班庄") for n in (10, 12, 13)]
    assert found.columns[4].header == "文化程度/全日制教育/学历"
