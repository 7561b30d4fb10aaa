"""Holidays and shifted days in the admin: who sets them, what is refused, what the list says of a year unknown."""

import datetime

import pytest
from django.test import Client

from banzhuang.core.models import CalendarDay
from banzhuang.core.workdays import calendar_of
from tests.factories import UserFactory

from .conftest import submit

pytestmark = pytest.mark.django_db
LIST, ADD = "/admin/core/calendarday/", "/admin/core/calendarday/add/"
DAY = datetime.date(2027, 10, 9)


@pytest.fixture
def office(organisation_office):
    """A browser of the organisation office."""
    client = Client()
    client.force_login(organisation_office)
    return client


def put(client, day="2027-10-09", working="True", note="国庆节调休", address=ADD):
    return submit(client, address, {"day": day, "working": working, "note": note})


def test_a_row_counts_from_then_on(office):
    assert not calendar_of(DAY, DAY).is_working(DAY)
    assert put(office).status_code == 302
    assert calendar_of(DAY, DAY).is_working(DAY)
    page = office.get(LIST).content.decode()
    assert "上班" in page
    assert "国庆节调休" in page


def test_each_act_is_recorded_and_kept_in_the_history(office, events):
    put(office)
    row = CalendarDay.objects.get()
    put(office, working="False", address=f"{LIST}{row.pk}/change/")
    office.post(f"{LIST}{row.pk}/delete/", {"post": "yes"})
    assert [(event.action, event.subject) for event in events("add", "change", "delete")] == [
        ("add", "节假日和调休 2027-10-09 上班"),
        ("change", "节假日和调休 2027-10-09 休息"),
        ("delete", "节假日和调休 2027-10-09 休息"),
    ]
    assert list(CalendarDay.history.values_list("history_type", "working")) == [
        ("-", False),
        ("~", False),
        ("+", True),
    ]


def test_a_day_twice_is_refused(office):
    put(office)
    assert "这一天已登记过，改那一条即可。" in put(office, working="False").content.decode()


@pytest.mark.parametrize("values", [{"day": ""}, {"day": "十月九日"}, {"working": ""}, {"working": "也许"}])
def test_what_is_no_day_or_no_choice_is_refused(office, values):
    assert put(office, **values).status_code == 200
    assert not CalendarDay.objects.exists()


def test_the_list_says_which_year_is_unknown(office, july):
    unknown = "2027 年的放假安排还不知道，周一至周五按工作日计；国务院办公厅通知发布后在这里登记调休。"
    page = office.get(LIST).content.decode()
    assert unknown in page
    assert "2026 年的放假安排" not in page
    put(office)
    assert unknown not in office.get(LIST).content.decode()


def test_nobody_else_sets_any(leader, auditor, clerk, village_cadre):
    for user in (leader, auditor, clerk, village_cadre, UserFactory(role="security")):
        user.is_staff = True
        user.save()
        client = Client()
        client.force_login(user)
        assert client.get(LIST).status_code == 403
        assert put(client).status_code == 403
    assert not CalendarDay.objects.exists()


def test_the_system_administrator_sets_them_too(system_administrator):
    client = Client()
    client.force_login(system_administrator)
    assert put(client).status_code == 302
