"""Restoring: everything comes back and fits, or nothing is touched and one sentence says why."""

import datetime
import io
import sys
from types import SimpleNamespace

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

import dev
from banzhuang.accounts.audit import Action, record
from banzhuang.accounts.models import AuditEvent, TrailEnd, User, end_is_whole, first_broken_event
from banzhuang.core.backups import keys, making, restoring, room, sealed
from banzhuang.core.backups.restoring import UNFINISHED
from cadres.models import Cadre
from livelihood.models import VisitPhoto
from supervise import Stopped, sole_use
from tests import factories

from .conftest import PASSPHRASE, databases, once

NOW = datetime.datetime(2026, 11, 24, 18, 30, tzinfo=datetime.UTC)


@pytest.fixture
def backup(portal, tmp_path):
    """A backup of `portal`."""
    path = tmp_path / "one.backup"
    making.make(path, PASSPHRASE, NOW)
    return path


@pytest.fixture
def later(backup):
    """`portal` is not any more what was backed up: a row changed, one came, the photo is gone."""
    Cadre.objects.filter(pk=Cadre.objects.first().pk).update(name="改过")
    factories.UserFactory(username="xinlai")
    VisitPhoto.objects.get().delete()


def typed(monkeypatch, *lines):
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def refusal(*command) -> str:
    connection.close()
    with pytest.raises(CommandError) as refused:
        call_command(*command)
    return str(refused.value)


def altered(path, monkeypatch, **about):
    """The backup made again by a program that says otherwise what it is about; → its path."""
    made = making.told

    def told(source):
        first, *rest = made(source)
        return first | about, *rest

    with monkeypatch.context() as patch:
        patch.setattr(making, "told", told)
        patch.setattr(making, "keys_fit", lambda samples: True)
        if "program" in about:
            patch.setattr(making, "PROGRAM", about["program"])
        making.make(path, PASSPHRASE, NOW)
    return path


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
    for name in ("exports", "uploads", "broker"):
        (portal / name).mkdir(exist_ok=True)
        (portal / name / "one").write_text(name)
    for name in ("logs", "certificates"):
        (portal / name).mkdir()
    kept = restoring.restore(backup, [PASSPHRASE], NOW)
    before = portal / "before-20261125-023000"
    assert kept.kept == before
    assert {path.name for path in before.iterdir()} >= {"media", "exports", "uploads", "broker"}
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
    assert "审计记录完整，共 1 条。" in capsys.readouterr().out
    event = AuditEvent.objects.first()
    assert (event.action, event.subject) == (Action.IMPORT, "恢复备份 one.backup")
    assert event.detail["reason"] == "恢复到 2026-11-25 02:30 的数据"
    assert not AuditEvent.objects.filter(subject="后来的事").exists()
    assert first_broken_event() is None and end_is_whole()


@once
def test_a_broken_trail_in_the_backup_is_said_after_it_is_restored(portal, tmp_path):
    record(Action.CHANGE, "一件事")
    TrailEnd.objects.update(events=7)
    making.make(tmp_path / "one.backup", PASSPHRASE, NOW)
    with pytest.raises(SystemExit, match="审计记录末尾有记录被删"):
        call_command("restore", str(tmp_path / "one.backup"))
    assert TrailEnd.objects.get().events == 8  # the restore's own event came after


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


# --- Refused, and nothing touched -------------------------------------------------------------------------------


def refuse_and_compare(standing, *command) -> str:
    before = standing()
    said = refusal(*command)
    assert standing() == before
    return said


@once
@pytest.mark.parametrize("place", [0.0, 0.1, 0.5, 0.9, 0.99999])
def test_a_damaged_backup_touches_nothing(portal, backup, later, standing, place):
    content = bytearray(backup.read_bytes())
    content[int(len(content) * place)] ^= 1
    backup.write_bytes(content)
    assert refuse_and_compare(standing, "restore", str(backup)) in {sealed.DAMAGED, sealed.FOREIGN}


@once
@pytest.mark.parametrize("place", [0, 0.3, 0.99999])
def test_a_truncated_backup_touches_nothing(portal, backup, later, standing, place):
    content = backup.read_bytes()
    backup.write_bytes(content[: int(len(content) * place)])
    said = refuse_and_compare(standing, "restore", str(backup))
    assert said in {sealed.DAMAGED, sealed.FOREIGN}


@once
def test_a_wrong_passphrase_touches_nothing(portal, backup, later, standing, settings, monkeypatch):
    settings.BACKUP_PASSPHRASE = ""
    typed(monkeypatch, "Not-the-passphrase-26")
    assert refuse_and_compare(standing, "restore", str(backup)).startswith("口令不对，没有改动任何数据")


@once
def test_a_former_passphrase_is_asked_for(portal, backup, later, settings, monkeypatch):
    settings.BACKUP_PASSPHRASE = "The-present-one-2027"
    typed(monkeypatch, PASSPHRASE)
    call_command("restore", str(backup))
    assert VisitPhoto.objects.exists()


@once
def test_a_foreign_file_touches_nothing(portal, later, tmp_path, standing):
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04" + bytes(1000))
    assert refuse_and_compare(standing, "restore", str(tmp_path / "x.zip")) == sealed.FOREIGN
    assert "读不到备份文件" in refuse_and_compare(standing, "restore", str(tmp_path / "none"))


@once
@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"program": "another"}, "不是本平台的备份文件"),
        ({"townships": ["320707100"]}, "备份是 320707100 的，这里是 320707109 的"),
        (
            {"migrations": [["cadres", "0001_initial"], ["cadres", "9999_of_next_year"]]},
            "cadres.9999_of_next_year",
        ),
        ({"migrations": [["projects", "0001_initial"]]}, "先升级程序"),
    ],
)
def test_a_backup_that_does_not_belong_here_touches_nothing(
    portal, later, tmp_path, standing, monkeypatch, about, words
):
    path = altered(tmp_path / "foreign.backup", monkeypatch, **about)
    assert words in refuse_and_compare(standing, "restore", str(path))


@once
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FIELD_KEYS", ["bm90LXRoZS1rZXlzLW5vdC10aGUta2V5cy1ub3QtMTI="]),
        ("FIELD_KEYS", ["no key"]),
        ("HASH_KEY", "x"),
    ],
)
def test_wrong_keys_touch_nothing(portal, backup, later, standing, settings, name, value):
    setattr(settings, name, value)
    said = refuse_and_compare(standing, "restore", str(backup))
    assert said == restoring.OTHER_KEYS


@once
def test_new_keys_in_front_of_the_old_ones_fit(portal, backup, later, settings):
    settings.FIELD_KEYS = ["bm90LXRoZS1rZXlzLW5vdC10aGUta2V5cy1ub3QtMTI=", *settings.FIELD_KEYS]
    call_command("restore", str(backup))
    assert len(Cadre.objects.first().id_number) == 18


@once
def test_without_keys_they_are_asked_for_first(portal, backup, standing, settings):
    settings.FIELD_KEYS, settings.HASH_KEY = [""], ""
    assert refuse_and_compare(standing, "restore", str(backup)) == restoring.NO_KEYS


@once
def test_a_running_portal_is_left_alone(portal, backup, later, standing):
    with sole_use(portal, "http://127.0.0.1:8000/"):
        said = refuse_and_compare(standing, "restore", str(backup))
    assert "已在运行（http://127.0.0.1:8000/" in said


@once
def test_no_room_touches_nothing(portal, backup, later, standing, monkeypatch):
    monkeypatch.setattr(room.shutil, "disk_usage", lambda path: SimpleNamespace(free=room.SPARE))
    assert refuse_and_compare(standing, "restore", str(backup)).startswith("磁盘空间不够")


@once
def test_of_another_kind_of_database_touches_nothing(portal, backup, later, standing, monkeypatch):
    other = {"sqlite": "database.dump", "postgresql": "database.sqlite3"}[connection.vendor]
    monkeypatch.setattr(
        restoring, "database", lambda: SimpleNamespace(file=other, refuse_hindered=lambda: None)
    )
    assert "恢复到用同一种数据库的平台" in refuse_and_compare(standing, "restore", str(backup))


@once
def test_rows_that_are_not_as_listed_touch_nothing(portal, later, tmp_path, standing, monkeypatch):
    path, made = tmp_path / "short.backup", making.told
    with monkeypatch.context() as patch:
        patch.setattr(making, "told", lambda source: (*made(source)[:1], {"core_job": 99}, set()))
        making.make(path, PASSPHRASE, NOW)
    assert refuse_and_compare(standing, "restore", str(path)) == restoring.UNSOUND


def test_a_migration_that_fails_touches_nothing(portal, backup, later, standing, monkeypatch):
    monkeypatch.setattr(restoring, "bring_up_to_date", lambda name, found: 1 / 0)
    before = standing()
    with pytest.raises(ZeroDivisionError):
        restoring.restore(backup, [PASSPHRASE], NOW)
    assert standing() == before


@pytest.mark.parametrize("step", range(3))
def test_a_rename_that_fails_puts_all_back(portal, backup, later, standing, monkeypatch, step):
    (portal / "uploads").mkdir()
    (portal / "uploads/one").write_text("1")
    before, replace, done = standing(), restoring.os.replace, []

    def failing(source, goal):
        if len(done) == step:
            done.append(source)
            raise OSError(16, "busy", str(source))
        done.append(source)
        replace(source, goal)

    connection.close()
    with monkeypatch.context() as patch:
        patch.setattr(restoring.os, "replace", failing)
        with pytest.raises(CommandError, match="已放回原样"):
            call_command("restore", str(backup))
    assert standing() == before and len(done) > step
    restoring.restore(backup, [PASSPHRASE], NOW)
    assert VisitPhoto.objects.exists()


def test_a_restore_that_was_killed_half_way_lets_nothing_start(tmp_path, monkeypatch):
    (tmp_path / UNFINISHED).touch()
    with pytest.raises(Stopped, match="没有做完"):
        dev.ensure_data(tmp_path, empty=False)
    assert [path.name for path in tmp_path.iterdir()] == [UNFINISHED]


@pytest.mark.postgres
def test_a_database_in_use_is_left_alone(portal, backup, later):
    other = connection.copy()
    other.ensure_connection()
    before = databases()
    try:
        assert "还有 1 个连接在使用" in refusal("restore", str(backup))
    finally:
        other.close()
    assert databases() == before


@pytest.mark.postgres
def test_who_may_make_no_database_is_told_how(portal, backup, later, settings):
    name = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS keeper")
        cursor.execute("CREATE ROLE keeper LOGIN PASSWORD 'keeper'")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO keeper")
    connection.close()
    was = {key: connection.settings_dict[key] for key in ("USER", "PASSWORD")}
    connection.settings_dict.update(USER="keeper", PASSWORD="keeper")
    try:
        said = refusal("restore", str(backup))
    finally:
        connection.settings_dict.update(was)
        with connection.cursor() as cursor:
            cursor.execute("DROP OWNED BY keeper")
            cursor.execute("DROP ROLE keeper")
    assert f"ALTER ROLE keeper CREATEDB，并让它是库 {name} 的所有者" in said


# --- Only looking, and the keys ---------------------------------------------------------------------------------


def test_a_check_changes_nothing(portal, backup, later, standing, capsys):
    before = standing()
    with sole_use(portal, "http://127.0.0.1:8000/"):  # also while the portal runs
        call_command("restore", "--check", str(backup))
    assert standing() == before
    assert capsys.readouterr().out.startswith("备份完好，密钥与它相符：2026-11-25 02:30 的数据，")


@pytest.fixture
def key_file(tmp_path, cheap):
    def make(text):
        with sealed.sealing(tmp_path / "one.keys", sealed.KEYS, "Another-passphrase-26") as stream:
            stream.write(text.encode())
        return str(tmp_path / "one.keys")

    return make


def env_of(settings) -> str:
    return f"SECRET_KEY=s\nBANZHUANG_FIELD_KEYS={','.join(settings.FIELD_KEYS)}\nBANZHUANG_HASH_KEY={settings.HASH_KEY}\n"


@once
def test_keys_come_back_where_none_stand(portal, key_file, settings, monkeypatch, capsys):
    path, text = key_file(env_of(settings)), env_of(settings)
    for said in ("密钥已放回 portal.env", "同样的密钥已经在，没有改动"):
        typed(monkeypatch, "Another-passphrase-26")
        call_command("restore", "--keys", path)
        assert capsys.readouterr().out.startswith(said)
    assert (portal / "portal.env").read_text() == text
    assert oct((portal / "portal.env").stat().st_mode)[-3:] == "600"


@once
def test_other_keys_are_not_overwritten(portal, key_file, settings, monkeypatch, standing):
    (portal / "portal.env").write_text("SECRET_KEY=other\n")
    path = key_file(env_of(settings))
    typed(monkeypatch, "Another-passphrase-26")
    assert refuse_and_compare(standing, "restore", "--keys", path) == keys.OTHERS_STAND


@once
def test_keys_that_do_not_read_the_data_here_are_refused(portal, key_file, settings, monkeypatch, standing):
    path = key_file(
        "SECRET_KEY=s\nBANZHUANG_FIELD_KEYS=bm90LXRoZS1rZXlzLW5vdC10aGUta2V5cy1ub3QtMTI=\nBANZHUANG_HASH_KEY=x\n"
    )
    typed(monkeypatch, "Another-passphrase-26")
    settings.FIELD_KEYS, settings.HASH_KEY = [""], ""
    assert refuse_and_compare(standing, "restore", "--keys", path) == keys.DO_NOT_FIT


@once
def test_a_backup_of_data_brings_no_keys(portal, backup, standing, monkeypatch):
    typed(monkeypatch, PASSPHRASE)
    assert refuse_and_compare(standing, "restore", "--keys", str(backup)) == sealed.OTHER_KIND[sealed.KEYS]
