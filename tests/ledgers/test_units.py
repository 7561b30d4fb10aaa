"""What unit a column of money is in: of its header, of the line above the table, never a guess."""

from decimal import Decimal

import pytest

from banzhuang.ledgers.grid import SheetGrid
from banzhuang.ledgers.header import find_table
from banzhuang.ledgers.ledger import Column
from banzhuang.ledgers.parsers import Amount, PersonName
from banzhuang.ledgers.plan import parse_table

from .columns import Declared

COLUMNS = (
    Column("name", "姓名", PersonName(), required=True),
    Column("wages", "工资性收入", Amount()),
    Column("transfers", "转移性收入", Amount()),
)
LEDGER = Declared("households", COLUMNS)


def fact(*headers, line=None, values=(3.5, 2)):
    rows = [["困难户台账"], [line], ["姓名", *headers], ["朱胜", *values[: len(headers)]]]
    [found] = parse_table(LEDGER, find_table(SheetGrid("Sheet1", rows), COLUMNS), None)
    return found


@pytest.mark.parametrize(
    "header",
    [
        "工资性收入（万元）",
        "工资性收入（单位：万元）",
        "工资性收入（万元/年）",
        "工资性收入(万元／户)",
        "工资性收入（2025年，万元）",
        "工资性收入（人民币万元）",
        "工资性收入【万元】",
    ],
)
def test_of_the_header(header):
    assert fact(header).values["wages"] == 35_000


@pytest.mark.parametrize(
    "line",
    [
        "单位：万元",
        "金额单位：人民币万元",
        "单位：万 元",
        "（万元）",
        "单位：万元；人",
        "单位：万元 人",
        "单位：万元、人。",
        "（单位为万元）",
        "注：以下金额以万元为单位",
        "填报单位：班庄镇   单位：万元",
    ],
)
def test_of_the_line_above_the_table(line):
    assert fact("工资性收入", line=line).values["wages"] == 35_000


@pytest.mark.parametrize("line", ["以元旦为界", "单位：班庄镇", "单位：人", "填报人：万元亮"])
def test_other_lines_say_nothing_of_money(line):
    assert fact("工资性收入", line=line).values["wages"] == Decimal("3.5")


DOUBT = "表里写了元、万元，看不出这一列是哪一种单位。"


def test_what_one_column_says_is_no_rule_for_another_but_leaves_it_in_doubt():
    found = fact("工资性收入（万元）", "转移性收入")
    assert found.values["wages"] == 35_000 and "transfers" not in found.values
    assert [(key, problem.message) for key, problem in found.problems] == [("transfers", DOUBT)]


def test_no_doubt_where_the_other_column_is_in_yuan_or_the_line_above_decides():
    assert fact("工资性收入（元）", "转移性收入").values["transfers"] == 2
    found = fact("工资性收入（元）", "转移性收入", line="单位：万元")
    assert (found.values["wages"], found.values["transfers"]) == (Decimal("3.5"), 20_000)


def test_two_units_in_the_line_above_are_in_doubt_but_not_for_a_number_with_its_own():
    found = fact("工资性收入", "转移性收入", line="单位：元、万元", values=(3.5, "2万元"))
    assert [(key, problem.message) for key, problem in found.problems] == [("wages", DOUBT)]
    assert found.values["transfers"] == 20_000


def test_nought_is_nought_in_any_unit():
    assert fact("工资性收入（万元）", "转移性收入", values=(3.5, 0)).values["transfers"] == 0
