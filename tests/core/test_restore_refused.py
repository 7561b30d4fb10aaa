"""What stands in the way of a restore is one sentence, and nothing is touched."""

from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

import dev
from banzhuang.core.backups import making, restoring, room, sealed
from banzhuang.core.backups.restoring import UNFINISHED
from cadres.models import Cadre
from livelihood.models import VisitPhoto
from supervise import Stopped, sole_use

from .backed_up import NOW, PASSPHRASE, altered, databases, once, refusal, refuse_and_compare, typed


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
