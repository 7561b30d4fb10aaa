"""Whoever is not signed in gets to the log-in page, and nowhere else."""

from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from .addresses import all_addresses, targets_of
from .browser import Browser
from .rows import tokens_in
from .sight import ABROAD, Account

# What answers without a session, and how.
OPEN = {
    "login": {200},
    "logout": {302, 405},
    "health": {200},
    "admin:login": {302},
    "admin:logout": {302},
}

pytestmark = pytest.mark.django_db


def test_everything_leads_to_the_log_in():
    world, stranger = Account("lingdao").world, Browser()
    wrong = []
    for address in all_addresses():
        for target in targets_of(address, world.rows()):
            for method in ("GET", "HEAD", "POST"):
                answer = stranger.ask(method, target.url, {} if method == "POST" else None)
                allowed = OPEN.get(address.name)
                # The admin's own log-in leads on to the portal's.
                doors = {reverse("login"), reverse("admin:login")}
                sent_to_login = answer.status == 302 and urlsplit(answer.location).path in doors
                if not (answer.status in allowed if allowed else sent_to_login):
                    wrong.append(f"{method} {target.url}: {answer.status} {answer.location}")
                known = set(tokens_in(answer.text)) & set(world.marks) - set(tokens_in(target.url))
                if known or answer.written:
                    wrong.append(f"{method} {target.url}: gives away {known} or writes {answer.written}")
    assert wrong == []


def test_partial_requests_lead_there_too():
    """A part of a page cannot hold the log-in: the whole page is told to go there."""
    answer = Browser().ask("GET", reverse("overview"), partial=True)
    assert f"HX-Redirect: {reverse('login')}?next=" in answer.text


@pytest.mark.parametrize(
    "path", ["/no-such-page/", "/villages/x/y/", "/static/no-such-file.css", "/media/monthly/x.xlsx"]
)
def test_unknown_addresses_are_not_found(path):
    account = Account("zuzhi")
    for browser in (Browser(), Browser(account.user)):
        assert browser.ask("GET", path).status == 404


def test_files_have_no_address_of_their_own():
    """The folder of files is not served: a file comes only through a view that asks who wants it."""
    account = Account("zuzhi")
    files = [
        row.instance.file.name
        for row in account.world.rows()
        if row.model._meta.label == "reports.MonthlyWorkbook"
    ]
    assert files
    for name in files:
        for prefix in ("media", "static", "files", "uploads", ABROAD):
            assert Browser(account.user).ask("GET", f"/{prefix}/{name}").status == 404
