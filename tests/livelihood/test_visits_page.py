"""走访记录: the list by leader, week, village, household, and what was entered late."""

import datetime

import pytest

from livelihood.models import Visit
from tests.factories import (
    HouseholdFactory,
    LeaderFactory,
    TownshipFactory,
    UserFactory,
    VillageFactory,
    VisitFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]
URL = "/livelihood/visits/"


def at(visit, moment):
    """As if it had been entered then."""
    Visit.objects.filter(pk=visit.pk).update(
        created_at=datetime.datetime.fromisoformat(f"{moment}T04:00:00+00:00")
    )


@pytest.fixture
def zhang(villages):
    return HouseholdFactory(village=villages[0], head="张福永")


@pytest.fixture
def visits(villages, zhang, leading_cadre):
    """By 马强 on Sunday 5 and Monday 6 July, entered 7 and 8 days later; by 林桂 in the other village on the 13th."""
    sun = HouseholdFactory(village=villages[1], head="孙燕生")
    first = VisitFactory(
        household=zhang, visitor=leading_cadre, date=datetime.date(2026, 7, 5), heard="饮水不便"
    )
    second = VisitFactory(
        household=zhang, visitor=leading_cadre, date=datetime.date(2026, 7, 6), heard="屋面漏雨"
    )
    third = VisitFactory(household=sun, visitor=LeaderFactory(name="林桂"), date=datetime.date(2026, 7, 13))
    at(first, "2026-07-12")
    at(second, "2026-07-14")
    at(third, "2026-07-13")
    return first, second, third


@pytest.fixture
def listed(client, leader, visits):
    """listed(user=leader, **query) → the response."""

    def opening(user=leader, **query):
        client.force_login(user)
        return client.get(URL, query)

    return opening


def dates(response):
    return [row["cells"][0]["text"][5:] for row in response.context["table"]["rows"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["07-13", "07-06", "07-05"]),
        ({"week": "2026-07-06"}, ["07-06"]),
        ({"week": "2026-07-12"}, ["07-06"]),
        ({"week": "2026-07-13"}, ["07-13"]),
        ({"week": "2026-06-29"}, ["07-05"]),
        ({"week": "0001-01-01"}, []),
        ({"week": "x"}, ["07-13", "07-06", "07-05"]),
        ({"late": "1"}, ["07-06"]),
        ({"late": "2"}, ["07-13", "07-06", "07-05"]),
        ({"q": "漏雨"}, ["07-06"]),
        ({"q": "燕生"}, ["07-13"]),
        ({"q": "zfy"}, ["07-06", "07-05"]),
        ({"household": "x"}, ["07-13", "07-06", "07-05"]),
        ({"on": "2026-07-06"}, ["07-06", "07-05"]),
        ({"on": "2026-07-05"}, ["07-05"]),
    ],
)
def test_filters(listed, query, found):
    assert dates(listed(**query)) == found


def test_by_leader_village_and_household(listed, leading_cadre, villages, zhang):
    assert dates(listed(leader=leading_cadre.pk)) == ["07-06", "07-05"]
    assert dates(listed(leader=leading_cadre.pk, week="2026-07-06")) == ["07-06"]
    assert dates(listed(village=villages[1].code)) == ["07-13"]
    assert dates(listed(household=zhang.pk)) == ["07-06", "07-05"]


def test_what_the_list_was_opened_for_can_be_taken_away(listed, zhang):
    chips = listed(household=zhang.pk, week="2026-07-06", on="2026-07-14").context["chips"]
    assert [chip["label"] for chip in chips] == ["7月6日至7月12日", "张福永户"]
    assert chips[0]["remove_url"] == f"?household={zhang.pk}&on=2026-07-14"


def test_entered_late_says_how_many_days(listed):
    rows = listed().context["table"]["rows"]
    assert [row["cells"][-1]["text"] for row in rows] == ["", "8 天后", ""]


def test_who_sees_what(listed, village_cadre, welfare_office, outsider, villages, zhang):
    assert dates(listed(village_cadre)) == ["07-06", "07-05"]
    assert len(dates(listed(welfare_office))) == 3
    assert listed(outsider).status_code == 403
    user = UserFactory(role="staff", name="赵干事")
    VisitFactory(
        household=zhang, visitor=LeaderFactory(name="赵干事", user=user), date=datetime.date(2026, 7, 1)
    )
    mine = listed(user)
    assert dates(mine) == ["07-01"] and "只列本人的走访" in mine.content.decode()
    for role in ("works", "auditor"):
        assert listed(UserFactory(role=role)).status_code == 403


def test_a_household_out_of_sight_is_no_filter(listed, village_cadre, visits):
    assert listed(village_cadre, household=visits[2].household_id).context["chips"] == []


def test_asks_as_often_for_44_villages(listed, leading_cadre, count_queries):
    listed()
    two = count_queries(listed)
    for number in range(42):
        village = VillageFactory(township=TownshipFactory(), name=f"{number}号村")
        VisitFactory(household=HouseholdFactory(village=village), visitor=leading_cadre)
    assert count_queries(listed) == two
    assert len(dates(listed())) == 45
