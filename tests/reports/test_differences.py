"""What changed between two issues, named by row and column."""

import dataclasses
import datetime

from banzhuang.reports.contents import Entry
from banzhuang.reports.differences import Difference, differences

from .examples import register


def issue(**changes) -> list[Entry]:
    return [Entry("M1 书记基本情况", "组织办", "", "", register(**changes))]


def with_cell(row, column, value):
    rows = [list(cells) for cells in register().rows]
    rows[row][column] = value
    return issue(rows=rows)


def test_the_same_is_no_difference():
    assert differences(issue(), issue()) == []


def test_dates_of_filling_in_do_not_count():
    assert differences(issue(), issue(filled_on=datetime.date(2026, 8, 1), period="2026年6月")) == []


def test_a_cell_is_named_by_its_village_and_head():
    assert differences(issue(), with_cell(0, 4, "跨村任职")) == [
        Difference("M1 书记基本情况", "班庄村", "任现职情况/产生方式", "两推一选", "跨村任职")
    ]


def test_dates_are_said_in_chinese_and_totals_follow():
    changed = with_cell(1, 5, 1000)
    assert differences(issue(), changed) == [
        Difference("M1 书记基本情况", "横山官庄村", "补贴", "900.00", "1,000.00"),
        Difference("M1 书记基本情况", "合计", "补贴", "2,100.50", "2,200.50"),
    ]
    moved = differences(issue(), with_cell(0, 3, datetime.date(2014, 1, 1)))
    assert (moved[0].old, moved[0].new) == ("2013年5月1日", "2014年1月1日")


def test_rows_come_and_go_and_their_order_does_not_matter():
    table = register()
    assert differences(issue(), issue(rows=(table.rows[1], table.rows[0]))) == []
    gone = differences(issue(totals=()), issue(rows=table.rows[:1]))
    assert gone[0] == Difference("M1 书记基本情况", "横山官庄村", "", "有此行", "无此行")


def test_rows_of_the_same_name_are_told_apart():
    rows = register().rows
    twice = issue(rows=(rows[0], rows[0], rows[1]))
    assert differences(twice, twice) == []
    assert Difference("M1 书记基本情况", "班庄村", "", "无此行", "有此行") in differences(issue(), twice)


def test_sheets_come_and_go():
    renamed = [dataclasses.replace(issue()[0], name="M2 育强带头人")]
    assert differences(issue(), renamed) == [
        Difference("M1 书记基本情况", "", "", "有此表", "无此表"),
        Difference("M2 育强带头人", "", "", "无此表", "有此表"),
    ]
