"""Jobs there and back through the queue of this run, done by a worker that is a process of its own.

The queue is the server that dev.py up starts, or with --database postgres that of REDIS_URL.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

import supervise
from banzhuang.core import jobs
from banzhuang.core.models import Job
from tests.core import round_trip

SECONDS = 60  # for a worker to start and do its jobs on a busy machine; it takes three on an idle one


def database_url():
    """The address of the test database, for another process."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@pytest.fixture
def start_worker(tmp_path):
    """start_worker() → the path of its log; queue and worker are those that dev.py up starts, and end with the test."""
    started = []
    options = SimpleNamespace(host="127.0.0.1", port=0)
    parts = supervise.commands(sys.executable, options, settings.DATA_DIR, bool(settings.REDIS_URL))

    def begin(name, log, *more):
        with log.open("wb") as out:
            process = subprocess.Popen(
                [*parts[name][1], *more],
                env={**os.environ, "DATABASE_URL": database_url()},
                cwd=settings.BASE_DIR,
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
            )
        started.append(process)

    def start() -> Path:
        begin(supervise.WORKER, tmp_path / "worker.log", f"--include={round_trip.__name__}")
        return tmp_path / "worker.log"

    if supervise.QUEUE in parts:
        begin(supervise.QUEUE, tmp_path / "queue.log")
        while not settings.QUEUE_SOCKET.exists():
            assert started[0].poll() is None, (tmp_path / "queue.log").read_text()
            time.sleep(0.02)
    yield start
    for process in reversed(started):
        process.kill()  # nothing is under way, and a good end takes five seconds; threads leave no process behind
        process.wait()
    if settings.QUEUE_SOCKET:
        settings.QUEUE_SOCKET.unlink(missing_ok=True)


# One test, so one worker: under pytest-xdist two would take each other's messages out of one Redis.
@pytest.mark.django_db(transaction=True)
def test_a_worker_does_what_was_queued_before_it_started_and_after(start_worker, leader):
    waiting = jobs.start(round_trip.KIND, leader, month="2026-06", count=19)
    log = start_worker()
    finish(waiting, log)
    assert (waiting.state, waiting.result) == (Job.State.DONE, {"said": "2026-06做好了。"})
    assert (waiting.count, waiting.percent, waiting.attempts) == ("19 / 19 步", 100, 1)

    refused = jobs.start(round_trip.KIND, leader, sentence="2026年5月还没有发布，先发布5月。")
    finish(refused, log)
    assert (refused.state, refused.error) == (Job.State.FAILED, "2026年5月还没有发布，先发布5月。")
    assert refused.result == {}


def finish(job, log):
    """Wait until the job is finished."""
    deadline = time.monotonic() + SECONDS
    while not job.finished:
        assert time.monotonic() < deadline, f"{job.kind} is {job.state}:\n{log.read_text()}"
        time.sleep(0.05)
        job.refresh_from_db()
