"""Restoring: everything comes back and fits, what stood there is kept, and it can be looked at first."""

import datetime

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from banzhuang.accounts.audit import Action, record
from banzhuang.accounts.models import AuditEvent, TrailEnd, User
from banzhuang.accounts.trail import seal_events, trail_state
from banzhuang.core.backups import making, restoring
from banzhuang.core.backups.restoring import UNFINISHED
from cadres.models import Cadre
from livelihood.models import VisitPhoto
from supervise import sole_use

from .backed_up import NOW, PASSPHRASE, altered, once

# --- All comes back -------------------------------------------------------------------------------------------


def test_there_and_back(portal, backup, later, capsys):
    call_command("restore", str(backup))
    said = capsys.readouterr().out
    assert said.startswith("已恢复：2026-11-25 02:30 的数据，") and "审计记录完整" in said
    assert (
        not Cadre.objects.filter(name="改过").exists() and not User.objects.filter(username="xinlai").exists()
    )
    photo = VisitPhoto.objects.get()
    assert photo.image.read() == b"a photo" * 1000 and photo.thumbnail.read() == b"a thumbnail"
    assert all(cadre.id_number.isalnum() and len(cadre.id_number) == 18 for cadre in Cadre.objects.all())
    assert not (portal / UNFINISHED).exists() and not list(portal.glob("half-*"))


def test_counts_are_those_of_the_backup(portal, backup, later, monkeypatch):
    found = restoring.restore(backup, [PASSPHRASE], NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_user")
        assert cursor.fetchone() == (1,)
    assert (found.files, found.missing, found.migrated, found.made_at) == (2, 0, False, NOW)


def test_what_stood_before_is_kept(portal, backup, later):
    for name in ("exports", "uploads", "queue"):
        (portal / name).mkdir(exist_ok=True)
        (portal / name / "one").write_text(name)
    for name in ("logs", "certificates"):
        (portal / name).mkdir()
    kept = restoring.restore(backup, [PASSPHRASE], NOW)
    before = portal / "before-20261125-023000"
    assert kept.kept == before
    assert {path.name for path in before.iterdir()} >= {"media", "exports", "uploads", "queue"}
    assert not any((portal / name).exists() for name in ("exports", "uploads"))
    assert (portal / "logs").exists() and (portal / "certificates").exists()
    name = str(before / "db.sqlite3") if connection.vendor == "sqlite" else kept.database
    with restoring.turned_to(name):
        assert User.objects.filter(username="xinlai").exists() and Cadre.objects.filter(name="改过").exists()


@once
def test_it_can_be_done_again(portal, backup, later):
    restoring.restore(backup, [PASSPHRASE], NOW)
    restoring.restore(backup, [PASSPHRASE], NOW + datetime.timedelta(seconds=1))
    assert VisitPhoto.objects.get().image.read() == b"a photo" * 1000
    assert len(list(portal.glob("before-*"))) == 2


@once
def test_sessions_are_ended(portal, tmp_path):
    Session.objects.create(
        session_key="k", session_data="", expire_date=timezone.now() + datetime.timedelta(days=1)
    )
    making.make(tmp_path / "one.backup", PASSPHRASE, NOW)
    restoring.restore(tmp_path / "one.backup", [PASSPHRASE], NOW)
    assert not Session.objects.exists()


def test_who_asks_the_trail_finds_it(portal, tmp_path, capsys):
    record(Action.CHANGE, "一件事", user=User.objects.get(username="jiguan"))
    making.make(tmp_path / "one.backup", PASSPHRASE, NOW)
    record(Action.CHANGE, "后来的事")
    call_command("restore", str(tmp_path / "one.backup"))
    assert "审计记录完整，共 1 条，链头" in capsys.readouterr().out
    event = AuditEvent.objects.first()
    assert (event.action, event.subject) == (Action.IMPORT, "恢复备份 one.backup")
    assert event.detail["reason"] == "恢复到 2026-11-25 02:30 的数据"
    assert not AuditEvent.objects.filter(subject="后来的事").exists()
    assert trail_state().broken is None


@once
def test_a_broken_trail_in_the_backup_is_said_after_it_is_restored(portal, tmp_path):
    record(Action.CHANGE, "一件事")
    seal_events()
    TrailEnd.objects.update(events=7)
    making.make(tmp_path / "one.backup", PASSPHRASE, NOW)
    with pytest.raises(SystemExit, match="末尾的 6 条封印被删"):
        call_command("restore", str(tmp_path / "one.backup"))
    assert (
        AuditEvent.objects.filter(seal=None).count() == 1
    )  # the restore's own event, which no sealer takes up


def test_an_older_backup_is_brought_up_to_date(portal, tmp_path, capsys):
    call_command("migrate", "duties", "zero", verbosity=0)
    making.make(tmp_path / "old.backup", PASSPHRASE, NOW)
    call_command("restore", str(tmp_path / "old.backup"))
    assert "数据库已升级到本程序的结构" in capsys.readouterr().out
    call_command("migrate", check_unapplied=True, verbosity=0)  # ends with exit status 1 when there is one


def test_an_empty_place_takes_any_township(portal, backup, tmp_path, monkeypatch):
    foreign = altered(tmp_path / "foreign.backup", monkeypatch, townships=["320707100"])
    lose(portal, tmp_path)
    restoring.restore(foreign, [PASSPHRASE], NOW)
    assert User.objects.filter(username="jiguan").exists()


def lose(portal, tmp_path):
    """All but the keys."""
    connection.close()
    portal.rename(tmp_path / "lost")
    portal.mkdir()
    if connection.vendor == "postgresql":
        making.database().discard(connection.settings_dict["NAME"])


def test_what_is_lost_comes_back(portal, backup, tmp_path):
    lose(portal, tmp_path)
    restoring.restore(backup, [PASSPHRASE], NOW)
    assert VisitPhoto.objects.get().image.read() == b"a photo" * 1000
    assert {oct(path.stat().st_mode)[-3:] for path in portal.rglob("*.*") if path.is_file()} == {"600"}


@once
def test_a_damaged_database_does_not_stand_in_the_way(portal, backup):
    connection.close()
    (portal / "db.sqlite3").write_bytes(b"\xff" * 100_000)
    for ending in ("-wal", "-shm"):
        (portal / f"db.sqlite3{ending}").write_bytes(b"old")
    restoring.restore(backup, [PASSPHRASE], NOW)
    assert User.objects.get().username == "jiguan"
    assert (portal / "before-20261125-023000/db.sqlite3").read_bytes() == b"\xff" * 100_000


def test_a_check_changes_nothing(portal, backup, later, standing, capsys):
    before = standing()
    with sole_use(portal, "http://127.0.0.1:8000/"):  # also while the portal runs
        call_command("restore", "--check", str(backup))
    assert standing() == before
    assert capsys.readouterr().out.startswith("备份完好，密钥与它相符：2026-11-25 02:30 的数据，")
