"""What tests share: of jobs, a kind of job and what was sent for it; of backups, a small portal that can be lost."""

import os

import pytest
from django.db import connection, connections

from banzhuang.celery import app
from banzhuang.core import jobs
from banzhuang.core.backups import making, postgresql, sealed
from banzhuang.core.backups.restoring import turned_to
from banzhuang.core.models import Job
from cadres.models import Cadre
from livelihood.models import VisitPhoto
from tests import factories

from .backed_up import NOW, PASSPHRASE, copy_of_database, databases, files_of, fill, programs, rows_there

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
    """The numbers of the jobs a message was sent for, into a queue whose messages are taken at once."""
    numbers = []
    monkeypatch.setattr(app, "send_task", lambda name, args: numbers.append(*args))
    monkeypatch.setattr(jobs, "queue_length", lambda: 0)
    return numbers


@pytest.fixture
def queued(work, leader):
    return Job.objects.create(kind=KIND, title="试做一件事", owner=leader)


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
            making.database().discard(left)


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


@pytest.fixture
def standing(portal):
    """standing(): all that a refusal must leave as it is: each file's content and mode, and what the database holds."""
    return lambda: (files_of(portal), databases(), rows_there())
