"""Exporting the roster of cadres: ours against stock django-import-export and against a bare bound.

    python -m tests.benchmarks.exporting [--rows N] [--only ours|stock|bare]

All sides write the 18 columns of the same rows, numbers masked, villages by name, from one SQLite file, each in a process
of its own that has written 100 rows before. Processor time of all threads, and growth of the peak memory.

ours   write_ledger: official head, typed cells, 系统编号, choices by their Chinese label.
stock  a ModelResource with the same columns, queryset with select_related("village"), to XLSX: as its manual shows it.
       Choices, dates and masks come out as the attributes of the model give them.
bare   what no export in Python can undercut by much: the columns fetched by one raw cursor (fetchall, choices and dates as
       they are stored, no 系统编号), every row made one text of inline strings, joined and escaped at once, deflated by
       zipfile at its default level as the sheet of an .xlsx without styles, types, head or widths.

Goals for 100 000 rows: at least 12 times faster than stock, at most 2.5 times the bare bound, growth at most 25 MB.
"""

import argparse
import datetime
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

from tests.environment import SETTINGS

FASTER, BOUND, GROWTH = 12, 2.5, 25
SIDES = ("ours", "stock", "bare")
WARM = 100
DAY = datetime.date(2026, 7, 15)
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许", "德福广财春夏秋冬东南西北国强立志明华"
COLUMNS = """
    c.name c.sex c.ethnic_group c.born_on c.native_place c.political_status c.joined_party_on c.education
    c.in_service_education c.school c.started_work_on c.id_number_mask c.phone_mask c.position c.category v.name c.note
""".split()
BETWEEN = "\x1f"


# --- Rows ------------------------------------------------------------------------------------------------------
def prepare(rows: int) -> None:
    """A database with the township's villages and as many cadres as wanted, all at work."""
    from django.core.management import call_command

    from banzhuang.core.models import ParameterValue
    from banzhuang.ledgers.parameters import MOST_ROWS
    from cadres.models import Cadre
    from tests.factories import id_number
    from villages.demo import load_villages
    from villages.models import Village

    call_command("migrate", verbosity=0)
    load_villages()
    villages = list(Village.objects.select_related("township"))
    first, sexes = datetime.date(1950, 1, 1), Cadre.Sex.values
    schooling, parties = Cadre.Education.values, Cadre.Political.values

    def cadre(row):
        born = first + datetime.timedelta(days=row // 100)
        village = villages[row % len(villages)]
        return Cadre(
            name=SURNAMES[row % 20] + GIVEN[row // 20 % 18] + GIVEN[row // 360 % 18],
            sex=sexes[row % 2],
            ethnic_group="汉族",
            born_on=born,
            native_place="江苏连云港",
            political_status=parties[row % len(parties)],
            joined_party_on=born + datetime.timedelta(days=9000),
            joined_party_on_precision="month",
            education=schooling[row % len(schooling)],
            in_service_education=schooling[row // 7 % len(schooling)],
            school=f"江苏省委党校经济管理专业{row % 300}班",
            started_work_on=born + datetime.timedelta(days=7300),
            started_work_on_precision="month",
            id_number=id_number(row, birth=born),
            phone=f"139{row:08}",
            position="党支部委员",
            category=Cadre.Category.VILLAGE,
            village=village,
            township=village.township,
            note=f"备注{row % 50}",
        )

    ParameterValue.objects.create(key=MOST_ROWS.key, value="1000000", valid_from=first)
    for start in range(0, rows, 5_000):
        Cadre.objects.bulk_create(cadre(row) for row in range(start, min(start + 5_000, rows)))


# --- The sides: each writes the first `limit` rows, all without one ------------------------------------------------
def ours(out: Path, limit: int | None) -> None:
    from banzhuang.accounts.models import User
    from banzhuang.ledgers.export import write_ledger
    from banzhuang.ledgers.ledger import registry
    from tests.factories import TOWNSHIP

    ledger, user = registry["cadres"], User.objects.system(TOWNSHIP)
    write_ledger(ledger, ledger.rows(user, DAY)[:limit], out, user, DAY)


def stock(out: Path, limit: int | None) -> None:
    from import_export.fields import Field
    from import_export.formats.base_formats import XLSX
    from import_export.resources import ModelResource

    from cadres.models import Cadre

    class CadreResource(ModelResource):
        phone = Field("phone_mask", "联系电话")
        village = Field("village__name", "村")

        class Meta:
            model = Cadre
            fields = (
                "id", "name", "sex", "ethnic_group", "born_on", "native_place", "political_status", "joined_party_on",
                "education", "in_service_education", "school", "started_work_on", "id_number_mask", "phone",
                "position", "category", "village", "note",
            )  # fmt: skip

    rows = Cadre.objects.select_related("village").order_by("scope_code", "initials", "pk")
    out.write_bytes(XLSX().export_data(CadreResource().export(rows[:limit])))


def bare(out: Path, limit: int | None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(COLUMNS)} FROM cadres_cadre c LEFT JOIN villages_village v ON v.id = c.village_id"
            f" ORDER BY c.scope_code, c.initials, c.id LIMIT {-1 if limit is None else limit}"
        )
        rows = cursor.fetchall()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book,
        book.open("xl/worksheets/sheet1.xml", "w") as sheet,
    ):
        sheet.write(b"<worksheet><sheetData>")
        for row in rows:
            text = escape(BETWEEN.join(map(str, row)))
            cells = text.replace(BETWEEN, '</t></is></c><c t="inlineStr"><is><t>')
            sheet.write(f'<row><c t="inlineStr"><is><t>{cells}</t></is></c></row>'.encode())
        sheet.write(b"</sheetData></worksheet>")


# --- The run -------------------------------------------------------------------------------------------------------
def peak_memory() -> float:
    """MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def side(name: str, folder: Path, rows: int) -> None:
    """One side in this process; prints its figures as JSON."""
    import django

    django.setup()
    if name == "prepare":
        prepare(rows)
        return
    write = {"ours": ours, "stock": stock, "bare": bare}[name]
    write(folder / f"{name}-warm.xlsx", WARM)
    out, before = folder / f"{name}.xlsx", peak_memory()
    started, processor = time.perf_counter(), time.process_time()
    write(out, None)
    found = {
        "seconds": time.perf_counter() - started,
        "processor": time.process_time() - processor,
        "growth": peak_memory() - before,
        "megabytes": out.stat().st_size / 1e6,
    }
    print(json.dumps(found))


def run(name: str, folder: Path, rows: int) -> dict:
    """A side in a process of its own."""
    environment = {**os.environ, **SETTINGS, "BANZHUANG_DATA": str(folder)}
    environment["DJANGO_SETTINGS_MODULE"] = "banzhuang.settings"
    command = [sys.executable, "-m", "tests.benchmarks.exporting", "--rows", str(rows)]
    command += ["--side", name, "--folder", str(folder)]
    output = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout
    return json.loads(output.splitlines()[-1]) if output.strip() else {}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--only", choices=SIDES)
    parser.add_argument("--side", choices=("prepare", *SIDES), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.side:
        side(wanted.side, wanted.folder, wanted.rows)
        return
    with tempfile.TemporaryDirectory() as folder:
        run("prepare", Path(folder), wanted.rows)
        names = [name for name in SIDES if wanted.only in (None, name)]
        found = {name: run(name, Path(folder), wanted.rows) for name in names}
    print(f"{wanted.rows} rows    seconds       cpu   memory growth   file")
    for name, figures in found.items():
        print(
            f"  {name:10}{figures['seconds']:9.2f} {figures['processor']:9.2f}"
            f" {figures['growth']:12.1f} MB {figures['megabytes']:6.1f} MB"
        )
    mine = found.get("ours", {})
    if "stock" in found and mine:
        print(f"faster than stock  {found['stock']['processor'] / mine['processor']:6.1f}  (goal ≥ {FASTER})")
    if "bare" in found and mine:
        print(f"of the bare bound  {mine['processor'] / found['bare']['processor']:6.2f}  (goal ≤ {BOUND})")
    if mine:
        print(f"memory growth      {mine['growth']:6.1f}  MB (goal ≤ {GROWTH})")


if __name__ == "__main__":
    main()
