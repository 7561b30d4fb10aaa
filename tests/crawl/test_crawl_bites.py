"""The crawl finds what it is there for: each test opens one hole in the portal and is told of it."""

import pytest

from banzhuang.accounts import reveal
from banzhuang.accounts.scoped_admin import ScopedAdmin
from banzhuang.core import access
from banzhuang.core.fields import PhoneMaskField
from banzhuang.core.scoping import ScopedQuerySet
from villages.models.village import VillageQuerySet

from .addresses import all_addresses
from .crawler import Crawler
from .sight import Account

pytestmark = pytest.mark.django_db


def findings_at(account, *names):
    """What the crawl of these addresses reports, as text."""
    crawler = Crawler(Account(account))
    for address in all_addresses():
        if address.name in names:
            crawler.visit(address)
    return "\n".join(map(str, crawler.findings))


ADDRESSES = ("villages", "village", "search", "cadre", "admin:villages_village_changelist")


def test_nothing_is_found_where_nothing_is_open():
    assert findings_at("cunganbu", *ADDRESSES) == ""


@pytest.mark.parametrize("account", ["cunganbu", "zuzhi"])
def test_all_villages_for_everybody(monkeypatch, account):
    monkeypatch.setattr(VillageQuerySet, "for_user", lambda self, user: self.all())
    found = findings_at(account, "villages", "village")
    assert "gives away name of villages.Village" in found
    assert "a row out of sight answers 200 instead of 404" in found


def test_scopes_that_hold_everything(monkeypatch):
    monkeypatch.setattr(ScopedQuerySet, "within", lambda self, prefixes: self.all())
    assert "gives away name of villages.Village" in findings_at("zuzhi", "villages")


def test_a_role_that_is_given_a_table(monkeypatch):
    """The oracle reads the table too, so a view that asks nobody is put in the place of the table."""
    monkeypatch.setattr(VillageQuerySet, "for_user", lambda self, user: self.within([user.scope]))
    assert "gives away" in findings_at("admin", "village")


def test_numbers_that_are_not_masked(monkeypatch):
    monkeypatch.setattr(PhoneMaskField, "derive", lambda field, value: value)
    assert "gives away phone of cadres.Cadre" in findings_at("lingdao", "cadre")


def test_revealing_without_the_right(monkeypatch):
    monkeypatch.setattr(reveal, "may", lambda user, act, model: True)
    found = findings_at("jingfa", "reveal_cadre")
    assert "gives away id_number of cadres.Cadre" in found


def test_readers_that_may_write(monkeypatch):
    monkeypatch.setattr(ScopedAdmin, "has_change_permission", lambda self, request, obj=None: True)
    assert "writes villages_village without the right to" in findings_at(
        "jingfa", "admin:villages_village_change"
    )


def test_relations_to_what_is_out_of_sight(monkeypatch):
    def any_row(self, db_field, request, **kwargs):
        return db_field.formfield(queryset=db_field.remote_field.model._base_manager.all())

    monkeypatch.setattr(ScopedAdmin, "formfield_for_foreignkey", any_row)
    found = findings_at("zuzhi", "admin:cadres_cadre_change")
    assert "ties a row in sight to one out of sight by cadres.Cadre" in found
    assert "gives away" in found


def test_looking_up_hidden_texts(monkeypatch):
    monkeypatch.setattr(ScopedAdmin, "lookup_allowed", lambda self, lookup, value, request: True)
    assert "looks up a hidden text" in findings_at("jingfa", "admin:cadres_cadre_changelist")


def test_a_failing_view(monkeypatch):
    monkeypatch.setattr(access, "sight", None)
    monkeypatch.setattr("banzhuang.core.scoping.sight", None)
    assert "500 TypeError" in findings_at("lingdao", "villages")
