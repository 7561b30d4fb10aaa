"""Rows below the header: what is data, what is not and why; what is filled down."""

import pytest

from banzhuang.ledgers.grid import SheetGrid
from banzhuang.ledgers.header import find_table
from banzhuang.ledgers.table import Dropped

from .columns import CADRES, HOUSEHOLDS

HEADER = ["序号", "村", "户主", "家庭人口", "致贫原因", "备注"]


def of(*rows, merged=(), formulas=(), header=HEADER, columns=HOUSEHOLDS):
    sheet = SheetGrid("表", [header, *map(list, rows)], list(merged), formulas_without_value=set(formulas))
    return find_table(sheet, columns)


def dropped(*rows, **more):
    return [(entry.row, entry.reason) for entry in of(*rows, **more).dropped]


A, B, C = ([number, "马圩", name, 4, "因病", None] for number, name in enumerate(("朱胜", "张凤", "黄建"), 1))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["合计", None, "3户", 12], "合计“3户”"),
        (["合 计", None, None, 12], "合计行"),
        ([None, "小计", None, 12], "小计行"),
        ([3, "总计", None, 12], "总计行"),
        ([None, "马圩村小计", None, 12], "合计行“马圩村小计”"),
        (["合计：3户"], "合计行“合计：3户”"),
        (["全镇", None, None, 12], "全镇行"),
        (["单位负责人：      审核人：       填表人：      联系电话："], "签字栏"),
        (["单位负责人", None, "审核人", None, "填表人"], "签字栏"),
        (["填表人（签字）：", "张三"], "签字栏"),
        ([None, None, "填报日期：2022年3月31日"], "签字栏"),
        (["注：空白表示当月未上报。"], "说明行"),
        (["注意：1.如实填写"], "说明行"),
        (["填表须知"], "说明行"),
        (["备注: ", "户主以户口簿为准"], "说明行"),
        (["※以户口簿为准"], "说明行"),
        (["（以下空白）"], "说明行"),
        (
            ["本表一式两份，一份留村，一份报镇民政帮扶办，每月五日前报送，节假日顺延"],
            "整行文字“本表一式两份，一份留村，一份报镇民政帮扶…”",
        ),
        (["二、山西村"], "整行文字“二、山西村”"),
        (HEADER, "重复的表头"),
        (["序 号", "村", "户主", "家庭\n人口", "致贫原因", "备注"], "重复的表头"),
        ([None, None, None, None, None, "只有备注"], "对上的列里没有内容"),
    ],
)
def test_rows_that_are_no_data(row, reason):
    table = of(A, row, B)
    assert [(entry.row, entry.reason) for entry in table.dropped] == [(3, reason)]
    assert [found.number for found in table.rows] == [2, 4]


@pytest.mark.parametrize(
    "row",
    [
        [2, "马圩", "合生", 4, "因病", "小计见附表"],
        [2, "马圩", "注意", 4, "因病", None],
        [None, None, "负责", None, None, None],
        [2, "马圩", "张凤", 4, "注：因病致贫，家中两人长期住院治疗，医药费自付部分较多", None],
        ["二", "马圩", "张凤", 4, "因病", None],
        [2, "村", "户主", 4, "因病", "家庭人口已核"],
    ],
)
def test_rows_that_only_look_like_it(row):
    table = of(A, row)
    assert table.dropped == []
    assert len(table.rows) == 2


def test_instructions_of_several_lines():
    lines = [["填表说明："], ["1.以户口簿为准"], ["（2）一户一行"], ["三、每月报一次"]]
    header = HEADER[1:]
    rows = [A[1:], *lines, B[1:]]
    assert dropped(*rows, header=header) == [(row, "说明行") for row in (3, 4, 5, 6)]


def test_an_instruction_merged_over_the_table():
    assert dropped(A, ["金额保留整数"], B, merged=[(2, 0, 2, 5)]) == [(3, "整行文字“金额保留整数”")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["必填", "必填", "选填", None, "下拉选择", None], "填写提示行"),
        ([None, "（必填）", "如：张三", "数字", "请选择", "选填"], "填写提示行"),
        (["必填", "必填", "男/女", "18位", "11位数字", "如2018.08"], "填写提示行"),
        (["甲", "乙", 1, 2, 3, 4], "栏号行"),
        ([1, 2, 3, 4, 5, 6], "栏号行"),
        (["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"], "栏号行"),
        (["例", "马圩", "张三", 3, "因病", None], "填写示例行"),
    ],
)
def test_hints_right_below_the_header(row, reason):
    assert dropped(row, A, B) == [(2, reason)]
    assert len(of(row, A, B).rows) == 2


def test_signatures_after_a_blank_row_and_totals():
    """The ends of 村党组织书记信息表: row 50 is blank and no part of the data."""
    assert dropped(A, B, ["合计", None, "44人"], [], ["单位负责人：   审核人："]) == [
        (4, "合计“44人”"),
        (6, "签字栏"),
    ]


def test_a_blank_stretch_inside_the_data_is_one_entry():
    blank = [[] for _ in range(30)]
    table = of(A, *blank, B, [], C, [], [])
    assert table.dropped == [Dropped(3, "第 3–32 行是空行", 32), Dropped(34, "空行", 34)]
    assert [row.number for row in table.rows] == [2, 33, 35]


def test_rows_with_nothing_but_their_number_are_blank():
    numbered = [[number, None, None, None, " ", None] for number in range(3, 10)]
    assert dropped(A, B, *numbered) == []
    assert dropped(A, *numbered, B) == [(3, "第 3–9 行是空行")]


def test_a_value_a_million_rows_below_is_still_read():
    sheet = SheetGrid("表", [HEADER, A] + [[]] * 1_000_000 + [B])
    table = find_table(sheet, HOUSEHOLDS)
    assert [row.number for row in table.rows] == [2, 1_000_003]


def test_merged_cells_are_filled_down():
    rows = [
        [1, "马圩", "朱胜", 4],
        [2, None, "张凤", 4],
        ["小计", None, None, 8],
        [3, None, "黄建", 4],
        [4, "山西", "罗梅", 2],
    ]
    table = of(*rows, merged=[(1, 1, 4, 1)])
    assert [row.values["village"] for row in table.rows] == ["马圩", "马圩", "马圩", "山西"]
    assert [(entry.row, entry.reason) for entry in table.dropped] == [(4, "小计行")]


def test_a_merged_cell_over_blank_rows_makes_no_rows():
    table = of([1, "马圩", "朱胜", 4], [], [2, "山西", "罗梅", 2], merged=[(1, 1, 2, 1)])
    assert [row.number for row in table.rows] == [2, 4]


def test_cells_merged_across_are_not_filled():
    table = of([1, "马圩", "朱胜", None, "因病"], merged=[(1, 2, 1, 3)])
    assert table.rows[0].values["members"] is None


@pytest.mark.parametrize("ditto", ["同上", "〃", " 同 上 ", '"', "″"])
def test_ditto(ditto):
    rows = [
        A,
        [2, ditto, "张凤", 3, ditto],
        ["小计", None, None, 7],
        [3, ditto, "黄建", 2, "因学"],
        [4, "山西", "罗梅", 1, ditto],
    ]
    table = of(*rows)
    assert [row.values["village"] for row in table.rows] == ["马圩", "马圩", "马圩", "山西"]
    assert [row.values["causes"] for row in table.rows] == ["因病", "因病", "因学", "因学"]


def test_ditto_with_nothing_above_stays():
    assert of([1, "同上", "朱胜", 4]).rows[0].values["village"] == "同上"


def test_white_space_is_nothing():
    assert of([1, " \n", "朱胜", 4, "　"]).rows[0].values == {
        "village": None,
        "name": "朱胜",
        "members": 4,
        "causes": None,
    }


def test_formulas_without_value_are_named():
    table = of(A, [2, "马圩", "张凤", None, None], merged=[(1, 3, 2, 3)], formulas={(1, 3), (2, 5)})
    assert [row.unvalued for row in table.rows] == [{"members"}, {"members"}]


def test_text_beside_the_table_is_not_part_of_it():
    table = of([*A, None, "右边的便签"], [None] * 7 + ["再一张"], B)
    assert [row.number for row in table.rows] == [2, 4]


def test_rows_of_a_page_break():
    rows = [["朱英", "男"], ["名册"], ["姓名", "性别"], ["胡燕", "女"]]
    sheet = SheetGrid("表", [["名册"], ["姓名", "性别"], *rows])
    table = find_table(sheet, CADRES)
    assert [(entry.row, entry.reason) for entry in table.dropped] == [(4, "重复的标题"), (5, "重复的表头")]


def test_another_title_above_the_header_again_is_no_data():
    rows = [A[1:], ["山西村建档立卡户台账"], ["填报日期：2022年3月"], HEADER[1:], B[1:]]
    table = of(*rows, header=HEADER[1:])
    assert [(entry.row, entry.reason) for entry in table.dropped] == [
        (3, "重复的标题"),
        (4, "签字栏"),
        (5, "重复的表头"),
    ]
    assert [(row.number, row.section) for row in table.rows] == [(2, ""), (6, "山西村建档立卡户台账")]


def test_lines_across_the_table_are_sections():
    rows = [
        ["一、马圩村"],
        A,
        ["（二）山西村"],
        B,
        ["小计", None, None, 4],
        C,
        ["以上为山西村"],
        [4, "x", "罗梅", 2],
    ]
    assert [row.section for row in of(*rows).rows] == ["一、马圩村", "（二）山西村", "（二）山西村", ""]
