"""The crawl of one account: every address, with rows in sight and out of sight, by every method.

What is asked of each answer: no 500; no text of a row out of sight; a row out of sight is not found and stays as it
was; nothing in sight is tied to it; and nothing is written to a table that the role may not write.
"""

import hashlib
from dataclasses import dataclass, field

from django.apps import apps
from django.db import models

from banzhuang.accounts.models import AuditEvent

from . import bodies, queries
from .addresses import Address, Target, all_addresses, targets_of
from .browser import Answer, Browser
from .rows import project_models, tokens_in
from .sight import REVEALING, Account

# Not found, not allowed, or not by this method; the admin also sends one back to where one may be.
REFUSED, REFUSED_BY_ADMIN = {403, 404, 405}, {302, 400, 403, 404, 405}
# Tables of Django that the admin and the accounts write beside ours.
BESIDE = {"django_admin_log"}
OWN_PASSWORD = {"password_change", "admin:password_change"}


@dataclass(frozen=True)
class Finding:
    """What went wrong, for whom, where."""

    account: str
    method: str
    url: str
    what: str

    def __str__(self):
        return f"{self.account:9} {self.method:4} {self.url}: {self.what}"


@dataclass
class Crawler:
    """Crawls all addresses for one account and collects what went wrong."""

    account: Account
    findings: dict[Finding, None] = field(default_factory=dict)
    requests: int = 0

    def __post_init__(self):
        self.world = self.account.world
        self.browser = Browser(self.account.user)
        rows = self.world.rows()
        self.strangers = {row.model: row for row in reversed(rows) if row not in self.account.mine}
        self.kept = [row for row in rows if not self.may_change(row)]
        self.before = (self.digests(), self.ties())

    def may_change(self, row) -> bool:
        return row in self.account.mine and self.account.may_write(row.model._meta.label)

    def crawl(self) -> list[Finding]:
        """Every address; → what went wrong, each once."""
        for address in all_addresses():
            self.visit(address)
            if self.account.thorough:
                self.visit_nothing(address)
        return list(self.findings)

    def visit(self, address: Address) -> None:
        """A row in sight first and in every way; further ones, and further values, only by reading them."""
        forms, first = [], self.account.thorough
        for target in targets_of(address, [row for row in self.world.rows() if row.site.name != "tied"]):
            if target.row is not None and target.row not in self.account.mine:
                self.visit_out_of_sight(target, forms)
            elif first:
                forms, first = self.visit_in_sight(target), False
            else:
                self.ask(target, "GET")

    def visit_in_sight(self, target: Target) -> list:
        """Read it in every way, then post to it; → the forms it shows."""
        page = self.ask(target, "GET")
        if target.row is not None and not target.address.in_admin and page.status == 404:
            self.note(target, "GET", "a row in sight is not found")
        shown = bodies.forms_on(page.context) if page.status == 200 else []
        if page.status == 200:
            if not target.address.in_admin:
                self.ask(target, "HEAD", partial=True)
            for place, query in enumerate(queries.of(target, self.world, self.strangers)):
                self.ask(target, "GET", query=query, partial=place == 0)
            for query in queries.telling(target, self.world):
                if self.ask(target, "GET", query=query).status == 200:
                    self.note(target, "GET", "looks up a hidden text", f"{target.url}?{query}")
        if page.status in {200, 405}:
            self.post(target, shown, known=page.status == 200)
        return shown

    def post(self, target: Target, forms, known) -> None:
        """Empty, as meant, and with every relation in turn forged; a page without a form is sent a guess."""
        if forms or not known:
            self.ask(target, "POST", {})
        if forms:
            self.ask(target, "POST", bodies.honest(forms))
        for body in bodies.forged(forms, self.strangers):
            answer = self.ask(target, "POST", body)
            if not known and self.is_reader(target) and answer.status not in REFUSED:
                self.note(target, "POST", f"a reader's post answers {answer.status} instead of 403")
        for body in queries.bulk_bodies(target, self.world, self.account):
            if self.ask(target, "POST", body).written - BESIDE:
                self.note(target, "POST", f"{body['action']} acts on a selection with rows out of sight")

    def is_reader(self, target: Target) -> bool:
        """Whether the account may not change the row that an address without a page of its own acts on."""
        if target.row is None or target.address.name in REVEALING:
            return False
        return not self.may_change(target.row)

    def visit_out_of_sight(self, target: Target, forms) -> None:
        """Read it, and post to it what the forms of a row in sight would send."""
        tries = [
            ("GET", None),
            ("POST", {}),
            ("POST", bodies.honest(forms) or bodies.guessed(self.strangers)),
        ]
        for method, data in tries:
            answer = self.ask(target, method, data)
            allowed = REFUSED_BY_ADMIN if target.address.in_admin else REFUSED
            if answer.status not in allowed:
                self.note(target, method, f"a row out of sight answers {answer.status} instead of 404")

    def visit_nothing(self, address: Address) -> None:
        """What was never there: an answer, but no page and no failure."""
        if not address.parameters:
            return
        target = Target(address, address.url(dict.fromkeys(address.parameters, "x")))
        for method, data in [("GET", None), ("POST", {})]:
            answer = self.ask(target, method, data)
            if answer.status not in REFUSED_BY_ADMIN:
                self.note(target, method, f"nothing is there, but it answers {answer.status}")

    def ask(self, target: Target, method, data=None, *, query="", partial=False) -> Answer:
        """Send one request and judge what comes back."""
        self.requests += 1
        url = f"{target.url}?{query}" if query else target.url
        answer = self.browser.ask(
            method,
            url,
            data,
            partial=partial,
            look=lambda answer: self.judge_writing(target, method, url, answer),
        )
        if answer.status >= 500:
            self.note(target, method, f"{answer.status} {answer.fault}", url)
        said = set(tokens_in(f"{url} {data}"))
        for token in sorted(set(tokens_in(answer.text)) - said):
            mark = self.world.marks.get(token)
            if mark is not None and not self.account.may_read(mark, target.address.name):
                self.note(target, method, f"gives away {mark}", url)
        return answer

    def note(self, target, method, what, url="") -> None:
        self.findings[Finding(self.account.name, method, url or target.url, what)] = None

    def judge_writing(self, target, method, url, answer) -> None:
        """Called while what was written still stands."""
        for table in sorted(answer.written - BESIDE):
            if not self.may_write(table, target.address.name):
                self.note(target, method, f"writes {table} without the right to", url)
        digests, ties = self.digests(), self.ties()
        for label, digest in digests.items():
            if digest != self.before[0][label]:
                self.note(target, method, f"changes rows of {label} out of sight or reach", url)
        for relation, count in ties.items():
            if count > self.before[1][relation]:
                self.note(target, method, f"ties a row in sight to one out of sight by {relation}", url)

    def may_write(self, table, name) -> bool:
        """By the access table; a table between two belongs to both, and one's own password is one's own."""
        owners = OWNERS.get(table)
        if owners is None:
            return False
        if owners == ["accounts.User"] and name in OWN_PASSWORD:
            return True
        return all(self.account.may_write(label) for label in owners)

    def digests(self) -> dict[str, str]:
        """A checksum over the rows of each table that this account may not change."""
        found = {}
        for model in {row.model for row in self.kept}:
            pks = [row.instance.pk for row in self.kept if row.model is model]
            rows = list(model._base_manager.filter(pk__in=pks).order_by("pk").values_list())
            found[model._meta.label] = hashlib.sha256(repr(rows).encode()).hexdigest()
        return found

    def ties(self) -> dict[str, int]:
        """How many rows point to rows out of sight, by relation."""
        hidden = {}
        for row in self.world.rows():
            if row not in self.account.mine:
                hidden.setdefault(row.model, []).append(row.instance.pk)
        found = {}
        for model in project_models():
            if model is AuditEvent:
                continue
            for item in model._meta.concrete_fields:
                if isinstance(item, models.ForeignKey) and item.remote_field.model in hidden:
                    rows = model._base_manager.filter(**{f"{item.name}__in": hidden[item.remote_field.model]})
                    found[f"{model._meta.label}.{item.name}"] = rows.count()
        return found


def owners_of_tables() -> dict[str, list[str]]:
    """{table: labels of the models whose rights decide on it}: a version belongs to its model, a pair to both."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        kept_of = getattr(model, "instance_type", None)
        if isinstance(kept_of, type):
            labels = [kept_of._meta.label]
        elif model._meta.auto_created:
            labels = [item.remote_field.model._meta.label for item in model._meta.fields if item.is_relation]
        else:
            labels = [model._meta.label]
        found[model._meta.db_table] = [
            "accounts.Role" if label == "auth.Group" else label for label in labels
        ]
    return found


OWNERS = owners_of_tables()
