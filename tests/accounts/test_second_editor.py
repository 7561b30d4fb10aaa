"""Rows of the admin without a version: who comes second is told what the first one wrote, and writes over nothing."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banzhuang.accounts.models import Assignment, Role, User
from banzhuang.core.models import CalendarDay, ParameterValue

pytestmark = pytest.mark.django_db
NO_ASSIGNMENTS = {"assignments-TOTAL_FORMS": "0", "assignments-INITIAL_FORMS": "0"}
CHANGED = "这一条刚才已被别人改过"


def pks(*codes):
    return [Role.objects.get(code=code).pk for code in codes]


def version_in(page, form=None):
    form = form or page.context["adminform"].form
    return form["read_version"].value()


@pytest.fixture
def security(signed_in, security_administrator):
    return signed_in(security_administrator)


def refused(page):
    """The answer to who comes second: the page again, with a sentence."""
    assert page.status_code == 200
    assert CHANGED in page.content.decode()
    return page.content.decode()


# --- Accounts ----------------------------------------------------------------------------------------------
@pytest.fixture
def account(clerk):
    return f"/admin/accounts/user/{clerk.pk}/change/"


def test_roles_given_in_between_are_not_taken_away(security, account, clerk):
    read = version_in(security.get(account))
    clerk.groups.set(pks("staff", "organisation"))
    form = {"scope": "320707109", "groups": pks("staff", "works"), **NO_ASSIGNMENTS}
    page = security.post(account, form | {"read_version": read})
    assert "角色现在有“组织办”而下面没有，现在没有“村建环卫办”而下面有。" in refused(page)
    assert sorted(User.objects.get(pk=clerk.pk).role_codes()) == ["organisation", "staff"]
    assert security.post(account, form | {"read_version": version_in(page)}).status_code == 302
    assert sorted(User.objects.get(pk=clerk.pk).role_codes()) == ["staff", "works"]


def test_an_account_closed_in_between_stays_closed(signed_in, system_administrator, account, clerk):
    system = signed_in(system_administrator)
    read = version_in(system.get(account))
    User.objects.filter(pk=clerk.pk).update(is_active=False)
    form = {"name": "林晓", "job_title": "干事", "is_active": "on", **NO_ASSIGNMENTS}
    page = system.post(account, form | {"read_version": read})
    assert "启用现为“否”" in refused(page) and "职务现为“空”" in page.content.decode()
    assert not User.objects.get(pk=clerk.pk).is_active


def test_the_two_administrators_do_not_stand_in_each_others_way(security, account, clerk):
    """What one keeps is no field of the other's form."""
    read = version_in(security.get(account))
    User.objects.filter(pk=clerk.pk).update(job_title="干事", last_login=clerk.created_at)
    form = {"scope": "320707109", "groups": pks("staff", "works"), **NO_ASSIGNMENTS}
    assert security.post(account, form | {"read_version": read}).status_code == 302
    kept = User.objects.get(pk=clerk.pk)
    assert (kept.job_title, sorted(kept.role_codes())) == ("干事", ["staff", "works"])


def test_a_form_that_does_not_say_what_it_was_read_from_is_refused(security, account, clerk):
    form = {"scope": "320707109216", "groups": pks("staff"), **NO_ASSIGNMENTS}
    for read in ({}, {"read_version": "x"}):
        refused(security.post(account, form | read))
    assert User.objects.get(pk=clerk.pk).scope == "320707109"


def test_villages_assigned_in_between_are_not_overwritten(security, account, clerk):
    row = Assignment.objects.create(user=clerk, code="320707109216", start=datetime.date(2026, 1, 1))
    page = security.get(account)
    (inline,) = page.context["inline_admin_formsets"]
    Assignment.objects.filter(pk=row.pk).update(end=datetime.date(2026, 6, 1))
    form = {
        "read_version": version_in(page),
        "scope": "320707109",
        "groups": pks("staff"),
        "assignments-TOTAL_FORMS": "1",
        "assignments-INITIAL_FORMS": "1",
        "assignments-0-id": row.pk,
        "assignments-0-user": clerk.pk,
        "assignments-0-code": "320707109217",
        "assignments-0-start": "2026-01-01",
        "assignments-0-end": "",
        "assignments-0-read_version": version_in(page, inline.formset.forms[0]),
    }
    said = refused(security.post(account, form))
    assert "区划代码现为“320707109216”" in said and "止现为“2026-06-01”" in said
    row.refresh_from_db()
    assert row.code == "320707109216"


# --- Roles, parameters, calendar ---------------------------------------------------------------------------
def test_permissions_taken_away_in_between_stay_away(security):
    role = Role.objects.get(code="organisation")
    address = f"/admin/accounts/role/{role.pk}/change/"
    read, held = version_in(security.get(address)), list(role.permissions.values_list("pk", flat=True))
    role.permissions.remove(role.permissions.get(codename="reveal_cadre"))
    form = {"name": "组织办", "permissions": held}
    page = security.post(address, form | {"read_version": read})
    assert "权限现在没有“干部 · 查看身份证号”而下面有。" in refused(page)
    assert not role.permissions.filter(codename="reveal_cadre").exists()
    assert security.post(address, form | {"read_version": version_in(page)}).status_code == 302
    assert role.permissions.filter(codename="reveal_cadre").exists()


def test_a_value_set_in_between_stays(security):
    row = ParameterValue.objects.create(key="accounts.idle_minutes", value="30", valid_from="2026-01-01")
    address = f"/admin/core/parametervalue/{row.pk}/change/"
    read = version_in(security.get(address))
    ParameterValue.objects.filter(pk=row.pk).update(value="20")
    form = {"key": row.key, "value": "60", "valid_from": "2026-01-01"}
    assert "值现为“20”" in refused(security.post(address, form | {"read_version": read}))
    row.refresh_from_db()
    assert row.value == "20"


def test_a_day_shifted_in_between_stays(signed_in, organisation_office):
    row = CalendarDay.objects.create(day=datetime.date(2027, 10, 9), working=True)
    office, address = signed_in(organisation_office), f"/admin/core/calendarday/{row.pk}/change/"
    read = version_in(office.get(address))
    CalendarDay.objects.filter(pk=row.pk).update(working=False)
    form = {"day": "2027-10-09", "working": "True", "note": "国庆节调休"}
    assert "安排现为“休息”" in refused(office.post(address, form | {"read_version": read}))
    row.refresh_from_db()
    assert not row.working


@pytest.mark.postgres
def test_who_saves_holds_the_row_from_reading_to_writing(security, account):
    """On SQLite the whole transaction is alone."""
    with CaptureQueriesContext(connection) as queries:
        security.post(account, {"scope": "320707109", **NO_ASSIGNMENTS})
    assert [
        query for query in queries if "FOR NO KEY UPDATE" in query["sql"] and "accounts_user" in query["sql"]
    ]
