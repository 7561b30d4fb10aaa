"""How long a session lives, and what ends it at once."""

import datetime

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from banzhuang.accounts import parameters
from banzhuang.accounts.models import User
from banzhuang.accounts.tasks import clear_sessions
from banzhuang.core.models import Job, ParameterValue

from .conftest import PASSWORD

pytestmark = pytest.mark.django_db
START = datetime.datetime(2026, 7, 1, 1, 0, tzinfo=datetime.UTC)
POLL = {"HX-Request": "true"}


@pytest.fixture
def at(time_machine):
    """at(minutes=29): the clock stands so long after the log-in."""

    def moving(**time):
        time_machine.move_to(START + datetime.timedelta(**time), tick=False)

    moving()
    return moving


@pytest.fixture
def session(at, client, clerk, log_in):
    log_in("jiguan")
    return client


def test_half_an_hour_of_doing_nothing_ends_it(session, at):
    at(minutes=29)
    assert session.get("/").status_code == 200
    at(minutes=58)
    assert session.get("/").status_code == 200
    at(minutes=88, seconds=1)
    assert session.get("/").url == "/login/?next=/"


def test_a_page_that_asks_by_itself_does_not_keep_it_alive(session, at, clerk):
    job = Job.objects.create(kind="x", title="x", owner=clerk)
    at(minutes=20)
    assert session.get(f"/jobs/{job.pk}/", headers=POLL).status_code == 200
    at(minutes=31)
    assert session.get("/").status_code == 302


def test_a_job_opened_by_hand_keeps_it_alive(session, at, clerk):
    job = Job.objects.create(kind="x", title="x", owner=clerk)
    at(minutes=20)
    session.get(f"/jobs/{job.pk}/")
    at(minutes=31)
    assert session.get("/").status_code == 200


def test_twelve_hours_end_it_however_busy(session, at):
    for quarters in range(1, 48):
        at(minutes=15 * quarters)
        session.get("/logout/")  # refused: any request will do
    at(hours=12)
    assert session.get("/").status_code == 200
    at(hours=12, seconds=1)
    assert session.get("/").status_code == 302


def test_the_trail_says_why_it_ended(session, at, events):
    at(minutes=31)
    session.get("/")
    (event,) = events("logout")
    assert (event.username, event.explanation()) == ("jiguan", "闲置超过 30 分钟")


def test_the_limits_are_parameters(session, at):
    ParameterValue.objects.create(key=parameters.IDLE_MINUTES.key, value="5", valid_from="2026-01-01")
    at(minutes=6)
    assert session.get("/").status_code == 302


def test_pages_in_the_same_minute_write_nothing(session, at):
    at(seconds=59)
    with CaptureQueriesContext(connection) as queries:
        session.get("/")
    assert not [query["sql"] for query in queries if query["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]


def test_a_disabled_account_is_out_at_once(session, clerk):
    User.objects.filter(pk=clerk.pk).update(is_active=False)
    assert session.get("/").status_code == 302


def test_a_changed_password_ends_the_sessions_elsewhere(session, clerk, at):
    elsewhere = Client()
    elsewhere.post("/login/", {"username": "jiguan", "password": PASSWORD})
    assert elsewhere.get("/").status_code == 200
    new = "Baiyun#20277"
    session.post("/password/", {"old": PASSWORD, "new": new, "again": new})
    assert session.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302


def test_a_stolen_cookie_is_worth_nothing_after_the_log_out(session):
    stolen = Client()
    stolen.cookies["sessionid"] = session.cookies["sessionid"].value
    assert stolen.get("/").status_code == 200
    session.post("/logout/")
    assert stolen.get("/").status_code == 302


def test_two_places_are_allowed_unless_set_otherwise(session, at):
    elsewhere = Client()
    at(minutes=1)
    elsewhere.post("/login/", {"username": "jiguan", "password": PASSWORD})
    assert session.get("/").status_code == 200


def test_where_only_one_place_is_allowed_the_later_one_stays(session, at, events):
    ParameterValue.objects.create(key=parameters.SINGLE_SESSION.key, value="1", valid_from="2026-01-01")
    elsewhere = Client()
    at(minutes=1)
    elsewhere.post("/login/", {"username": "jiguan", "password": PASSWORD})
    assert session.get("/").status_code == 302
    assert elsewhere.get("/").status_code == 200
    assert [event.explanation() for event in events("logout")] == ["已在别处登录，或由管理员结束"]


def test_a_session_that_does_not_say_when_it_began_is_over(session):
    stored = session.session
    del stored["begun"]
    stored.save()
    assert session.get("/").status_code == 302


def test_cookies_are_not_for_scripts_and_not_for_other_sites(client, clerk, log_in):
    client.get("/login/")
    log_in("jiguan")
    for name in ("sessionid", "csrftoken"):
        cookie = client.cookies[name]
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert client.cookies["sessionid"]["max-age"] == ""


def test_rows_of_old_sessions_are_cleared(session, at):
    clear_sessions()
    assert Session.objects.count() == 1
    at(hours=25)
    clear_sessions()
    assert Session.objects.count() == 0
