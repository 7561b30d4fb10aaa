"""走访完成情况: who opens it, what the grid says, the numbers below and beside, the day, the queries."""

import datetime
import re

import pytest

from banzhuang.core.dates import PartialDate
from banzhuang.core.models import ParameterValue
from cadres.models import Leave
from livelihood.models import Contact
from livelihood.parameters import BY_HOUSEHOLD
from livelihood.weeks import ONE, WEEK
from tests.factories import (
    ContactFactory,
    HouseholdFactory,
    LeaderFactory,
    UserFactory,
    VillageFactory,
    VisitFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]
URL = "/livelihood/quota/"
MONDAY = datetime.date(2026, 7, 13)  # of the week that runs in July
LONG_AGO = datetime.date(2022, 1, 1)


@pytest.fixture
def show(client, leader, villages):
    """show(user=leader, **query) → the response."""

    def opening(user=leader, **query):
        client.force_login(user)
        return client.get(URL, query)

    return opening


@pytest.fixture
def contact(villages):
    return ContactFactory(cadre__name="陈立志", household__village=villages[0])


def setting(name, value):
    ParameterValue.objects.create(key=f"livelihood.{name}", value=value, valid_from=LONG_AGO)


def visit(contact, date, **fields):
    return VisitFactory(**{"household": contact.household, "visitor": contact.cadre, "date": date, **fields})


def rows(response):
    return {row["label"]: row for row in response.context["rows"]}


def words(response, name="陈立志"):
    """What the cells of a leader say, the oldest week first."""
    return [f"{cell['state']}{cell['text']}" for cell in rows(response)[name]["cells"]]


# --- Who -------------------------------------------------------------------------------------------------------


def test_leaders_and_the_welfare_office_open_it(show):
    assert show().status_code == show(UserFactory(role="welfare")).status_code == 200


@pytest.mark.parametrize("role", ["staff", "organisation", "works", "economy", "admin", "auditor"])
def test_who_sees_not_all_visits_does_not(show, role):
    assert show(UserFactory(role=role)).status_code == 403


def test_a_village_does_not_for_it_would_be_told_a_part(show, village_cadre):
    assert show(village_cadre).status_code == 403


def test_another_township_sees_nobody(show, contact):
    other = UserFactory(role="leader", scope="320707100")
    assert rows(show(other)) == {}
    assert "还没有领导干部" in show(other).content.decode()


# --- The grid ----------------------------------------------------------------------------------------------


def test_a_leaders_weeks_each_by_sign_word_and_number(show, contact):
    setting("load", "1")
    visit(contact, MONDAY - 7 * WEEK)
    visit(contact, MONDAY - 5 * WEEK)
    visit(contact, MONDAY - 5 * WEEK + ONE)  # makes up for the week before
    Leave.objects.create(cadre=contact.cadre, kind="sick", start=MONDAY - 4 * WEEK, end=MONDAY - 3 * WEEK)
    for count in (2, 1):
        visit(contact, MONDAY - count * WEEK)
    assert words(show()) == ["1", "done已补", "2", "exempt请假", "bad0", "1", "1", "near0"]


def test_a_holiday_week_says_so(show, contact):
    response = show(on="2026-02-22", weeks="1")
    (cell,) = rows(response)["陈立志"]["cells"]
    assert cell["holiday"] and cell["text"] == "假"
    assert cell["title"] == "陈立志 2月16日至22日：假期周，免走访"
    assert 'class="starts cell-none"' in response.content.decode()


def test_each_cell_opens_the_visits_of_its_leader_and_week(show, contact):
    cell = rows(show())["陈立志"]["cells"][0]
    assert cell["url"] == f"/livelihood/visits/?leader={contact.cadre_id}&week=2026-05-25"
    dated = rows(show(on="2026-07-01"))["陈立志"]["cells"][0]
    assert dated["url"].endswith("&week=2026-05-11&on=2026-07-01")
    assert show().context["columns"][-1] == {"monday": MONDAY, "sunday": MONDAY + 6 * ONE, "running": True}


def test_cells_say_themselves_in_words(show, contact):
    visit(contact, MONDAY)
    titles = [cell["title"] for cell in rows(show())["陈立志"]["cells"]]
    assert titles[-2:] == ["陈立志 7月6日至12日：走访 0 次，缺 1 次", "陈立志 7月13日至19日：走访 1 次"]


def test_by_household_the_cells_count_households(show, contact):
    setting("quota", BY_HOUSEHOLD)
    visit(contact, MONDAY - 5 * WEEK)
    assert words(show(weeks="6")) == ["1", "0", "0", "0", "bad1户", "near1户"]
    assert "每户最长 30 天走访一次" in show().content.decode()


def test_rows_are_the_leaders_in_office_and_whoever_held_households(show, contact):
    LeaderFactory(name="孙建国")
    LeaderFactory(name="钱国强", left_on=MONDAY)
    clerk = ContactFactory(cadre__name="周敏", cadre__category="clerk").cadre
    gone = ContactFactory(cadre__name="吴志", cadre__left_on=MONDAY - 3 * WEEK).cadre
    assert set(rows(show())) == {"陈立志", "孙建国", clerk.name, gone.name}
    assert words(show(), "孙建国") == ["0"] * 8
    assert all(cell["none"] for cell in rows(show())["孙建国"]["cells"])
    assert (rows(show())["吴志"]["left"], rows(show())["吴志"]["lacking"]) == (True, 0)
    contact.ended = PartialDate(MONDAY - 7 * WEEK)
    contact.save()
    clerk.contacts.update(end=MONDAY - 7 * WEEK)
    assert "周敏" not in rows(show()) and "周敏" in rows(show(weeks="9"))


def test_households_and_those_unseen(show, contact):
    visit(contact, MONDAY)
    waiting = ContactFactory(cadre=contact.cadre)
    visit(waiting, MONDAY - 5 * WEEK)
    row = rows(show())["陈立志"]
    assert (row["load"], row["lacking"], row["unseen"]) == (2, 18, 1)
    setting("load", "2")
    assert rows(show())["陈立志"]["lacking"] == 0


def test_who_missed_most_stands_first(show, contact):
    diligent = ContactFactory(cadre__name="阿明")
    for count in range(8):
        visit(diligent, MONDAY - count * WEEK)
    assert list(rows(show())) == ["陈立志", "阿明"]


def test_on_the_phone_problems_are_badges_and_the_quiet_are_named(show, contact):
    setting("load", "1")
    visit(contact, MONDAY - 5 * WEEK)
    quiet = ContactFactory(cadre__name="阿明")
    for count in range(8):
        visit(quiet, MONDAY - count * WEEK)
    problems = [(problem["state"], problem["text"]) for problem in rows(show())["陈立志"]["problems"]]
    assert problems == [("bad", "漏访 6 周"), ("near", "本周还差 1 次"), ("bad", "久未走访 1 户")]
    assert rows(show())["阿明"]["problems"] == []
    assert "没有问题的领导" in show().content.decode()


# --- Below, beside, above ----------------------------------------------------------------------------------


def test_the_last_line_counts_who_did_it_of_who_owed_it(show, contact):
    other = ContactFactory()
    visit(contact, MONDAY - WEEK)
    Leave.objects.create(cadre=other.cadre, kind="sick", start=MONDAY - WEEK)
    total = show(weeks="3").context["total"]
    assert total["weeks"] == ["0/2", "1/1", "0/1"]
    assert (total["load"], total["unseen"]) == (2, 1)
    assert show(on="2026-02-22", weeks="1").context["total"]["weeks"] == ["免"]


def test_the_legend_counts(show, contact):
    counts = {entry["label"]: entry["count"] for entry in show().context["legend"]}
    assert counts == {"漏访": 7, "本周还差": 1, "已补": 0, "免走访": 0}


@pytest.mark.parametrize(
    ("asked", "count"), [("", 8), ("1", 1), ("13", 13), ("26", 26), ("27", 8), ("0", 8), ("x", 8), ("²", 8)]
)
def test_as_many_weeks_as_asked(show, contact, asked, count):
    response = show(weeks=asked)
    assert len(response.context["columns"]) == len(rows(response)["陈立志"]["cells"]) == count
    assert (response.context["beside"], response.context["wide"]) == (count <= 8, count > 13)


def test_the_rule_and_the_counting_are_said_from_the_settings(show):
    for key, value in {"weekly_visits": 2, "load": 15, "make_up_weeks": 0, "available_days": 2}.items():
        setting(key, str(value))
    setting("poor_household", "低收入户")
    html = show().content.decode()
    assert "每名领导至少联系 15 户低收入户，每周至少走访 2 次，漏访不补" in html
    assert "当周不足 2 天的为假期周" in html and "先补最近的漏访周" not in html


def test_leaders_on_leave_this_week(show, contact):
    leave = {"cadre": contact.cadre, "kind": "sick"}
    Leave.objects.create(**leave, start=MONDAY - WEEK, end=MONDAY)
    Leave.objects.create(**leave, start=MONDAY + 3 * ONE)  # not begun
    Leave.objects.create(cadre=LeaderFactory(name="孙建国"), kind="study", start=MONDAY, end=MONDAY + 2 * ONE)
    response = show()
    assert [row.cadre.name for row in response.context["leaves"]] == ["孙建国"]
    text = re.sub(r"<[^>]+>", "", response.content.decode())
    assert "学习培训 · 7月13日起，7月15日返岗" in text


def test_a_past_day_comes_out_the_same_after_later_changes(show, contact):
    visit(contact, MONDAY - WEEK)
    before = words(show(on="2026-07-14"))
    Contact.objects.hand_over([contact], LeaderFactory(), MONDAY + 2 * ONE)
    visit(contact, MONDAY + 2 * ONE)
    assert words(show(on="2026-07-14")) == before
    assert "2026-07-14" in show(on="2026-07-14").content.decode()


def test_queries_are_the_same_for_2_and_13_leaders_and_2_and_44_villages(show, client, count_queries):
    def fill(count):
        for _ in range(count):
            contact = ContactFactory()
            visit(contact, MONDAY - WEEK)
            Leave.objects.create(cadre=contact.cadre, kind="sick", start=MONDAY)

    fill(2)
    show()
    two = count_queries(lambda: client.get(URL))
    fill(11)
    for _ in range(31):
        HouseholdFactory(village=VillageFactory())
    assert count_queries(lambda: client.get(URL)) == two
    assert len(rows(client.get(URL))) == 13
