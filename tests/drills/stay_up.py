"""Staying up: jobs by the ten thousand while worker, timetable and queue are killed again and again, and web is asked.

    python -m tests.drills.stay_up [--jobs N] [--senders N] [--kills N] [--queue-kills N] [--every SECONDS] [--port N]

A data folder of its own, the parts and their keeper of supervise.py. Senders of a process each start jobs as a page
does; meanwhile worker and timetable are killed (SIGKILL) `kills` times each and the queue `queue-kills` times, and two
pages are asked for five times a second. Exit status 1 when a job is lost or not done, or a page fails.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import supervise
from tests.environment import SETTINGS

KIND = "drills.nothing"
ROOT = Path(__file__).resolve().parents[2]
PAGES = ("healthz", "login/")
PATIENCE = 180  # seconds in which no more was done, after the last sender and the last kill: the rest is lost


def known_to_the_worker() -> None:
    """The kind of job; the worker has this module included."""
    from banzhuang.core import jobs

    jobs.job(KIND, "什么也不做")(lambda job: {"number": job.arguments["number"]})


if "celery" in sys.argv[0]:
    known_to_the_worker()


def send(first: int, count: int) -> None:
    """A sender: its jobs are told by their number."""
    import django

    django.setup()
    from django.db import transaction

    from banzhuang.accounts.models import User
    from banzhuang.core import jobs

    known_to_the_worker()
    owner = User.objects.get()
    for number in range(first, first + count):
        with transaction.atomic():
            jobs.start(KIND, owner, number=number)


class Asking(threading.Thread):
    """Asks for pages until told to end; `failures` lists what did not come as it should."""

    def __init__(self, address: str):
        super().__init__(daemon=True)
        self.address, self.answers, self.failures, self.slowest = address, 0, [], 0.0
        self.over = threading.Event()

    def run(self):
        while not self.over.wait(0.2):
            for page in PAGES:
                began = time.monotonic()
                try:
                    with urllib.request.urlopen(self.address + page, timeout=30) as answer:
                        answer.read()
                    self.answers += 1
                except OSError as fault:
                    self.failures.append(f"{page}: {fault}")
                self.slowest = max(self.slowest, time.monotonic() - began)


def prepare() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from banzhuang.accounts.models import User

    call_command("migrate", verbosity=0)
    User.objects.create_user("drill", name="演练", scope="320707109")


def keeper_of(folder: Path, port: int) -> supervise.Keeper:
    """The parts as dev.py up starts them; the worker knows the kind of job too."""
    (folder / "logs").mkdir()
    options = SimpleNamespace(host="127.0.0.1", port=port)
    commands = supervise.commands(sys.executable, options, folder, redis=False)
    commands[supervise.WORKER][1].append("--include=tests.drills.stay_up")
    parts = [
        supervise.Part(name, command, folder / "logs" / f"{log}.log")
        for name, (log, command) in commands.items()
    ]
    return supervise.Keeper(parts, ROOT, dict(os.environ), folder, f"http://127.0.0.1:{port}/")


def kill(keeper: supervise.Keeper, options) -> Counter:
    """Each part in its turn, when it runs, until each was killed as often as it should be."""
    due = {supervise.WORKER: options.kills, supervise.TIMETABLE: options.kills}
    due[supervise.QUEUE] = options.queue_kills
    killed = Counter()
    while any(killed[name] < count for name, count in due.items()):
        time.sleep(random.uniform(0.5, 1.5) * options.every)
        for part in keeper.parts:
            if killed[part.name] < due.get(part.name, 0) and part.runs:
                part.process.send_signal(signal.SIGKILL)
                killed[part.name] += 1
    return killed


def standing() -> tuple[Counter, int]:
    """How many jobs are in each state, and how many numbers were done."""
    from banzhuang.core.models import Job

    rows = Job.objects.filter(kind=KIND)
    states = Counter(rows.values_list("state", flat=True))
    return states, len({result.get("number") for result in rows.values_list("result", flat=True)} - {None})


def await_the_rest(count: int) -> None:
    done, moved = -1, time.monotonic()
    while (now := standing()[0]["done"]) < count and time.monotonic() - moved < PATIENCE:
        if now > done:
            done, moved = now, time.monotonic()
        time.sleep(2)


def drill(options, folder: Path) -> int:
    prepare()
    keeper = keeper_of(folder, options.port)
    keeper.start()
    asking, keeping = Asking(keeper.address), threading.Thread(target=keeper.keep, daemon=True)
    try:
        keeper.await_answer()
        keeping.start()
        asking.start()
        began = time.monotonic()
        share = options.jobs // options.senders
        senders = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.drills.stay_up", "--send", str(number * share), str(share)]
            )
            for number in range(options.senders)
        ]
        killed = kill(keeper, options)
        print(f"killed {dict(killed)} after {time.monotonic() - began:.0f} s", flush=True)
        sent = all(sender.wait() == 0 for sender in senders)
        print(f"senders ended after {time.monotonic() - began:.0f} s: {standing()[0]}", flush=True)
        await_the_rest(share * options.senders)
        asking.over.set()
        states, done = standing()
    finally:
        keeper.over.set()
        keeping.join()
        supervise.stop(keeper.parts)
    print(
        f"{time.monotonic() - began:.0f} s: {dict(states)}, {done} numbers done of {share * options.senders}"
    )
    print(f"restarts {[(part.name, part.restarts) for part in keeper.parts]}")
    print(f"{asking.answers} pages, slowest {asking.slowest:.2f} s, {len(asking.failures)} failed")
    print(*asking.failures[:10], sep="\n")
    lost = share * options.senders - done
    return 1 if lost or asking.failures or not sent else 0


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=50_000)
    parser.add_argument("--senders", type=int, default=8)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--queue-kills", type=int, default=5)
    parser.add_argument("--every", type=float, default=22)
    parser.add_argument("--port", type=int, default=8093)
    parser.add_argument("--send", nargs=2, type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "banzhuang.settings"
    if options.send:
        send(*options.send)
        return 0
    with tempfile.TemporaryDirectory(prefix="banzhuang-drill-") as folder:
        for name in ("DATABASE_URL", "REDIS_URL"):
            os.environ.pop(name, None)
        os.environ.update(SETTINGS, BANZHUANG_DATA=folder)
        return drill(options, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
