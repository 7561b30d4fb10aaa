"""Changing the password: by oneself, at the first log-in, and when it has become old."""

import datetime

import pytest

from banzhuang.accounts import parameters
from banzhuang.accounts.models import User
from banzhuang.core.models import ParameterValue

from .conftest import PASSWORD

pytestmark = pytest.mark.django_db
NEW = "Baiyun#20277"
START = datetime.datetime(2026, 3, 1, 1, 0, tzinfo=datetime.UTC)


def change(client, new=NEW, *, old=PASSWORD, again=None):
    return client.post("/password/", {"old": old, "new": new, "again": new if again is None else again})


@pytest.fixture
def newcomer(db):
    """An account as the administrator has opened it."""
    user = User.objects.create_user("xinren", name="新人", scope="320707109")
    user.one_time = user.give_one_time_password()
    return user


def test_the_new_password_holds_and_the_old_one_does_not(signed_in, clerk, client, log_in):
    assert change(signed_in(clerk)).url == "/"
    client.logout()
    assert log_in("jiguan", PASSWORD).status_code == 200
    assert log_in("jiguan", NEW).status_code == 302


def test_one_event_and_no_password_in_it(signed_in, clerk, events):
    change(signed_in(clerk))
    (event,) = events("password")
    assert (event.user, event.username, event.address) == (clerk, "jiguan", "127.0.0.1")
    assert NEW not in str(vars(event)) and PASSWORD not in str(vars(event))


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"old": "cuo-de-Mima-1"}, "现在的密码不对。"),
        ({"again": "Baiyun#20278"}, "两次写的新密码不一样。"),
        ({"new": "Abc#12"}, "密码至少 10 位。"),
        ({"new": "qingshan2026"}, "大写字母、小写字母、数字、符号，至少用三种。"),
        ({"new": "Q1w2e3r4t5"}, "这个密码容易猜到（常见的词）"),
        ({"new": "LinXiao#2026"}, "密码不能含姓名、用户名或地名，也不能用它们的拼音。"),
        ({"new": "BanZhuang#2026"}, "密码不能含姓名、用户名或地名，也不能用它们的拼音。"),
        ({"new": PASSWORD}, "最近 5 次用过"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(signed_in, clerk, events, answer, sentence):
    page = change(signed_in(clerk), **answer)
    assert page.status_code == 200
    assert sentence in page.content.decode()
    clerk.refresh_from_db()
    assert clerk.check_password(PASSWORD)
    assert events("password") == []


def test_the_old_password_is_guessed_five_times_at_most(signed_in, clerk, events, log_in):
    client = signed_in(clerk)
    answers = [change(client, old=f"cuo-de-Mima-{number}").status_code for number in range(5)]
    assert answers == [200, 200, 200, 200, 429]
    assert change(client).status_code == 429
    clerk.refresh_from_db()
    assert clerk.check_password(PASSWORD)
    told = [(event.user, event.username, event.subject, event.succeeded) for event in events("refused")]
    assert told == [(clerk, "jiguan", "修改密码时", False)] * 6


def test_a_part_of_a_page_sends_the_whole_page_to_the_password_page(newcomer, client, log_in):
    log_in("xinren", newcomer.one_time)
    response = client.get("/jobs/1/", headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == "/password/"
    assert response.content == b""


def test_a_first_log_in_sees_nothing_but_the_password_page(newcomer, client, log_in):
    log_in("xinren", newcomer.one_time)
    for address in ("/", "/villages/", "/admin/", "/jobs/1/", "/no-such-page/", "/admin/password_change/"):
        for answer in (client.get(address), client.post(address)):
            assert (answer.status_code, answer.url) == (302, "/password/"), address
    assert "先改密码，再办事" in client.get("/password/").content.decode()


def test_from_the_password_page_one_can_leave(newcomer, client, log_in):
    log_in("xinren", newcomer.one_time)
    assert client.post("/logout/").url == "/login/"


def test_after_the_change_everything_is_open(newcomer, client, log_in):
    log_in("xinren", newcomer.one_time)
    change(client, old=newcomer.one_time)
    assert client.get("/").status_code == 200
    newcomer.refresh_from_db()
    assert not newcomer.must_change_password


def test_after_ninety_days_it_must_be_changed(clerk, client, log_in, time_machine):
    time_machine.move_to(START)
    clerk.change_password(PASSWORD)
    time_machine.move_to(START + datetime.timedelta(days=89))
    log_in("jiguan")
    assert client.get("/").status_code == 200
    time_machine.move_to(START + datetime.timedelta(days=89, hours=24))
    log_in("jiguan")
    assert client.get("/").url == "/password/"
    assert "每满 90 天" in client.get("/password/").content.decode()
    change(client)
    assert client.get("/").status_code == 200


def test_how_old_a_password_may_be_is_a_parameter(clerk, client, log_in, time_machine):
    ParameterValue.objects.create(key=parameters.PASSWORD_DAYS.key, value="30", valid_from="2026-01-01")
    time_machine.move_to(START)
    clerk.change_password(PASSWORD)
    time_machine.move_to(START + datetime.timedelta(days=31))
    log_in("jiguan")
    assert client.get("/").url == "/password/"


def test_where_no_age_is_set_passwords_stay(clerk, client, log_in, time_machine):
    ParameterValue.objects.create(key=parameters.PASSWORD_DAYS.key, value="0", valid_from="2026-01-01")
    ParameterValue.objects.create(key=parameters.UNUSED_DAYS.key, value="365", valid_from="2026-01-01")
    time_machine.move_to(START)
    clerk.change_password(PASSWORD)
    time_machine.move_to(START + datetime.timedelta(days=300))
    log_in("jiguan")
    assert client.get("/").status_code == 200


def test_demo_accounts_keep_theirs(client, log_in, settings, time_machine):
    settings.DEMO = True
    time_machine.move_to(START)
    User.objects.create_user("lingdao", PASSWORD, name="马强", scope="320707109", is_demo=True)
    time_machine.move_to(START + datetime.timedelta(days=300))
    log_in("lingdao")
    assert client.get("/").status_code == 200


def test_the_admin_has_no_password_page_of_its_own(signed_in, organisation_office):
    client = signed_in(organisation_office)
    assert client.get("/admin/password_change/").url == "/password/"
    assert client.post("/admin/password_change/", {}).url == "/password/"
