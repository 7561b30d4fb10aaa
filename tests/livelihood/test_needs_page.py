"""诉求: the list by state, handler and day."""

import datetime

import pytest

from tests.factories import (
    ContactFactory,
    HouseholdFactory,
    NeedFactory,
    TownshipFactory,
    UserFactory,
    VillageFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]
URL = "/livelihood/needs/"


def need(village, content, raised, due, **fields):
    month = datetime.date(2026, 7, 1)
    dates = {name: month.replace(day=day) for name, day in {"raised_on": raised, "due": due}.items()}
    return NeedFactory(household=HouseholdFactory(village=village), content=content, **dates, **fields)


@pytest.fixture
def four(villages, leading_cadre):
    """Overdue at the contact 马强; in hand at the works office; open at the village; answered on 12 July."""
    roof = need(villages[0], "东屋漏雨", 1, 8, handler="contact")
    ContactFactory(household=roof.household, cadre=leading_cadre)
    need(villages[0], "水压太低", 2, 20, handler="works", taken_on=datetime.date(2026, 7, 10))
    need(villages[1], "想找个活", 3, 18, handler="village")
    need(
        villages[1], "孩子上学", 4, 11,
        handler="welfare", closed_on=datetime.date(2026, 7, 12), outcome="solved", reply="已经联系学校",
    )  # fmt: skip
    return roof


@pytest.fixture
def listed(client, leader, four):
    """listed(user=leader, **query) → the response."""

    def opening(user=leader, **query):
        client.force_login(user)
        return client.get(URL, query)

    return opening


def contents(response):
    return [row["cells"][0]["text"] for row in response.context["table"]["rows"]]


def counts(response):
    return {counter["label"]: counter["count"] for counter in response.context["counters"]}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["东屋漏雨", "想找个活", "水压太低"]),
        ({"state": "open"}, ["东屋漏雨", "想找个活"]),
        ({"state": "in_hand"}, ["水压太低"]),
        ({"state": "overdue"}, ["东屋漏雨"]),
        ({"state": "answered"}, ["孩子上学"]),
        ({"state": "all"}, ["东屋漏雨", "孩子上学", "想找个活", "水压太低"]),
        ({"state": "x"}, ["东屋漏雨", "想找个活", "水压太低"]),
        ({"handler": "works"}, ["水压太低"]),
        ({"handler": "welfare", "state": "all"}, ["孩子上学"]),
        ({"handler": "mine"}, ["东屋漏雨"]),
        ({"q": "漏雨"}, ["东屋漏雨"]),
        ({"q": "乌有"}, []),
        ({"on": "2026-07-11"}, ["孩子上学", "东屋漏雨", "想找个活", "水压太低"]),
        ({"on": "2026-07-12"}, ["东屋漏雨", "想找个活", "水压太低"]),
        ({"on": "2026-07-09", "state": "in_hand"}, []),
        ({"on": "2026-07-10", "state": "in_hand"}, ["水压太低"]),
        ({"on": "2026-07-08", "state": "overdue"}, []),
        ({"on": "2026-07-09", "state": "overdue"}, ["东屋漏雨"]),
        ({"on": "2026-06-30"}, []),
    ],
)
def test_filters(listed, query, found):
    assert sorted(contents(listed(**query))) == sorted(found)


def test_the_most_urgent_first(listed):
    assert contents(listed()) == ["东屋漏雨", "想找个活", "水压太低"]


def test_the_counts_follow_the_filters_but_not_the_state(listed):
    everything = {"未答复": 3, "逾期": 1, "未开始办理": 2, "办理中": 1, "已答复": 1, "全部": 4}
    assert counts(listed()) == counts(listed(state="answered")) == everything
    assert counts(listed(handler="works"))["未答复"] == 1


def test_the_contact_is_named(listed):
    assert "联系领导（马强）" in listed().content.decode()
    assert "未答复，超 7 天" in listed().content.decode()


def test_who_sees_what(listed, village_cadre, welfare_office, outsider, villages):
    assert contents(listed(village_cadre)) == ["东屋漏雨", "水压太低"]
    assert len(contents(listed(welfare_office))) == 3
    works = listed(UserFactory(role="works"))
    assert contents(works) == ["水压太低"]
    assert "只列由您答复" in works.content.decode()
    other = UserFactory(role="village", scope=villages[1].code)
    assert contents(listed(other, handler="mine")) == ["想找个活"]
    assert contents(listed(outsider)) == []
    assert listed(UserFactory(role="auditor")).status_code == 403


def test_asks_as_often_for_44_villages(listed, count_queries):
    listed()
    two = count_queries(listed)
    for number in range(42):
        need(VillageFactory(township=TownshipFactory(), name=f"{number}号村"), f"第{number}件", 1, 9)
    assert count_queries(listed) == two
    assert len(contents(listed())) == 45
