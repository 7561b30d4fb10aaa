"""Jobs: work that outlives a request. The row is the record; a message only wakes a worker.

A job kind is a function of one Job, named once:

    @job("reports.month", "生成月度工作簿")
    def make(job): …; return {"workbook": 7}

It must be safe to run again: after a killed worker the sweeper (core.sweeping) brings the row back. And it must give a
sign of life (`progress`, `telling`) at least once a minute.
"""

import contextlib
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextvars import ContextVar

from celery import current_app
from django.db import Error, connection, transaction
from django.db.models import F
from django.utils import timezone
from simple_history.models import HistoricalRecords

from . import disk, parameters
from .addresses import client_address
from .models import Job

log = logging.getLogger(__name__)

KINDS: dict[str, tuple[str, Callable[[Job], dict | None]]] = {}
ATTEMPTS = 3
EVERY = 1.0  # seconds between two signs of life of work that cannot stop to give them

Tell = Callable[[int], None]  # takes how much is done

_started_from: ContextVar[str] = ContextVar("started_from", default="")


class JobFailed(Exception):
    """Raised by a job with the Chinese sentence its owner reads."""


def job(kind: str, title: str):
    """Register the function that does jobs of `kind`; `title` is what people see."""

    def register(function):
        KINDS[kind] = (title, function)
        return function

    return register


def start(kind: str, owner, title: str = "", **arguments) -> Job:
    """Queue work; it is sent once the surrounding transaction holds. A lost message is sent again by the sweeper."""
    title = (title or KINDS[kind][0])[: Job._meta.get_field("title").max_length]
    request = getattr(HistoricalRecords.context, "request", None)
    address = (client_address(request) if request else started_from())[:45]
    row = Job.objects.create(kind=kind, title=title, owner=owner, arguments=arguments, address=address)
    transaction.on_commit(lambda: wake(row.pk))
    return row


def started_from() -> str:
    """In a job: the address of the request that started it; elsewhere nothing."""
    return _started_from.get()


def wake(pk: int) -> None:
    try:
        current_app.send_task("core.run_job", args=[pk])
    except Exception as fault:  # of any broker: the row waits in the database, the sweeper sends it again
        log.warning("job %s could not be sent, the sweeper will: %s", pk, fault)


def queue_length() -> int | None:
    """How many messages wait for a worker; None when the queue does not answer."""
    try:
        with current_app.connection_for_read() as broker:
            # Not passively: an empty list is none to Redis, and so no queue.
            return broker.default_channel.queue_declare(current_app.conf.task_default_queue).message_count
    except Exception as fault:  # of whatever transport
        log.warning("the queue does not answer: %s", fault)
        return None


def claim(pk: int) -> Job | None:
    """Take a queued job for this worker; None when another has it or it is finished."""
    taken = Job.objects.filter(pk=pk, state=Job.State.QUEUED).update(
        state=Job.State.RUNNING, beats=F("beats") + 1, attempts=F("attempts") + 1
    )
    return Job.objects.select_related("owner").get(pk=pk) if taken else None


def run(pk: int) -> None:
    """Do one job. Its failure is a Chinese sentence on the row, never a traceback for its owner."""
    row = claim(pk)
    if row is None:
        return
    parameters.forget()
    _started_from.set(row.address)
    try:
        result = KINDS[row.kind][1](row)
    except JobFailed as failure:
        finish(row, Job.State.FAILED, error=str(failure))
    except Exception as fault:
        log.exception("job %s (%s) failed", row.pk, row.kind)
        unexpected = f"处理时出错，已记录。稍后再试一次；仍不行，告诉系统管理员任务号 {row.pk}。"
        finish(row, Job.State.FAILED, error=disk.SENTENCE if disk.is_full(fault) else unexpected)
    else:
        finish(row, Job.State.DONE, result=result)
    finally:
        _started_from.set("")


def finish(row: Job, state: str, *, error: str = "", result: dict | None = None) -> None:
    """Write how the attempt ended, unless the sweeper has given the job to another since."""
    error = error[: Job._meta.get_field("error").max_length]
    held(row).update(state=state, finished_at=timezone.now(), error=error, result=result or {})


def progress(row: Job, done: int, total: int, unit: str = "") -> None:
    """Say how far the work is; also its sign of life."""
    held(row).update(done=done, total=total, unit=unit, beats=F("beats") + 1)


@contextlib.contextmanager
def telling(row: Job, total: int, unit: str) -> Iterator[Tell]:
    """For work that takes long between two places where it could call `progress`: yields what takes how much is done.

    A thread writes it, and the sign of life with it, once a second by a connection of its own. By the work's own it
    could not while a cursor is open: SQLite refuses the write at once ("database is locked") when anybody else has
    written since the cursor was opened. Not inside a transaction that has written.
    """
    told, ended = deque([0], maxlen=1), threading.Event()

    def keep_telling():
        try:
            while not ended.wait(EVERY):
                with contextlib.suppress(Error):  # the next second tries again
                    progress(row, told[-1], total, unit)
        finally:
            connection.close()

    progress(row, 0, total, unit)
    thread = threading.Thread(target=keep_telling, name=f"job-{row.pk}", daemon=True)
    thread.start()
    try:
        yield told.append
    finally:
        ended.set()
        thread.join()
    progress(row, told[-1], total, unit)


def held(row: Job):
    """The row while it is still in the attempt that `row` was read in: a worker thought dead may yet come back."""
    return Job.objects.filter(pk=row.pk, state=row.state, attempts=row.attempts)


def send_again(row: Job) -> bool:
    """Bring back a job that the sweeper saw stand still; → whether it was sent."""
    if row.state == Job.State.RUNNING and row.attempts >= ATTEMPTS:
        finish(row, Job.State.FAILED, error="处理多次中断，没有完成，也没有写入任何数据。")
        return False
    sent = bool(held(row).update(state=Job.State.QUEUED))
    if sent:
        wake(row.pk)
    return sent
