"""The canary crawl: no text of a row out of sight reaches an account, whatever it asks for."""

import pytest

from banzhuang.core.access import ROLES

from .crawler import Crawler
from .sight import ACCOUNTS, Account

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ACCOUNTS)
def test_account(name):
    crawler = Crawler(Account(name))
    findings = crawler.crawl()
    print(f"{name}: {crawler.requests} requests")
    assert not findings, "\n".join(map(str, findings))


def test_every_role_crawls():
    assert {role for role, _ in ACCOUNTS.values()} >= set(ROLES)
