"""Duty to answer a need: by its due day, owed by the contact, an office or the village."""

import datetime

import pytest

from banzhuang.core.dates import PartialDate
from banzhuang.duties.duty import duties_seen_by, owed_by
from cadres.models import Cadre
from livelihood import duties
from livelihood.models import Contact
from livelihood.weeks import ONE
from tests.factories import (
    ContactFactory,
    LeaderFactory,
    NeedFactory,
    UserFactory,
    VillageFactory,
)

pytestmark = pytest.mark.django_db
MONDAY = datetime.date(2026, 6, 8)


@pytest.fixture
def village():
    return VillageFactory(name="西响石村")


@pytest.fixture
def welfare():
    return UserFactory(name="李敏", role="welfare")


@pytest.fixture
def chen(village):
    """陈立志, with an account of his own and one household, 张福永."""
    cadre = LeaderFactory(name="陈立志", user=UserFactory(name="陈立志", role="leader"))
    ContactFactory(cadre=cadre, household__village=village, household__head="张福永")
    return cadre


def found(user, day):
    return [duty for duty in duties_seen_by(user, day) if duty.rule is duties.NEED]


def only(user, day):
    (duty,) = found(user, day)
    return duty


def need(chen, **fields):
    dates = {"raised_on": MONDAY - 7 * ONE, "due": MONDAY}
    return NeedFactory(
        **{"household": chen.contacts.get().household, "content": "东屋漏雨", **dates, **fields}
    )


@pytest.mark.parametrize(
    ("days", "state", "words"),
    [(-3, "ok", "还有 3 天"), (-2, "near", "还有 2 天"), (0, "near", "今天到期"), (1, "bad", "超 1 天")],
)
def test_a_need_by_its_due_day(chen, days, state, words):
    row = need(chen)
    duty = only(chen.user, MONDAY + days * ONE)
    assert (duty.about, duty.state, duty.due) == ("答复诉求：东屋漏雨", state, MONDAY)
    assert duty.detail == f"西响石村 张福永 · {words}"
    assert (duty.owner, duty.url, duty.act) == (chen.user_id, f"/livelihood/needs/{row.pk}/", "去答复")


def test_a_need_is_owed_until_it_is_answered(chen):
    need(chen, closed_on=MONDAY, outcome="solved", reply="已修好屋面。")
    assert [len(found(chen.user, day)) for day in (MONDAY - ONE, MONDAY)] == [1, 0]
    assert found(chen.user, MONDAY - 8 * ONE) == []


def test_who_owes_the_answer(welfare, chen, village):
    works, villager = UserFactory(role="works"), UserFactory(role="village", scope=village.code)
    other_village = UserFactory(role="village", scope=VillageFactory().code)
    for handler, owing in (
        ("works", works),
        ("village", villager),
        ("welfare", welfare),
        ("contact", chen.user),
    ):
        row = need(chen, handler=handler)
        for user in (works, villager, welfare, chen.user, other_village):
            owed = owed_by(user, found(user, MONDAY))
            assert len(owed) == (user == owing), (handler, user)
        row.delete()


def test_an_answer_falls_to_the_welfare_office_where_the_contact_cannot(welfare, chen):
    need(chen)
    Cadre.objects.filter(pk=chen.pk).update(user=None)
    duty = only(welfare, MONDAY)
    assert duty.detail == "西响石村 张福永 · 陈立志（没有账号） · 今天到期"
    assert owed_by(welfare, [duty]) == [duty]
    contact = chen.contacts.get()
    contact.ended = PartialDate(MONDAY)
    contact.save()
    assert only(welfare, MONDAY).detail == ("西响石村 张福永 · 没有联系领导，由民政帮扶办答复 · 今天到期")


def test_the_need_goes_with_the_household_to_the_next_leader(welfare, chen):
    need(chen)
    taker = LeaderFactory(user=UserFactory(role="leader"))
    Contact.objects.hand_over([chen.contacts.get()], taker, MONDAY)
    assert [only(welfare, day).owner for day in (MONDAY - ONE, MONDAY)] == [
        chen.user_id,
        taker.user_id,
    ]
