"""催办: who may, of what, once a day; nothing but a duty in sight can be named."""

import datetime

import pytest

from banzhuang.accounts.models import AuditEvent
from banzhuang.duties.duty import State, duties_seen_by
from banzhuang.duties.models import Notice
from tests.factories import UserFactory

from .rules import add_rule

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]
DAY = datetime.date(2026, 7, 15)


@pytest.fixture
def owner(villages, monkeypatch):
    """孙建国 has not visited in either village; due on the 12th."""
    staff = UserFactory(username="sunjg", name="孙建国", role="staff")
    add_rule(monkeypatch, owner=staff)
    return staff


def key_of(user):
    return next(duty.key for duty in duties_seen_by(user, DAY) if duty.rule.code == "m14.test")


@pytest.fixture
def press(client):
    """press(user, key) → the answer, followed to the page it leads to."""

    def pressing(user, key, query=""):
        client.force_login(user)
        return client.post(f"/duties/urge/{query}", {"duty": key}, follow=True)

    return pressing


def test_the_owner_is_told_once_a_day(press, owner, leader, organisation_office, time_machine):
    response = press(leader, key_of(leader))
    assert "已向孙建国催办“西响石村走访”，通知列在孙建国的首页。" in response.content.decode()
    for user in (leader, organisation_office):
        assert "“西响石村走访”今天已向孙建国催过。" in press(user, key_of(user)).content.decode()
    notice = Notice.objects.get()
    assert (notice.user, notice.day, notice.text, notice.url) == (
        owner,
        DAY,
        "马强催办“西响石村走访”",
        "/villages/320707109216/",
    )
    event = AuditEvent.objects.get(action="add")
    assert (event.user, event.subject, event.scope_code) == (leader, "催办 孙建国：每周走访", "320707109216")
    time_machine.move_to(datetime.datetime(2026, 7, 16, 4, tzinfo=datetime.UTC), tick=False)
    press(leader, key_of(leader))
    assert Notice.objects.count() == 2


def test_back_to_the_list_as_it_was_filtered(press, owner, leader):
    response = press(leader, key_of(leader), "?whose=all&state=bad")
    assert response.redirect_chain[-1][0] == "/duties/?whose=all&state=bad"


def test_the_owner_does_not_urge_oneself(press, owner):
    assert press(owner, key_of(owner)).status_code == 403


def test_a_village_does_not_urge(press, owner, village_cadre):
    assert press(village_cadre, key_of(village_cadre)).status_code == 403


def test_who_does_not_see_it_finds_none(press, owner, leader, outsider):
    key = key_of(leader)
    for user in (outsider, UserFactory(role="admin"), UserFactory()):
        assert press(user, key).status_code == 404
    assert not Notice.objects.exists()


@pytest.mark.parametrize("state", [State.NEAR, State.NORMAL, State.DONE, State.EXCUSED])
def test_only_what_is_overdue(press, villages, leader, monkeypatch, state):
    add_rule(monkeypatch, owner=UserFactory(role="staff"), state=state)
    assert press(leader, key_of(leader)).status_code == 403
    assert not Notice.objects.exists()


@pytest.mark.parametrize("owes", ["welfare", "village"])
def test_only_what_one_person_owes(press, villages, leader, monkeypatch, owes):
    add_rule(monkeypatch, owes=owes)
    assert press(leader, key_of(leader)).status_code == 403


@pytest.mark.parametrize("key", ["", "m14.test", "m14.test:0", "m14.test:" + "f" * 24, "'"])
def test_a_key_of_nothing(press, owner, leader, key):
    assert press(leader, key).status_code == 404


def test_a_duty_that_was_overdue_on_an_earlier_day(press, owner, leader, monkeypatch):
    """`?on=` does not bring back what is done by now."""
    key = key_of(leader)
    add_rule(monkeypatch, owner=owner, state=State.DONE)
    assert press(leader, key, "?on=2026-07-14").status_code == 403


def test_not_by_a_link(client, owner, leader):
    client.force_login(leader)
    assert client.get("/duties/urge/", {"duty": key_of(leader)}).status_code == 405
