"""setup_township: what a new township is given, once."""

import datetime
import re

import pytest
from django.core.management import CommandError, call_command

from banzhuang.accounts.models import AuditEvent, User
from banzhuang.core.setup import report_day
from cadres.models import Cadre
from tests import factories
from villages import demo
from villages.models import Organisation, Township, Village

pytestmark = pytest.mark.django_db
FILLED = r"^数据库里已有账号和村庄，没有改动。$"


@pytest.fixture
def empty(capsys, settings):
    """A real township just set up; → what was printed."""
    settings.DEMO = False
    call_command("setup_township", "--empty")
    return capsys.readouterr().out


def counts():
    return [model.objects.count() for model in (User, Township, Village, Organisation, Cadre)]


def test_a_real_township_has_its_villages_and_nobody_invented(empty):
    assert Township.objects.get().name == "班庄镇"
    assert Village.objects.count() == 44
    kinds = Organisation.objects.values_list("village__code", "kind")
    assert len(kinds) == 2 * 44 + 2
    assert {kind for code, kind in kinds if not code} == {"committee", "office"}
    for village in Village.objects.all():
        assert re.fullmatch(r"320707109\d{3}", village.code)
        assert {kind for code, kind in kinds if code == village.code} == {"branch", "village_committee"}
    assert not Cadre.objects.exists() and not User.objects.filter(is_demo=True).exists()
    assert empty.endswith("已装入村庄、角色和三名管理员。\n")


def test_three_administrators_each_with_a_password_of_their_own(empty, client):
    told = dict(re.findall(r"^  (\S+)  \S+  (\S+)$", empty, re.MULTILINE))
    assert {user.username: user.role_codes() for user in User.objects.all()} == {
        "admin": ["admin"],
        "anquan": ["security"],
        "shenji": ["auditor"],
    }
    assert len(set(told.values())) == 3
    for username, password in told.items():
        answer = client.post("/login/", {"username": username, "password": password})
        assert (answer.status_code, client.get("/").url) == (302, "/password/")
        client.post("/logout/")


def test_their_passwords_stand_nowhere(empty):
    told = re.findall(r"^  \S+  \S+  (\S+)$", empty, re.MULTILINE)
    kept = str(list(User.objects.values())) + str(list(AuditEvent.objects.values()))
    assert len(told) == 3 and not any(password in kept for password in told)


@pytest.mark.parametrize("kind", ["--empty", "--demo"])
def test_a_filled_database_is_left_alone_with_one_sentence(empty, kind, capsys, settings):
    settings.DEMO = True
    before = counts()
    with pytest.raises(CommandError, match=FILLED) as refused:
        call_command("setup_township", kind)
    assert (counts(), capsys.readouterr().out, refused.value.returncode) == (before, "", 1)


@pytest.mark.parametrize("there", [factories.TownshipFactory, factories.UserFactory])
def test_a_township_or_an_account_is_enough_to_be_filled(there):
    there()
    before = counts()
    with pytest.raises(CommandError, match=FILLED):
        call_command("setup_township", "--empty")
    assert counts() == before


def test_the_demo_only_where_it_may_run(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="演示数据只在演示模式"):
        call_command("setup_township", "--demo")
    assert counts() == [0] * 5


def test_the_demo_has_its_accounts_and_they_log_in(settings, capsys, client):
    call_command("setup_township", "--demo")
    assert capsys.readouterr().out == "已装入演示数据。\n"
    assert User.objects.filter(is_demo=True).count() == 10
    assert Cadre.objects.count() > 44
    form = {"username": "lingdao", "password": settings.DEMO_PASSWORD}
    assert client.post("/login/", form).status_code == 302
    assert client.get("/").status_code == 200
    call_command("demo_accounts")
    assert capsys.readouterr().out.splitlines()[0] == "lingdao 马强 镇领导"


def test_a_fault_half_way_leaves_the_database_empty(settings, monkeypatch):
    def fail(*args):
        raise RuntimeError

    monkeypatch.setattr(demo, "organisations_of", fail)
    with pytest.raises(RuntimeError):
        call_command("setup_township", "--empty")
    assert counts() == [0] * 5


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        ("2026-07-01", "2026-06-30"),
        ("2026-06-30", "2025-06-30"),
        ("2026-06-29", "2025-06-30"),
        ("2027-01-01", "2026-06-30"),
    ],
)
def test_the_demo_shows_the_last_june_that_is_over(day, shown):
    assert report_day(datetime.date.fromisoformat(day)).isoformat() == shown
