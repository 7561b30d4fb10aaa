"""Frozen tables: JSON and back, figure by figure, and the same bytes from the same figures."""

import datetime
import io
import json
from decimal import Decimal

import pytest

from banzhuang.core.dates import PartialDate
from banzhuang.reports.contents import Entry
from banzhuang.reports.cover import Cover
from banzhuang.reports.frozen import checksum, freeze, frozen_value, thaw, thawed_value
from banzhuang.reports.tables import BOARD, Flag, Total, TrendChart
from banzhuang.reports.workbook import write_month

from .examples import register

CHART = TrendChart(
    "近12个月在任书记（人）", "在任书记", ("5月", "6月"), (None, Decimal("43.5")), "0", "一句话。"
)
ENTRIES = [
    Entry("M1 选准带头人", "组织办", "在任 44 人", "ok", register(chart=CHART)),
    Entry("3村总表", "党建办", "", "", register(layout=BOARD, totals=(Total("全镇", span=2), Total(3)))),
]
COVER = Cover(
    "班庄镇党建与民生工作月报", "2026年第 6 期", "党建办公室", "2026年7月1日", (("报告期", "六月"),)
)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "未报",
        44,
        0.96,
        True,
        Decimal("1200.50"),
        datetime.date(2026, 6, 30),
        PartialDate(datetime.date(2018, 8, 1), "month"),
        Flag(Decimal("6.7"), "bad", "0.0"),
        Flag(None, "none"),
    ],
)
def test_values_survive_json(value):
    kept = json.loads(json.dumps(frozen_value(value), ensure_ascii=False))
    assert thawed_value(kept) == value
    assert type(thawed_value(kept)) is type(value)


def test_sheets_survive_json():
    kept = json.loads(json.dumps(freeze(ENTRIES), ensure_ascii=False))
    again = thaw(kept)
    assert [entry.name for entry in again] == ["M1 选准带头人", "3村总表"]
    assert freeze(again) == freeze(ENTRIES)
    assert [tuple(row) for row in again[0].table.rows] == list(ENTRIES[0].table.rows)
    assert again[1].table.layout is BOARD
    assert again[0].table.chart == CHART


def test_checksum_follows_the_figures():
    frozen = freeze(ENTRIES)
    changed = json.loads(json.dumps(frozen))
    changed[0]["table"]["rows"][0][5] = {"decimal": "1200.51"}
    assert len(checksum(frozen)) == 19
    assert checksum(frozen) == checksum(json.loads(json.dumps(frozen)))
    assert checksum(frozen) != checksum(changed)


def test_the_same_figures_give_the_same_bytes():
    first, second = io.BytesIO(), io.BytesIO()
    made_at = datetime.datetime(2026, 7, 1, 6, 2)
    write_month(first, COVER, ENTRIES, made_at)
    write_month(second, COVER, thaw(json.loads(json.dumps(freeze(ENTRIES)))), made_at)
    assert first.getvalue() == second.getvalue()
