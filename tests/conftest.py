"""Fixtures for all tests: a database in a file, and pages in a real browser that are watched."""

import datetime
import os
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from banzhuang.accounts import append_only
from banzhuang.core import disk, parameters
from tests import factories
from tests.environment import find_browser

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Whatever a page or the browser itself asks for, no name but this machine's can be looked up.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
SAY_VIOLATIONS = """
document.addEventListener("securitypolicyviolation",
    event => console.error("CSP: " + event.violatedDirective + " " + event.blockedURI));
"""


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request, django_db_modify_db_settings):
    """SQLite in a file as in use, not in memory: the live server's threads need connections of their own."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database.setdefault("TEST", {})["NAME"] = str(settings.DATA_DIR / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """A live server's tests end by emptying all tables, on SQLite row by row: the trail's triggers would refuse.

    tests/accounts/test_audit_trail.py puts them back to test them. PostgreSQL truncates, which no row trigger sees.
    """
    if connection.vendor == "sqlite":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            for name in append_only.TRAIL:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}_no_delete")


@pytest.fixture(scope="session")
def async_unsafe():
    """Playwright's event loop lives in the main thread, where Django would refuse every query."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser_type_launch_args(async_unsafe, browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": find_browser(), "args": QUIET}


@pytest.fixture(autouse=True)
def fresh_parameters():
    """Values read by one test do not outlive it."""
    parameters.forget()


@pytest.fixture(autouse=True)
def room_on_the_disk(monkeypatch):
    """However full the machine that the tests run on is."""
    monkeypatch.setattr(disk, "look", lambda: disk.Disk(used=40, free=60))


class Watch:
    """Collects what no page may do: reach beyond the live server, break the CSP, raise or log an error."""

    def __init__(self, server):
        self.server = server
        # The browser asks for icons when it likes: of a picture opened by itself, or when there is no network.
        self.allowed = [r"/(favicon\.ico|portal/img/icon\.svg)\)"]
        self.faults = []

    def allow(self, pattern):
        """Expect messages that match: a page that answers 404 or 422 on purpose logs an error in the console."""
        self.allowed.append(pattern)

    def follow(self, context):
        context.add_init_script(SAY_VIOLATIONS)
        context.on("request", self.see_request)
        context.on("console", self.see_console)
        context.on("weberror", lambda fault: self.add(f"error in the page: {fault.error}"))

    def see_request(self, request):
        if not request.url.startswith((f"{self.server}/", "data:", "blob:", "about:")):
            self.add(f"request beyond the server: {request.url}")

    def see_console(self, message):
        if message.type == "error":
            self.add(f"console: {message.text} ({message.location['url']})")

    def add(self, fault):
        if not any(re.search(pattern, fault) for pattern in self.allowed):
            self.faults.append(fault)


class Requests:
    """Counts the requests that the live server is at work on."""

    def __init__(self):
        self.open = 0
        self.lock = threading.Lock()

    def counted(self, get_response):
        def counting(handler, request):
            with self.lock:
                self.open += 1
            try:
                return get_response(handler, request)
            finally:
                with self.lock:
                    self.open -= 1

        return counting

    def wait(self, seconds=15, calm=0.05):
        """Until none has been open for a moment: one may be on its way that the server has not taken up."""
        late = time.monotonic() + seconds
        since = time.monotonic()
        while time.monotonic() - since < calm:
            if self.open:
                since = time.monotonic()
            if time.monotonic() > late:
                pytest.fail("the live server is still at work on a request of this test", pytrace=False)
            time.sleep(0.01)


@pytest.fixture
def answered(live_server, monkeypatch):
    """Ends, after the browser was closed, when the server has answered all it was asked.

    A page that is closed leaves its last requests behind. Emptying the tables beside them is a deadlock on
    PostgreSQL, and what they write would meet the next test.
    """
    requests = Requests()
    monkeypatch.setattr(WSGIHandler, "get_response", requests.counted(WSGIHandler.get_response))
    yield requests
    requests.wait()


@pytest.fixture
def watch(live_server):
    return Watch(live_server.url)


@pytest.fixture
def open_page(live_server, answered, new_context, watch):
    """A function that opens a page of its own session: open_page(user=None, **context options)."""
    contexts = []

    def opening(user=None, **options):
        context = new_context(
            base_url=live_server.url, locale="zh-CN", timezone_id="Asia/Shanghai", **options
        )
        contexts.append(context)
        watch.follow(context)
        if user is not None:
            sign_in(context, live_server.url, user)
        return context.new_page()

    yield opening
    for context in contexts:
        context.cookies()  # a round trip: everything the pages have reported so far has arrived after it
    if watch.faults:
        pytest.fail("\n".join(watch.faults), pytrace=False)


def sign_in(context, server, user):
    """Give the browser context a signed-in session without going through the login page."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": server}])


@pytest.fixture
def page(open_page):
    """An office screen of 1366×768."""
    return open_page(viewport={"width": 1366, "height": 768})


@pytest.fixture
def phone(open_page):
    """A phone of 390×844 at two device pixels, with touch."""
    size = {"width": 390, "height": 844}
    return open_page(viewport=size, device_scale_factor=2, is_mobile=True, has_touch=True)


@pytest.fixture
def villages(db):
    """Two villages of the township, 西响石村 first, each with a secretary."""
    return factories.township_with(2)


@pytest.fixture
def leader(db):
    """镇领导 马强."""
    return factories.UserFactory(username="lingdao", name="马强", role="leader")


@pytest.fixture
def organisation_office(db):
    """组织办 周敏, who may also enter the admin."""
    return factories.UserFactory(username="zuzhi", name="周敏", role="organisation", is_staff=True)


@pytest.fixture
def welfare_office(db):
    """民政帮扶办 吴燕, who may also enter the admin."""
    return factories.UserFactory(username="minzheng", name="吴燕", role="welfare", is_staff=True)


@pytest.fixture
def leading_cadre(leader):
    """马强 as a cadre, 党委委员, who looks after households."""
    return factories.LeaderFactory(name="马强", user=leader)


@pytest.fixture
def village_cadre(villages):
    """A cadre of 西响石村, with that village as scope."""
    return factories.UserFactory(username="cunganbu", name="王德胜", role="village", scope=villages[0].code)


@pytest.fixture
def outsider(db):
    """The organisation office of another township."""
    return factories.UserFactory(
        username="waizhen", name="外镇人", role="organisation", scope=factories.OTHER_TOWNSHIP, is_staff=True
    )


@pytest.fixture
def july(time_machine):
    """It is noon of 15 July 2026; → that day."""
    time_machine.move_to(datetime.datetime(2026, 7, 15, 4, tzinfo=datetime.UTC), tick=False)
    return datetime.date(2026, 7, 15)


@pytest.fixture
def seen_elsewhere():
    """seen_elsewhere(ask): what ask() finds by a connection of its own, as soon as it is true; the last answer after ten
    seconds. One's own connection sees an older state while it reads through an open cursor."""

    def asking(ask):
        try:
            end = time.monotonic() + 10
            while not (found := ask()) and time.monotonic() < end:
                time.sleep(0.01)
            return found
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as another:
        yield lambda ask: another.submit(asking, ask).result()


@pytest.fixture
def count_queries():
    """count_queries(act): how many queries act() makes."""

    def counting(act):
        with CaptureQueriesContext(connection) as queries:
            act()
        return len(queries)

    return counting
