"""The canary crawl: no text of a row out of sight reaches an account, whatever it asks for."""

import pytest

from banzhuang.core.access import ROLES

from .addresses import RULES, all_addresses, fits, rule_of
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


def test_every_rule_has_an_address():
    addresses = list(all_addresses())
    assert [rule[0] for rule in RULES if not any(fits(rule, address) for address in addresses)] == []
