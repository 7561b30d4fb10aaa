"""Finding the header: deep, merged, spaced, with lines above and below; and telling the kinds of ledgers apart."""

import pytest

from banzhuang.ledgers.grid import SheetGrid, WorkbookGrid
from banzhuang.ledgers.header import find_table, recognise

from .columns import CADRES, HOUSEHOLDS, INVESTMENTS, LEDGERS, SECRETARIES

TITLE = ["班庄镇领导班子成员名册"]
HEADER = ["序号", "姓名", "性别", "出生年月", "职务", "身份证号", "手机"]
ROW = [1, "朱英", "男", "1970.05", "党委书记", "710000197005242535", 13900000806]


def keys(table):
    return {column.header: column.key for column in table.columns}


def of(*rows, merged=(), columns=CADRES, **more):
    return find_table(SheetGrid("表", [list(row) for row in rows], merged=list(merged)), columns, **more)


def test_a_plain_table():
    table = of(TITLE, HEADER, ROW, ROW)
    assert table.header_rows == [2]
    assert table.title == "班庄镇领导班子成员名册"
    assert keys(table) == {
        "序号": None, "姓名": "name", "性别": "sex", "出生年月": "born", "职务": "position",
        "身份证号": "id_number", "手机": "phone",
    }  # fmt: skip
    assert [row.number for row in table.rows] == [3, 4]
    assert table.rows[0].values["born"] == "1970.05"
    assert table.rows[0].cells["born"] == 3
    assert table.sheet == "表"
    assert table.dropped == []


def test_the_table_may_begin_anywhere():
    rows = [[], [], [None, None, *TITLE], [], *([None, None, *row] for row in (HEADER, ROW))]
    table = of(*rows)
    assert table.header_rows == [5]
    assert table.rows[0].cells["name"] == 3


@pytest.mark.parametrize(
    "name",
    ["姓 名", "姓\n名", "　姓名　", "*姓名", "姓名*", "姓名：", "1.姓名", "姓名（必填）", "名字", "NAME"],
)
def test_ways_of_writing_a_header(name):
    table = of(["序号", name, "性别"], [1, "朱英", "男"])
    assert [column.key for column in table.columns] == [None, "name", "sex"]


def test_other_order_missing_and_extra_columns():
    table = of(["联系电话", "爱好", "姓名"], ["13900000806", "篮球", "朱英"])
    assert keys(table) == {"联系电话": "phone", "爱好": None, "姓名": "name"}
    assert table.rows[0].values == {"phone": "13900000806", "name": "朱英"}


def test_never_two_headers_for_one_column():
    table = of(["父亲姓名", "姓名", "名字", "手机", "联系电话"], ["朱大", "朱英", "x", "1", "2"])
    assert keys(table) == {"父亲姓名": None, "姓名": "name", "名字": None, "手机": None, "联系电话": "phone"}


DEEP = [
    ["序号", "村名", "姓名", "文化程度", None, "工作经历", None, "任现职 时间", "手机"],
    [None, None, None, "全日制", "在职", "参加工作时间", "原身份", None, None],
    [1, "班庄", "王海英", "高中", None, "1999年8月", "返乡", "2013.05", "13900001062"],
]
DOWN = [(0, column, 1, column) for column in (0, 1, 2, 7, 8)]
ACROSS = [(0, 3, 0, 4), (0, 5, 0, 6)]
DEEP_KEYS = {
    "序号": None, "村名": "village", "姓名": "name", "文化程度/全日制": "education", "文化程度/在职": "in_service_education",
    "工作经历/参加工作时间": "started_work", "工作经历/原身份": "origin", "任现职时间": "start", "手机": "phone",
}  # fmt: skip


@pytest.mark.parametrize("merged", [DOWN + ACROSS, DOWN, ACROSS, DOWN[:2] + ACROSS[1:], []])
def test_a_header_of_two_rows_however_it_is_merged(merged):
    table = of(*DEEP, merged=merged, columns=SECRETARIES)
    assert table.header_rows == [1, 2]
    assert keys(table) == DEEP_KEYS
    assert len(table.rows) == 1


def test_two_rows_are_seen_even_when_no_column_asks_for_them():
    """Else the second would be read as data."""
    table = of(*DEEP, merged=DOWN + ACROSS, columns=CADRES)
    assert table.header_rows == [1, 2]
    assert len(table.rows) == 1


def test_groups_above_a_full_header_belong_to_it():
    rows = [
        ["基本情况", None, None, "任职情况", None],
        ["村名", "姓名", "性别", "任现职时间", "产生方式"],
        ["班庄", "王海英", "男", "2013.05", "两推一选"],
    ]
    table = of(*rows, merged=[(0, 0, 0, 2), (0, 3, 0, 4)], columns=SECRETARIES)
    assert table.header_rows == [1, 2]
    assert keys(table)["基本情况/姓名"] == "name"


def test_a_header_of_three_rows():
    rows = [
        ["班庄镇村书记一览"],
        ["村名", "个人情况", None, None],
        [None, "姓名", "文化程度", None],
        [None, None, "全日制", "在职"],
        ["班庄", "王海英", "高中", "大专"],
    ]
    merged = [(0, 0, 0, 3), (1, 0, 3, 0), (1, 1, 1, 3), (2, 1, 3, 1), (2, 2, 2, 3)]
    table = of(*rows, merged=merged, columns=SECRETARIES)
    assert table.header_rows == [2, 3, 4]
    assert keys(table) == {
        "村名": "village", "个人情况/姓名": "name", "个人情况/文化程度/全日制": "education",
        "个人情况/文化程度/在职": "in_service_education",
    }  # fmt: skip


def test_data_in_words_is_not_taken_for_a_second_header_row():
    rows = [
        ["走访日期", "村", "姓名", "备注"],
        ["2022年5月23日", "马圩", "林金", "房屋漏雨"],
        ["2022年5月24日", "山西", "吴兰", "饮水不便"],
    ]
    table = of(*rows, columns=SECRETARIES)
    assert table.header_rows == [1]
    assert len(table.rows) == 2


def test_lines_above():
    lines = [
        TITLE,
        ["填报单位（盖章）：中共班庄镇委员会                填报日期：2022年3月31日"],
        [None, None, None, None, None, "单位：万元、亩"],
    ]
    header = ["序号", "项目阶段", "项目名称", "计划总投资", "到位资金", "用地"]
    table = of(
        *lines, header, [1, "在谈", "项目1", 8990, None, 44], merged=[(0, 0, 0, 5)], columns=INVESTMENTS
    )
    assert table.header_rows == [4]
    assert table.metadata == {"填报单位": "中共班庄镇委员会", "填报日期": "2022年3月31日", "单位": "万元、亩"}
    assert table.unit_of("total") == "万元、亩"


def test_the_unit_of_a_header_goes_before_that_of_the_table():
    header = ["项目名称", "计划总投资（亿元）", "到位资金", "用地/亩"]
    table = of(["单位：万元"], header, ["项目1", 1, 2, 3], columns=INVESTMENTS)
    assert keys(table)["计划总投资(亿元)"] == "total"
    assert (table.unit_of("total"), table.unit_of("arrived")) == ("亿元", "万元")


def test_a_unit_in_a_row_of_its_own_below_the_header():
    rows = [["项目名称", "计划总投资", "用地"], [None, "（千元）", "（亩）"], ["项目1", 8990, 44]]
    table = of(*rows, columns=INVESTMENTS)
    assert (table.header_rows, [row.number for row in table.rows]) == ([1, 2], [3])
    assert (table.unit_of("total"), table.unit_of("area"), table.metadata["单位"]) == ("千元", "亩", "千元")


def test_the_unit_of_all_headers_becomes_that_of_the_table():
    table = of(["项目名称", "计划总投资（万元）", "到位资金(万元)"], ["项目1", 1, 2], columns=INVESTMENTS)
    assert table.metadata["单位"] == "万元"


def test_a_correction_by_hand():
    rows = [["姓名", "绰号", "手机", "电话"], ["朱英", "小朱", "1", "2"]]
    table = of(*rows, corrections={"绰号": "name", "手机": None})
    assert keys(table) == {"姓名": None, "绰号": "name", "手机": None, "电话": "phone"}


def test_a_sheet_without_the_table():
    assert of(["说明"], ["本表由各村填写。"]) is None
    assert of() is None
    assert of(["姓名"], ["朱英"]) is None, "one header alone could be anything"


def test_years_as_numbers_in_a_header():
    table = of(["姓名", "手机", 2020, 2021], ["朱英", "1", "优秀", "称职"])
    assert list(keys(table)) == ["姓名", "手机", "2020", "2021"]


def test_hostile_merged_ranges_cost_nothing():
    merged = [(row, 0, 1_048_575, 16_383) for row in range(2, 5_000)]
    assert of(HEADER, ROW, merged=merged) is not None


# --- Kinds -------------------------------------------------------------------------------------------------------
def test_kinds_are_told_apart():
    secretaries = SheetGrid("村书记", [list(row) for row in DEEP], merged=DOWN + ACROSS)
    leaders = SheetGrid("Sheet", [TITLE, HEADER, ROW])
    found = recognise(WorkbookGrid([leaders, secretaries], "xlsx"), LEDGERS)
    assert {sheet.name: ledger.kind for ledger, sheet, _ in found} == {
        "村书记": "secretaries",
        "Sheet": "cadres",
    }


def test_words_of_the_title_decide_between_like_tables():
    header = ["村名", "姓名", "性别", "身份证号", "手机"]
    rows = [header, ["班庄", "王海英", "男", "710000197911109437", "1"]]
    for title, file_name, kind in (
        ("村党组织书记信息表", "", "secretaries"),
        ("干部名册", "", "cadres"),
        ("一览表", "名册.xlsx", "cadres"),
    ):
        sheet = SheetGrid("Sheet1", [[title], *rows])
        [(ledger, _, _)] = recognise(WorkbookGrid([sheet], "xlsx"), LEDGERS, file_name)
        assert ledger.kind == kind


def test_a_sheet_for_each_village():
    rows = [["户主", "家庭人口", "致贫原因"], ["朱胜", 4, "缺劳力"]]
    sheets = [SheetGrid(name, [["建档立卡户台账"], *rows]) for name in ("马圩村", "山西村")]
    hidden = SheetGrid("旧", rows, hidden=True)
    found = recognise(WorkbookGrid([*sheets, hidden, SheetGrid("空", [])], "xlsx"), LEDGERS)
    assert [(ledger.kind, sheet.name) for ledger, sheet, _ in found] == [
        ("households", "马圩村"),
        ("households", "山西村"),
    ]


def test_the_score_says_how_well_it_fits():
    whole = of(HEADER, ROW).score
    part = of(["姓名", "性别", "身高", "体重", "血型"], ["朱英", "男", 1, 2, 3]).score
    assert 0 < part < 0.3 < 0.8 < whole <= 1


def test_a_household_header_is_no_cadre_roster():
    sheet = SheetGrid("S", [["村", "户主姓名", "家庭人口", "致贫原因"], ["马圩", "朱胜", 4, "因病"]])
    assert find_table(sheet, HOUSEHOLDS).score > 0.9
    assert find_table(sheet, CADRES) is None
