"""Jobs there and back through the queue of this run, done by a worker that is a process of its own.

The queue is the data folder, or with --database postgres a server that speaks Redis.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
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
    """start_worker() → the path of its log; the worker is the one that dev.py up starts, and ends with the test."""
    started = []

    def start() -> Path:
        _, command = supervise.commands("127.0.0.1", 0, settings.DATA_DIR)["后台任务"]
        log = tmp_path / "worker.log"
        with log.open("wb") as out:
            worker = subprocess.Popen(
                [sys.executable, "-m", *command, f"--include={round_trip.__name__}"],
                env={**os.environ, "DATABASE_URL": database_url()},
                cwd=settings.BASE_DIR,
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
            )
        started.append(worker)
        return log

    yield start
    for worker in started:
        worker.kill()  # nothing is under way, and a good end takes five seconds; threads leave no process behind
        worker.wait()


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
