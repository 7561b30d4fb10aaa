"""Roles: which permissions each has, in words, and who may change them."""

import pytest
from django.contrib.auth.models import Permission

from banzhuang.accounts.models import Role
from banzhuang.accounts.roles import ship_roles
from banzhuang.core.access import may
from banzhuang.core.models import ParameterValue
from cadres.models import Cadre

from .conftest import submit

pytestmark = pytest.mark.django_db


def address(role):
    return f"/admin/accounts/role/{role.pk}/change/"


@pytest.fixture
def office():
    """The role of the organisation office."""
    return Role.objects.get(code="organisation")


@pytest.fixture
def save(security_administrator, client, office):
    """save(taken=["reveal_cadre"], given=[…]): the role posted with its permissions changed."""
    client.force_login(security_administrator)

    def saving(role=office, taken=(), given=()):
        kept = role.permissions.exclude(codename__in=taken)
        more = Permission.objects.filter(codename__in=given)
        return submit(
            client, address(role), {"name": role.name, "permissions": [p.pk for p in [*kept, *more]]}
        )

    return saving


def test_a_permission_taken_away_is_gone_and_recorded(save, office, organisation_office, events):
    assert may(organisation_office, "reveal", Cadre)
    assert save(taken=["reveal_cadre"]).status_code == 302
    assert not may(type(organisation_office).objects.get(pk=organisation_office.pk), "reveal", Cadre)
    (event,) = events("rights", "change")
    assert event.subject == "角色 组织办"
    assert event.detail["changes"] == {"收回": ["", "干部 · 查看身份证号"]}


def test_it_stays_away_when_the_roles_are_shipped_again(save, office, django_app_configs):
    save(taken=["reveal_cadre"])
    for config in django_app_configs:
        ship_roles(config)
    assert not office.permissions.filter(codename="reveal_cadre").exists()


@pytest.fixture
def django_app_configs():
    from django.apps import apps

    return list(apps.get_app_configs())


def test_a_permission_given_is_recorded_and_widens_no_rows(save, events, leader):
    role = Role.objects.get(code="security")
    other = Role.objects.get(code="leader")
    save(other, given=["view_parametervalue"])
    (event,) = events("rights")
    assert event.detail["changes"] == {"给予": ["", "参数 · 查看"]}
    assert role.permissions.filter(codename="view_cadre").count() == 0
    assert not may(leader, "view", ParameterValue)


def test_saving_without_a_change_is_no_event(save, office, events):
    held = set(office.permissions.all())
    assert save().status_code == 302
    assert set(office.permissions.all()) == held
    assert events("rights", "change") == []


def test_the_own_role_is_looked_at_only(save, client, events):
    own = Role.objects.get(code="security")
    assert client.get(address(own)).status_code == 200
    assert save(own, given=["add_parametervalue", "view_cadre"]).status_code == 403
    assert not own.permissions.filter(codename="view_cadre").exists()
    assert events("rights") == []


def test_the_system_administrator_looks_and_changes_nothing(client, system_administrator, office):
    client.force_login(system_administrator)
    assert client.get(address(office)).status_code == 200
    assert client.post(address(office), {"name": "改名", "permissions": []}).status_code == 403
    assert Role.objects.get(pk=office.pk).permissions.exists()


def test_roles_are_neither_made_nor_deleted(save, client, office):
    assert client.get("/admin/accounts/role/add/").status_code == 403
    assert client.post(f"/admin/accounts/role/{office.pk}/delete/", {"post": "yes"}).status_code == 403


def test_every_choice_is_in_words(save, client, office):
    form = client.get(address(office)).context["adminform"].form
    labels = [label for _, label in form.fields["permissions"].choices]
    assert "干部 · 修改" in labels and "审计记录 · 查看" in labels
    assert not [label for label in labels if label.isascii() or "Can " in label]
