"""The line of twelve months: its axis, its figures, and what those hear who do not see it."""

import io
import zipfile

import pytest

from banzhuang.reports.chart import axis_bounds
from banzhuang.reports.official import write_official_workbook
from banzhuang.reports.tables import MECHANISM, TrendChart

from .examples import register, written

LABELS = ("7月", "8月", "9月")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1610, 1655, 1540, 1762.8], (1400, 1900, 100)),
        ([136, 130, 120], (115, 140, 5)),
        ([3, 4, 5], (2, 6, 1)),
        ([0, 0, 0], (0, 1, 1)),
        ([7, 7], (6, 8, 1)),
        ([None, 2, None], (1, 3, 1)),
        ([], (0, 1, 1)),
        ([1, 40], (0, 50, 10)),
    ],
)
def test_axis(values, expected):
    low, high, step = axis_bounds(values)
    assert (low, high, step) == expected
    numbers = [value for value in values if value is not None]
    assert not numbers or (low <= min(numbers) and high >= max(numbers))


def test_fractions_get_fractional_steps():
    low, high, step = axis_bounds([0.91, 0.94, 0.96])
    assert 0 < step < 0.1
    assert low < 0.91 and high > 0.96


def parts(table) -> dict[str, str]:
    stream = io.BytesIO()
    write_official_workbook(stream, [("M15 垃圾清运", table)])
    with zipfile.ZipFile(stream) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")}


def test_chart_stands_below_the_table_and_its_figures_beside_it():
    chart = TrendChart(
        "近12个月清运总量（吨）", "清运总量", LABELS, (1610, None, 1762.8), "0.0", "由1610吨到1762.8吨。"
    )
    table = register(layout=MECHANISM, chart=chart)
    sheet = written(table)
    assert [sheet["J3"].value, sheet["J4"].value, sheet["K4"].value] == ["图表数据", "7月", 1610]
    assert sheet["K5"].value is None
    assert sheet.print_area == "'表'!$A$1:$G$21"
    written_parts = parts(table)
    chart_xml = written_parts["xl/charts/chart1.xml"]
    assert "近12个月清运总量（吨）" in chart_xml
    assert "1E4D8B" in chart_xml
    assert chart_xml.count('<c:delete val="1"/>') >= 2
    assert 'descr="由1610吨到1762.8吨。"' in written_parts["xl/drawings/drawing1.xml"]
