"""The sweeper: a thread of each worker that brings back jobs whose worker died or whose message was lost.

It needs neither queue nor timetable. What it goes by is how long, by its own monotonic clock, it has seen a job stand
still: set the machine's clock back or forth, and nothing changes.
"""

import logging
import threading
import time
from dataclasses import dataclass, field

from django.db import DatabaseError, close_old_connections

from . import jobs, pulses
from .models import Job

log = logging.getLogger(__name__)

EVERY = 10.0  # seconds between two looks
LOST_AFTER = (
    60.0  # seconds without a beat of a running job: more than the longest work between two of its beats
)
FORGOTTEN_AFTER = 30.0  # seconds a queued job waits until it is sent again
MOST = 1000  # queued jobs, those that wait longest: a long queue is not sent twice as a whole


@dataclass
class Sweeper:
    """Remembers of each unfinished job what it looked like, and since when."""

    seen: dict[int, tuple[tuple, float]] = field(default_factory=dict)

    def sweep(self, now: float) -> int:
        """One look at `now`, in seconds of a clock that only goes forth; → how many jobs were sent again."""
        queued = Job.objects.filter(state=Job.State.QUEUED).order_by("pk")
        rows = [*Job.objects.filter(state=Job.State.RUNNING), *queued[:MOST]]
        before, self.seen = self.seen, {}
        still = []
        for row in rows:
            sign = (row.state, row.attempts, row.beats)
            known, since = before.get(row.pk, (None, now))
            since = since if known == sign else now
            self.seen[row.pk] = (sign, since)
            if now - since >= (LOST_AFTER if row.state == Job.State.RUNNING else FORGOTTEN_AFTER):
                still.append(row)
        return self.send_again(still, now)

    def send_again(self, still: list[Job], now: float) -> int:
        """While messages wait, none of a queued job is lost: sent again, they would only be in the way of those that
        wait. Only what is sent begins to wait anew."""
        sent, empty = 0, None
        for row in still:
            if row.state == Job.State.QUEUED:
                empty = jobs.queue_length() == 0 if empty is None else empty
                if not empty:
                    continue
            sent += jobs.send_again(row)
            self.seen[row.pk] = (self.seen[row.pk][0], now)
        return sent


class SweeperThread(threading.Thread):
    """Sweeps while the worker runs. A fault of the database is the next look's to try again."""

    def __init__(self):
        super().__init__(name="sweeper", daemon=True)
        self.ended = threading.Event()

    def run(self):
        sweeper = Sweeper()
        while True:
            try:
                close_old_connections()
                sweeper.sweep(time.monotonic())
                pulses.beat(pulses.SWEEP)
            except DatabaseError:
                log.warning("the sweeper could not look", exc_info=True)
            if self.ended.wait(EVERY):
                close_old_connections()
                return


_threads: list[SweeperThread] = []


def begin(**kwargs) -> None:
    """When a worker is ready."""
    thread = SweeperThread()
    _threads.append(thread)
    thread.start()


def end(**kwargs) -> None:
    """When it is told to stop."""
    while _threads:
        _threads.pop().ended.set()
