"""What the tests of jobs share: a kind of job, one that is queued, and what was sent for it."""

import pytest

from banzhuang.celery import app
from banzhuang.core import jobs
from banzhuang.core.models import Job

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
