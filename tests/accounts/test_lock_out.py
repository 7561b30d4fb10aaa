"""Five failures lock an account at an address for a quarter of an hour, and nothing else."""

import datetime

import pytest

from tests import factories

from .conftest import PASSWORD

pytestmark = pytest.mark.django_db
START = datetime.datetime(2026, 7, 1, 9, 0, tzinfo=datetime.UTC)
HERE, THERE = {"REMOTE_ADDR": "10.1.2.3"}, {"REMOTE_ADDR": "10.1.2.4"}


@pytest.fixture
def locked(clerk, log_in, time_machine):
    """The answers to five failures from one address."""
    time_machine.move_to(START, tick=False)
    return [log_in("jiguan", "cuo-de-Mima-1", **HERE) for _ in range(5)]


def test_the_fifth_failure_locks(locked):
    assert [answer.status_code for answer in locked] == [200, 200, 200, 200, 429]
    page = locked[-1].content.decode()
    assert "账号已锁定 15 分钟" in page and "连续错了 5 次" in page


def test_the_right_password_does_not_open_the_lock(locked, client, log_in):
    assert log_in("jiguan", **HERE).status_code == 429
    assert "_auth_user_id" not in client.session


def test_the_lock_opens_after_fifteen_minutes_though_one_tried_on(locked, log_in, time_machine):
    time_machine.move_to(START + datetime.timedelta(minutes=14, seconds=50))
    assert log_in("jiguan", **HERE).status_code == 429
    time_machine.move_to(START + datetime.timedelta(minutes=15, seconds=1))
    assert log_in("jiguan", **HERE).status_code == 302


def test_the_account_is_open_from_another_address(locked, log_in):
    assert log_in("jiguan", **THERE).status_code == 302


def test_another_account_is_open_from_the_address(locked, log_in):
    factories.UserFactory(username="lingdao", role="leader").change_password(PASSWORD)
    assert log_in("lingdao", **HERE).status_code == 302


def test_a_forwarded_address_is_no_way_around(locked, log_in):
    assert log_in("jiguan", headers={"X-Forwarded-For": "10.9.9.9"}, **HERE).status_code == 429


def test_another_browser_is_no_way_around(locked, log_in):
    assert log_in("jiguan", headers={"User-Agent": "another"}, **HERE).status_code == 429


@pytest.mark.parametrize("written", [" jiguan ", "ｊｉｇｕａｎ"])
def test_another_spelling_of_the_name_is_no_way_around(locked, log_in, written):
    assert log_in(written, **HERE).status_code == 429


def test_an_unknown_name_is_locked_like_a_known_one(log_in):
    assert [log_in("meiyou", "x", **HERE).status_code for _ in range(5)] == [200, 200, 200, 200, 429]


def test_a_success_begins_the_count_anew(clerk, client, log_in):
    for _ in range(4):
        log_in("jiguan", "cuo-de-Mima-1")
    assert log_in("jiguan").status_code == 302
    client.logout()
    assert "再错 4 次" in log_in("jiguan", "cuo-de-Mima-1").content.decode()


def test_every_refusal_is_one_event_also_while_locked(locked, log_in, events):
    log_in("jiguan", **HERE)
    assert len(events("refused")) == 6
    assert events("login") == []
