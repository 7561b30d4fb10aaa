"""One need: its history, and the acts of who may change it, each recorded once."""

import datetime

import pytest
from django.urls import reverse

from banzhuang.accounts.models import AuditEvent
from livelihood.models import Need
from tests.factories import (
    OTHER_TOWNSHIP,
    ContactFactory,
    HouseholdFactory,
    LeaderFactory,
    NeedFactory,
    UserFactory,
    VisitFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]
DAY = datetime.date(2026, 7, 15)


@pytest.fixture
def need(villages, leading_cadre):
    """Raised on 10 July by the household that 马强 looks after; he is to answer by the 17th."""
    household = HouseholdFactory(village=villages[0], head="张福永")
    ContactFactory(household=household, cadre=leading_cadre)
    return NeedFactory(
        household=household,
        raised_on=datetime.date(2026, 7, 10),
        due=datetime.date(2026, 7, 17),
        handler="contact",
    )


@pytest.fixture
def opened(client, need):
    """opened(user, **query) → the response."""

    def opening(user, **query):
        client.force_login(user)
        return client.get(reverse("need", args=[need.pk]), query)

    return opening


@pytest.fixture
def act(client, need):
    """act(user, name, **fields) → the response to a form of the page as it was read at version 1, or as said."""

    def acting(user, name, **fields):
        client.force_login(user)
        sent = {"act": name, "read_version": Need.objects.get(pk=need.pk).version} | fields
        return client.post(reverse("need", args=[need.pk]), sent)

    return acting


def answer(**changes):
    return {"closed_on": "2026-07-15", "outcome": "solved", "reply": "已换瓦修好"} | changes


def acts_on(page):
    return [form.act for form in page.context["forms"]]


def said(page):
    return [error for form in page.context["forms"] for errors in form.errors.values() for error in errors]


def events():
    return list(AuditEvent.objects.filter(action="change").values_list("subject", "detail"))


def test_the_leader_who_looks_after_the_household_answers(act, leader, need):
    page = act(leader, "answer", **answer())
    assert page.status_code == 302
    need.refresh_from_db()
    assert (need.closed_on, need.outcome, need.reply) == (DAY, "solved", "已换瓦修好")
    told = {"changes": {"答复日期": ["", "2026-07-15"], "结果": ["", "已解决"]}, "fields": ["答复"]}
    assert events() == [("诉求 张福永户：东屋漏雨，答复", told)]


def test_what_is_said_afterwards(act, leader, client, need):
    act(leader, "answer", **answer())
    text = client.get(need.get_absolute_url()).content.decode()
    assert "张福永户的诉求已答复。" in text
    assert "答复（2026-07-15），已解决：已换瓦修好" in text
    assert "马强" in text


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"closed_on": "2026-07-16"}, "答复日期不能晚于今天（2026-07-15）。改成实际答复的日期。"),
        ({"closed_on": "2026-07-09"}, "答复日期早于提出日期（2026-07-10）。核对两个日期。"),
        ({"closed_on": ""}, "答复日期还没有写。"),
        ({"outcome": ""}, "结果还没有选。"),
        ({"reply": ""}, "答复还没有写。写明怎么办的、怎么答复户里的，至少四个字。"),
        ({"reply": "好了"}, "答复还没有写。写明怎么办的、怎么答复户里的，至少四个字。"),
    ],
)
def test_an_answer_out_of_order_is_refused_at_its_field(act, leader, need, changes, problem):
    page = act(leader, "answer", **answer(**changes))
    assert page.status_code == 422
    assert said(page) == [problem]
    need.refresh_from_db()
    assert need.closed_on is None
    assert events() == []


@pytest.mark.parametrize("day", ["2026-07-10", "2026-07-15"])
def test_an_answer_on_the_first_and_the_last_possible_day(act, leader, need, day):
    assert act(leader, "answer", **answer(closed_on=day)).status_code == 302


def test_beginning_then_only_answer_and_passing_on_are_left(act, opened, leader, need):
    assert acts_on(opened(leader)) == ["answer", "take", "pass_on"]
    assert act(leader, "take", taken_on="2026-07-11").status_code == 302
    need.refresh_from_db()
    assert need.taken_on == datetime.date(2026, 7, 11)
    assert acts_on(opened(leader)) == ["answer", "pass_on"]
    assert said(act(leader, "answer", **answer(closed_on="2026-07-10"))) != []


@pytest.mark.parametrize("day", ["2026-07-09", "2026-07-16", "昨天"])
def test_a_beginning_out_of_order_is_refused(act, leader, need, day):
    assert act(leader, "take", taken_on=day).status_code == 422
    need.refresh_from_db()
    assert need.taken_on is None


def test_passed_on_with_a_reason(act, opened, leader, need):
    act(leader, "take", taken_on="2026-07-11")
    page = act(leader, "pass_on", handler="works", due="2026-07-25", reason="要村建办派施工队")
    assert page.status_code == 302
    need.refresh_from_db()
    assert (need.handler, need.due, need.taken_on) == ("works", datetime.date(2026, 7, 25), None)
    subject, detail = events()[0]
    assert (subject, detail["reason"]) == ("诉求 张福永户：东屋漏雨，转办", "要村建办派施工队")
    assert detail["changes"]["承办"] == ["联系领导", "村建环卫办"]
    text = opened(leader).content.decode()
    assert "由联系领导转村建环卫办，期限 2026-07-25" in text
    assert "原因：要村建办派施工队" in text


@pytest.mark.parametrize(
    "changes",
    [{"handler": "contact"}, {"handler": "mayor"}, {"handler": ""}, {"due": "2026-07-14"}, {"reason": "忙"}],
)
def test_a_passing_on_that_is_not_meant_so_is_refused(act, leader, need, changes):
    sent = {"handler": "works", "due": "2026-07-25", "reason": "要村建办派施工队"} | changes
    assert act(leader, "pass_on", **sent).status_code == 422
    need.refresh_from_db()
    assert need.handler == "contact"


def test_to_a_contact_only_where_there_is_one(opened, welfare_office, need):
    need.handler = "welfare"
    need.save()
    form = opened(welfare_office).context["forms"][-1]
    assert "contact" in dict(form.fields["handler"].choices)
    need.household.contacts.all().delete()
    form = opened(welfare_office).context["forms"][-1]
    assert "contact" not in dict(form.fields["handler"].choices)


def test_who_passes_it_on_and_sees_it_no_more_is_led_to_the_list(act, need):
    need.handler = "works"
    need.save()
    page = act(
        UserFactory(role="works"), "pass_on", handler="economy", due="2026-07-25", reason="属经发办职责"
    )
    assert page["Location"] == reverse("needs")


def test_an_office_and_a_village_answer_what_is_theirs(act, opened, need, village_cadre):
    for role, user in (("works", UserFactory(role="works")), ("village", village_cadre)):
        need.refresh_from_db()
        need.handler, need.closed_on, need.outcome = role, None, ""
        need.save()
        assert acts_on(opened(user)) == ["answer", "take", "pass_on"]
        assert act(user, "answer", **answer()).status_code == 302


def test_readers_read(opened, act, need, village_cadre):
    other_leader = UserFactory(role="leader")
    for user in (village_cadre, other_leader):
        page = opened(user)
        assert page.status_code == 200 and acts_on(page) == []
        assert act(user, "answer", **answer()).status_code == 403
    assert events() == []


def test_outsiders_find_nothing(opened, act, outsider):
    for user in (
        outsider,
        UserFactory(role="welfare", scope=OTHER_TOWNSHIP),
        UserFactory(role="works"),
        UserFactory(role="staff"),
        UserFactory(role="auditor"),
    ):
        assert opened(user).status_code == 404
        assert act(user, "answer", **answer()).status_code == 404


def test_an_answered_need_is_taken_up_again_by_the_welfare_office_alone(
    act, opened, leader, welfare_office, need
):
    act(leader, "answer", **answer())
    assert acts_on(opened(leader)) == []
    assert acts_on(opened(welfare_office)) == ["reopen"]
    act(leader, "reopen", due="2026-07-25", reason="还在漏雨")
    need.refresh_from_db()
    assert need.closed_on == DAY
    assert act(welfare_office, "reopen", due="2026-07-25", reason="还在漏雨").status_code == 302
    need.refresh_from_db()
    assert (need.closed_on, need.outcome, need.reply, need.due) == (None, "", "", datetime.date(2026, 7, 25))
    assert need.state_on(DAY) == "in_hand"
    text = opened(welfare_office).content.decode()
    assert "重新办理，期限 2026-07-25" in text and "答复（2026-07-15），已解决：已换瓦修好" in text


def test_the_second_of_two_answers_changes_nothing(act, opened, leader, welfare_office, need):
    act(leader, "answer", **answer())
    page = act(welfare_office, "answer", read_version=1, **answer(reply="没有修好啊"))
    assert page.status_code == 302
    need.refresh_from_db()
    assert need.reply == "已换瓦修好"
    assert "办理情况已变" in opened(welfare_office).content.decode()
    assert len(events()) == 1


def test_who_read_an_older_version_is_told_what_stands_now(act, leader, welfare_office, need):
    act(leader, "pass_on", handler="works", due="2026-07-25", reason="要村建办派施工队")
    page = act(
        welfare_office, "pass_on", read_version=1, handler="village", due="2026-07-20", reason="村里能修"
    )
    assert page.status_code == 422
    assert any("已被改过" in error for error in said(page))
    need.refresh_from_db()
    assert need.handler == "works"


def test_an_earlier_day_shows_how_it_stood_and_offers_no_act(act, opened, leader):
    act(leader, "answer", **answer())
    page = opened(leader, on="2026-07-14")
    assert page.context["state"]["words"] == "未答复，期限 7月17日"
    assert acts_on(page) == []


@pytest.mark.parametrize(("day", "late"), [("2026-07-17", False), ("2026-07-18", True)])
def test_late_from_the_day_after_the_last(opened, leader, day, late, time_machine):
    time_machine.move_to(datetime.datetime.fromisoformat(f"{day}T04:00:00+00:00"), tick=False)
    assert ("超 1 天" in opened(leader).context["state"]["words"]) == late


def test_the_visits_it_comes_from(opened, leader, leading_cadre, need):
    visit = VisitFactory(
        household=need.household,
        visitor=leading_cadre,
        date=datetime.date(2026, 7, 10),
        result="pending",
        need=need,
    )
    VisitFactory(household=need.household, visitor=LeaderFactory(), date=datetime.date(2026, 7, 11))
    assert list(opened(leader).context["visits"]) == [visit]


def test_no_two_fields_of_the_page_share_an_id(opened, welfare_office):
    text = opened(welfare_office).content.decode()
    for name in (
        "take_taken_on",
        "answer_closed_on",
        "pass_on_due",
        "answer_read_version",
        "take_read_version",
    ):
        assert text.count(f'id="id_{name}"') == 1
