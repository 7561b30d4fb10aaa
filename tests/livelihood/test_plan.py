"""走访计划 and the households on 首页: whose they are, in which order, and the day in words for the work log."""

import datetime

import pytest
from django.urls import reverse

from livelihood.models import HouseholdLabel, HouseholdYear
from tests.factories import (
    CadreFactory,
    ContactFactory,
    HouseholdFactory,
    LeaderFactory,
    NeedFactory,
    UserFactory,
    VisitFactory,
    township_with,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]

TODAY = datetime.date(2026, 7, 15)
ADDRESS = "/livelihood/visits/plan/"


def held(village, head, cadre, days, **visit):
    """A household of `cadre` that he last visited `days` ago."""
    household = HouseholdFactory(village=village, head=head)
    ContactFactory(household=household, cadre=cadre)
    VisitFactory(household=household, visitor=cadre, date=TODAY - datetime.timedelta(days), **visit)
    return household


@pytest.fixture
def households(villages, leading_cadre):
    """In 西响石村 unseen for 10 and 24 days, in 李小湾村 for 41."""
    return [
        held(villages[0], "孙燕生", leading_cadre, 10),
        held(villages[0], "陈梅新", leading_cadre, 24),
        held(villages[1], "张福永", leading_cadre, 41),
    ]


def shown(answer):
    return [
        (group.village.name, [(line.due.household.head, line.words) for line in group.lines])
        for group in answer.context["groups"]
    ]


def test_the_longest_unseen_village_comes_first(ma_qiang, households):
    answer = ma_qiang.get(ADDRESS)
    assert shown(answer) == [
        ("李小湾村", [("张福永", "41 天未访")]),
        ("西响石村", [("陈梅新", "24 天未访"), ("孙燕生", "10 天未访")]),
    ]
    page = answer.content.decode()
    assert "联系 3 户，该访 2 户，本周已走访 0 次，至少 1 次" in page
    assert reverse("record_visit", args=[households[0].pk]) in page


def test_cause_and_group_stand_beside_the_name(ma_qiang, households):
    HouseholdYear.objects.create(household=households[0], year=2025, cause="illness", members=4)
    HouseholdYear.objects.create(household=households[0], year=2027, cause="skill")
    HouseholdLabel.objects.create(household=households[0], kind="minimum")
    page = ma_qiang.get(ADDRESS).content.decode()
    assert "3组 · 因病" in page and "缺技术" not in page
    form = ma_qiang.get(reverse("record_visit", args=[households[0].pk])).content.decode()
    assert "4 口人 · 因病 · 低保" in form


def test_who_was_never_visited_waits_since_the_contact(ma_qiang, villages, leading_cadre):
    start = TODAY - datetime.timedelta(12)
    ContactFactory(
        household=HouseholdFactory(village=villages[0], head="王平"), cadre=leading_cadre, start=start
    )
    assert shown(ma_qiang.get(ADDRESS)) == [("西响石村", [("王平", "联系以来未访，12 天")])]


def test_todays_visit_is_opened_not_made_again(ma_qiang, villages, leading_cadre):
    household = held(villages[0], "王平", leading_cadre, 0)
    page = ma_qiang.get(ADDRESS).content.decode()
    assert "今天已访" in page and "本周已走访 1 次" in page
    assert reverse("record_visit", args=[household.pk]) not in page
    assert household.visits.get().get_absolute_url() in page


@pytest.mark.parametrize(
    ("query", "heads"),
    [
        ("?show=due", ["张福永", "陈梅新"]),
        ("?q=福", ["张福永"]),
        ("?q=CM", ["陈梅新"]),
        ("?q=zfy&show=due", ["张福永"]),
        ("?q=没有", []),
        ("?show=all", ["张福永", "陈梅新", "孙燕生"]),
    ],
)
def test_the_plan_is_narrowed(ma_qiang, households, query, heads):
    found = shown(ma_qiang.get(ADDRESS + query))
    assert [head for _, lines in found for head, _ in lines] == heads


def test_a_past_day_shows_that_days_plan(ma_qiang, households):
    answer = ma_qiang.get(f"{ADDRESS}?on=2026-07-05")
    assert ("西响石村", [("陈梅新", "14 天未访"), ("孙燕生", "今天已访")]) in shown(answer)


# --- Whose ----------------------------------------------------------------------------------------------


@pytest.fixture
def others(villages):
    """林桂 looks after 胡福."""
    cadre = LeaderFactory(name="林桂")
    held(villages[1], "胡福", cadre, 35)
    return cadre


def test_a_leader_sees_the_own_and_may_choose_another(ma_qiang, households, others):
    answer = ma_qiang.get(ADDRESS)
    assert "胡福" not in answer.content.decode() and f"?leader={others.pk}" in answer.content.decode()
    answer = ma_qiang.get(f"{ADDRESS}?leader={others.pk}")
    assert shown(answer) == [("李小湾村", [("胡福", "35 天未访")])]
    assert "今天的工作文字" not in answer.content.decode()


@pytest.mark.parametrize("asked", ["99999", "abc", "²", "9" * 5000])
def test_an_unknown_leader_is_not_found(ma_qiang, households, asked):
    assert ma_qiang.get(f"{ADDRESS}?leader={asked}").status_code == 404


def test_the_office_chooses_a_leader(client, welfare_office, households, others):
    client.force_login(welfare_office)
    page = client.get(ADDRESS).content.decode()
    assert "马强" in page and "林桂" in page and "张福永" not in page
    page = client.get(f"{ADDRESS}?leader={households[0].contacts.get().cadre_id}").content.decode()
    assert "张福永" in page and "联系 3 户，该访 2 户" in page


def test_staff_see_their_own_alone(client, households, villages):
    user = UserFactory(role="staff")
    held(villages[0], "王平", CadreFactory(village=None, user=user, category="clerk"), 3)
    client.force_login(user)
    answer = client.get(ADDRESS)
    assert shown(answer) == [("西响石村", [("王平", "3 天未访")])] and not answer.context["may_choose"]
    stranger = households[0].contacts.get().cadre_id
    assert client.get(f"{ADDRESS}?leader={stranger}").status_code == 404


def test_a_village_sees_its_households_and_not_the_leaders_week(
    client, village_cadre, households, leading_cadre
):
    client.force_login(village_cadre)
    answer = client.get(f"{ADDRESS}?leader={leading_cadre.pk}")
    assert [name for name, _ in shown(answer)] == ["西响石村"]
    page = answer.content.decode()
    assert "本周已走访" not in page and "记走访" not in page


def test_who_looks_after_nobody_is_told(client, db):
    client.force_login(UserFactory(role="staff"))
    assert "没有由您联系的户" in client.get(ADDRESS).content.decode()


@pytest.mark.parametrize("role", ["organisation", "works", "economy"])
def test_other_offices_have_no_plan(client, db, role):
    client.force_login(UserFactory(role=role))
    assert client.get(ADDRESS).status_code == 403


def test_an_outsider_sees_nothing(client, outsider, households):
    outsider.groups.set(UserFactory(role="welfare").groups.all())
    client.force_login(outsider)
    assert "张福永" not in client.get(ADDRESS).content.decode()


# --- The day in words -----------------------------------------------------------------------------------


def test_the_day_is_written_for_the_log(ma_qiang, villages, leading_cadre):
    need = NeedFactory(
        household=HouseholdFactory(village=villages[0]), handler="works", due=datetime.date(2026, 7, 22)
    )
    facts = {"in_log": True, "result": "pending", "need": need, "half_day": "afternoon"}
    held(
        villages[1], "张福永", leading_cadre, 0, heard="东屋漏雨。\n没人来修", measures="联系施工队", **facts
    )
    held(villages[0], "孙燕生", leading_cadre, 0, in_log=True, heard="", measures="", half_day="morning")
    held(villages[0], "陈梅新", leading_cadre, 0, in_log=False)
    held(villages[0], "王平", leading_cadre, 1, in_log=True)
    assert ma_qiang.get(ADDRESS).context["sentences"] == [
        "上午到西响石村走访孙燕生户，没有反映困难；当场解决。",
        "下午到李小湾村走访张福永户，反映东屋漏雨。 没人来修；帮扶：联系施工队；待村建环卫办答复，期限 7月22日。",
    ]


# --- 首页 -----------------------------------------------------------------------------------------------


def test_home_lists_those_that_wait(ma_qiang, households):
    page = ma_qiang.get("/").content.decode()
    assert "联系 3 户，该访 2 户" in page
    assert "张福永" in page and "陈梅新" in page and "孙燕生" not in page


def test_home_of_who_looks_after_nobody_has_no_such_part(client, welfare_office, households):
    client.force_login(welfare_office)
    assert "该走访的户" not in client.get("/").content.decode()


def test_the_plan_is_a_place_of_who_visits(client, ma_qiang, households, village_cadre):
    tab = f'href="{ADDRESS}"'
    assert tab in ma_qiang.get("/").content.decode()
    client.force_login(village_cadre)
    assert tab not in client.get("/").content.decode()


# --- Cost -----------------------------------------------------------------------------------------------


def plan_of_villages(count, cadre):
    for number, village in enumerate(township_with(count)):
        held(village, f"户{number}", cadre, 25 + number)


@pytest.mark.parametrize("address", [ADDRESS, "/"])
def test_it_asks_as_often_for_44_villages_as_for_2(client, leader, leading_cadre, count_queries, address):
    plan_of_villages(2, leading_cadre)
    client.force_login(leader)
    few = count_queries(lambda: client.get(address))
    for number in range(42):
        held(HouseholdFactory().village, f"王{number}", leading_cadre, 25 + number)
    assert count_queries(lambda: client.get(address)) == few
