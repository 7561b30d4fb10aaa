"""A ledger as a workbook that our own reader takes back: every row with its 系统编号, sensitive cells masked.

What is written follows from the ledger's columns. A sheet with sensitive columns says who took it, when and what for.
Whole numbers need the right to reveal and a reason, are recorded, and open with a password.
"""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from banzhuang.accounts.audit import Action, record
from banzhuang.core import places
from banzhuang.core.access import may
from banzhuang.core.clock import today
from banzhuang.core.jobs import Tell

from . import release
from .csv_writer import write_csv
from .grid import Refused
from .ledger import Column, Ledger
from .parsers import Amount, Integer, PartialDateParser, Text
from .sealing import seal
from .sheet_writer import LongSheet, SheetColumn, write_sheets
from .standing import asked_of, columns_of, sources
from .template import frozen_columns, width_of
from .watermark import watermark

TOGETHER = 2_000  # rows whose look-ups are made together
ROWS_A_SHEET = 1_000_000  # a sheet holds 1 048 576
NO_PASSWORD = "文本（.csv）设不了打开密码，不能导出完整号码。改为导出 Excel 工作簿，或脱敏导出。"


@dataclass(frozen=True)
class Disclosure:
    """What for sensitive cells go out whole, and the password that opens the workbook, which is kept nowhere."""

    reason: str
    password: str = field(repr=False)


def may_export(user: Any, ledger: Ledger) -> bool:
    return may(user, "export", ledger.model)


def may_reveal(user: Any, ledger: Ledger) -> bool:
    """Whether an export may hold what stands masked in the ledger."""
    return has_sensitive(ledger) and may(user, "reveal", ledger.sensitive_of or ledger.model)


def has_sensitive(ledger: Ledger) -> bool:
    return any(source.column.sensitive for source in sources(ledger))


def write_ledger(
    ledger: Ledger,
    queryset: QuerySet,
    out: Path,
    user: Any,
    day: date,
    *,
    whole: Disclosure | None = None,
    hand_over: Callable[[Path], None] | None = None,
    tell: Tell | None = None,
) -> int:
    """Write rows of the ledger's model, as they are on the day, to an .xlsx or a .csv; → how many.

    queryset: scoped, filtered and ordered by the caller. whole: the sensitive columns are whole, which is one event of
    the trail; PermissionDenied without the right to it. Raises Refused when so much may not go out. Nothing half written
    is ever seen at `out`. hand_over: takes the file when it shall not go to `out`; tell: is told now and then how many
    rows were read.
    """
    out, whole = Path(out), whole if has_sensitive(ledger) else None
    if whole and not may_reveal(user, ledger):
        raise PermissionDenied
    if whole and out.suffix == ".csv":
        raise Refused(NO_PASSWORD)
    count, rows = queryset.count(), Rows(ledger, queryset, user, day, bool(whole), tell)
    with release.recording_refusals(user, ledger.label, count, bool(whole)), half_written(out) as partial:
        release.judge(user, count, bool(whole), today())
        write_as = write_csv if out.suffix == ".csv" else write_sheets
        held = f"含完整号码，用途是{whole.reason}" if whole else "号码脱敏"
        mark = watermark(user, f"导出，{held}") if has_sensitive(ledger) else ""
        write_as(partial, list(sheets(ledger, count, rows, lines_above(user, day, mark), mark)))
        if whole:
            seal(partial, whole.password)
        with (
            transaction.atomic()
        ):  # what could not be handed over was not exported, and no number goes unrecorded
            if whole:
                release.judge_last(user, rows.written, today())
                record_whole(ledger, rows.written, user, whole.reason)
            hand_over(partial) if hand_over else os.replace(partial, out)
    if whole:
        release.warn_when_used_up(user, today())
    return rows.written


@contextlib.contextmanager
def half_written(out: Path) -> Iterator[Path]:
    """Where to write what is to be seen at `out` only when it is whole; a path beside it that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    partial = folder / out.name
    try:
        yield partial
    finally:
        partial.unlink(missing_ok=True)
        folder.rmdir()


def record_whole(ledger: Ledger, count: int, user: Any, reason: str) -> None:
    subject = f"{ledger.label} {count} 行（含完整号码）"
    record(Action.EXPORT, subject, user=user, kind=ledger.kind, rows=count, sensitive=True, reason=reason)


def sheets(ledger: Ledger, count: int, rows: "Rows", lines: list[str], mark: str) -> Iterator[LongSheet]:
    """One sheet, named as the ledger; further ones where a sheet cannot hold all rows."""
    found = [source.column for source in sources(ledger)]
    columns, frozen = [sheet_column(column) for column in found], frozen_columns(found)
    several = -(-count // ROWS_A_SHEET)
    for number in range(1, max(1, several) + 1):
        name = ledger.label if several <= 1 else f"{ledger.label}{number}"
        part = rows if number == several else islice(rows, ROWS_A_SHEET)
        yield LongSheet(name, ledger.label, lines, columns, part, frozen, mark)


def sheet_column(column: Column) -> SheetColumn:
    width, parser = width_of(column), column.parser
    if isinstance(parser, PartialDateParser):
        return SheetColumn(column.label, width, column.number_format or "yyyy-mm-dd", "center")
    if isinstance(parser, Integer | Amount):
        return SheetColumn(column.label, width, column.number_format or "General", "right")
    align = "left" if type(parser) is Text else "center"  # free text; names are centred
    return SheetColumn(column.label, width, column.number_format or "@", align)


def lines_above(user: Any, day: date, mark: str) -> list[str]:
    """Whose register it is and as of which day; of one with sensitive columns also the mark."""
    scope = user.scope or ""
    unit = next((p.name for p in places.villages(user, day) if p.code == scope), "") or places.township_name(
        scope[:9]
    )
    lines = [f"填报单位：{unit}　　填报日期：{day.isoformat()}"]
    return [*lines, f"导出说明：{mark}"] if mark else lines


class Rows:
    """Rows of cells, read and looked up together by the thousand; written: how many there have been."""

    def __init__(
        self, ledger: Ledger, queryset: QuerySet, user: Any, day: date, whole: bool, tell: Tell | None
    ):
        self.ledger, self.user, self.day, self.tell = ledger, user, day, tell
        found = sources(ledger)
        self.readings = [(s.column.key, s.whole if whole else s.masked) for s in found]
        asked = asked_of([reading for _, reading in self.readings])
        self.rows = queryset.values_list(*asked).iterator(chunk_size=TOGETHER)
        self.cells = self.read()
        self.written = 0

    def __iter__(self) -> Iterator[tuple]:
        return self.cells

    def read(self) -> Iterator[tuple]:
        while rows := list(islice(self.rows, TOGETHER)):
            pks = [row[0] for row in rows]
            beside = self.ledger.beside(pks, self.user, self.day) if self.ledger.looked_up else {}
            columns: Iterable = columns_of(self.readings, rows, beside)
            self.written += len(rows)
            yield from zip(*columns, strict=True)
            if self.tell:
                self.tell(self.written)
