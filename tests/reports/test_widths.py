"""Column widths: the longest value decides, at 16 pixels for a Chinese character of 12 points."""

import datetime
from decimal import Decimal

import pytest

from banzhuang.reports.tables import REGISTER, Flag, TableColumn
from banzhuang.reports.widths import (
    column_width,
    column_widths,
    lines_needed,
    shown_text,
    text_pixels,
    unit_columns,
)

from .examples import register


def test_text_is_measured_by_its_longest_line():
    assert text_pixels("横山官庄村", 12) == 80
    assert text_pixels("2018.08", 12) == 56
    assert text_pixels("任现职\n时间", 11) == pytest.approx(44)


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (1762.8, "#,##0.0", "1,762.8"),
        (0.96, "0%", "96%"),
        (0.0949, "0.0%", "9.5%"),
        (44, '0"人"', "人44"),
        (Decimal("1200.5"), "#,##0.00", "1,200.50"),
        (3, "", "3"),
        (datetime.date(2018, 8, 1), "yyyy.mm", "yyyy.mm"),
        (True, "", "是"),
        (None, "0", ""),
    ],
)
def test_numbers_are_measured_as_they_are_shown(value, number_format, shown):
    assert shown_text(value, number_format) == shown


def test_the_longest_value_or_the_head_decides():
    village = TableColumn("村", align="left")
    assert column_width(village, ["班庄村", "横山官庄村"], REGISTER) == 80 + 10 + 10
    assert column_width(TableColumn("是否一肩挑的村"), ["是"], REGISTER) >= 7 * 14
    assert column_width(TableColumn("备注", width=66), ["很长很长很长很长"], REGISTER) == 66


def test_a_flag_takes_room_for_its_shape():
    column = TableColumn("考核", align="right")
    flagged, plain = ([value] for value in (Flag("基本称职", "near"), "基本称职"))
    assert column_width(column, flagged, REGISTER) == column_width(column, plain, REGISTER) + 20


def test_no_chinese_value_is_cut():
    table = register()
    for index, width in enumerate(column_widths(table)):
        for row in table.rows:
            if isinstance(row[index], str):
                assert text_pixels(row[index], 12) + 10 <= width


def test_a_group_head_fits_over_its_columns():
    columns = (
        TableColumn("序号"),
        TableColumn("甲", group="一个相当长的上级表头文字"),
        TableColumn("乙", group="一个相当长的上级表头文字"),
    )
    widths = column_widths(register(columns=columns, rows=((1, "是", "否"),), title="表"))
    assert sum(widths[1:]) >= text_pixels("一个相当长的上级表头文字", 11)


def test_a_table_of_few_columns_is_as_wide_as_its_title_and_date():
    columns = (TableColumn("序号"), TableColumn("村"), TableColumn("空缺"), TableColumn("届满"))
    table = register(columns=columns, rows=((1, "班庄", 0, 0),))
    widths = column_widths(table)
    left = unit_columns(table, widths, linked=3)
    assert sum(widths[:left]) >= text_pixels(table.unit_line(), 11)
    assert sum(widths[left:3]) >= text_pixels(table.date_line(), 11)
    assert sum(widths) >= text_pixels(table.title, 20)
    assert widths[0] == 45


def test_lines_needed():
    assert lines_needed("短", 12, 120) == 1
    assert lines_needed("一二三四五六七八九十" * 2, 12, 170) == 2
    assert lines_needed("两行\n文字", 12, 400) == 2
