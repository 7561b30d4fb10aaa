"""SQLite: the running database copied by its own online backup; a copy put in place by rename."""

import contextlib
import os
import sqlite3
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

from . import BackupRefused

UNSOUND = "数据库文件已损坏（SQLite 的检查没有通过），没有继续。用最近一次好的备份恢复。"
OUTSIDE = "数据库文件 {path} 不在数据目录里，不能用改名的办法替换，没有改动任何数据。先把它移回数据目录。"
BESIDE = ("", "-wal", "-shm", "-journal")  # what belongs to a database in a file


class Sqlite:
    file = "database.sqlite3"  # what the copy is called in a backup

    def __init__(self, connection):
        self.connection = connection

    @property
    def path(self) -> Path:
        return Path(self.connection.settings_dict["NAME"])

    def exists(self) -> bool:
        return self.path.exists()

    def bytes(self) -> int:
        return sum(path.stat().st_size for path in self.standing())

    def standing(self) -> list[Path]:
        """The files of the database that are there."""
        paths = (self.path.with_name(self.path.name + ending) for ending in BESIDE)
        return [path for path in paths if path.exists()]

    def take(self, path: Path, read):
        """Copy the database as it is at one moment, whoever is writing → read(connection to the copy)."""
        with (
            contextlib.closing(sqlite3.connect(self.path, timeout=20)) as source,
            contextlib.closing(sqlite3.connect(path)) as copy,
        ):
            source.backup(copy)  # in one step: in several, each write of others would begin it anew
        connection = self.connection.copy()
        connection.settings_dict["NAME"] = str(path)
        try:
            refuse_unsound(connection)
            return read(connection)
        finally:
            connection.close()

    def refuse_hindered(self) -> None:
        """What would stop the swap. Raises BackupRefused."""
        if self.path.parent.resolve() != settings.DATA_DIR:
            raise BackupRefused(OUTSIDE.format(path=self.path))

    def beside(self, path: Path, stamp: str) -> str:
        """Make a database of the copy in a backup → its name."""
        return str(path)

    def refuse_unsound(self) -> None:
        refuse_unsound(self.connection)

    def swap(self, name: str, stamp: str) -> str:
        """Put the database `name` where none stands any more. What stood there is moved with the folder's files."""
        os.replace(name, self.path)
        return ""

    def discard(self, name: str) -> None:
        """Its file goes with the folder it lies in."""


def refuse_unsound(connection) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            sound = cursor.fetchone() == ("ok",)
    except DatabaseError:  # so damaged that it cannot be checked
        sound = False
    if not sound:
        raise BackupRefused(UNSOUND)
