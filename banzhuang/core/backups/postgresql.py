"""PostgreSQL: copied by pg_dump at one moment; a copy is a second database, put in place by renaming both."""

import contextlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import Error, OperationalError

from . import BackupRefused

GOING = 3  # seconds in which a connection just closed is gone from the server
LONGEST = 40  # of a name, so that what is put behind it fits into the 63 bytes of one
NOT_THERE = (
    "这台机器上没有 {program}，不能备份和恢复 PostgreSQL 的数据。安装 postgresql-client-{server}，"
    "或在 portal.env 里用 BANZHUANG_PG_BIN 写明它所在的文件夹。"
)
TOO_OLD = (
    "这台机器上的 {program} 是 {found} 版，数据库服务器是 {server} 版，旧的读不了新的（Debian 12 自带的是 15 版）。"
    "安装 postgresql-client-{server}，并在 portal.env 里用 BANZHUANG_PG_BIN 写明它所在的文件夹。"
)
NO_SERVER = "连不上数据库服务器，没有改动任何数据。启动数据库，核对 DATABASE_URL，再运行一次。"
NOT_ALLOWED = (
    "数据库用户 {user} 不能建库或给库改名，没有改动任何数据。请数据库管理员运行 ALTER ROLE {user} CREATEDB，"
    "并让它是库 {name} 的所有者；恢复以后可以收回。"
)
IN_USE = "库 {name} 还有 {count} 个连接在使用，没有改动任何数据。停止平台和其他用到它的程序，再运行一次。"


class Postgresql:
    file = "database.dump"  # what the copy is called in a backup

    def __init__(self, connection):
        self.connection = connection

    @property
    def name(self) -> str:
        return self.connection.settings_dict["NAME"]

    def exists(self) -> bool:
        try:
            with self.managing() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.name])
                return cursor.fetchone() is not None
        except OperationalError:
            raise BackupRefused(NO_SERVER) from None

    def bytes(self) -> int:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return cursor.fetchone()[0]

    def standing(self) -> list[Path]:
        """No file of the data folder."""
        return []

    def take(self, path: Path, read):
        """Dump the database as it is at one moment → read(a connection that sees it as of the same moment)."""
        program = self.program("pg_dump")
        connection = self.connection.copy()
        try:
            with connection.cursor() as cursor:
                cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                cursor.execute("SELECT pg_export_snapshot()")
                snapshot = cursor.fetchone()[0]
                found = read(connection)
                options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
                self.run(program, *options, f"--file={path}", f"--dbname={self.name}")
                cursor.execute("ROLLBACK")
            return found
        finally:
            connection.close()

    def refuse_hindered(self) -> None:
        """What would stop the swap. Raises BackupRefused."""
        self.program("pg_restore")
        user = self.connection.settings_dict["USER"]
        with self.managing() as cursor:
            cursor.execute(
                "SELECT rolsuper, rolcreatedb, coalesce((SELECT pg_has_role(datdba, 'USAGE') FROM pg_database"
                " WHERE datname = %s), true) FROM pg_roles WHERE rolname = current_user",
                [self.name],
            )
            superuser, creates, owns = cursor.fetchone()
            if not (superuser or (creates and owns)):
                raise BackupRefused(NOT_ALLOWED.format(user=user, name=self.name))
            self.refuse_in_use(cursor)

    def refuse_in_use(self, cursor) -> None:
        self.connection.close()
        patience = time.monotonic() + GOING
        while count := self.connections_to(cursor):
            if time.monotonic() > patience:
                raise BackupRefused(IN_USE.format(name=self.name, count=count))
            time.sleep(0.05)

    def connections_to(self, cursor) -> int:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [self.name])
        return cursor.fetchone()[0]

    def beside(self, path: Path, stamp: str) -> str:
        """Make a database of the copy in a backup → its name."""
        name = f"{self.name[:LONGEST]}_restore_{stamp}"
        program = self.program("pg_restore")
        self.run(program, "--list", str(path))  # says whether it can be read, before anything is made
        with self.managing() as cursor:
            cursor.execute("SELECT datcollate, datctype FROM pg_database WHERE datname = %s", [self.name])
            order = cursor.fetchone()
            like = "LC_COLLATE %s LC_CTYPE %s" if order else ""
            cursor.execute(
                f"CREATE DATABASE {self.quote(name)} TEMPLATE template0 ENCODING 'UTF8' {like}", order
            )
        try:
            options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
            self.run(program, *options, f"--dbname={name}", str(path))
        except BaseException:
            self.discard(name)
            raise
        return name

    def refuse_unsound(self) -> None:
        """pg_restore has put each row in anew, and each constraint."""

    def swap(self, name: str, stamp: str) -> str:
        """Give the database `name` the portal's name → what the one that stood there is called now, "" for none."""
        before = f"{self.name[:LONGEST]}_before_{stamp}" if self.exists() else ""
        with self.managing() as cursor:
            cursor.execute("BEGIN")  # both or neither
            if before:
                self.refuse_in_use(cursor)
                cursor.execute(f"ALTER DATABASE {self.quote(self.name)} RENAME TO {self.quote(before)}")
            cursor.execute(f"ALTER DATABASE {self.quote(name)} RENAME TO {self.quote(self.name)}")
            cursor.execute("COMMIT")
        return before

    def discard(self, name: str) -> None:
        with self.managing() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {self.quote(name)}")

    # --- The server ---------------------------------------------------------------------------------------

    def quote(self, name: str) -> str:
        return self.connection.ops.quote_name(name)

    @contextlib.contextmanager
    def managing(self) -> Iterator:
        """A cursor beside the portal's database."""
        connection = self.connection.copy()
        connection.settings_dict["NAME"] = "postgres"
        try:
            with connection.cursor() as cursor:
                yield cursor
        except OperationalError:
            raise BackupRefused(NO_SERVER) from None
        except Error as fault:
            raise BackupRefused(
                f"数据库服务器拒绝了这一步，没有改动任何数据（原文：{str(fault).strip()}）。按原文处理后再运行。"
            ) from None
        finally:
            connection.close()

    def program(self, name: str) -> str:
        """The path of pg_dump or pg_restore. Raises BackupRefused where it is missing, or older than the server."""
        server = self.server_version()
        path = shutil.which(name, path=settings.PG_PROGRAMS or None)
        if path is None:
            raise BackupRefused(NOT_THERE.format(program=name, server=server))
        said = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
        found = re.search(r"\) (\d+)", said)
        if found is None or int(found[1]) < server:
            raise BackupRefused(
                TOO_OLD.format(program=name, found=found[1] if found else "未知", server=server)
            )
        return path

    def server_version(self) -> int:
        with self.managing() as cursor:
            return cursor.connection.info.server_version // 10000

    def run(self, *command: str) -> None:
        """The password goes by the environment: the list of processes shows no more than names."""
        client = self.connection.client
        words, secret = client.settings_to_cmd_args_env(self.connection.settings_dict, [])
        program, *options = command
        done = subprocess.run(
            [program, *words[1:-1], "--no-password", *options],
            env={**os.environ, **(secret or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        if done.returncode:
            said = (done.stderr.strip().splitlines() or ["没有说明"])[-1]
            raise BackupRefused(
                f"{Path(program).name} 没有做成，没有改动任何数据（原文：{said}）。按原文处理后再运行。"
            )
