"""Whoever works here reads Chinese: no page holds a run of English words, also not as a label, a title or an error."""

import re
from html.parser import HTMLParser

import pytest
from django.forms.formsets import ManagementForm

from . import bodies
from .addresses import all_addresses, targets_of
from .browser import Browser
from .sight import Account

ENGLISH = re.compile(r"[A-Za-z]{2,}(?:[\s,.:'-]+[A-Za-z]{2,}){2,}")
READ_OUT = {"alt", "aria-label", "placeholder", "title", "data-text"}
# Names of file types and commands that a sentence lists; no English sentence consists of them.
WORDS = {"xlsx", "xlsm", "xls", "et", "ods", "csv", "manage", "py", "reset", "password"}

pytestmark = pytest.mark.django_db


class Reader(HTMLParser):
    """The texts of a page, and those attributes that are shown or read out."""

    def __init__(self):
        super().__init__()
        self.texts, self.silent = [], 0

    def handle_starttag(self, tag, attributes):
        self.silent += tag in {"script", "style"}
        self.texts += [value for name, value in attributes if name in READ_OUT and value]
        shown = dict(attributes)
        if tag == "input" and shown.get("type") in {"submit", "button"}:
            self.texts.append(shown.get("value") or "")

    def handle_endtag(self, tag):
        self.silent -= tag in {"script", "style"}

    def handle_data(self, data):
        if not self.silent:
            self.texts.append(data)


def english_in(page: str) -> set[str]:
    reader = Reader()
    reader.feed(page)
    found = {match[0] for text in reader.texts for match in ENGLISH.finditer(text)}
    return {run for run in found if set(re.findall("[a-z]+", run.lower())) - WORDS}


@pytest.mark.parametrize("name", ["zuzhi", "anquan", "admin", "shenji"])
def test_pages_are_chinese(name):
    """Each page as it opens and after an empty form; what is refused has a page of its own."""
    account = Account(name)
    browser, wrong = Browser(account.user), {}
    for address in all_addresses():
        for target in targets_of(address, account.world.sites["home"].all_rows()):
            page = browser.ask("GET", target.url)
            answers = [("GET", page)]
            forms = bodies.forms_on(page.context) if page.status == 200 else []
            if forms:
                counts = [form for form in forms if isinstance(form, ManagementForm)]
                answers.append(("POST", browser.ask("POST", target.url, bodies.honest(counts))))
            for method, answer in answers:
                if answer.is_page:
                    for run in english_in(answer.body):
                        wrong.setdefault(run, f"{method} {target.url}")
    assert not wrong, "\n" + "\n".join(f"{where}: {run}" for run, where in wrong.items())


def test_what_is_looked_for():
    page = '<p>Please log in again <script>not this one</script><b title="No rows were found">.xlsx .xls .ods</b>'
    assert english_in(page) == {"Please log in again", "No rows were found"}
