"""Sheets declared by apps: their names, their order, their state in the contents."""

import datetime
from types import SimpleNamespace

import pytest

from banzhuang.core.registry import Registry
from banzhuang.duties.duty import State
from banzhuang.reports import sheets
from banzhuang.reports.mechanism import MechanismSheet
from banzhuang.reports.sheets import TableSheet, days_of, in_order, months_of

from .examples import JUNE, JUNE_END, edition, register


def duty(mechanism, state):
    return SimpleNamespace(rule=SimpleNamespace(mechanism=mechanism), state=state)


def test_title_and_office_are_the_mechanisms_unless_given():
    sheet = MechanismSheet("M15")
    assert (sheet.name, sheet.responsible) == ("M15 垃圾清运", "村建环卫办")
    assert TableSheet("M1", title="书记基本情况", office="党建办").name == "M1 书记基本情况"


def test_order_is_the_reports(monkeypatch):
    registry = Registry("name")
    monkeypatch.setattr(sheets, "registry", registry)
    registry.register(
        MechanismSheet("M10"),
        MechanismSheet("M2"),
        MechanismSheet("M1"),
        TableSheet("M1", title="书记基本情况"),
    )
    names = ["M1 选准带头人", "M1 书记基本情况", "M2 育强带头人", "M10 坐班代办"]
    assert [sheet.name for sheet in in_order()] == names


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], "ok"),
        ([State.NORMAL, State.DONE], "ok"),
        ([State.NORMAL, State.NEAR], "near"),
        ([State.NEAR, State.OVERDUE], "bad"),
    ],
)
def test_state_follows_the_mechanisms_duties(states, expected):
    duties = (duty("M2", State.OVERDUE), *[duty("M1", state) for state in states])
    assert MechanismSheet("M1").judged(edition(duties=duties)) == expected


def test_state_may_be_declared_and_a_table_has_none():
    made = edition(duties=(duty("M1", State.OVERDUE),))
    assert MechanismSheet("M1", state=lambda edition: "none").judged(made) == "none"
    assert TableSheet("M1", title="书记基本情况", table=lambda edition: register()).judged(made) == ""


def test_entry_of_a_table():
    sheet = TableSheet(
        "M1", title="书记基本情况", table=lambda edition: register(), highlight=lambda edition: edition.label
    )
    entry = sheet.entry(edition())
    assert (entry.name, entry.office, entry.highlight) == ("M1 书记基本情况", "组织办", "2026年6月")


def test_days_and_months_of_a_workbook():
    months = months_of(JUNE)
    assert (months[0], months[-1], len(months)) == (datetime.date(2025, 6, 1), JUNE, 13)
    days = days_of(datetime.date(2026, 6, 15))
    assert (days[0], days[-2:]) == (
        datetime.date(2025, 6, 30),
        [datetime.date(2026, 5, 31), datetime.date(2026, 6, 15)],
    )
    assert not edition().running
    assert edition(as_of=datetime.date(2026, 6, 15)).running
    assert edition().day_of(JUNE) == JUNE_END
