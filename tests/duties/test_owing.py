"""Who owes a duty, by name."""

import pytest

from banzhuang.core import places
from banzhuang.duties.duty import duties_seen_by
from banzhuang.duties.owing import names_of
from tests.factories import UserFactory

from .rules import DUE, add_rule

pytestmark = pytest.mark.django_db


def named(user):
    duties = [duty for duty in duties_seen_by(user, DUE) if duty.rule.code == "m14.test"]
    names = names_of(duties, places.villages(user, DUE))
    return [(names.of(duty), names.person(duty), names.username(duty)) for duty in duties]


def test_a_person(villages, leader, monkeypatch):
    add_rule(monkeypatch, owner=UserFactory(username="sunjg", name="孙建国", role="staff"))
    assert named(leader) == [("孙建国", "孙建国", "sunjg")] * 2


def test_a_person_without_an_account_whose_duty_the_office_looks_after(villages, leader, monkeypatch):
    add_rule(monkeypatch, said={"person": "马怀玉"})
    assert named(leader) == [("马怀玉", "马怀玉", None)] * 2


def test_the_office_of_the_mechanism(villages, leader, monkeypatch):
    add_rule(monkeypatch)
    assert named(leader) == [("民政帮扶办", "", None)] * 2


def test_another_office(villages, leader, monkeypatch):
    add_rule(monkeypatch, said={"owes": "works"})
    assert named(leader) == [("村建环卫办", "", None)] * 2


def test_the_village_itself(villages, leader, monkeypatch):
    add_rule(monkeypatch, owes="village")
    assert named(leader) == [(village.name, "", None) for village in villages]


def test_names_are_read_once(villages, leader, monkeypatch, count_queries):
    add_rule(monkeypatch, owner=UserFactory(role="staff"))
    add_rule(monkeypatch, owner=UserFactory(role="staff"), code="m14.test2")
    duties = duties_seen_by(leader, DUE)
    assert count_queries(lambda: names_of(duties, [])) == 1
    assert count_queries(lambda: names_of([duty for duty in duties if duty.owner is None], [])) == 0
