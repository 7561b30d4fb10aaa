"""The notices of a morning: who is told what, once a day, on working days, and when they are forgotten."""

import datetime
import threading

import pytest
from django.db import connection

from banzhuang.core import jobs
from banzhuang.core.models import CalendarDay, Job
from banzhuang.duties.duty import State
from banzhuang.duties.models import Notice
from banzhuang.duties.notices import remind
from banzhuang.duties.tasks import order_reminders, remind_today
from cadres.models import Post
from tests.factories import UserFactory

from .rules import DUE, add_rule

pytestmark = pytest.mark.django_db
D = datetime.date
DAY, ONE = D(2026, 7, 15), datetime.timedelta(days=1)


def told():
    return sorted(Notice.objects.values_list("user__username", "day", "text", "url"))


@pytest.fixture
def owing(villages, monkeypatch):
    """The organisation office owes one overdue and one near, staff two overdue; → the member of staff."""
    Post.objects.filter(organisation__village=villages[0]).update(end="2026-03-01", end_reason="age")
    Post.objects.filter(organisation__village=villages[1]).update(term_end="2026-08-01")
    staff = UserFactory(username="sunjg", name="孙建国", role="staff")
    add_rule(monkeypatch, owner=staff)
    return staff


def test_each_account_that_owes_is_told_once(owing, organisation_office, leader, village_cadre, outsider):
    UserFactory(username="tingyong", role="organisation", is_active=False)
    UserFactory(role="admin")
    for _ in range(2):
        assert remind(DAY) == 2
    assert told() == [
        ("sunjg", DAY, "今天要办 2 项，其中逾期 2 项", "/duties/?whose=mine"),
        ("zuzhi", DAY, "今天要办 2 项，其中逾期 1 项", "/duties/?whose=mine"),
    ]


def test_nothing_overdue_is_not_said(villages, organisation_office):
    Post.objects.filter(organisation__village=villages[0]).update(term_end="2026-08-01")
    remind(DAY)
    assert [notice.text for notice in Notice.objects.all()] == ["今天要办 1 项"]


@pytest.mark.parametrize("state", [State.NORMAL, State.DONE, State.EXCUSED])
def test_what_does_not_press_is_no_notice(villages, monkeypatch, state):
    add_rule(monkeypatch, owner=UserFactory(role="staff"), state=state)
    assert remind(DAY) == 0
    assert told() == []


def test_a_village_is_told_of_its_own(villages, village_cadre, monkeypatch):
    add_rule(monkeypatch, owes="village", due=DAY)
    remind(DAY)
    assert told() == [("cunganbu", DAY, "今天要办 1 项", "/duties/?whose=mine")]


def test_the_rules_are_given_the_day(owing, organisation_office):
    remind(DUE - 4 * ONE)
    assert [row[:3] for row in told()] == [("zuzhi", DUE - 4 * ONE, "今天要办 2 项，其中逾期 1 项")]
    remind(DUE)
    assert [row[2] for row in told() if row[1] == DUE] == ["今天要办 2 项", "今天要办 2 项，其中逾期 1 项"]


def test_one_read_today_does_not_come_again(owing, organisation_office):
    remind(DAY)
    Notice.objects.update(read_at="2026-07-15T01:00:00Z")
    remind(DAY)
    assert not Notice.objects.unread().exists()
    remind(DAY + ONE)
    assert Notice.objects.unread().count() == 2


def test_old_notices_go(leader):
    for age in (89, 90, 91):
        Notice.objects.create(
            user=leader, day=DAY - age * ONE, kind="day", text=f"{age} 天前", url="/duties/"
        )
    remind(DAY)
    assert sorted(Notice.objects.values_list("text", flat=True)) == ["89 天前", "90 天前"]


@pytest.mark.parametrize(
    ("day", "ordered"),
    [
        (D(2026, 7, 17), True),
        (D(2026, 7, 18), False),  # a Saturday
        (D(2026, 10, 1), False),  # 国庆节, a Thursday
        (D(2026, 10, 10), True),  # 国庆节调休, a Saturday
        (D(2026, 7, 20), False),  # by a row of ours
    ],
)
def test_ordered_on_working_days(day, ordered):
    CalendarDay.objects.create(day=D(2026, 7, 20), working=False, note="全镇停电")
    assert (order_reminders(day) is not None) == ordered


def test_ordered_once_a_day():
    first = order_reminders(DAY)
    assert order_reminders(DAY) is None
    assert order_reminders(DAY + ONE).arguments == {"day": "2026-07-16"}
    assert first.owner is None


def test_the_clocks_order_is_done_as_a_job(july, owing, organisation_office):
    remind_today()
    jobs.run(Job.objects.get().pk)
    row = Job.objects.get()
    assert (row.state, row.result, row.error) == ("done", {"owing": 2}, "")
    assert row.count == f"{row.total} / {row.total} 人"
    assert len(told()) == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_write_once(villages, monkeypatch):
    add_rule(monkeypatch, owner=UserFactory(username="sunjg", role="staff"))

    def work():
        remind(DAY)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [row[0] for row in told()] == ["sunjg"]
