"""What holds for a whole table stands in the sheet's name or its title; one column may stand in for another;
a cell may hold several words."""

from types import SimpleNamespace

import pytest

from banzhuang.ledgers.grid import SheetGrid
from banzhuang.ledgers.header import find_table
from banzhuang.ledgers.ledger import Column, Fact
from banzhuang.ledgers.lists import Several
from banzhuang.ledgers.matching import Header, Names
from banzhuang.ledgers.parsers import ERROR, WARNING, Parsed, PersonName, Problem, Text
from banzhuang.ledgers.plan import parse_table
from banzhuang.ledgers.values import shown
from banzhuang.ledgers.village_names import VillageName, villages_named

from .columns import Declared

VILLAGES = {
    "班庄村": "01", "班庄": "01", "赵班庄村": "02", "赵班庄": "02", "马圩村": "03", "马圩": "03", "山西村": "04",
    "山西": "04", "新华社区": "05",
}  # fmt: skip
CONTEXT = SimpleNamespace(villages=VILLAGES, townships={"班庄镇"})
KINDS = Several({"低保": "minimum", "低保户": "minimum", "特困": "destitute", "五保": "destitute"})
COLUMNS = (
    Column("village", "村", VillageName(), required=True, around=True),
    Column("head", "户主", PersonName(), ("户主姓名",), read_as="name"),
    Column("name", "姓名", PersonName(), required=True),
    Column("labels", "享受政策", KINDS),
)
LEDGER = Declared("households", COLUMNS)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("马圩", {"03"}),
        ("马圩村委会", {"03"}),
        ("班庄镇马圩村建档立卡户台账", {"03"}),
        ("班庄镇赵班庄村台账", {"02"}),
        ("班庄镇班庄村台账", {"01"}),
        ("班庄镇困难户台账", set()),
        ("山西省台账", set()),
        ("新华社区台账", {"05"}),
        ("班庄镇马圩村、山西村台账", {"03", "04"}),
        ("Sheet1", set()),
        ("2026年马圩村台账", {"03"}),
        ("赣榆区班庄镇马圩村台账", {"03"}),
        ("小马圩村", set()),
        ("班庄镇小马圩村台账", set()),
        ("城头镇马圩村", set()),
        ("赣榆区城头镇马圩村台账", set()),
    ],
)
def test_villages_in_a_name_or_title(text, codes):
    assert villages_named(text, VILLAGES, {"班庄镇"}) == codes


def test_a_longer_name_is_not_the_known_village_at_its_end():
    """Who sees 班庄村 alone brings the sheet of 赵班庄村: its rows are not those of 班庄村."""
    own = {"班庄村": "01", "班庄": "01"}
    assert villages_named("赵班庄村", own, {"班庄镇"}) == set()
    assert villages_named("班庄镇赵班庄村困难户台账", own, {"班庄镇"}) == set()
    assert villages_named("班庄镇班庄村困难户台账", own, {"班庄镇"}) == {"01"}


def facts(sheet, title, *rows, header=("序号", "户主", "享受政策"), line=None):
    grid = SheetGrid(sheet, [[title], [line], list(header), *map(list, rows)])
    return parse_table(LEDGER, find_table(grid, COLUMNS), CONTEXT)


ROW = [1, "朱胜", "低保"]


@pytest.mark.parametrize(
    ("sheet", "title", "line", "village"),
    [
        ("马圩村", "班庄镇马圩村台账", None, "03"),
        ("Sheet1", "班庄镇马圩村台账", None, "03"),
        ("马圩", "困难户台账", None, "03"),
        ("Sheet1", "困难户台账", "填报单位：马圩村民委员会", "03"),
        ("Sheet1", "困难户台账", "行政村：马圩", "03"),
        ("Sheet1", "困难户台账", "填报单位：班庄镇人民政府", None),
        ("马圩村", "班庄镇山西村台账", None, None),
        ("马圩村", "班庄镇马圩村、山西村台账", None, None),
    ],
)
def test_a_table_without_the_column(sheet, title, line, village):
    (fact,) = facts(sheet, title, ROW, line=line)
    assert fact.values.get("village") == village
    assert fact.valid is (village is not None)


def test_what_is_said_where_the_village_is_missing_or_doubtful():
    (fact,) = facts("Sheet1", "困难户台账", ROW)
    assert "工作表名和标题里也没有写明" in fact.problems[0][1].message
    (fact,) = facts("马圩村", "班庄镇山西村台账", ROW)
    assert fact.problems[0][1].message == "“马圩村”和“班庄镇山西村台账”说的不是同一个村。"


def test_a_cell_wins_over_the_sheet():
    header = ("村", "户主", "享受政策")
    rows = [["山西", "朱胜", None], [None, "张凤", None], ["查无", "李兰", None]]
    found = facts("马圩村", "台账", *rows, header=header)
    assert [fact.values.get("village") for fact in found] == ["04", "03", None]
    assert [fact.valid for fact in found] == [True, True, False]


@pytest.mark.parametrize(
    ("headers", "keys"),
    [
        (["户主"], ["name"]),
        (["户主", "姓名"], ["head", "name"]),
        (["姓名", "户主姓名"], ["name", "head"]),
        (["姓名"], ["name"]),
    ],
)
def test_a_column_stands_in_for_one_the_table_lacks(headers, keys):
    matches = Names(COLUMNS).match([Header((header,)) for header in headers])
    assert [COLUMNS[place].key for place, _ in matches] == keys


def test_a_column_that_stands_around_is_not_missed_in_the_score():
    headers = [Header(("姓名",)), Header(("享受政策",))]
    names = Names(COLUMNS)
    assert names.score(headers, names.match(headers)) > 0.5


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("低保", ["minimum"]),
        ("低保、五保", ["minimum", "destitute"]),
        ("低保户和特困", ["minimum", "destitute"]),
        ("五保/低保\n低保", ["destitute", "minimum"]),
        ("无", None),
        ("—", None),
        (None, None),
    ],
)
def test_several_words(cell, expected):
    assert KINDS.parse(cell) == Parsed(expected)


def test_unknown_words_are_named_and_the_others_taken():
    parsed = KINDS.parse("低保、残疾补贴、高龄补贴")
    assert (parsed.value, parsed.problem.severity) == (["minimum"], WARNING)
    assert "“残疾补贴、高龄补贴”" in parsed.problem.message
    assert KINDS.parse("残疾补贴").value is None


def test_words_of_a_cell_and_around_it_are_joined():
    around = Parsed(["destitute"])
    assert KINDS.together(Parsed(["minimum", "destitute"]), around).value == ["destitute", "minimum"]
    assert KINDS.together(Parsed(None), around).value == ["destitute"]
    warned = KINDS.together(Parsed(None, Problem(WARNING, "")), around)
    assert (warned.value, warned.problem.severity) == (["destitute"], WARNING)


def test_a_cell_in_error_stays_in_error():
    error = Parsed(None, Problem(ERROR, "没有这个村"))
    assert VillageName().together(error, Parsed("03")) is error


def test_several_words_are_shown_by_their_labels():
    assert shown(COLUMNS[3], ["destitute", "minimum"]) == "特困、低保"
    assert shown(Column("aliases", "别名", Text()), ["响石", "西响"]) == "响石、西响"


def test_a_fact_of_a_sheet_has_no_cell_for_its_village():
    (fact,) = facts("马圩村", "台账", ROW)
    assert isinstance(fact, Fact)
    assert "village" not in fact.cells


def test_a_line_across_the_table_names_the_village_below_it():
    rows = [["一、马圩村"], ROW, ["山西村"], ROW, ["第三批"], ROW]
    found = facts("Sheet1", "班庄镇困难户台账", *rows)
    assert [fact.values.get("village") for fact in found] == ["03", "04", None]
    assert [fact.valid for fact in found] == [True, True, False]
    found = facts("Sheet1", "班庄镇班庄村困难户台账", ["马圩村困难户台账"], ["序号", "户主", "享受政策"], ROW)
    assert [fact.values.get("village") for fact in found] == ["03"], "never the village of the table above"
