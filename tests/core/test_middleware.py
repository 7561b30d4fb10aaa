"""The as-of date of a request, and addresses that are text."""

import datetime

import pytest
from django.db import DatabaseError, OperationalError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory

from banzhuang.core.middleware import AsOfMiddleware, PrivatePagesMiddleware, parse_day

DAY = datetime.date


# --- As of -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-06-30", DAY(2026, 6, 30)),
        ("2026-06", DAY(2026, 6, 30)),
        ("2026-02", DAY(2026, 2, 28)),
        ("2025", DAY(2025, 12, 31)),
        ("1949", DAY(1949, 12, 31)),
        ("1948", None),
        ("2201", None),
        ("2026-02-30", None),
        ("2026-13", None),
        ("昨天", None),
        ("0000", None),
        ("9999999999999", None),
    ],
)
def test_a_day_a_month_or_a_year(text, day):
    assert parse_day(text) == day


@pytest.fixture
def ask():
    """ask(query): the request as a view gets it."""

    def asking(query):
        seen = []
        AsOfMiddleware(lambda request: seen.append(request) or HttpResponse())(
            RequestFactory().get(f"/?{query}")
        )
        return (seen[0].as_of, seen[0].as_of_chosen)

    return asking


def test_today_unless_somebody_chose(ask, july):
    assert ask("") == ask("on=") == (july, False)
    assert ask("on=2026-06-30") == (DAY(2026, 6, 30), True)
    assert ask("on=2026-06") == (DAY(2026, 6, 30), True)


def test_not_later_than_today(ask, july):
    """The running month is as of today, as if nothing had been chosen."""
    assert ask("on=2026-07") == ask("on=2027") == ask("on=2026-07-15") == (july, False)


def test_what_is_no_day_is_said_to_be_none(client, leader):
    client.force_login(leader)
    response = client.get("/?on=vorgestern")
    assert response.status_code == 400
    assert "应写成 2026-06-30 这样的形式" in response.content.decode()


def test_the_day_stands_in_the_page_and_in_its_links(client, leader, villages, july):
    client.force_login(leader)
    page = client.get("/villages/?on=2026-06").content.decode()
    assert "2026年6月" in page
    assert 'href="/villages/?on=2026-06-30"' in page


# --- Shared computers --------------------------------------------------------------------------------------
def test_what_a_view_says_of_the_cache_stays():
    def view(request):
        return HttpResponse(headers={"Cache-Control": "no-store"})

    assert PrivatePagesMiddleware(view)(RequestFactory().get("/"))["Cache-Control"] == "no-store"
    plain = PrivatePagesMiddleware(lambda request: HttpResponse())(RequestFactory().get("/"))
    assert plain["Cache-Control"] == "no-store, private"


# --- Text --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "address", ["/search/?q=%00", "/admin/cadres/cadre/?q=a%00b", "/audit/?who=%00", "/%00"]
)
def test_a_nul_in_an_address_goes_no_further(client, organisation_office, address):
    client.force_login(organisation_office)
    assert client.get(address).status_code == 400


# --- No database -------------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("error", [OperationalError, DatabaseError])
def test_a_database_that_does_not_answer_is_said_to_be_away(leader, monkeypatch, error):
    """Whoever asks first: session, account or view. Back at once when it answers again."""
    client = Client(raise_request_exception=False)
    client.force_login(leader)

    def away(*args, **kwargs):
        raise error("server closed the connection")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", away)
        patch.setattr(connection, "chunked_cursor", away)
        for address in ("/", "/login/", "/admin/"):
            response = client.get(address)
            assert response.status_code == 503
            assert "系统正在维护，马上回来" in response.content.decode()
        assert client.get("/healthz").status_code == 503
    assert client.get("/").status_code == 200
