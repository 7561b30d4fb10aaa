"""Tables spread over their columns: villages × months hold a fact in every cell, named by its own cell."""

import datetime
from collections import Counter
from decimal import Decimal
from types import SimpleNamespace

import pytest

from banzhuang.ledgers.grid import SheetGrid, WorkbookGrid, cell_address
from banzhuang.ledgers.header import find_table, recognise
from banzhuang.ledgers.ledger import Setting
from banzhuang.ledgers.models import ImportBatch
from banzhuang.ledgers.periods import month_header
from banzhuang.ledgers.plan import Plan, Planned, parse_table, refuse_twice
from banzhuang.ledgers.preview import letters_of
from banzhuang.ledgers.reader import read_workbook
from banzhuang.ledgers.spread import village_header
from banzhuang.ledgers.staging import problems_of, staged_row, understanding

from .columns import FIGURES_LEDGER, LEDGERS, WASTE_LEDGER
from .workbooks import row, sheet, xlsx

VILLAGES = {"班庄": "01", "曹顶": "02", "古城": "03", "班庄村": "01", "曹顶村": "02", "古城村": "03"}
CONTEXT = SimpleNamespace(villages=VILLAGES, townships={"班庄镇"})
TITLE = ["班庄镇2022年1—3月村级垃圾清运总量通报表"]
UNIT = ["单位：吨"]
HEADER = ["序号", "单位", "1 月", "2月", "三月", "累计", "排名", "备注"]


def table_of(*rows, ledger=WASTE_LEDGER, name="Sheet", merged=(), formulas=(), corrections=None):
    grid = SheetGrid(name, [list(row) for row in rows], list(merged), formulas_without_value=set(formulas))
    return find_table(grid, ledger.columns, corrections, ledger.spread)


def facts_of(*rows, ledger=WASTE_LEDGER, **more):
    table = table_of(*rows, ledger=ledger, **more)
    facts, seen = parse_table(ledger, table, CONTEXT), {}
    for fact in facts:
        refuse_twice(ledger, fact, seen)
    return facts


def told(facts, over="month", value="tonnes"):
    """{cell: (village, what its header says, value)}"""
    return {
        cell_address(fact.number - 1, fact.cells[value]): (
            fact.values.get("village"),
            str(fact.values.get(over, "")),
            fact.values.get(value),
        )
        for fact in facts
    }


def problems(facts):
    return {
        cell_address(fact.number - 1, fact.cells[key]): problem.message
        for fact in facts
        for key, problem in fact.problems
    }


def test_every_cell_is_a_fact_and_a_blank_is_none():
    facts = facts_of(
        TITLE, UNIT, HEADER, [1, "班庄", 49.7, None, 0, 49.7, 1, "迎检"], [2, "曹顶", " ", "—", "无"]
    )
    assert told(facts) == {"C4": ("01", "2022-01", Decimal("49.7")), "E4": ("01", "2022-03", Decimal(0))}
    assert [fact.values["note"] for fact in facts] == ["迎检", "迎检"], "the row's other fields are repeated"
    assert all(fact.valid and fact.number == 4 for fact in facts)
    assert facts[1].cells == {"village": 1, "note": 7, "month": 4, "tonnes": 4}
    assert facts[1].raw == {"village": "班庄", "note": "迎检", "month": "3月", "tonnes": 0}
    assert facts[1].present == {"village", "month", "tonnes", "note"}


def test_messages_name_the_cell_of_the_fact():
    facts = facts_of(TITLE, UNIT, HEADER, [1, "班庄", "约50", 10, 1], [2, "乌有", 3])
    assert problems(facts) == {"C4": "不是数字。", "B5": "没有这个村，或不在账号的范围内。"}
    assert [fact.valid for fact in facts] == [False, True, True, False]


def test_totals_and_what_stands_below_are_no_facts():
    rows = [[1, "班庄", 1, 2, 3], [None, "合计", 1, 2, 3], ["注：空白表示当月未上报。"]]
    table = table_of(TITLE, UNIT, HEADER, *rows)
    assert [(entry.row, entry.reason) for entry in table.dropped] == [(5, "合计行"), (6, "说明行")]
    assert len(table.rows) == 3
    assert [column.key for column in table.columns] == [None, "village", *["tonnes"] * 3, None, None, "note"]


def test_formulas_without_value_matter_where_they_are_facts():
    facts = facts_of(TITLE, UNIT, HEADER, [1, "班庄", 49.7, None, 3], formulas={(3, 3), (3, 5), (3, 6)})
    assert problems(facts) == {"D4": "公式没有算出的结果。"}
    assert list(told(facts)) == ["C4", "D4", "E4"]


def test_a_cell_merged_over_months_or_villages_is_not_guessed_at():
    rows = [[1, "班庄", 30, None, 5], [2, "曹顶", 7, 8, None]]
    facts = facts_of(TITLE, UNIT, HEADER, *rows, merged=[(3, 2, 3, 3), (3, 4, 4, 4)])
    wrong = "这一格和别的格合并了，看不出每格各是多少。"
    assert problems(facts) == {"C4": wrong, "E4": wrong}
    assert list(told(facts)) == ["C4", "E4", "C5", "D5"]


def test_a_village_twice_is_double_cell_by_cell():
    facts = facts_of(TITLE, UNIT, HEADER, [1, "班庄", 1, 2], [2, "班庄村", None, 5, 6])
    assert problems(facts) == {"D5": "与 D4 重复（）。"}


def test_a_month_twice_is_double_too():
    facts = facts_of(TITLE, ["村", "1月", "1月"], ["班庄", 1, 2])
    assert problems(facts) == {"C3": "与 B3 重复（）。"}


# --- Headers ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("1月",), "1月"), (("01月份",), "1月"), (("十二月",), "12月"), (("元月",), "1月"), (("2022年3月",), "2022年3月"),
        (("2022.03",), "2022年3月"), (("2022-3",), "2022年3月"), (("202203",), "2022年3月"), (("2022/03",), "2022年3月"),
        (("2022-03-01",), "2022年3月"), (("2022年", "3月"), "2022年3月"), (("2022", "三月"), "2022年3月"),
        (("3月", "2022年"), "2022年3月"), (("2022年1—5月情况", "3月"), "2022年3月"), (("月份", "3"), "3月"),
        (("月份", "三"), "3月"), (("2021年与2022年", "3月"), "3月"),
        (("1—5月",), ""), (("本月",), ""), (("累计",), ""), (("13月",), ""), (("3",), ""), (("一季度",), ""),
        (("3月5日",), ""), (("3月", "同比"), ""), (("2022年",), ""), (("月份",), ""), (("1月累计",), ""),
    ],
)  # fmt: skip
def test_headers_that_stand_for_a_month(parts, expected):
    assert month_header(parts) == expected


@pytest.mark.parametrize(
    "header",
    [
        ["村别", "1月清运量（吨）", "2月清运量(吨)"],
        ["村别", "清运量1月", "清运量2月"],
        ["村别", "2022年1月份", "2022.02"],
        ["村别", datetime.date(2022, 1, 1), datetime.date(2022, 2, 1)],
        ["村别", "1月", "2月", "清运总量"],
        ["村别", "1月", "2月", "1—2月"],
    ],
)
def test_ways_of_writing_the_months(header):
    facts = facts_of(["2022年垃圾清运"], header, ["班庄", 5, 6, 11])
    assert told(facts) == {"B3": ("01", "2022-01", Decimal(5)), "C3": ("01", "2022-02", Decimal(6))}


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        (["村别", "2022年", None], [None, "1月", "2月"]),
        (["村别", "各月清运量（吨）", None], [None, "1月", "2月"]),
        (["村别", "月份", None], [None, "1", "2"]),
        (["村别", "月份", None], [None, 1, 2]),
        (["村别", "1月", "2月"], [None, "（吨）", "（吨）"]),
    ],
)
def test_months_in_a_header_of_two_rows(upper, lower):
    merged = [(1, 0, 2, 0), *([(1, 1, 1, 2)] if upper[2] is None else [])]
    facts = facts_of(["2022年垃圾清运"], upper, lower, ["班庄", 5, 6], merged=merged)
    assert told(facts) == {"B4": ("01", "2022-01", Decimal(5)), "C4": ("01", "2022-02", Decimal(6))}


@pytest.mark.parametrize(
    ("line", "header"), [("单位：公斤", "1月"), (None, "1月（公斤）"), (None, "清运量1月(千克)")]
)
def test_kilograms_are_no_tonnes(line, header):
    facts = facts_of(["2022年垃圾清运"], [line], ["村", header], ["班庄", 49_700], ["曹顶", "3吨"])
    assert [fact.values["tonnes"] for fact in facts] == [Decimal("49.7"), Decimal(3)]


def test_two_years_beside_each_other():
    upper, lower = ["村", "2021年", None, "2022年"], [None, "11月", "12月", "1月"]
    facts = facts_of(["垃圾清运"], upper, lower, ["班庄", 1, 2, 3], merged=[(1, 0, 2, 0), (1, 1, 1, 2)])
    assert [month for _, month, _ in told(facts).values()] == ["2021-11", "2021-12", "2022-01"]


GROUPS = ["村", "车次", None, "清运量", None], [None, "1月", "2月", "1月", "2月"]
GROUPED = [(1, 0, 2, 0), (1, 1, 1, 2), (1, 3, 1, 4)]


def test_of_two_groups_the_one_that_names_the_value_counts():
    facts = facts_of(TITLE, *GROUPS, ["班庄", 1, 2, 30, 40], merged=GROUPED)
    assert [(cell, value) for cell, (_, _, value) in told(facts).items()] == [("D4", 30), ("E4", 40)]


def test_of_two_groups_that_nothing_tells_apart_none_is_guessed_until_a_person_says_so():
    upper = ["村", "上门", None, "集中", None]
    rows = [TITLE, upper, GROUPS[1], ["班庄", 1, 2, 30, 40]]
    assert table_of(*rows, merged=GROUPED) is None
    facts = facts_of(*rows, merged=GROUPED, corrections={"集中/1月": "tonnes", "集中/2月": "tonnes"})
    assert [(cell, value) for cell, (_, _, value) in told(facts).items()] == [("D4", 30), ("E4", 40)]


def test_a_month_can_be_left_out_by_hand():
    facts = facts_of(TITLE, HEADER, [1, "班庄", 1, 2, 3], corrections={"2月": None})
    assert list(told(facts)) == ["C3", "E3"]


# --- The year --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("title", "line", "name", "year"),
    [
        ("2022年1—5月通报", None, "Sheet", "2022"),
        ("通报", "统计期间：2022年1—5月", "Sheet", "2022"),
        ("通报", None, "2022年", "2022"),
        ("通报", None, "2022", "2022"),
        ("通报（2022.1-5）", None, "Sheet", "2022"),
        ("通报", "填报日期：2023年1月5日", "Sheet", ""),
        ("2021年12月—2022年2月通报", None, "Sheet", ""),
    ],
)
def test_the_year_stands_above(title, line, name, year):
    facts = facts_of([title], [line], ["村", "1月", "2月"], ["班庄", 1, 2], name=name)
    assert [str(fact.values.get("month", ""))[:4] for fact in facts] == [year] * 2
    if not year:
        assert list(problems(facts)) == ["B4", "C4"]
        assert all("年" in message for message in problems(facts).values())


# --- The long form ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "cell", ["2022年3月", "3月", "三月份", 3, "2022.03", datetime.date(2022, 3, 1), "2022-03"]
)
def test_the_long_form(cell):
    facts = facts_of(
        ["2022年1—5月垃圾清运"], ["村", "月份", "清运量(吨)"], ["班庄", cell, 12.5], ["曹顶", cell, None]
    )
    assert told(facts[:1]) == {"C3": ("01", "2022-03", Decimal("12.5"))}
    assert [fact.valid for fact in facts] == [True, False], "in the long form a blank is a value that lacks"


def test_the_month_of_a_whole_table_stands_in_its_title():
    facts = facts_of(["2022年3月垃圾清运"], ["村", "清运量(吨)"], ["班庄", 12.5])
    assert [str(fact.values["month"]) for fact in facts] == ["2022-03"]
    facts = facts_of(["2022年1—3月垃圾清运"], ["村", "清运量(吨)"], ["班庄", 12.5])
    assert "没有“月份”这一列" in facts[0].problems[0][1].message


@pytest.mark.parametrize("cell", ["13月", "上旬", "2022年", 2018.1])
def test_what_is_no_month(cell):
    facts = facts_of(["2022年垃圾清运"], ["村", "月份", "清运量"], ["班庄", cell, 12.5])
    assert "month" in {key for key, _ in facts[0].problems}


# --- Villages as columns ---------------------------------------------------------------------------------------
def test_indicators_by_villages():
    facts = facts_of(
        ["各村指标表"], ["序号", "指标名称", "班庄村", "曹顶村", "全村合计"], [1, "户数", 300, 210, 510],
        [2, "党员", None, "21人", 21], ledger=FIGURES_LEDGER,
    )  # fmt: skip
    assert told(facts, "indicator", "figure") == {
        "C3": ("01", "户数", 300), "D3": ("02", "户数", 210), "D4": ("02", "党员", 21)
    }  # fmt: skip


def test_a_village_of_a_header_that_is_not_known():
    facts = facts_of(["指标", "班庄村", "乌有村"], ["户数", 300, 210], ledger=FIGURES_LEDGER)
    assert problems(facts) == {"C2": "没有这个村，或不在账号的范围内。"}


@pytest.mark.parametrize(
    ("header", "expected"), [("班庄村", "班庄村"), ("行政村", ""), ("村", ""), ("总数", "")]
)
def test_headers_that_stand_for_a_village(header, expected):
    assert village_header(("各村", header)) == expected


# --- Which kind ------------------------------------------------------------------------------------------------
def test_months_alone_do_not_say_what_is_counted():
    rows = [["村", "1月", "2月"], ["班庄", 1, 2]]

    def kinds(title, ledgers):
        book = WorkbookGrid([SheetGrid("Sheet", [[title], *rows])], "xlsx")
        return [ledger.kind for ledger, _, _ in recognise(book, ledgers)]

    assert kinds("2022年垃圾清运", [*LEDGERS, WASTE_LEDGER]) == ["waste"]
    assert kinds("2022年走访次数", [*LEDGERS, WASTE_LEDGER]) == []
    assert kinds("2022年走访次数", [WASTE_LEDGER]) == ["waste"], "who names the kind answers for it"


def test_a_workbook_of_the_shape_that_offices_send(tmp_path):
    """44 villages × 5 months, one blank; sums by formulas that were never computed."""
    formula = ("", "<f>SUM(C4:G4)</f>")
    values = [[10.5 + n, 20, 30, None if n == 6 else 40, 50.25] for n in range(44)]
    rows = [["2022年1—5月村级垃圾清运总量通报表"], ["单位：吨"]]
    rows.append(["序号", "单位", "1 月", "2 月", "3 月", "4 月", "5 月", "累计", "排名"])
    rows += [[n + 1, "班庄", *cells, formula, formula] for n, cells in enumerate(values)]
    rows += [[None, "合计", *[formula] * 7], [], ["注：空白表示当月未上报。"]]
    body = "".join(row(number, *cells) for number, cells in enumerate(rows, 1))
    merged = (
        '<mergeCells><mergeCell ref="A1:I1"/><mergeCell ref="A2:I2"/><mergeCell ref="A50:I50"/></mergeCells>'
    )
    book = read_workbook(xlsx(tmp_path / "a.xlsx", sheet(body, after=merged)), "a.xlsx")
    [(ledger, _, table)] = recognise(book, [*LEDGERS, WASTE_LEDGER])
    facts = parse_table(ledger, table, CONTEXT)
    assert len(facts) == 219
    assert Counter(str(fact.values["month"]) for fact in facts)["2022-04"] == 43
    assert all(fact.valid for fact in facts)
    assert table.metadata == {"单位": "吨", "期间": "2022年1—5月"}


def test_what_is_staged_names_the_cell_of_each_fact():
    table = table_of(TITLE, UNIT, HEADER, [1, "班庄", "约50", 10])
    plan = Plan(WASTE_LEDGER, Setting(None, datetime.date(2022, 6, 1)), [table], [])
    first, second = [Planned(fact) for fact in parse_table(WASTE_LEDGER, table, CONTEXT)]
    row, content = staged_row(plan, ImportBatch(), 0, first)
    [problem] = problems_of(WASTE_LEDGER, row, content)
    assert (problem["cell"], problem["row"], problem["value"]) == ("C4", 4, "约50")
    assert staged_row(plan, ImportBatch(), 1, second)[1]["cells"] == {
        "village": 1, "note": 7, "month": 3, "tonnes": 3
    }  # fmt: skip
    found = understanding(plan)
    assert found["columns"] == {
        "单位": "village", "1月": "tonnes", "2月": "tonnes", "三月": "tonnes", "备注": "note",
    }  # fmt: skip
    assert found["unmatched"] == ["序号", "累计", "排名"]
    letters = letters_of(ImportBatch(understanding=found))
    assert (letters["village"], letters["tonnes"]) == ("B", "C–E")
