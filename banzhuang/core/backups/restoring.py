"""Restoring: all is unpacked beside what stands there and checked; only then both change places, by rename.

What stood there stays, in a folder named by the time (with PostgreSQL also in a database named so), until somebody deletes it.
"""

import contextlib
import datetime
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from .. import parameters
from ..private_files import PrivateFolder
from . import BackupRefused, sealed
from .archive import Unpacked, unpack
from .facts import Facts, keys_are_there, keys_fit
from .making import MEDIA, PROGRAM, database, stamp_of, workplace
from .room import need_room

UNFINISHED = "restore-unfinished"  # dev.py starts nothing where it stands
BEFORE = "before-"
UNSOUND = "备份里的数据库与清单不符，没有改动任何数据。换用另一份备份。"
NO_KEYS = "数据目录里没有密钥，没有改动任何数据。先用 restore --keys 放回密钥，再恢复数据。"
OTHER_KEYS = (
    "这个数据目录的密钥读不出备份里的身份证号，没有改动任何数据。"
    "把现在的 portal.env 移到别处，用 restore --keys 放回做这份备份时的密钥，再恢复。"
)
KINDS = {"database.sqlite3": "SQLite", "database.dump": "PostgreSQL"}


@dataclass(frozen=True)
class Restored:
    """made_at: when the backup was made; kept: where what stood there is; database: its name in the server, or "";
    migrated: whether the backup was older than the program."""

    made_at: datetime.datetime
    rows: int
    files: int
    missing: int
    migrated: bool = False
    kept: Path | None = None
    database: str = ""


# --- Whether it fits --------------------------------------------------------------------------------------


def refuse_unfit(about: dict) -> None:
    """Before anything is unpacked: whether this backup belongs here. Raises BackupRefused."""
    if about.get("program") != PROGRAM or about["database"] not in KINDS:
        raise BackupRefused(sealed.FOREIGN)
    target = database()
    if about["database"] != target.file:
        raise BackupRefused(
            f"备份取自 {KINDS[about['database']]}，这里用的是 {KINDS[target.file]}，没有改动任何数据。"
            "恢复到用同一种数据库的平台。"
        )
    if unknown := unknown_migrations(about):
        raise BackupRefused(
            f"备份由更新版本的程序做成（{unknown[0]} 等 {len(unknown)} 项本程序没有），没有改动任何数据。先升级程序，再恢复。"
        )
    if not keys_fit(about["samples"]):
        raise BackupRefused(OTHER_KEYS)
    here, there = townships_here(target), set(about["townships"])
    if here and there and not here & there:
        raise BackupRefused(
            f"备份是 {'、'.join(sorted(there))} 的，这里是 {'、'.join(sorted(here))} 的，没有改动任何数据。"
            "恢复到原来的镇，或恢复到空的数据目录。"
        )
    need_room([(settings.DATA_DIR, about["bytes"])])


def unknown_migrations(about: dict) -> list[str]:
    """Steps that were run in the backup's database and that this program does not have."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    known = set(loader.disk_migrations) | {
        step for migration in loader.disk_migrations.values() for step in migration.replaces
    }
    return [f"{app}.{name}" for app, name in map(tuple, about["migrations"]) if (app, name) not in known]


def townships_here(target) -> set[str]:
    """Whose data stands here; nobody's where there is none, or none that can be read: it is kept beside either way."""
    if not target.exists():
        return set()
    try:
        with connection.cursor() as cursor:
            return set(Facts(connection).townships(cursor))
    except DatabaseError:
        return set()
    finally:
        connection.close()


# --- The two ways -----------------------------------------------------------------------------------------


def check(path: Path, passphrases, now: datetime.datetime) -> Restored:
    """Unpack and check everything, and leave all as it is. Raises BackupRefused."""
    with unpacked(path, passphrases, stamp_of(now)) as (_, name, found):
        database().discard(name)
    return restored(found)


def restore(path: Path, passphrases, now: datetime.datetime) -> Restored:
    """Put the backup's data in the place of the portal's. The portal must not run. Raises BackupRefused."""
    target, stamp = database(), stamp_of(now)
    target.refuse_hindered()
    with unpacked(path, passphrases, stamp) as (folder, name, found):
        migrated = bring_up_to_date(name, found)
        before = swap(target, folder, name, stamp)
    parameters.forget()
    return restored(found, migrated=migrated, kept=settings.DATA_DIR / f"{BEFORE}{stamp}", database=before)


def restored(found: Unpacked, **more) -> Restored:
    manifest = found.manifest
    return Restored(
        made_at=datetime.datetime.fromisoformat(found.about["made_at"]),
        rows=sum(manifest["tables"].values()),
        files=len(manifest["files"]) - 1,
        missing=len(manifest["missing"]),
        **more,
    )


@contextlib.contextmanager
def unpacked(path: Path, passphrases, stamp: str) -> Iterator[tuple[Path, str, Unpacked]]:
    """(folder with the files, name of the database beside, what is in it), all of it checked; the folder goes."""
    if not keys_are_there():
        raise BackupRefused(NO_KEYS)
    target = database()
    with sealed.opened(path, sealed.DATA, passphrases) as stream, workplace() as folder:
        found = unpack(stream, folder, refuse_unfit)
        if target.file not in found.manifest["files"]:
            raise BackupRefused(sealed.DAMAGED)
        name = target.beside(folder / target.file, stamp)
        try:
            refuse_unlike(target, name, found)
            yield folder, name, found
        except BaseException:
            target.discard(name)
            raise


def refuse_unlike(target, name: str, found: Unpacked) -> None:
    """Whether the database beside is sound and has as many rows as it had. Raises BackupRefused."""
    with turned_to(name):
        try:
            target.refuse_unsound()
            counts = Facts(connection).counts()
        except DatabaseError:
            raise BackupRefused(UNSOUND) from None
    if counts != found.manifest["tables"]:
        raise BackupRefused(UNSOUND)


@contextlib.contextmanager
def turned_to(name: str) -> Iterator[None]:
    """The portal's connection, and with it all that Django does, works on another database for a while."""
    was = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = was


def bring_up_to_date(name: str, found: Unpacked) -> bool:
    """Run what the program has and the backup has not; end all sessions. → whether there was anything to run."""
    run = {tuple(step) for step in found.about["migrations"]}
    older = bool(set(MigrationLoader(None).disk_migrations) - run)
    with turned_to(name):
        if older:
            call_command("migrate", interactive=False, verbosity=0)
        Session.objects.all().delete()
    return older


# --- Changing places --------------------------------------------------------------------------------------


def swap(target, folder: Path, name: str, stamp: str) -> str:
    """→ what the database that stood there is called in its server now. All of it or, after a fault, nothing."""
    data = settings.DATA_DIR
    kept = data / f"{BEFORE}{stamp}"
    kept.mkdir(mode=0o700)
    if hasattr(os, "sync"):
        os.sync()  # what takes the place is on the disk before what stood there leaves it
    (data / UNFINISHED).touch()
    moves = [(path, kept / path.name) for path in [*target.standing(), *files_of_people()]]
    if (folder / MEDIA).exists():
        moves.append((folder / MEDIA, Path(settings.MEDIA_ROOT)))
    done = []
    try:
        for source, goal in moves:
            os.replace(source, goal)
            done.append((source, goal))
        before = target.swap(name, stamp)
    except BaseException as fault:
        for source, goal in reversed(done):
            os.replace(goal, source)
        (data / UNFINISHED).unlink()
        kept.rmdir()
        if isinstance(fault, OSError):
            raise BackupRefused(
                f"不能替换 {fault.filename}（{fault.strerror}），已放回原样。"
                "关闭用到它的程序；单独挂载的文件夹先卸下，再运行一次。"
            ) from None
        raise
    (data / UNFINISHED).unlink()
    return before


def files_of_people() -> list[Path]:
    """What in the data folder belongs to the rows of the database, and goes with it."""
    names = [MEDIA, settings.QUEUE_DIR.name, *(folder.name for folder in PrivateFolder.known)]
    return [path for name in names if (path := settings.DATA_DIR / name).exists()]
