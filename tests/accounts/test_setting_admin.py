"""Parameters in the admin: who sets which, what is refused, and from when a value holds."""

import pytest
from django.test import Client

from banzhuang.accounts import parameters as account_parameters
from banzhuang.core.models import ParameterValue

from .conftest import submit

pytestmark = pytest.mark.django_db
LIST, ADD = "/admin/core/parametervalue/", "/admin/core/parametervalue/add/"
IDLE = account_parameters.IDLE_MINUTES.key


def browser(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def office(organisation_office):
    """A browser of the organisation office."""
    return browser(organisation_office)


@pytest.fixture
def security(security_administrator):
    """A browser of the security administrator."""
    return browser(security_administrator)


def put(client, key, value, valid_from="2026-01-01", address=ADD):
    return submit(client, address, {"key": key, "value": value, "valid_from": valid_from})


def test_a_value_set_shows_at_the_next_page(office, client):
    assert "班庄镇党建民生平台" in client.get("/login/").content.decode()
    put(office, "portal_name", "海头镇党建平台")
    assert "海头镇党建平台" in client.get("/login/").content.decode()


def test_setting_changing_and_deleting_are_one_event_each(office, organisation_office, events):
    put(office, "cadres.term_years", "3")
    row = ParameterValue.objects.get()
    assert row.set_by == organisation_office
    put(office, "cadres.term_years", "5", address=f"{LIST}{row.pk}/change/")
    office.post(f"{LIST}{row.pk}/delete/", {"post": "yes"})
    put(office, "cadres.term_years", "4")
    row = ParameterValue.objects.get()
    office.post(LIST, {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    told = [(e.action, e.detail["changes"]["值"]) for e in events("add", "change", "delete", "rights")]
    assert told == [
        ("add", ["", "3"]),
        ("change", ["3", "5"]),
        ("delete", ["5", ""]),
        ("add", ["", "4"]),
        ("delete", ["4", ""]),
    ]
    assert events("add")[0].subject == "参数 村“两委”任期（年）（2026-01-01 起）"


@pytest.mark.parametrize("value", ["五", "5.5", "", " ", "5年"])
def test_a_value_that_cannot_be_read_is_refused(office, value):
    page = put(office, "cadres.term_years", value)
    assert page.status_code == 200
    assert "应为整数，如 5。" in page.content.decode() or "还没有填。" in page.content.decode()
    assert not ParameterValue.objects.exists()


@pytest.mark.parametrize("value", ["4", "121", "0", "-30", "三十"])
def test_a_value_out_of_its_bounds_is_refused(security, value):
    page = put(security, IDLE, value)
    assert "“闲置多少分钟退出”应为5 至 120 的整数，如 30。" in page.content.decode()
    assert not ParameterValue.objects.exists()


def test_one_value_a_day(office):
    put(office, "cadres.term_years", "3")
    page = put(office, "cadres.term_years", "4")
    assert "这个参数在同一天已有一个值，改那一条即可。" in page.content.decode()


def test_security_is_set_by_the_security_administrator_alone(office, security, system_administrator):
    for client in (office, browser(system_administrator)):
        assert put(client, IDLE, "60").status_code == 200
    assert not ParameterValue.objects.exists()
    assert put(security, IDLE, "60").status_code == 302
    assert put(security, "cadres.term_years", "3").status_code == 200
    assert ParameterValue.objects.get().key == IDLE


def test_values_of_the_others_are_not_reached_by_number(office, security):
    put(security, IDLE, "60")
    row = ParameterValue.objects.get()
    assert list(office.get(LIST).context["cl"].result_list) == []
    office.post(f"{LIST}{row.pk}/delete/", {"post": "yes"})
    office.post(LIST, {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert ParameterValue.objects.filter(pk=row.pk).exists()


def test_nobody_else_sets_any(client, leader, auditor, clerk):
    for user in (leader, auditor, clerk):
        user.is_staff = True
        user.save()
        client.force_login(user)
        assert client.get(LIST).status_code == 403
        assert put(client, "cadres.term_years", "3").status_code == 403
