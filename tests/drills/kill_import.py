"""Killing a committing process at random moments: none of its rows are there afterwards, or all, and it can run again.

    python -m tests.drills.kill_import [--rows N] [--rounds N] [--seed N]

A database of its own in a temporary folder, SQLite in a file as in use; a staged roster; in each round a process that
commits it and is killed (SIGKILL, no way to tidy up). Half of the rounds aim at the whole commit, half at the time
from the lock on. Exit status 1 when a round leaves anything else than nothing or everything.
"""

import argparse
import datetime
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.environment import SETTINGS

DAY = datetime.date(2026, 6, 30)
TABLES = ("cadres_cadre", "cadres_historicalcadre", "ledgers_batchchange")
BEGIN, LOCKED, DONE = "begin", "locked", "done"


# --- The process that is killed ------------------------------------------------------------------------------
def commit_the_batch() -> None:
    """Says where it is; the parent kills it on the way."""
    import django

    django.setup()
    from banzhuang.ledgers import staging
    from banzhuang.ledgers.models import ImportBatch

    batch = ImportBatch.objects.get()
    take_turns = staging.take_turns

    def locking(owner):
        take_turns(owner)
        print(LOCKED, flush=True)

    staging.take_turns = locking
    print(BEGIN, flush=True)
    staging.commit(batch, DAY)
    print(DONE, flush=True)


# --- The drill -----------------------------------------------------------------------------------------------
@dataclass
class Found:
    """What stands in the database: rows of TABLES, state of the batch."""

    rows: list[int]
    state: str
    sound: bool

    @property
    def nothing(self) -> bool:
        return self.sound and not any(self.rows) and self.state == "staged"

    def everything(self, rows: int) -> bool:
        return self.sound and self.rows == [rows] * len(TABLES) and self.state == "committed"


class Drill:
    def __init__(self, folder: Path, rows: int):
        self.rows = rows
        self.database, self.ready = folder / "db.sqlite3", folder / "ready.sqlite3"

    def prepare(self) -> None:
        """A database with the staged batch, to begin each round from."""
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        from banzhuang.accounts.models import User
        from banzhuang.ledgers.plan import make_plan
        from banzhuang.ledgers.staging import stage
        from tests.factories import TOWNSHIP, id_number
        from villages.demo import load_villages

        call_command("migrate", verbosity=0)
        load_villages()
        path = self.database.with_name("名册.csv")
        lines = ["干部花名册", "姓名,身份证号,职务,村"]
        for number in range(self.rows):
            born = datetime.date(1960, 1, 1) + datetime.timedelta(days=number // 100)
            lines.append(
                f"张{'甲乙丙丁戊己庚辛'[number % 8]},{id_number(number % 100, birth=born)},办事员,西响石"
            )
        path.write_text("\n".join(lines), encoding="utf-8")
        plan = make_plan(path, path.name, User.objects.system(TOWNSHIP), DAY)
        assert plan.counts["new"] == self.rows, plan.counts
        stage(plan, path.name, b"")
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        shutil.copy(self.database, self.ready)

    def begin_anew(self) -> None:
        for beside in self.database.parent.glob("db.sqlite3*"):
            beside.unlink()
        shutil.copy(self.ready, self.database)

    def start(self) -> subprocess.Popen:
        command = [sys.executable, "-m", "tests.drills.kill_import", "--commit"]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def whole_commit(self) -> dict[str, float]:
        """Commit without a kill → seconds from begin to each word."""
        with self.start() as process:
            times = {}
            for line in process.stdout:
                times[line.strip()] = time.monotonic()
        assert process.returncode == 0
        return {word: moment - times[BEGIN] for word, moment in times.items()}

    def killed_commit(self, word: str, seconds: float) -> bool:
        """Commit and kill so long after the word → whether the kill came before the end."""
        with self.start() as process:
            for line in process.stdout:
                if line.strip() == word:
                    break
            time.sleep(seconds)
            process.send_signal(signal.SIGKILL)
        return process.returncode == -signal.SIGKILL

    def found(self) -> Found:
        connection = sqlite3.connect(self.database)
        rows = [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES]
        state = connection.execute("SELECT state FROM ledgers_importbatch").fetchone()[0]
        sound = connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        sound = sound and not connection.execute("PRAGMA foreign_key_check").fetchall()
        connection.close()
        return Found(rows, state, sound)

    def round(self, number: int, times: dict[str, float]) -> str:
        """One line of the report; it begins with FAULT when something is wrong."""
        word = BEGIN if number % 2 else LOCKED
        seconds = random.uniform(0, (times[DONE] - times[word]) * 1.05)
        self.begin_anew()
        killed = self.killed_commit(word, seconds)
        left = self.found()
        line = f"{word} + {seconds:5.2f} s  {'killed' if killed else 'ended before'}  rows {left.rows}"
        if left.everything(self.rows):
            return f"all      {line}"
        if not left.nothing:
            return f"FAULT    {line} {left.state}"
        self.whole_commit()
        again = self.found()
        if not again.everything(self.rows):
            return f"FAULT    {line}, run again {again.rows} {again.state}"
        return f"nothing  {line}, run again: all"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--commit", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--rows", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    options = parser.parse_args()
    if options.commit:
        commit_the_batch()
        return 0
    random.seed(options.seed)
    with tempfile.TemporaryDirectory(prefix="banzhuang-drill-") as folder:
        os.environ.pop("DATABASE_URL", None)
        os.environ.update(SETTINGS, BANZHUANG_DATA=folder, DJANGO_SETTINGS_MODULE="banzhuang.settings")
        drill = Drill(Path(folder), options.rows)
        drill.prepare()
        times = drill.whole_commit()
        print(
            f"seed {options.seed}, {options.rows} rows, commit {times[DONE]:.2f} s, locked after {times[LOCKED]:.2f} s"
        )
        lines = []
        for number in range(options.rounds):
            lines.append(drill.round(number, times))
            print(f"{number + 1:3}  {lines[-1]}", flush=True)
    counts = {word: sum(line.startswith(word) for line in lines) for word in ("nothing", "all", "FAULT")}
    print(counts)
    return 1 if counts["FAULT"] else 0


if __name__ == "__main__":
    sys.exit(main())
