"""The standard sheet of a mechanism: this month, year to date, the same month last year, the change, the line."""

import datetime

from banzhuang.reports.mechanism import MechanismSheet
from banzhuang.reports.tables import Flag

from .examples import JUNE, JUNE_END, StandIn, edition, written

LAST_YEAR, LAST_YEAR_END = datetime.date(2025, 6, 1), datetime.date(2025, 6, 30)
STOCK = StandIn("m1.serving")
FLOW = StandIn("m1.adjusted", label="本年调整书记", kind="flow")
CELLS = {
    ("m1.serving", JUNE_END): {"320707109200": 40, "320707109201": 3},
    ("m1.serving", LAST_YEAR_END): {"320707109200": 44},
    ("m1.adjusted", JUNE_END): {"320707109200": 3},
    ("m1.adjusted", JUNE): {"320707109200": 1},
    ("m1.adjusted", LAST_YEAR): {},
}


def table_of(*indicators, cells=CELLS, **changes):
    return MechanismSheet("M1", indicators=indicators, **changes).build(edition(cells))


def shown(row):
    return [value.shown if isinstance(value, Flag) else value for value in row]


def test_head_is_the_monthly_form():
    table = table_of(STOCK)
    assert table.title == "选准带头人情况月报表"
    assert (table.reporting_unit, table.date_line()) == ("组织办", "2026年6月　填报日期：2026年7月1日")
    heads = [(column.group, column.label) for column in table.columns]
    assert heads[3:8] == [
        ("2026年", "本月"),
        ("2026年", "本年累计"),
        ("", "上年同月"),
        ("增减", "数量"),
        ("增减", "幅度"),
    ]


def test_a_stock_has_no_year_to_date():
    assert shown(table_of(STOCK).rows[0]) == [1, "在任书记", "人", 43, "／", 44, -1, -1 / 44, ""]


def test_a_flow_tells_the_month_from_the_year_and_nothing_divides_by_zero():
    assert shown(table_of(FLOW).rows[0])[3:8] == [1, 3, 0, 1, "／"]


def test_no_data_is_not_zero():
    row = table_of(StandIn("m1.unknown")).rows[0]
    assert shown(row)[3:8] == ["无数据", "／", "无数据", "／", "／"]
    assert row[3].state == "none"


def test_a_percentage_has_no_rate_of_change():
    cells = {("p", JUNE_END): {"a": 0.96}, ("p", LAST_YEAR_END): {"a": 0.90}}
    row = table_of(StandIn("p", number_format="0%"), cells=cells).rows[0]
    assert round(row[6].value, 2) == 0.06
    assert row[6].number_format == "+0.0%;-0.0%;0"
    assert shown(row)[7] == "／"


def test_remarks_and_trend():
    table = table_of(STOCK, FLOW, remarks=lambda edition: {"m1.adjusted": "古城村"}, trend=FLOW)
    assert [row[8] for row in table.rows] == ["", "古城村"]
    assert table.chart.title == "近12个月本年调整书记（人）"
    assert table.chart.labels == tuple(f"{month}月" for month in [7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 5, 6])
    assert table.chart.values[-1] == 1
    assert table_of(StandIn("m1.unknown")).chart is None


def test_a_running_month_is_taken_as_of_the_day():
    day = datetime.date(2026, 6, 15)
    sheet = MechanismSheet("M1", indicators=(STOCK,))
    row = sheet.build(edition({("m1.serving", day): {"a": 41}}, as_of=day)).rows[0]
    assert shown(row)[3] == 41


def test_sheet_as_written():
    sheet = written(table_of(STOCK, FLOW))
    assert sheet["D5"].value == 43
    assert sheet["D5"].number_format == "#,##0_ ;-#,##0_ ;0_ ;@_ "
    assert (sheet["G5"].value, sheet["G5"].number_format) == (-1, "+#,##0_ ;-#,##0_ ;0_ ")
    assert sheet["H5"].number_format == "+0.0%_ ;-0.0%_ ;0.0%_ ;@_ "
    assert sheet["I5"].font.sz == 10
    assert sheet.freeze_panes == "C5"
