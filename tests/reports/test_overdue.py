"""逾期事项: whose each duty is, by name, and below the report's words for each rule."""

import datetime

import pytest

from banzhuang.reports.making import edition_of
from banzhuang.reports.overdue import overdue_entry
from tests.duties.rules import add_rule
from tests.factories import TOWNSHIP, UserFactory

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 7, 15)


def table():
    return overdue_entry(edition_of(TOWNSHIP, DAY, DAY)).table


def owing():
    return [row[-1] for row in table().rows]


def test_an_office(villages, monkeypatch):
    add_rule(monkeypatch)
    assert owing() == ["民政帮扶办"] * 2


def test_a_person(villages, monkeypatch):
    add_rule(monkeypatch, owner=UserFactory(name="孙建国", role="staff"))
    assert owing() == ["孙建国"] * 2


def test_the_village_itself(villages, monkeypatch):
    add_rule(monkeypatch, owes="village")
    assert owing() == [village.name for village in villages]


def test_the_words_stand_below_once_a_rule(villages, monkeypatch):
    add_rule(monkeypatch)
    assert table().notes[1:] == ("每周走访的依据：“每周走访一次联系户”。",)


def test_nothing_overdue_says_so(villages):
    assert table().notes == ("截止日没有逾期和临近的事项。",)
