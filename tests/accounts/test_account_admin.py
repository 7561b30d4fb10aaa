"""Accounts in the admin: one opens them, another gives rights, and nobody gives any to oneself."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from banzhuang.accounts.models import Assignment, Role, User
from tests import factories

from .conftest import PASSWORD, submit

pytestmark = pytest.mark.django_db
LIST, ADD = "/admin/accounts/user/", "/admin/accounts/user/add/"
NO_ASSIGNMENTS = {"assignments-TOTAL_FORMS": "0", "assignments-INITIAL_FORMS": "0"}
ONE_TIME = re.compile(r"一次性密码：(\S+?)（只显示这一次")


def address(user):
    return f"{LIST}{user.pk}/change/"


def roles(*codes):
    return [Role.objects.get(code=code).pk for code in codes]


def role_codes(user):
    return User.objects.get(pk=user.pk).role_codes()


def assigned(code, place=0, **fields):
    return {
        "assignments-TOTAL_FORMS": "1",
        "assignments-INITIAL_FORMS": "0",
        f"assignments-{place}-code": code,
        f"assignments-{place}-start": "2026-01-01",
        **fields,
    }


@pytest.fixture
def system(signed_in, system_administrator):
    """A browser of the system administrator."""
    client = Client()
    client.force_login(system_administrator)
    return client


@pytest.fixture
def security(security_administrator):
    """A browser of the security administrator."""
    client = Client()
    client.force_login(security_administrator)
    return client


# --- Who comes in ------------------------------------------------------------------------------------------
def test_roles_stand_once_on_a_new_account(system):
    """They are given by the security administrator, once the account is there."""
    page = system.get(ADD)
    assert "groups" not in page.context["adminform"].form.fields
    assert page.content.decode().count("角色") == 1


def test_nobody_else_sees_accounts(client, clerk, organisation_office):
    for user in (clerk, organisation_office):
        client.force_login(user)
        for page in (LIST, ADD, address(clerk)):
            assert client.get(page).status_code in {302, 403}


def test_only_accounts_of_the_own_place(system, security, clerk, outsider, system_administrator):
    User.objects.system("320707109")
    district = factories.UserFactory(username="quli", scope="320707")
    for client in (system, security):
        names = {user.username for user in client.get(LIST).context["cl"].result_list}
        assert names == {"jiguan", "zhanglei", "zhuming"}
        for user in (outsider, district):
            assert client.get(address(user)).status_code == 302  # to the list, as for one that is not there
            submit(client, address(user), {"name": "改名", **NO_ASSIGNMENTS})
            user.refresh_from_db()
            assert user.name != "改名"


def test_a_forged_reset_does_not_reach_another_place(system, outsider):
    outsider.change_password(PASSWORD)
    system.post(LIST, {"action": "reset_password", "_selected_action": [outsider.pk]})
    outsider.refresh_from_db()
    assert outsider.check_password(PASSWORD)


def test_as_many_queries_for_forty_accounts_as_for_two(system):
    def count():
        with CaptureQueriesContext(connection) as queries:
            system.get(LIST)
        return len(queries)

    system.get(LIST)
    few = count()
    for _ in range(38):
        factories.UserFactory(role="staff")
    assert count() == few


# --- Opening accounts --------------------------------------------------------------------------------------
@pytest.fixture
def opened(system):
    """What the system administrator is answered after opening an account."""
    form = {"username": "xinren", "name": "新人", "job_title": "干事", "scope": "320707109"}
    return system.post(ADD, form | NO_ASSIGNMENTS, follow=True)


def test_a_new_account_gets_a_password_told_once(opened, system):
    (password,) = ONE_TIME.findall(opened.content.decode())
    user = User.objects.get(username="xinren")
    assert user.check_password(password)
    assert user.must_change_password and user.is_active and not user.is_staff
    assert password not in system.get(LIST).content.decode()
    assert password not in system.get(address(user)).content.decode()


def test_a_new_account_logs_in_and_must_change(opened, client, log_in):
    (password,) = ONE_TIME.findall(opened.content.decode())
    assert log_in("xinren", password).status_code == 302
    assert client.get("/").url == "/password/"


def test_opening_is_one_event_without_the_password(opened, events, system_administrator):
    (password,) = ONE_TIME.findall(opened.content.decode())
    (event,) = events("add", "rights", "password", "change")
    assert (event.action, event.user, event.subject) == ("add", system_administrator, "账号 xinren")
    assert event.detail["changes"]["范围"] == ["", "320707109"]
    assert password not in str(vars(event))


def test_a_forged_role_is_not_given_at_opening(system):
    form = {"username": "xinren", "name": "新人", "scope": "320707109", "is_staff": "on", "is_system": "on"}
    form |= {"groups": roles("security", "leader")}
    system.post(ADD, form | assigned("320707109216"))
    user = User.objects.get(username="xinren")
    assert user.role_codes() == []
    assert not user.is_staff and not user.is_system
    assert not Assignment.objects.exists()


@pytest.mark.parametrize("scope", ["320707", "320707100", "32070710999x"])
def test_a_place_outside_the_own_is_refused(system, scope):
    page = system.post(ADD, {"username": "xinren", "name": "新人", "scope": scope} | NO_ASSIGNMENTS)
    assert page.status_code == 200
    assert not User.objects.filter(username="xinren").exists()
    assert (
        "不在您的范围内" in page.content.decode() or "区划代码是 6、9 或 12 位数字" in page.content.decode()
    )


def test_the_security_administrator_opens_none(security):
    assert security.get(ADD).status_code == 403
    assert security.post(ADD, {"username": "x", "name": "x", "scope": "320707109"}).status_code == 403
    assert not User.objects.filter(username="x").exists()


# --- Keeping accounts --------------------------------------------------------------------------------------
def test_the_system_administrator_closes_an_account(system, clerk, events):
    submit(system, address(clerk), {"name": "林晓", "job_title": "办事员"} | NO_ASSIGNMENTS)
    clerk.refresh_from_db()
    assert not clerk.is_active
    (event,) = events("rights")
    assert event.detail["changes"] == {"职务": ["", "办事员"], "启用": ["是", "否"]}
    assert (event.subject, event.scope_code) == ("账号 jiguan", "320707109")


def test_the_system_administrator_gives_no_rights(system, clerk, system_administrator, events):
    forged = {"name": "林晓", "is_active": "on", "is_staff": "on", "scope": "320707", "username": "admin2"}
    forged |= {"groups": roles("leader", "security")}
    for user in (clerk, system_administrator):
        before = (user.scope, user.is_staff, user.username, user.role_codes())
        submit(system, address(user), forged | {"name": user.name} | assigned("320707109216"))
        user = User.objects.get(pk=user.pk)
        assert (user.scope, user.is_staff, user.username, user.role_codes()) == before
    assert not Assignment.objects.exists()
    assert events("rights") == []


def test_nobody_closes_the_own_account(system, system_administrator):
    submit(system, address(system_administrator), {"name": "张磊石"} | NO_ASSIGNMENTS)
    system_administrator.refresh_from_db()
    assert (system_administrator.name, system_administrator.is_active) == ("张磊石", True)


def test_nobody_deletes_an_account(system, security, clerk):
    for client in (system, security):
        assert client.post(f"{LIST}{clerk.pk}/delete/", {"post": "yes"}).status_code == 403
        client.post(LIST, {"action": "delete_selected", "_selected_action": [clerk.pk], "post": "yes"})
    assert User.objects.filter(pk=clerk.pk).exists()


# --- Giving rights -----------------------------------------------------------------------------------------
def test_the_security_administrator_gives_roles_and_places(security, clerk, events):
    form = {"scope": "320707109216", "groups": roles("village"), "is_staff": "on"}
    response = submit(security, address(clerk), form | assigned("320707109217"))
    assert response.status_code == 302
    clerk = User.objects.get(pk=clerk.pk)
    assert (clerk.scope, clerk.role_codes(), clerk.is_staff) == ("320707109216", ["village"], True)
    assert clerk.scopes() == ["320707109216", "320707109217"]
    (event,) = events("rights", "change", "add")
    assert event.detail["changes"] == {
        "范围": ["320707109", "320707109216"],
        "可进数据管理": ["否", "是"],
        "角色": ["机关干部", "村干部"],
        "包村分工": ["", "320707109217（2026-01-01至今）"],
    }


def test_not_to_oneself(security, security_administrator, events):
    """What another could be given: nothing else in the form is wrong."""
    form = {"scope": "320707109216", "groups": roles("security", "leader")}
    for forged in (form | NO_ASSIGNMENTS, form | assigned("320707109217")):
        submit(security, address(security_administrator), forged)
        oneself = User.objects.get(pk=security_administrator.pk)
        assert (oneself.role_codes(), oneself.scopes(), oneself.is_staff) == (
            ["security"],
            ["320707109"],
            True,
        )
    assert events("rights") == []


def test_the_security_administrator_does_not_keep_accounts(security, clerk):
    form = {"name": "改名", "username": "gaiming", "scope": "320707109", "groups": roles("staff")}
    submit(security, address(clerk), form | NO_ASSIGNMENTS)
    clerk.refresh_from_db()
    assert (clerk.name, clerk.username, clerk.is_active) == ("林晓", "jiguan", True)


@pytest.mark.parametrize(
    "change", [{"scope": "320707"}, {"scope": "320707100"}, assigned("320707100301"), assigned("320707")]
)
def test_places_outside_the_own_are_not_given(security, clerk, change):
    form = {"scope": "320707109", "groups": roles("staff")} | NO_ASSIGNMENTS | change
    page = submit(security, address(clerk), form)
    assert page.status_code == 200
    assert "不在您的范围内" in page.content.decode()
    assert User.objects.get(pk=clerk.pk).scopes() == ["320707109"]


def test_an_assignment_ends_after_it_begins(security, clerk):
    form = {"scope": "320707109", "groups": roles("staff")}
    page = submit(
        security, address(clerk), form | assigned("320707109216", **{"assignments-0-end": "2026-01-01"})
    )
    assert "止日应晚于起日。" in page.content.decode()


def test_the_three_administrators_are_three(security, clerk):
    form = {"scope": "320707109", "groups": roles("admin", "auditor")} | NO_ASSIGNMENTS
    assert "应由不同的人担任" in submit(security, address(clerk), form).content.decode()
    assert role_codes(clerk) == ["staff"]


def test_a_given_role_counts_at_the_next_page(security, clerk, client):
    client.force_login(clerk)
    assert client.get("/audit/").status_code == 403
    submit(security, address(clerk), {"scope": "320707109", "groups": roles("auditor")} | NO_ASSIGNMENTS)
    assert client.get("/audit/").status_code == 200


# --- Passwords and sessions --------------------------------------------------------------------------------
def choose(client, action, *users):
    form = {"action": action, "_selected_action": [user.pk for user in users]}
    return client.post(LIST, form, follow=True).content.decode()


def test_a_reset_password_is_told_once_and_must_be_changed(system, clerk, client, log_in, events):
    client.force_login(clerk)
    (password,) = ONE_TIME.findall(choose(system, "reset_password", clerk))
    assert client.get("/").status_code == 302  # the session from before is over
    assert log_in("jiguan", PASSWORD).status_code == 200
    assert log_in("jiguan", password).status_code == 302
    assert client.get("/").url == "/password/"
    (event,) = events("password")
    assert event.subject == "重置 jiguan 的密码" and password not in str(vars(event))


def test_two_resets_are_two_events(system, clerk, events):
    second = factories.UserFactory(username="lizhi", role="staff")
    assert len(ONE_TIME.findall(choose(system, "reset_password", clerk, second))) == 2
    assert len(events("password")) == 2


def test_nobody_takes_over_another_administrator(system, security_administrator, auditor, events):
    """Who could set the security administrator's password could give any right in that name."""
    for user in (security_administrator, auditor):
        user.change_password(PASSWORD)
        html = choose(system, "reset_password", user)
        assert f"manage.py reset_password {user.username}" in html
        user.refresh_from_db()
        assert user.check_password(PASSWORD)
    assert events("password") == []


def test_the_security_administrator_resets_no_password(security, clerk):
    choose(security, "reset_password", clerk)
    clerk.refresh_from_db()
    assert clerk.check_password(PASSWORD)


def test_sessions_are_ended_by_an_administrator(security, clerk, client, log_in, events):
    log_in("jiguan")
    assert "已结束，可重新登录" in choose(security, "end_sessions", clerk)
    assert client.get("/").status_code == 302
    assert log_in("jiguan").status_code == 302
    assert client.get("/").status_code == 200
    assert [event.subject for event in events("logout")] == ["结束 jiguan 的登录", ""]
