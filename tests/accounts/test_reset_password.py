"""manage.py reset_password: for administrators, on the server."""

import re

import pytest
from django.core.management import CommandError, call_command

from banzhuang.accounts.models import User

pytestmark = pytest.mark.django_db


def test_the_password_is_told_once_and_must_be_changed(
    security_administrator, client, log_in, events, capsys
):
    client.force_login(security_administrator)
    call_command("reset_password", "zhuming")
    (password,) = re.findall(r"^zhuming（朱明）的一次性密码：(\S+?)（只显示这一次", capsys.readouterr().out)
    assert client.get("/").status_code == 302  # the session from before is over
    assert log_in("zhuming", password).status_code == 302
    assert client.get("/").url == "/password/"
    (event,) = events("password")
    assert (event.user, event.subject, event.scope_code) == (
        None,
        "在服务器上重置 zhuming 的密码",
        "320707109",
    )
    assert password not in str(vars(event))


def test_neither_unknown_names_nor_the_system(db):
    system = User.objects.system("320707109")
    for name in ("meiyou", system.username):
        with pytest.raises(CommandError, match=f"没有账号 {name}。"):
            call_command("reset_password", name)
    system.refresh_from_db()
    assert not system.has_usable_password()
