"""Failures lock an account where it was failed, many lock it elsewhere, and an address for the accounts unknown there.

Which attempts are let through is in test_limits.py; here is what people see of it.
"""

import datetime

import pytest
from django.test import Client

from banzhuang.accounts import attempts, parameters
from banzhuang.accounts.models import FailedLogIn, FamiliarAddress
from banzhuang.core.models import ParameterValue
from banzhuang.duties.models import Notice
from tests import factories

from .conftest import PASSWORD

pytestmark = pytest.mark.django_db
START = datetime.datetime(2026, 7, 1, 9, 0, tzinfo=datetime.UTC)
HERE, THERE = {"REMOTE_ADDR": "10.1.2.3"}, {"REMOTE_ADDR": "10.1.2.4"}
WRONG = "cuo-de-Mima-1"


def set_to(parameter, value):
    ParameterValue.objects.create(key=parameter.key, value=str(value), valid_from="2026-01-01")


@pytest.fixture
def locked(clerk, log_in, time_machine):
    """The answers to five failures from one address."""
    time_machine.move_to(START, tick=False)
    return [log_in("jiguan", "cuo-de-Mima-1", **HERE) for _ in range(5)]


def test_the_fifth_failure_locks(locked):
    assert [answer.status_code for answer in locked] == [200, 200, 200, 200, 429]
    page = locked[-1].content.decode()
    assert "账号已锁定 15 分钟" in page and "连续错了 5 次。17:15 起可再登录" in page


def test_the_page_says_when_the_lock_ends_also_later(locked, log_in, time_machine):
    time_machine.move_to(START + datetime.timedelta(minutes=6, seconds=30))
    page = log_in("jiguan", **HERE).content.decode()
    assert "账号已锁定 9 分钟" in page and "17:15 起可再登录" in page


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


def test_another_case_of_the_name_is_another_name(locked, log_in):
    """No account has it: nothing is gained by trying."""
    assert log_in("JIGUAN", **HERE).status_code == 200


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


def test_the_trail_tells_which_passwords_were_not_looked_at(locked, log_in, events):
    log_in("jiguan", **HERE)
    assert [event.explanation() for event in events("refused")] == [""] * 5 + ["锁定期间，没有核对密码"]


def test_the_numbers_are_parameters(clerk, log_in):
    failures, minutes = parameters.LIMITS["pair"]
    set_to(failures, 3)
    set_to(minutes, 30)
    assert "再错 2 次将锁定 30 分钟" in log_in("jiguan", WRONG).content.decode()
    assert [log_in("jiguan", WRONG).status_code for _ in range(2)] == [200, 429]


def test_what_was_typed_is_not_kept(log_in):
    log_in("Qingshan#2026", "x", **HERE)
    assert "Qingshan" not in str(FailedLogIn.objects.values()) and "10.1.2.3" not in str(
        FailedLogIn.objects.values()
    )


def test_old_failures_are_forgotten(clerk, log_in, time_machine):
    time_machine.move_to(START, tick=False)
    log_in("jiguan", WRONG)
    time_machine.move_to(START + datetime.timedelta(days=1, seconds=1), tick=False)
    log_in("jiguan", WRONG)
    assert FailedLogIn.objects.count() == 1


# --- Many addresses, one account ---------------------------------------------------------------------------
@pytest.fixture
def besieged(clerk, log_in, time_machine):
    """The answers to forty failures at one account, each from another address."""
    time_machine.move_to(START, tick=False)
    return [log_in("jiguan", WRONG, REMOTE_ADDR=f"10.9.0.{n}") for n in range(40)]


def test_many_addresses_get_twenty_guesses(besieged):
    assert [answer.status_code for answer in besieged] == [200] * 19 + [429] * 21
    page = besieged[-1].content.decode()
    assert "账号已锁定 15 分钟" in page and "共错了 20 次。17:15 起可再登录" in page


def test_from_a_new_place_the_right_password_waits_too(besieged, log_in, time_machine):
    assert log_in("jiguan", **HERE).status_code == 429
    time_machine.move_to(START + datetime.timedelta(minutes=15))
    assert log_in("jiguan", **HERE).status_code == 302


def test_the_usual_place_stays_open(clerk, log_in, client, time_machine):
    time_machine.move_to(START, tick=False)
    log_in("jiguan", **HERE)
    client.logout()
    time_machine.move_to(START + datetime.timedelta(days=30), tick=False)
    for n in range(40):
        log_in("jiguan", WRONG, REMOTE_ADDR=f"10.9.0.{n}")
    assert "再错 4 次" in log_in("jiguan", WRONG, **HERE).content.decode()
    assert log_in("jiguan", **HERE).status_code == 302


def test_after_thirty_days_a_place_is_usual_no_more(clerk, log_in, client, time_machine):
    time_machine.move_to(START, tick=False)
    log_in("jiguan", **HERE)
    client.logout()
    time_machine.move_to(START + datetime.timedelta(days=30, seconds=1), tick=False)
    for n in range(20):
        log_in("jiguan", WRONG, REMOTE_ADDR=f"10.9.0.{n}")
    assert log_in("jiguan", **HERE).status_code == 429


def test_the_usual_places_are_kept_as_long_as_they_count(clerk, log_in, client, time_machine):
    time_machine.move_to(START, tick=False)
    log_in("jiguan", **HERE)
    log_in("jiguan", REMOTE_ADDR="2001:db8:1:2:3::4")
    time_machine.move_to(START + datetime.timedelta(days=31), tick=False)
    client.logout()
    log_in("jiguan", **THERE)
    assert [row.network for row in FamiliarAddress.objects.all()] == ["10.1.2.4"]


def test_one_machine_with_many_ipv6_addresses_is_one(clerk, log_in):
    answers = [log_in("jiguan", WRONG, REMOTE_ADDR=f"2001:db8:1:2::{n}").status_code for n in range(1, 6)]
    assert answers == [200, 200, 200, 200, 429]


# --- One address, many accounts ----------------------------------------------------------------------------
@pytest.fixture
def sprayed(log_in, time_machine):
    """The answers to one password at 51 accounts from one address."""
    time_machine.move_to(START, tick=False)
    return [log_in(f"user{n}", WRONG, **HERE) for n in range(51)]


def test_one_address_gets_thirty_guesses(sprayed):
    assert [answer.status_code for answer in sprayed] == [200] * 29 + [429] * 22
    page = sprayed[-1].content.decode()
    assert "这里暂停登录 15 分钟" in page and "共错了 30 次。17:15 起可再登录" in page


def test_who_usually_logs_in_there_still_does(clerk, log_in, client, time_machine):
    time_machine.move_to(START, tick=False)
    log_in("jiguan", **HERE)
    client.logout()
    for n in range(51):
        log_in(f"user{n}", WRONG, **HERE)
    assert log_in("jiguan", **HERE).status_code == 302


def test_the_page_does_not_promise_more_than_the_address_has(clerk, log_in, sprayed, time_machine):
    time_machine.move_to(START + datetime.timedelta(minutes=15), tick=False)
    for n in range(28):
        log_in(f"user{n}", WRONG, **HERE)
    assert "再错 1 次将锁定 15 分钟" in log_in("jiguan", WRONG, **HERE).content.decode()


# --- Over all ----------------------------------------------------------------------------------------------
@pytest.fixture
def paused(monkeypatch):
    """Seconds that answers were delayed."""
    seconds = []
    monkeypatch.setattr(attempts, "pause", seconds.append)
    return seconds


@pytest.fixture
def flood(clerk, log_in, client, time_machine, paused):
    """flood(n): so many failures from all over, at all sorts of accounts; `jiguan` logs in here usually."""
    time_machine.move_to(START, tick=False)
    set_to(parameters.OVER_ALL[0], 10)
    log_in("jiguan", **HERE)
    client.logout()
    return lambda count: [log_in(f"user{n}", WRONG, REMOTE_ADDR=f"10.9.{n}.1") for n in range(count)]


def test_a_flood_refuses_nobody_and_is_slowed(flood, log_in, paused):
    assert {answer.status_code for answer in flood(9)} == {200}
    assert paused == []
    assert {answer.status_code for answer in flood(3)} == {200}
    assert paused == [1, 1, 1]
    factories.UserFactory(username="lingdao", role="leader").change_password(PASSWORD)
    assert log_in("lingdao", **THERE).status_code == 302
    assert paused == [1] * 4


def test_where_an_account_is_known_nothing_is_slowed(flood, log_in, paused):
    flood(12)
    paused.clear()
    assert log_in("jiguan", **HERE).status_code == 302
    assert paused == []


def test_only_a_few_answers_are_slowed_at_a_time(flood, paused, monkeypatch):
    """Threads that sleep serve nobody: all of them asleep would be the portal standing still."""
    monkeypatch.setattr(attempts.SLOWED, "acquire", lambda blocking: False)
    assert {answer.status_code for answer in flood(12)} == {200}
    assert paused == []


def test_the_alarm_is_one_event_and_one_notice(flood, events, security_administrator, auditor):
    flood(12)
    (event,) = events("alarm")
    assert event.subject == "15 分钟内登录被拒 10 次，来自 10 个地址，最多的是 10.9.0.1（1 次）"
    assert (event.address, event.succeeded) == ("10.9.9.1", False)
    (notice,) = Notice.objects.all()
    assert (notice.user, notice.text) == (security_administrator, f"登录告警：{event.subject}。")


def test_the_security_administrator_sees_it_at_home(flood, security_administrator):
    flood(10)
    browser = Client()
    browser.force_login(security_administrator)
    home = browser.get("/").content.decode()
    assert "15 分钟内登录被拒 10 次" in home and "登录告警" in home and "未读" in home
    notice = Notice.objects.get()
    assert browser.get(f"/notices/{notice.pk}/").url == "/notices/"
    assert "15 分钟内登录被拒 10 次" in browser.get("/notices/").content.decode()


def test_a_further_alarm_is_a_notice_once_an_hour(flood, events, security_administrator, time_machine):
    for minutes, notices in ((0, 1), (20, 1), (60, 2)):
        time_machine.move_to(START + datetime.timedelta(minutes=minutes), tick=False)
        flood(10)
        assert Notice.objects.count() == notices
    assert len(events("alarm")) == 3
