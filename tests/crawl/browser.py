"""Requests as a browser sends them, each in a savepoint that is rolled back: one cannot spoil the next.

What is noted of each: the answer, what was written to which tables, and the exception behind a 500.
"""

import io
import re
import sys
import zipfile
from dataclasses import dataclass, field
from urllib.parse import unquote, urlencode

from django.conf import settings
from django.core.signals import got_request_exception
from django.db import DatabaseError, connection, transaction
from django.test import Client, RequestFactory
from django.test.client import ClientHandler
from django.test.signals import template_rendered

FORM = "application/x-www-form-urlencoded"
WRITING = re.compile(r'\s*(?:INSERT(?: OR IGNORE)? INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
# Kept by every request whoever sends it.
BOOKKEEPING = {
    "django_session",
    "accounts_failedlogin",
    "accounts_familiaraddress",
    "accounts_auditevent",
    "accounts_trailend",
}


@dataclass
class Answer:
    """Status, headers and body of an answer, and what happened on the way to it; `after`: where a form led."""

    status: int
    location: str = ""
    kind: str = ""
    head: str = ""
    body: str = ""
    after: str = ""
    written: set[str] = field(default_factory=set)
    fault: str = ""
    context: dict = field(default_factory=dict)

    @property
    def text(self) -> str:
        """All that reaches the browser."""
        return f"{self.head}\n{self.body}\n{self.after}"

    @property
    def is_page(self) -> bool:
        return self.kind.startswith("text/html")


class Browser(RequestFactory):
    """A browser that is signed in as `user`, or as nobody."""

    def __init__(self, user=None):
        super().__init__(headers={"host": "testserver"})
        self.handler = ClientHandler(enforce_csrf_checks=False)
        self.session = ""
        if user is not None:
            client = Client()
            client.force_login(user)
            self.session = client.cookies[settings.SESSION_COOKIE_NAME].value

    def request(self, **environ):
        return self.handler(self._base_environ(**environ))

    def ask(self, method, url, data=None, *, partial=False, look=None) -> Answer:
        """Send one request. `look(answer)` is called before all is rolled back, if anything was written."""
        self.cookies.clear()
        if self.session:
            self.cookies[settings.SESSION_COOKIE_NAME] = self.session
        headers = {"HX-Request": "true"} if partial else {}
        watch = Watch()
        with transaction.atomic(), watch:
            try:
                answer = self.send(method, url, data, headers)
            except DatabaseError:
                # The page that says 500 could not be drawn: the failure left the transaction of the test broken.
                answer = Answer(500)
            answer.written, answer.fault, answer.context = watch.written, watch.fault, watch.context
            if connection.needs_rollback:
                look = None
            elif method == "POST" and 300 <= answer.status < 400:
                answer.after = self.read_on(answer.location)
            if look is not None and answer.written and answer.status < 500:
                look(answer)
            transaction.set_rollback(True)
        return answer

    def send(self, method, url, data, headers) -> Answer:
        if method == "POST":
            files = any(hasattr(value, "read") for value in (data or {}).values())
            body = (
                {"data": data} if files else {"data": urlencode(data or {}, doseq=True), "content_type": FORM}
            )
            response = self.post(url, headers=headers, **body)
        else:
            response = self.generic(method, url, headers=headers)
        body = b"".join(response) if response.streaming else response.content
        self.cookies.update(response.cookies)
        said = "\n".join(unquote(f"{name}: {value}") for name, value in response.items())
        head = f"{said}\n{unquote(response.cookies.output())}"
        kind, location = response.get("Content-Type", ""), unquote(response.get("Location", ""))
        return Answer(response.status_code, location, kind, head, readable(body))

    def read_on(self, location) -> str:
        """The page that a form sends one on to, with its message."""
        if not location.startswith("/") or "/logout/" in location:
            return ""
        return self.send("GET", location, None, {}).text


def readable(body: bytes) -> str:
    """The text of a body; a workbook or document is unpacked, with the names of its parts."""
    if body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            return "\n".join(
                f"{name}\n{parts.read(name).decode(errors='replace')}" for name in parts.namelist()
            )
    return body.decode(errors="replace")


class Watch:
    """Notes the tables written, the exception behind a 500, and the context of the first template, which is the page's."""

    def __enter__(self):
        self.written, self.fault, self.context = set(), "", {}
        self.wrapper = connection.execute_wrapper(self.see_statement)
        self.wrapper.__enter__()
        got_request_exception.connect(self.see_exception)
        template_rendered.connect(self.see_template)
        return self

    def __exit__(self, *exception):
        template_rendered.disconnect(self.see_template)
        got_request_exception.disconnect(self.see_exception)
        self.wrapper.__exit__(*exception)

    def see_statement(self, execute, sql, params, many, context):
        found = WRITING.match(sql)
        if found and found[1] not in BOOKKEEPING:
            self.written.add(found[1])
        return execute(sql, params, many, context)

    def see_exception(self, sender, **kwargs):
        kind, error, trace = sys.exc_info()
        while trace.tb_next is not None:
            trace = trace.tb_next
        code = trace.tb_frame.f_code
        place = code.co_filename.rsplit("/site-packages/", 1)[-1].removeprefix(f"{settings.BASE_DIR}/")
        self.fault = f"{kind.__name__}: {str(error)[:200]} ({place}:{trace.tb_lineno} {code.co_name})"

    def see_template(self, sender, template, context, **kwargs):
        if not self.context:
            self.context = context.flatten()
