"""The canary crawl: no text of a row out of sight reaches an account, whatever it asks for."""

import pytest

from banzhuang.core.access import ROLES

from .addresses import RULES, Address, UnknownAddress, all_addresses, fits, rule_of, targets_of
from .browser import Browser
from .crawler import Crawler
from .sight import ACCOUNTS, Account

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ACCOUNTS)
def test_nothing_out_of_sight_gets_out(name):
    """Thousands of requests; read the findings from the top: URL by account by method."""
    crawler = Crawler(Account(name))
    findings = crawler.crawl()
    assert crawler.requests > 200
    assert not findings, "\n" + "\n".join(map(str, findings[:100]))


def test_every_role_crawls():
    assert {role for role, _ in ACCOUNTS.values()} >= set(ROLES)


def test_every_address_is_known():
    """A new address with parameters needs a line in addresses.RULES; one without is crawled by itself."""
    for address in all_addresses():
        rule_of(address)


def test_a_new_address_is_noticed():
    with pytest.raises(UnknownAddress, match=r"thing_edit: no rule .* for thing"):
        rule_of(Address("thing_edit", "things/<int:thing>/edit/"))


# Pages that the office of organisation is refused, or sent on from.
SHUT = {
    "login": 302,
    "audit_trail": 403,
    "running": 403,
    "notice": 302,
    "export_download": 302,
    "import_marked": 302,
    "import_marked_download": 302,
    "admin:login": 302,
    "admin:logout": 307,
    "admin:password_change": 302,
    "admin:password_change_done": 302,
}
# It answers needs, and sees the household of such a need; visits are no business of its.
OF_VISITS = {
    "visit_plan", "visits", "visit", "edit_visit", "visit_photo", "record_visit", "visit_quota", "visit_sheet",
    "evening_visits", "handover",
}  # fmt: skip


OF_WELFARE = ["livelihood_contact", "livelihood_visit"]


def closed_to(name) -> dict[str, int]:
    """The addresses that do not open for an account with a row of each table in sight, and what they answer."""
    account = Account(name)
    browser, rows, found = Browser(account.user), account.world.sites["home"].all_rows(), {}
    for address in all_addresses():
        if address.name and not (address.in_admin and address.parameters):
            first = next(targets_of(address, rows))
            found[address.name] = browser.ask("GET", first.url).status
    return {name: status for name, status in found.items() if status not in {200, 405}}


def test_the_office_opens_what_is_its_own():
    """The crawl is no walk along closed doors: with rows in sight every page of the portal opens."""
    closed = closed_to("zuzhi")
    assert {name: closed.get(name) for name in SHUT} == SHUT
    assert {name for name in set(closed) - set(SHUT) if not name.startswith("admin:")} == OF_VISITS
    lists = [name for name in closed if name.endswith("_changelist")]
    assert lists == [f"admin:{table}_changelist" for table in ("accounts_user", "accounts_role", *OF_WELFARE)]


def test_the_welfare_office_opens_all_of_the_households_and_visits():
    closed = set(closed_to("minzheng"))
    assert closed & {*OF_VISITS, "households", "household", "needs", "need"} == set()
    assert not {name for name in closed if name.startswith("admin:livelihood")}


def test_every_rule_has_an_address():
    addresses = list(all_addresses())
    assert [rule[0] for rule in RULES if not any(fits(rule, address) for address in addresses)] == []
