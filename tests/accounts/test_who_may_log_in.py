"""Accounts nobody can use: those of a demo elsewhere, the system's, and those long unused."""

import datetime

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from banzhuang.accounts import parameters
from banzhuang.accounts.models import User
from banzhuang.core.models import ParameterValue
from tests import factories

from .conftest import PASSWORD

pytestmark = pytest.mark.django_db
START = datetime.datetime(2026, 3, 1, 1, 0, tzinfo=datetime.UTC)


@pytest.fixture
def demo_account(db):
    return User.objects.create_user("lingdao", PASSWORD, name="马强", scope="320707109", is_demo=True)


def test_demo_accounts_log_in_where_the_demo_runs(demo_account, client, log_in, settings):
    settings.DEMO = True
    assert log_in("lingdao").status_code == 302
    assert client.get("/").status_code == 200


def test_demo_accounts_do_not_log_in_elsewhere(demo_account, log_in, settings):
    settings.DEMO = False
    page = log_in("lingdao")
    assert page.status_code == 200
    assert "用户名或密码不对。" in page.content.decode()


def test_a_demo_session_ends_when_the_demo_does(demo_account, client, log_in, settings):
    settings.DEMO = True
    log_in("lingdao")
    settings.DEMO = False
    assert client.get("/").status_code == 302


def test_the_check_before_service_names_demo_accounts(demo_account, settings):
    settings.DEMO = False
    (fault,) = run_checks(tags=["accounts"], include_deployment_checks=True)
    assert fault.id == "accounts.E001"
    assert "1 个演示账号" in fault.msg
    with pytest.raises(SystemCheckError, match="1 个演示账号"):
        call_command("check", "--deploy", "--tag", "accounts")
    settings.DEMO = True
    assert run_checks(tags=["accounts"], include_deployment_checks=True) == []


def test_the_check_is_content_without_demo_accounts(clerk, settings):
    settings.DEMO = False
    assert run_checks(tags=["accounts"], include_deployment_checks=True) == []


def test_the_system_never_logs_in(log_in):
    system = User.objects.system("320707109")
    assert not system.has_usable_password()
    system.set_password(PASSWORD)
    system.save()
    assert log_in(system.username).status_code == 200


@pytest.fixture
def left(time_machine):
    """An account last used on 1 March."""
    time_machine.move_to(START)
    user = factories.UserFactory(username="lizhi", name="李志", role="staff")
    user.change_password(PASSWORD)
    return user


def test_after_ninety_days_without_log_in_it_is_refused_like_any_other(left, log_in, time_machine):
    time_machine.move_to(START + datetime.timedelta(days=90, seconds=1))
    page = log_in("lizhi")
    assert page.status_code == 200
    assert "用户名或密码不对。" in page.content.decode()


def test_a_log_in_keeps_it_in_use(left, client, log_in, time_machine):
    time_machine.move_to(START + datetime.timedelta(days=80))
    assert log_in("lizhi").status_code == 302
    client.logout()
    time_machine.move_to(START + datetime.timedelta(days=160))
    assert log_in("lizhi").status_code == 302


def test_a_new_password_opens_it_again(left, log_in, time_machine):
    time_machine.move_to(START + datetime.timedelta(days=100))
    assert log_in("lizhi", left.give_one_time_password()).status_code == 302


def test_how_long_is_a_parameter(left, log_in, time_machine):
    ParameterValue.objects.create(key=parameters.UNUSED_DAYS.key, value="30", valid_from="2026-01-01")
    time_machine.move_to(START + datetime.timedelta(days=31))
    assert log_in("lizhi").status_code == 200


def test_unused_accounts_are_listed(left, demo_account, system_administrator, signed_in, time_machine):
    time_machine.move_to(START + datetime.timedelta(days=100))
    User.objects.system("320707109")
    system_administrator.change_password(PASSWORD)
    page = signed_in(system_administrator).get("/admin/accounts/user/?use=unused")
    assert [user.username for user in page.context["cl"].result_list] == ["lizhi"]
    assert "90 天未登录" in page.content.decode()
    assert [
        user.username for user in User.objects.all() if user.is_unused(datetime.datetime.now(datetime.UTC))
    ] == ["lizhi"]
