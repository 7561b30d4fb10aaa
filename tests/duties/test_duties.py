"""Duties of all rules together: states, order, whose they are, who sees them, what a reader may do."""

import datetime
from dataclasses import replace
from types import SimpleNamespace

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from banzhuang.accounts.models import Assignment
from banzhuang.core.access import ROLES
from banzhuang.dashboards.context import for_reader
from banzhuang.duties.duty import (
    Duty,
    State,
    by_mechanism,
    by_office,
    duties_seen_by,
    owed_by,
    pressing,
    registry,
    state_by_due,
)
from cadres.models import Post
from tests.factories import PostFactory, UserFactory

from .rules import add_rule

DAY = datetime.date(2026, 7, 15)
ONE = datetime.timedelta(days=1)
AHEAD = datetime.date(2026, 3, 1)


@given(st.integers(-400, 400), st.integers(0, 365))
def test_overdue_after_the_due_day_near_within_the_days_before(days, near):
    state = state_by_due(DAY + days * ONE, DAY, near)
    assert state == (State.OVERDUE if days < 0 else State.NEAR if days <= near else State.NORMAL)


def duty(state, office="组织办", mechanism="M1", owes="organisation", owner=None, **more):
    rule = SimpleNamespace(code="m1.test", office=office, mechanism=mechanism, owes=owes)
    values = {"scope_code": "320707109216", "url": "/do/", "act": "办理", "due": DAY} | more
    return Duty(rule, "事项", "", state=state, owner=owner, **values)


def test_pressing_is_overdue_and_near():
    assert [found.state for found in pressing(map(duty, State))] == [State.NEAR, State.OVERDUE]


def test_done_and_excused_press_nobody():
    assert pressing([duty(State.DONE), duty(State.EXCUSED), duty(State.NORMAL)]) == []
    assert by_office([duty(State.DONE), duty(State.EXCUSED)]) == []


def test_by_mechanism_and_office_most_overdue_first():
    duties = [
        duty(State.NEAR),
        duty(State.NEAR),
        duty(State.OVERDUE, "经发办", "M11"),
        duty(State.NORMAL, "村建环卫办", "M12"),
        duty(State.OVERDUE, "民政帮扶办", "M14"),
        duty(State.NEAR, "民政帮扶办", "M14"),
    ]
    assert by_office(duties) == [("民政帮扶办", 1, 1), ("经发办", 1, 0), ("组织办", 0, 2)]
    assert {code: len(found) for code, found in by_mechanism(duties).items()} == {
        "M1": 2,
        "M11": 1,
        "M12": 1,
        "M14": 2,
    }


@pytest.mark.django_db
def test_owed_through_the_role_or_as_a_person(organisation_office, leader):
    office, hers, other = duty(State.NEAR), duty(State.NEAR, owner=leader.pk), duty(State.NEAR, owes="works")
    assert owed_by(organisation_office, [office, hers, other]) == [office]
    assert owed_by(leader, [office, hers, other]) == [hers]


@pytest.mark.django_db
def test_a_duty_may_be_another_offices_than_its_rules(organisation_office):
    roads, own = duty(State.NEAR, owes="organisation"), duty(State.NEAR, owes="welfare")
    roads, own = replace(roads, owes="works"), replace(own, owes="organisation")
    assert owed_by(organisation_office, [roads, own]) == [own]
    assert by_office([roads, own]) == [("村建环卫办", 0, 1), ("组织办", 0, 1)]


@pytest.mark.django_db
@pytest.mark.parametrize("of_the_rule", [True, False])
def test_a_village_owes_its_own(villages, village_cadre, organisation_office, of_the_rule):
    owes = {"owes": "village"} if of_the_rule else {}
    here, there = (duty(State.OVERDUE, scope_code=village.code, **owes) for village in villages)
    if not of_the_rule:
        here, there = replace(here, owes="village"), replace(there, owes="village")
    assert owed_by(village_cadre, [here, there]) == [here]
    assert owed_by(organisation_office, [here, there]) == []
    assert by_office([here, there]) == [("各村", 2, 0)]


@pytest.mark.django_db
def test_a_village_assigned_beside_the_own_is_owed_for_too(villages, village_cadre):
    there = duty(State.OVERDUE, owes="village", scope_code=villages[1].code)
    Assignment.objects.create(user=village_cadre, code=villages[1].code, start=DAY - 900 * ONE)
    assert owed_by(village_cadre, [there]) == [there]


@pytest.mark.django_db
def test_a_leader_of_the_whole_township_is_no_village(villages, leader):
    assert owed_by(leader, [duty(State.OVERDUE, owes="village")]) == []


def test_a_persons_duty_in_a_village_is_the_persons_alone(village_cadre):
    assert owed_by(village_cadre, [duty(State.OVERDUE, owes="village", owner=village_cadre.pk + 1)]) == []


def test_the_key_stays_while_the_state_moves_and_tells_duties_apart():
    key = duty(State.NEAR).key
    assert key == duty(State.OVERDUE).key
    assert key.startswith("m1.test:")
    others = [
        duty(State.NEAR, due=DAY + ONE),
        duty(State.NEAR, scope_code="320707109217"),
        duty(State.NEAR, url="/other/"),
        duty(State.NEAR, owner=1),
    ]
    assert len({key, *(other.key for other in others)}) == 5
    assert len(key) <= 80


def test_over_and_done_stand_last(villages, leader, monkeypatch):
    for count, state in enumerate([State.EXCUSED, State.DONE, State.NORMAL, State.NEAR, State.OVERDUE]):
        add_rule(monkeypatch, state=state, code=f"m14.test{count}")
    found = [item.state.label for item in duties_seen_by(leader, DAY) if item.rule.mechanism == "M14"]
    assert found[::2] == ["逾期", "临近", "正常", "已完成", "免除"]


def test_asks_as_often_for_44_villages(villages, leader, monkeypatch, count_queries):
    add_rule(monkeypatch, owes="village")
    Post.objects.update(term_end=DAY)
    duties_seen_by(leader, DAY)
    two = count_queries(lambda: duties_seen_by(leader, DAY))
    for _ in range(42):
        PostFactory(term_end=DAY)
    assert count_queries(lambda: duties_seen_by(leader, DAY)) == two
    assert len(duties_seen_by(leader, DAY)) == 88


@pytest.fixture
def two_vacancies(villages):
    """西响石村 without a secretary since March, the other village since July."""
    for village, end in zip(villages, [AHEAD, datetime.date(2026, 7, 1)], strict=True):
        Post.objects.filter(organisation__village=village).update(end=end, end_reason="age")
    return villages


def test_overdue_first_then_by_day(two_vacancies, leader):
    post = Post.objects.get(organisation__village=two_vacancies[0])
    post.pk, post.end, post.end_reason, post.start = None, None, "", DAY - 9 * ONE
    post._state.adding, post.term_end = True, DAY + 20 * ONE
    post.save()
    found = duties_seen_by(leader, DAY)
    assert [(item.rule.code, item.state) for item in found] == [
        ("m1.term_end", "near"),
        ("m1.vacancy", "near"),
    ]
    found = duties_seen_by(leader, datetime.date(2026, 9, 1))
    assert [(item.rule.code, item.state, item.due) for item in found] == [
        ("m1.term_end", "bad", DAY + 20 * ONE),
        ("m1.vacancy", "bad", datetime.date(2026, 8, 30)),
    ]
    found = duties_seen_by(leader, DAY - 10 * ONE)
    assert [item.state for item in found] == ["bad", "near"]


def test_seen_by_scope(two_vacancies, leader, village_cadre, outsider):
    assert len(duties_seen_by(leader, DAY)) == 2
    assert [item.scope_code for item in duties_seen_by(village_cadre, DAY)] == [two_vacancies[0].code]
    assert duties_seen_by(outsider, DAY) == []
    assert duties_seen_by(UserFactory(role="auditor"), DAY) == []


def test_a_choice_narrows_and_never_widens(two_vacancies, leader, village_cadre):
    second = [two_vacancies[1].code]
    assert [item.scope_code for item in duties_seen_by(leader, DAY, second)] == second
    assert duties_seen_by(village_cadre, DAY, second) == []


def test_what_others_owe_is_looked_at(two_vacancies, leader, organisation_office):
    request = RequestFactory().get("/")
    request.user, request.as_of = leader, DAY
    seen = duties_seen_by(leader, DAY)
    assert [(item.act, item.url) for item in for_reader(request, seen)] == [
        ("看情况", f"/villages/{village.code}/") for village in two_vacancies
    ]
    request = RequestFactory().get("/")
    request.user, request.as_of = organisation_office, DAY
    assert for_reader(request, seen) == seen


def test_every_rule_names_a_role_and_the_reports_words():
    assert len(registry) >= 2
    for rule in registry:
        assert rule.owes in ROLES
        assert rule.words
        assert "3" in rule.fact(3, State.OVERDUE)
        assert "3" in rule.fact(3, State.NEAR)
