"""Making a backup: what is in it, that it is of one moment, and every reason for which none is made."""

import datetime
import stat
import threading
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from banzhuang.accounts.models import AuditEvent
from banzhuang.celery import app
from banzhuang.core import tasks
from banzhuang.core.backups import BackupRefused, daily, making, postgresql, room, sealed
from banzhuang.core.backups.archive import unpack
from banzhuang.core.backups.daily import last_backup
from banzhuang.core.models import Job, ParameterValue
from banzhuang.duties.models import Notice
from livelihood.models import VisitPhoto

from .backed_up import NOW, PASSPHRASE, once, refusal, typed

PORTAL_ENV = "# 密钥\nSECRET_KEY=a\nBANZHUANG_FIELD_KEYS=b=\nBANZHUANG_HASH_KEY=c\nALLOWED_HOSTS=*\n"


def contents(path, folder):
    with sealed.opened(path, sealed.DATA, [PASSPHRASE]) as stream:
        return unpack(stream, folder, lambda about: None)


# --- What is in it ------------------------------------------------------------------------------------------


def test_a_backup_holds_all_rows_and_files_and_no_key(portal, tmp_path, capsys):
    (portal / "media/photos-waiting").mkdir()
    for left_out in ("media/photos-waiting/one.jpg", "portal.env", "last-backup.json"):
        (portal / left_out).write_text(PORTAL_ENV)
    path = tmp_path / "one.backup"
    call_command("backup", "--out", str(path))
    found = contents(path, tmp_path / "to")
    photo = VisitPhoto.objects.get()
    copy = making.database().file
    assert set(found.manifest["files"]) == {
        copy,
        f"media/{photo.image.name}",
        f"media/{photo.thumbnail.name}",
    }
    assert (tmp_path / "to/media" / photo.image.name).read_bytes() == b"a photo" * 1000
    assert found.manifest["files"][f"media/{photo.image.name}"] == [7000, photo.sha256]
    assert found.manifest["tables"]["villages_village"] == 3 and found.manifest["missing"] == []
    assert (found.about["townships"], found.about["program"]) == (["320707109"], "banzhuang")
    assert len(found.about["samples"]) >= 3
    assert capsys.readouterr().out.startswith(f"已备份到 {path}：")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not list(portal.glob("half-*"))


@once
def test_without_a_name_it_goes_to_the_backup_folder(portal, settings, time_machine):
    time_machine.move_to(NOW, tick=False)
    call_command("backup")
    assert [path.name for path in settings.BACKUPS_DIR.iterdir()] == ["banzhuang-20261125-023000.backup"]
    last = last_backup()
    assert (last.ok, last.good_at, last.file) == (True, NOW, "banzhuang-20261125-023000.backup")
    event = AuditEvent.objects.get(subject="备份 banzhuang-20261125-023000.backup")
    assert event.succeeded and event.detail == {"bytes": last.bytes}


@once
def test_photos_that_are_gone_are_counted(portal, tmp_path, capsys):
    photo = VisitPhoto.objects.get()
    (portal / "media" / photo.image.name).unlink()
    call_command("backup", "--out", str(tmp_path / "one.backup"))
    assert "有 1 个照片或月报的文件已不在磁盘上" in capsys.readouterr().out
    assert contents(tmp_path / "one.backup", tmp_path / "to").manifest["missing"] == [photo.image.name]


def test_it_is_of_one_moment_while_others_write(portal, tmp_path):
    """Each transaction writes a pair; the copy never has a half of one, and its counts are those of its manifest."""
    stop, begun = threading.Event(), threading.Event()

    def write():
        try:
            while not stop.is_set():
                Job.objects.bulk_create([Job(kind="tests.pair", title="试") for _ in range(2)])
                begun.set()
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    begun.wait(10)
    try:
        for number in range(3):
            making.make(tmp_path / f"{number}.backup", PASSPHRASE, NOW)
    finally:
        stop.set()
        writer.join()
    counts = [
        contents(tmp_path / f"{number}.backup", tmp_path / str(number)).manifest["tables"]["core_job"]
        for number in range(3)
    ]
    assert counts == sorted(counts) and counts[0] > 0 and not any(count % 2 for count in counts)


# --- Why none is made ---------------------------------------------------------------------------------------


@once
def test_no_room_is_said_before_anything_is_written(portal, tmp_path, monkeypatch):
    monkeypatch.setattr(room.shutil, "disk_usage", lambda path: SimpleNamespace(free=70 * 2**20 - 1))
    monkeypatch.setattr(making.Sqlite, "bytes", lambda self: 3 * 2**20)
    monkeypatch.setattr(making.Postgresql, "bytes", lambda self: 3 * 2**20)
    said = refusal("backup", "--out", str(tmp_path / "far/one.backup"))
    assert said.startswith("磁盘空间不够：") and "只剩 70.0 MB" in said
    assert not (tmp_path / "far").exists()
    monkeypatch.setattr(room.shutil, "disk_usage", lambda path: SimpleNamespace(free=71 * 2**20))
    call_command("backup", "--out", str(tmp_path / "far/one.backup"))


@once
def test_keys_that_do_not_read_the_data_are_noticed(portal, tmp_path, settings):
    settings.FIELD_KEYS = ["bm90LXRoZS1rZXlzLW5vdC10aGUta2V5cy1ub3QtMTI="]
    assert "密钥读不出数据库里的身份证号" in refusal("backup", "--out", str(tmp_path / "one.backup"))
    assert not (tmp_path / "one.backup").exists()


@once
def test_a_changed_hash_key_is_noticed(portal, tmp_path, settings):
    settings.HASH_KEY = "another"
    assert "密钥读不出数据库里的身份证号" in refusal("backup", "--out", str(tmp_path / "one.backup"))


@once
def test_a_damaged_database_is_no_backup(portal, tmp_path):
    path = portal / "db.sqlite3"
    connection.close()
    with path.open("r+b") as file:
        file.seek(4096 * 20)
        file.write(b"\xff" * 4096 * 40)
    assert "数据库文件已损坏" in refusal("backup", "--out", str(tmp_path / "one.backup"))
    assert not (tmp_path / "one.backup").exists()


@once
def test_without_a_database_none_is_made(portal, tmp_path):
    connection.close()
    (portal / "db.sqlite3").rename(tmp_path / "away")
    assert "没有数据库" in refusal("backup", "--out", str(tmp_path / "one.backup"))
    assert not (portal / "db.sqlite3").exists()


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("", "这台机器上没有 pg_dump"),
        ("pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "pg_dump 是 15 版"),
    ],
)
def test_a_missing_or_older_pg_dump_is_a_sentence(portal, tmp_path, settings, said, words):
    settings.PG_PROGRAMS = str(tmp_path)
    if said:
        (tmp_path / "pg_dump").write_text(f"#!/bin/sh\necho '{said}'\n")
        (tmp_path / "pg_dump").chmod(0o755)
    told = refusal("backup", "--out", str(tmp_path / "one.backup"))
    assert words in told and "安装 postgresql-client-" in told and "BANZHUANG_PG_BIN" in told


def test_the_words_of_a_program_that_failed_stand_in_the_sentence(tmp_path):
    (tmp_path / "pg_dump").write_text("#!/bin/sh\necho first >&2; echo no such thing >&2; exit 3\n")
    (tmp_path / "pg_dump").chmod(0o755)
    source = postgresql.Postgresql(SimpleNamespace(client=None, settings_dict={}))
    source.connection.client = SimpleNamespace(
        settings_to_cmd_args_env=lambda words, more: (["psql", "x"], None)
    )
    with pytest.raises(BackupRefused, match="pg_dump 没有做成，没有改动任何数据（原文：no such thing）"):
        source.run(str(tmp_path / "pg_dump"))


# --- The passphrase -----------------------------------------------------------------------------------------


@once
def test_it_is_asked_for_twice_where_the_settings_have_none(portal, tmp_path, settings, monkeypatch):
    settings.BACKUP_PASSPHRASE = ""
    typed(monkeypatch, PASSPHRASE, PASSPHRASE)
    call_command("backup", "--out", str(tmp_path / "one.backup"))
    assert contents(tmp_path / "one.backup", tmp_path / "to").about
    typed(monkeypatch, PASSPHRASE, PASSPHRASE.lower())
    assert "两次输入的口令不一样" in refusal("backup", "--out", str(tmp_path / "two.backup"))


@once
@pytest.mark.parametrize("weak", ["", "fifteen-letters", "aaaaaaaaaaaaaaaaaaaaaaaa", "abcdefg" * 3])
def test_a_weak_one_is_refused_and_the_rule_said(portal, tmp_path, settings, monkeypatch, weak):
    settings.BACKUP_PASSPHRASE = ""
    typed(monkeypatch, weak, weak)
    assert "至少 16 个字符，其中至少 8 个互不相同" in refusal("backup", "--out", str(tmp_path / "one.backup"))
    assert not (tmp_path / "one.backup").exists()


@once
def test_a_file_may_hold_it(portal, tmp_path, settings):
    settings.BACKUP_PASSPHRASE, settings.BACKUP_PASSPHRASE_FILE = "", str(tmp_path / "words")
    assert "读不到备份口令的文件" in refusal("backup", "--out", str(tmp_path / "one.backup"))
    (tmp_path / "words").write_text(f"{PASSPHRASE}\n")
    call_command("backup", "--out", str(tmp_path / "one.backup"))
    assert contents(tmp_path / "one.backup", tmp_path / "to").about


# --- The clock's ----------------------------------------------------------------------------------------------


def test_the_clock_makes_one_a_night():
    entry = app.conf.beat_schedule["daily-backup"]
    assert (entry["task"], entry["schedule"].hour, entry["schedule"].minute) == (
        tasks.back_up.name,
        {2},
        {30},
    )


@once
def test_a_night_and_the_nights_after(portal, settings):
    for key, value in [("days", "2"), ("weeks", "0"), ("months", "0")]:
        ParameterValue.objects.create(key=f"backups.{key}", value=value, valid_from=NOW.date())
    for night in range(3):
        assert daily.run(NOW + datetime.timedelta(days=night))
    names = sorted(path.name for path in settings.BACKUPS_DIR.iterdir())
    assert names == ["daily-20261126-023000.backup", "daily-20261127-023000.backup"]
    last = last_backup()
    assert (last.configured, last.ok, last.why, last.file) == (True, True, "", names[-1])
    assert last.bytes == (settings.BACKUPS_DIR / last.file).stat().st_size
    assert not last.is_late(NOW + datetime.timedelta(days=3, hours=12))
    assert last.is_late(NOW + datetime.timedelta(days=3, hours=13))


@once
def test_without_a_passphrase_the_clock_makes_none(portal, settings):
    settings.BACKUP_PASSPHRASE = ""
    assert daily.run(NOW) is None and not list(settings.BACKUPS_DIR.iterdir())
    last = last_backup()
    assert (last.configured, last.at, last.ok) == (False, None, False) and last.is_late(NOW)
    assert not Notice.objects.exists()


@once
def test_a_night_that_failed_is_seen(portal, settings, caplog):
    daily.run(NOW)
    settings.BACKUPS_DIR.rename(settings.BACKUPS_DIR.with_name("away"))
    settings.BACKUPS_DIR.write_text("a file where the folder was")
    later = NOW + datetime.timedelta(days=1)
    for _ in range(2):
        assert daily.run(later) is None
    last = last_backup()
    assert (last.ok, last.at, last.good_at) == (False, later, NOW) and "写备份时出错" in last.why
    assert last.file == "daily-20261125-023000.backup"
    assert "daily backup" in caplog.text
    notice = Notice.objects.get()
    assert notice.user.username == "jiguan" and notice.text.startswith("每日备份没有做成：写备份时出错")
    event = AuditEvent.objects.filter(subject="每日备份").first()
    assert not event.succeeded and event.detail["reason"] == last.why


@once
def test_a_disk_that_is_not_there_is_said_and_nothing_written_elsewhere(portal, settings):
    settings.BACKUPS_DIR.rmdir()
    assert daily.run(NOW) is None and not settings.BACKUPS_DIR.exists()
    assert last_backup().why == daily.NOT_MOUNTED.format(folder=settings.BACKUPS_DIR)
    settings.BACKUPS_DIR = portal / "backups"  # where none is named
    assert daily.run(NOW).path.parent == portal / "backups"


@once
@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaaaaaaaaaaaaaa"])
def test_a_weak_passphrase_in_the_settings_is_a_failure_that_is_said(portal, settings, weak):
    settings.BACKUP_PASSPHRASE = weak
    assert daily.run(NOW) is None
    assert "备份口令太弱" in last_backup().why


@once
def test_any_other_fault_is_a_failure_too(portal, monkeypatch):
    monkeypatch.setattr(daily, "make", lambda *args: 1 / 0)
    assert daily.run(NOW) is None
    assert last_backup().why == daily.FAULT


@once
def test_old_backups_that_cannot_be_deleted_are_said(portal, monkeypatch):
    def refuse(folder, day):
        raise PermissionError(13, "no")

    monkeypatch.setattr(daily, "rotate", refuse)
    assert daily.run(NOW)
    last = last_backup()
    assert not last.ok and last.why.startswith("备份已做成，旧的备份却删不掉") and last.good_at == NOW


@once
def test_what_a_killed_process_left_goes_after_a_day(portal, settings, time_machine):
    for place in (settings.BACKUPS_DIR / "half-backup-1", portal / "half-backup-2"):
        place.touch()
    (portal / "half-backup-3").mkdir()
    (portal / "backup-2025").mkdir()
    now = timezone.now()
    daily.run(now + datetime.timedelta(hours=23))
    assert (portal / "half-backup-2").exists()
    daily.run(now + datetime.timedelta(hours=25))
    left = [path.name for folder in (settings.BACKUPS_DIR, portal) for path in folder.glob("*backup-*[0-9]")]
    assert left == ["backup-2025"]


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"at": "never"}', '{"more": 1}'])
def test_a_damaged_note_of_the_last_backup_is_none(tmp_path, settings, text):
    settings.DATA_DIR = tmp_path
    (tmp_path / daily.STATE).write_text(text)
    assert last_backup().at is None


def test_the_suite_has_no_passphrase_of_its_own():
    """Nothing of the machine's environment reaches these tests."""
    assert not django_settings.BACKUP_PASSPHRASE and not django_settings.BACKUP_PASSPHRASE_FILE
