"""What /healthz says: whether the database answers and is sound, and whether background work goes round."""

import sqlite3

import pytest
from django.db import DatabaseError, connection
from django.db.utils import ConnectionHandler

from banzhuang.core import health, jobs, pulses
from banzhuang.core.models import Job


def refused(execute, sql, params, many, context):
    raise DatabaseError("database disk image is malformed")


@pytest.fixture
def database_file(tmp_path, monkeypatch):
    """A database of its own that `health` looks at, to be damaged."""
    path = tmp_path / "other.sqlite3"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE village (name TEXT)")
        made.execute("CREATE INDEX by_name ON village (name)")
        made.executemany("INSERT INTO village VALUES (?)", [(f"西响石{number}",) for number in range(2000)])
    made.close()
    other = ConnectionHandler({"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}})
    monkeypatch.setattr(health, "connection", other["default"])
    yield path
    other["default"].close()


@pytest.mark.django_db
def test_all_is_well(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"database": True, "sound": True, "turns": 0})


@pytest.mark.django_db
def test_a_database_that_answers_with_faults_is_told(client):
    with connection.execute_wrapper(refused):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"database": False})


@pytest.mark.django_db
def test_the_turns_move_with_the_round_and_with_a_job_that_works(client, leader):
    def turns():
        return client.get("/healthz").json()["turns"]

    pulses.beat(pulses.ROUND)
    assert turns() == 1
    row = Job.objects.create(kind="tests.work", title="试做一件事", owner=leader)
    taken = jobs.claim(row.pk)
    before = turns()
    jobs.progress(taken, 1, 2)
    assert turns() == before + 1


@pytest.mark.django_db
def test_a_sound_database_is_said_to_be(client):
    assert health.check_database()
    assert pulses.last(pulses.INTEGRITY).facts == {"sound": True, "said": "完好"}


@pytest.mark.django_db
def test_a_damaged_database_is_found_kept_and_told(client, database_file, caplog):
    assert health.check_database()
    health.connection.close()
    whole = database_file.read_bytes()
    database_file.write_bytes(whole[:8192] + b"\xff" * 4096 + whole[12288:])
    assert not health.check_database()
    kept = pulses.last(pulses.INTEGRITY)
    assert not kept.facts["sound"] and kept.facts["said"] not in ("", "完好") and kept.count == 2
    assert "damaged" in caplog.text
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["sound"]) == (503, False)


@pytest.mark.django_db
def test_a_file_that_is_no_database_is_found(database_file):
    health.connection.close()
    database_file.write_bytes(b"no database at all" * 1000)
    assert not health.check_database()
