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
    "admin:login": 302,
    "admin:logout": 307,
    "admin:password_change": 302,
    "admin:password_change_done": 302,
}


def test_the_office_opens_what_is_its_own():
    """The crawl is no walk along closed doors: with rows in sight every page of the portal opens."""
    account = Account("zuzhi")
    browser, rows, found = Browser(account.user), account.world.sites["home"].all_rows(), {}
    for address in all_addresses():
        if address.name and not (address.in_admin and address.parameters):
            first = next(targets_of(address, rows))
            found[address.name] = browser.ask("GET", first.url).status
    closed = {name: status for name, status in found.items() if status not in {200, 405}}
    assert {name: closed.get(name) for name in SHUT} == SHUT
    assert {name for name in set(closed) - set(SHUT) if not name.startswith("admin:")} == set()
    lists = [name for name in closed if name.endswith("_changelist")]
    assert lists == ["admin:accounts_user_changelist", "admin:accounts_role_changelist"]


def test_every_rule_has_an_address():
    addresses = list(all_addresses())
    assert [rule[0] for rule in RULES if not any(fits(rule, address) for address in addresses)] == []
