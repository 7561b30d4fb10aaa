"""Importing households: ours (preview, page, commit) against the stock admin import of the same file.

    python -m tests.benchmarks.importing [--rows N] [--tables one|three] [--only ours|stock]

Both sides write the same tables of the same file into a database of their own, with 44 villages, history on, pages
through the middleware: upload, preview page, commit. The stock import writes one table a run: for the households, their
year and their label it runs thrice; `--tables one` leaves all but the households' own columns out of the file.
Processor time, with that of child processes; ours is the mean of a run before the stock's and one after it. Goal: at
least 20 times faster for 10 000 rows.
"""

import argparse
import datetime
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import openpyxl

from tests.environment import SETTINGS

GOAL = 20
TABLES = {"one": ("Household",), "three": ("Household", "HouseholdYear", "HouseholdLabel")}
STOCK = "/admin/livelihood/household/import/"
HEADER = [
    "村", "户编号", "户主", "身份证号", "村民小组", "住址", "联系电话", "家庭人口", "劳动力人数", "致贫原因", "享受政策",
    "建档日期", "住房情况", "工资性收入", "经营性收入", "财产性收入", "转移性收入", "备注",
]  # fmt: skip
OF_HOUSEHOLD = ["村", "户编号", "户主", "身份证号", "村民小组", "住址", "联系电话", "建档日期", "备注"]
VILLAGES = Path(__file__).parents[2] / "villages/data/banzhuang.csv"
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许", "德福广财春夏秋冬东南西北国强立志明华"
CAUSES, LABELS = ["因病", "因残", "因学", "缺劳力", "缺技术"], ["低保", "特困", "脱贫户"]


def make_workbook(path: Path, rows: int, tables: str) -> None:
    """A register of households that no row of a database knows, without an error in it; header in the first row."""
    from tests.factories import id_number

    villages = [line.split(",")[1] for line in VILLAGES.read_text().splitlines()[1:]]
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("困难户台账")
    kept = [place for place, header in enumerate(HEADER) if tables == "three" or header in OF_HOUSEHOLD]
    sheet.append([HEADER[place] for place in kept])
    for row in range(rows):
        name = SURNAMES[row % 20] + GIVEN[row // 20 % 18] + GIVEN[row // 360 % 18]
        born = datetime.date(1935, 1, 1) + datetime.timedelta(days=row // 100)
        values = [
            villages[row % 44], f"HU{row:06}", name, id_number(row, birth=born), f"{row % 9 + 1}组", f"{row % 300}号",
            f"139{row:08}", row % 5 + 2, row % 3, CAUSES[row % 5], LABELS[row % 3],
            datetime.date(2016, 1, 1) + datetime.timedelta(days=row % 900), "安全住房",
            float(row % 7000), row % 3000 + 0.5, None if row % 4 else 120.0, float(row % 2000), f"备注{row % 50}",
        ]  # fmt: skip
        sheet.append([values[place] for place in kept])
    book.save(path)


# --- Measures ------------------------------------------------------------------------------------------------
def processor_time() -> float:
    """Seconds of this process and of its children that have ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def peak_memory() -> float:
    """MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Measured:
    """Seconds, processor time, queries and peak memory of each phase; how long the write lock was held at most.

    To the COMMIT: what SQLite does after it, moving its log into the file, keeps no other writer waiting.
    """

    def __init__(self, connection):
        self.connection, self.phases, self.queries = connection, {}, 0
        self.began, self.longest = 0.0, 0.0
        start, commit = connection._start_transaction_under_autocommit, connection._commit

        def starting():
            start()
            self.began = time.perf_counter()

        def committing():
            self.longest = max(self.longest, time.perf_counter() - self.began)
            commit()

        connection._start_transaction_under_autocommit, connection._commit = starting, committing

    def count(self, execute, *arguments):
        self.queries += 1
        return execute(*arguments)

    @contextmanager
    def phase(self, name: str):
        self.queries, self.longest = 0, 0.0
        started, processor = time.perf_counter(), processor_time()
        with self.connection.execute_wrapper(self.count):
            yield
        self.phases[name] = {
            "seconds": time.perf_counter() - started,
            "processor": processor_time() - processor,
            "queries": self.queries,
            "locked": self.longest,
            "peak": peak_memory(),
        }


def refuse(response, expected: int):
    if response.status_code != expected:
        sys.exit(f"answered {response.status_code}: {response.content.decode()[:2000]}")
    return response


# --- The two sides -------------------------------------------------------------------------------------------
def prepare() -> None:
    """A database with the township's villages and an officer of 民政."""
    from django.core.management import call_command

    from tests.factories import TOWNSHIP, UserFactory
    from villages.demo import load_villages

    call_command("migrate", verbosity=0)
    load_villages()
    UserFactory(username="officer", role="welfare", scope=TOWNSHIP)


def officer():
    """The officer, and a client in whose name pages are asked for."""
    from django.test import Client

    from banzhuang.accounts.models import User

    user, client = User.objects.get(username="officer"), Client(SERVER_NAME="localhost")
    client.force_login(user)
    return user, client


def ours(path: Path, measured: Measured, tables: str) -> dict:
    from banzhuang.core.clock import today
    from banzhuang.ledgers.choosing import Chosen
    from banzhuang.ledgers.plan import plan_facts, understand
    from banzhuang.ledgers.reader import read_workbook
    from banzhuang.ledgers.staging import commit, stage

    user, client = officer()
    refuse(client.get("/imports/"), 200)
    with measured.phase("read"):
        workbook = read_workbook(path, path.name)
    with measured.phase("find and parse"):
        plan = understand(workbook, path.name, user, today(), Chosen("", ()))
    with measured.phase("judge and plan"):
        plan.planned = plan_facts(plan.ledger, plan.facts, plan.context, plan.setting)
    with measured.phase("stage"):
        batch = stage(plan, path.name, path.read_bytes())
    counts = plan.counts
    del plan, workbook
    with measured.phase("preview page"):
        refuse(client.get(f"/imports/{batch.pk}/"), 200)
    with measured.phase("commit"):
        commit(batch, today())
    return counts


def stock(path: Path, measured: Measured, tables: str) -> dict:
    _, client = officer()
    refuse(client.get(STOCK), 200)
    for place, table in enumerate(TABLES[tables]):
        form = {"format": "0", "resource": str(place)}
        with measured.phase(f"{table}: upload, page"), path.open("rb") as file:
            page = refuse(client.post(STOCK, {"import_file": file, **form}), 200).content.decode()
        confirm = re.search('name="import_file_name" value="([^"]+)"', page)
        if not confirm:
            sys.exit(f"the stock import of {table} found errors: {page[-5000:]}")
        form |= {"import_file_name": confirm[1], "original_file_name": path.name}
        with measured.phase(f"{table}: confirm"):
            refuse(client.post(STOCK.replace("import", "process_import"), form), 302)
    return {}


def side(name: str, path: Path, rows: int, tables: str) -> None:
    """One side in this process; prints its figures as JSON."""
    import django
    from django.conf import settings

    if name == "stock" and "import_export" not in settings.INSTALLED_APPS:
        settings.INSTALLED_APPS.append("import_export")
    django.setup()
    if name == "prepare":
        prepare()
        make_workbook(path, rows, tables)
        return
    if name == "stock":
        settings.ROOT_URLCONF = "tests.benchmarks.stock_admin"
    from django.db import connection

    connection.ensure_connection()
    measured = Measured(connection)
    before = peak_memory()
    counts = {"ours": ours, "stock": stock}[name](path, measured, tables)
    print(json.dumps({"phases": measured.phases, "before": before, "counts": counts, "rows": stands()}))


def stands() -> dict[str, int]:
    """Rows of each table afterwards, and of its history: nobody is quick by leaving out."""
    from livelihood.models import Household, HouseholdLabel, HouseholdYear

    tables = (Household, HouseholdYear, HouseholdLabel)
    return {table.__name__: [table.objects.count(), table.history.count()] for table in tables}


# --- The run -------------------------------------------------------------------------------------------------
def run(name: str, path: Path, wanted) -> dict:
    """A side in a process of its own, on a copy of the prepared database."""
    data = path.with_name(name)
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir()
    if name != "prepare":
        shutil.copy(path.with_name("prepare") / "db.sqlite3", data)
    environment = {**os.environ, **SETTINGS, "BANZHUANG_DATA": str(data)}
    environment["DJANGO_SETTINGS_MODULE"] = "banzhuang.settings"
    command = [sys.executable, "-m", "tests.benchmarks.importing", "--rows", str(wanted.rows)]
    command += ["--tables", wanted.tables, "--side", name, "--file", str(path)]
    output = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout
    return json.loads(output.splitlines()[-1]) if output.strip() else {}


def show(name: str, found: dict) -> None:
    print(f"\n{name}: {found['rows']} (rows, history), counts {found['counts']}")
    print(f"{'':34}seconds       cpu   queries  lock held   peak MB")
    for phase, figures in found["phases"].items():
        print(
            f"  {phase:30}{figures['seconds']:9.2f} {figures['processor']:9.2f} {figures['queries']:9}"
            f"{figures['locked']:11.2f} {figures['peak']:9.0f}"
        )
    peak = max(figures["peak"] for figures in found["phases"].values())
    print(f"  {'together':30}{total(found, 'seconds'):9.2f} {total(found):9.2f}")
    print(f"  memory at the start {found['before']:.0f} MB, growth {peak - found['before']:.0f} MB")


def total(found: dict, measure: str = "processor") -> float:
    return sum(figures[measure] for figures in found["phases"].values())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--tables", choices=TABLES, default="three")
    parser.add_argument("--only", choices=("ours", "stock"))
    parser.add_argument("--side", choices=("prepare", "ours", "stock"), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.side:
        side(wanted.side, wanted.file, wanted.rows, wanted.tables)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "困难户台账.xlsx")
        run("prepare", path, wanted)
        order = [wanted.only] if wanted.only else ["ours", "stock", "ours"]
        found = [run(name, path, wanted) for name in order]
    for name, figures in zip(order, found, strict=True):
        show(name, figures)
    if not wanted.only:
        first, theirs, second = (total(figures) for figures in found)
        mine = (first + second) / 2
        print(f"\n{wanted.rows} rows: ours {mine:.1f} s, stock {theirs:.1f} s of processor time")
        print(f"ratio {theirs / mine:.1f}  (goal {GOAL})")


if __name__ == "__main__":
    main()
