"""What M14 puts on the pages of a village, of a cadre, on 总览, in the navigation and in the search."""

import datetime

import pytest
from django.urls import reverse

from livelihood.models import HouseholdLabel
from tests.factories import (
    ContactFactory,
    HouseholdFactory,
    LeaderFactory,
    NeedFactory,
    TownshipFactory,
    UserFactory,
    VillageFactory,
    VisitFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]


def date(text):
    return datetime.date.fromisoformat(text)


@pytest.fixture
def zhang(villages, leading_cadre):
    """马强 looks after 张福永 since 2025, was there on 10 July; an open need, due on the 8th."""
    household = HouseholdFactory(village=villages[0], head="张福永")
    ContactFactory(household=household, cadre=leading_cadre, start=date("2025-03-01"))
    HouseholdLabel.objects.create(household=household, kind="minimum", start=date("2024-01-01"))
    VisitFactory(household=household, visitor=leading_cadre, date=date("2026-07-10"), heard="屋面漏雨")
    NeedFactory(household=household, raised_on=date("2026-07-01"), due=date("2026-07-08"))
    return household


@pytest.fixture
def alone(villages):
    return HouseholdFactory(village=villages[0], head="孙燕生")


@pytest.fixture
def opened(client, zhang, alone):
    """opened(user, address, **query) → the text of the page."""

    def opening(user, address, **query):
        client.force_login(user)
        return client.get(address, query)

    return opening


def section(page, template):
    columns = page.context["columns"]
    return next((found for column in columns for name, found in column if name == template), None)


# --- The village ----------------------------------------------------------------------------------------


@pytest.fixture
def of_village(opened, villages):
    def opening(user, **query):
        page = opened(user, villages[0].get_absolute_url(), **query)
        return page, section(page, "livelihood/_village.html")

    return opening


def test_a_village_by_leader(of_village, leader, leading_cadre):
    page, found = of_village(leader)
    none = {"households": 1, "visits": 0, "overdue": 0, "needs": 0}
    assert found["rows"] == [
        {"cadre": leading_cadre, "households": 1, "visits": 1, "overdue": 0, "needs": 1},
        {"cadre": None, **none},
    ]
    assert found["labels"] == [("低保", 1)]
    text = page.content.decode()
    assert "马强" in text and "低保 1 户" in text and "未结对" in text
    assert ("困难户", "2 户") in [(fact["label"], fact["text"]) for fact in page.context["facts"]]


@pytest.mark.parametrize(("day", "overdue"), [("2026-08-09", 0), ("2026-08-10", 1)])
def test_overdue_from_the_31st_day(of_village, leader, day, overdue, time_machine):
    time_machine.move_to(datetime.datetime(2026, 9, 1, 4, tzinfo=datetime.UTC), tick=False)
    assert of_village(leader, on=day)[1]["rows"][0]["overdue"] == overdue


def test_the_village_of_an_earlier_day(of_village, leader):
    _, found = of_village(leader, on="2025-02-28")
    assert [(row["cadre"], row["households"]) for row in found["rows"]] == [(None, 2)]
    assert of_village(leader, on="2021-12-31")[1]["rows"] == []


def test_the_timeline_names_each_need_once(of_village, leader, zhang):
    page, _ = of_village(leader)
    assert [event["text"] for event in page.context["events"] if event["source"] == "助贫帮困"] == [
        "张福永户诉求“东屋漏雨”超期 7 天"
    ]
    need = zhang.needs.get()
    need.closed_on, need.outcome, need.reply = date("2026-07-14"), "solved", "已换瓦修好"
    need.save()
    page, _ = of_village(leader)
    events = [event for event in page.context["events"] if event["source"] == "助贫帮困"]
    assert [(event["day"], event["state"], event["text"]) for event in events] == [
        ("2026年7月14日", "done", "张福永户的诉求已解决：东屋漏雨。已换瓦修好")
    ]
    page, _ = of_village(leader, on="2026-07-08")
    assert "张福永户诉求“东屋漏雨”待答复" in page.content.decode()


def test_who_sees_some_households_is_shown_no_count(of_village, zhang):
    for role in ("works", "economy", "organisation", "staff"):
        page, found = of_village(UserFactory(role=role))
        assert found is None
        assert "张福永" not in page.content.decode()
        assert "困难户" not in [fact["label"] for fact in page.context["facts"]]


def test_the_village_sees_itself(of_village, village_cadre):
    assert of_village(village_cadre)[1]["households"] == 2


# --- The cadre ------------------------------------------------------------------------------------------


@pytest.fixture
def of_cadre(opened, leading_cadre):
    def opening(user, cadre=leading_cadre, **query):
        page = opened(user, cadre.get_absolute_url(), **query)
        return page, section(page, "livelihood/_cadre.html")

    return opening


def test_a_leader_with_weeks_and_visits(of_cadre, leader, welfare_office):
    for user in (leader, welfare_office):
        page, found = of_cadre(user)
        assert (found["load"], found["overdue"], len(found["weeks"])) == (1, 0, 8)
        assert found["weeks"][1][0].visits == 1
        text = page.content.decode()
        assert "走访 1 次" in text and "屋面漏雨" in text and "联系困难户" in text
        assert "开始联系 1 户" in text


def test_a_handover_is_one_event_a_day(of_cadre, leader, leading_cadre, villages):
    for _ in range(3):
        household = HouseholdFactory(village=villages[1])
        ContactFactory(
            household=household, cadre=leading_cadre, start=date("2025-03-01"), end=date("2026-07-01")
        )
    page, _ = of_cadre(leader)
    events = [
        (event["day"], event["text"]) for event in page.context["events"] if event["source"] == "助贫帮困"
    ]
    assert events == [("2026年7月1日", "不再联系 3 户"), ("2025年3月1日", "开始联系 4 户")]


def test_nothing_is_shown_of_contacts_to_who_sees_none(of_cadre):
    for role in ("works", "organisation"):
        page, found = of_cadre(UserFactory(role=role))
        assert found is None
        assert "开始联系" not in page.content.decode()
        assert page.context["facts"] == []


def test_one_sees_ones_own(opened, of_cadre, villages):
    user = UserFactory(role="staff", name="赵干事")
    cadre = LeaderFactory(name="赵干事", user=user)
    ContactFactory(household=HouseholdFactory(village=villages[1]), cadre=cadre)
    assert of_cadre(user, cadre)[1]["load"] == 1


def test_who_never_looked_after_anybody_has_no_panel(of_cadre, leader):
    page, found = of_cadre(leader, LeaderFactory(name="林桂"))
    assert found is None and page.context["facts"] == []


# --- Everywhere -----------------------------------------------------------------------------------------


def test_the_search_finds_by_name_and_initials_what_one_sees(opened, leader, village_cadre, villages):
    def hits(user, text):
        groups = opened(user, reverse("search"), q=text).context["groups"]
        return [hit.title for group in groups if group["label"] == "困难户" for hit in group["hits"]]

    assert hits(leader, "福永") == hits(leader, "zfy") == ["张福永"]
    other = UserFactory(role="village", scope=villages[1].code)
    assert hits(other, "福永") == hits(UserFactory(role="works"), "福永") == []


def test_the_navigation_leads_to_the_register(opened, leader, outsider):
    home = reverse("home")
    assert f'href="{reverse("households")}"' in opened(leader, home).content.decode()
    auditor = UserFactory(role="auditor")
    assert reverse("households") not in opened(auditor, home).content.decode()


def test_the_figures_of_the_township(opened, leader):
    groups = opened(leader, reverse("overview")).context["groups"]
    shown = {figure["label"]: figure["value"] for group in groups for figure in group["figures"]}
    assert (shown["结对困难户"], shown["本年走访户数"], shown["未答复诉求"]) == (1, 1, 1)


@pytest.mark.parametrize("page", ["village", "cadre"])
def test_asks_as_often_for_many_households(
    of_village, of_cadre, leader, leading_cadre, villages, count_queries, page
):
    opening = {"village": of_village, "cadre": of_cadre}[page]
    opening(leader)
    few = count_queries(lambda: opening(leader))
    for number in range(42):
        place = (
            VillageFactory(township=TownshipFactory(), name=f"{number}号村") if number % 2 else villages[0]
        )
        household = HouseholdFactory(village=place)
        ContactFactory(household=household, cadre=leading_cadre)
        VisitFactory(household=household, visitor=leading_cadre, date=date("2026-07-01"))
        NeedFactory(household=household, raised_on=date("2026-07-01"), due=date("2026-07-30"))
    assert count_queries(lambda: opening(leader)) == few
