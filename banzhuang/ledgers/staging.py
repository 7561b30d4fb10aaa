"""Staging: a plan kept, private to its owner, until it is committed, given up or expires after a day."""

import hashlib
import json
from collections.abc import Callable, Sequence

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from banzhuang.accounts.models import User
from banzhuang.core.models import Job

from . import uploads
from .apply import ApplyRefused, Ready, apply_plan, make_ready, one_writing
from .choosing import Chosen, fingerprint, remember
from .findings import Findings
from .grid import Refused, cell_address
from .ledger import Fact, Ledger, Setting, Write, registry
from .models import ImportBatch, StagedRow
from .parsers import PartialDateParser, Problem
from .plan import AfterChunk, Plan, Planned, may_import, plan_facts
from .rights import lost
from .statements import add
from .surroundings import surroundings
from .values import pack, raw_kept, shown, unpacked

CHUNK = 500

State = ImportBatch.State


class Superseded(Exception):
    """The batch was given up, or is read by another worker: whoever works on it stops, and writes nothing more."""


def receive(owner, file_name: str, content: bytes, chosen: Chosen) -> ImportBatch:
    """A batch whose file is kept and has yet to be read. Raises Refused when there is no room for the file."""
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            owner=owner,
            kind=chosen.kind,
            file_name=file_name[:200],
            sha256=hashlib.sha256(content).hexdigest(),
            state=State.READING,
            chosen=chosen.as_json(),
            expires_at=timezone.now() + uploads.KEPT_FOR,
        )
        uploads.keep(batch, content)
    return batch


def stage(plan: Plan, file_name: str, content: bytes) -> ImportBatch:
    """Keep a plan for its owner's decision; the file itself is not kept."""
    batch = ImportBatch.objects.create(
        owner=plan.setting.user,
        kind=plan.ledger.kind,
        file_name=file_name[:200],
        sha256=hashlib.sha256(content).hexdigest(),
        state=State.READING,
        expires_at=timezone.now() + uploads.KEPT_FOR,
    )
    restage(batch, plan)
    return batch


def restage(batch: ImportBatch, plan: Plan) -> None:
    """Make the plan the preview of a batch that is being read."""
    staging = Staging(batch, plan)
    staging.begin()
    for start in range(0, len(plan.planned), CHUNK):
        staging.add(plan.planned[start : start + CHUNK])
    staging.finish()


class Staging:
    """Rows of a batch put down chunk by chunk, each in a short transaction; seen only when `finish` has been done.

    holds: asked in each transaction whether the work is still ours; else Superseded.
    """

    def __init__(self, batch: ImportBatch, plan: Plan, holds: Callable[[], bool] = lambda: True):
        self.batch, self.plan, self.holds = batch, plan, holds
        self.findings = Findings(plan.ledger)

    def begin(self) -> None:
        """Remove what a worker that was killed has left."""
        with transaction.atomic():
            self.hold()
            self.batch.rows.all().delete()

    def add(self, items: Sequence[Planned]) -> None:
        """The next rows, in file order."""
        first, rows = self.findings.tally["all"], []
        for position, item in enumerate(items, first):
            row, content = staged_row(self.plan, self.batch, position, item)
            self.findings.add(row, problems_of(self.plan.ledger, row, content), content["said"])
            rows.append(row)
        added = add(StagedRow, rows)
        with transaction.atomic():
            self.hold()
            added.run()

    def finish(self) -> None:
        with transaction.atomic():
            batch = self.hold()
            batch.kind = self.plan.ledger.kind
            batch.understanding = understanding(self.plan)
            batch.counts = self.plan.counts
            batch.findings = self.findings.as_text()
            batch.state = State.STAGED
            batch.revision += 1
            batch.error = ""
            if Chosen.from_json(batch.chosen).remember:
                remembered = remember(batch.owner, self.plan.ledger, self.plan.tables)
                batch.understanding["remembered"] = str(remembered)
            batch.save()
        self.batch.refresh_from_db()

    def hold(self) -> ImportBatch:
        """The batch, locked until the transaction ends."""
        batch = ImportBatch.objects.select_for_update().get(pk=self.batch.pk)
        if batch.state != State.READING or not self.holds():
            raise Superseded
        return batch


def understanding(plan: Plan) -> dict:
    """What was found around the rows: as `import_ledger --json` prints it, and more for the preview.

    strip: the columns of all tables, each header once; all_sheets, notes: see surroundings; forms: fingerprints of the headers;
    remembered: by whose match of them they were read.
    """
    columns, unmatched, strip = {}, [], {}
    for table in plan.tables:
        for column in table.columns:
            if column.key:
                columns[column.header] = column.key
            elif column.header and column.header not in unmatched:
                unmatched.append(column.header)
            if table is plan.tables[0] or column.header not in {header for header, _ in strip}:
                strip[column.header, column.index] = {
                    "index": column.index,
                    "header": column.header,
                    "key": column.key or "",
                    "doubtful": column.doubtful,
                }
    around = surroundings(plan.workbook, plan.tables) if plan.workbook else {"all_sheets": [], "notes": []}
    return {
        "sheets": [table.sheet for table in plan.tables],
        "header_rows": {table.sheet: table.header_rows for table in plan.tables},
        "columns": columns,
        "unmatched": unmatched,
        "metadata": plan.setting.metadata,
        "dropped": [
            {"sheet": table.sheet, "row": dropped.row, "last_row": dropped.last_row, "reason": dropped.reason}
            for table in plan.tables
            for dropped in table.dropped
        ],
        "strip": list(strip.values()),
        **around,
        "forms": [fingerprint(column.header for column in table.columns) for table in plan.tables],
        "remembered": str(plan.remembered or ""),
    }


def staged_row(plan: Plan, batch, position: int, item: Planned) -> tuple[StagedRow, dict]:
    """The row to be stored, and what is in it."""
    fact = item.fact
    content = {
        "values": values_kept(plan.ledger, fact),
        "present": sorted(fact.present),
        "cells": fact.cells,
        "raw": raw_kept(plan.ledger, fact),
        "problems": [[key, p.severity, p.message, p.remedy] for key, p in fact.problems],
        "read": item.read,
        "unchanged": sorted(fact.unchanged or ()),
        "changes": changes_shown(plan, item),
        "said": [sentence for write in item.writes for sentence in write.said],
        "fingerprint": item.fingerprint(),
    }
    row = StagedRow(
        batch=batch,
        position=position,
        sheet=fact.sheet,
        number=fact.number,
        outcome=item.outcome,
        warned=any(p.severity == "warning" for _, p in fact.problems),
        content=pack(content),
    )
    return row, content


def values_kept(ledger: Ledger, fact: Fact) -> dict:
    """The values to be staged. Of cells that change nothing, what may have stood masked in the file is read from the
    register again, and so are dates: it may have one before 1900, which no file can bring."""
    if not fact.unchanged:
        return fact.values
    again = {c.key for c in ledger.columns if c.sensitive or isinstance(c.parser, PartialDateParser)}
    return {key: value for key, value in fact.values.items() if key not in again & fact.unchanged}


def changes_shown(plan: Plan, item) -> dict[str, list[str]]:
    """{column key: [old, new]} of what a changed row changes, as people read it; by the ledger's own columns."""
    if item.outcome != "changed":
        return {}
    shown_changes = {}
    for write in item.writes:
        if write.instance is None:
            continue
        for name, (old, new) in write.changes().items():
            key = plan.ledger.column_of(write.model, name)
            if key:
                column = plan.ledger.column(key)
                new_value = item.fact.values.get(key) if isinstance(new, Write) or hasattr(new, "pk") else new
                shown_changes[key] = [shown(column, old), shown(column, new_value)]
    return shown_changes


def problems_of(ledger, row: StagedRow, content: dict) -> list[dict]:
    """Problems of a staged row with their cell: sheet, row, column, cell, value, severity, message, remedy."""
    found = []
    for key, severity, message, remedy in content["problems"]:
        index = content["cells"].get(key)
        found.append(
            {
                "sheet": row.sheet,
                "row": row.number,
                "key": key,
                "column": ledger.column(key).label,
                "cell": cell_address(row.number - 1, index) if index is not None else f"第 {row.number} 行",
                "value": content["raw"].get(key, ""),
                "severity": severity,
                "message": message,
                "remedy": remedy,
            }
        )
    return found


def facts_of(batch: ImportBatch) -> list[tuple[Fact, str]]:
    """The staged facts, with what reading their cells found, and their fingerprints: to be judged again."""
    facts, columns = [], {}  # one set of columns for all rows that have them
    rows = batch.rows.order_by("position").values_list("sheet", "number", "content")
    for sheet, number, text in rows.iterator(CHUNK):
        content = json.loads(text)
        known = tuple(content["present"]), tuple(content["cells"].items())
        present, cells = columns.setdefault(known, (frozenset(content["present"]), content["cells"]))
        fact = Fact(
            sheet,
            number,
            unpacked(content["values"]),
            present,
            cells,
            content["raw"],
            unchanged=frozenset(content.get("unchanged", ())),
        )
        found = content["problems"][: content.get("read")]  # staged before it was kept: all of them
        fact.problems = [(key, Problem(*rest)) for key, *rest in found]
        facts.append((fact, content["fingerprint"]))
    return facts


def commit(
    batch: ImportBatch,
    day,
    request=None,
    all_or_nothing: bool = False,
    revision: int | None = None,
    after_chunk: AfterChunk | None = None,
) -> int:
    """Write the batch's valid facts, judged again on the database as it is now; → rows written.

    revision: of the preview that the person saw. ApplyRefused when that is not the last one, when a row that was read
    for the preview has changed since, when the batch is not waiting any more or waited longer than a day, or with
    `all_or_nothing` when a fact is invalid. A second commit of the same batch writes nothing.

    The judging needs no lock: when nothing was written to the ledger's tables meanwhile it holds, else it is done again.
    """
    ledger, revision = registry[batch.kind], batch.revision if revision is None else revision
    refuse_commit(batch, revision, all_or_nothing)
    for tries_left in (2, 1, 0):
        seen, ready = writings(ledger), None
        if tries_left:
            ready = made_ready(batch, ledger, day, after_chunk)
        with one_writing() as began:
            locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
            refuse_commit(locked, revision, all_or_nothing)
            if not may_import(locked.owner, ledger):
                raise ApplyRefused("没有导入这种台账的权限，没有写入。")
            take_turns(locked.owner)
            if not tries_left:
                ready = made_ready(locked, ledger, day, after_chunk)
            elif writings(ledger) != seen:
                continue
            if missing := lost(locked.owner, ready.acts):
                raise ApplyRefused(f"{missing}，没有写入。")
            locked.findings = ready.findings
            return apply_plan(ready, locked, began, request)
    raise AssertionError("the last try always ends")


def refuse_commit(batch: ImportBatch, revision: int, all_or_nothing: bool) -> None:
    if batch.state != State.STAGED:
        raise ApplyRefused(f"这一批{batch.get_state_display()}，不能再提交。")
    if batch.expires_at <= timezone.now():
        raise ApplyRefused("核对之后超过一天，没有写入。重新上传，再核对一次。")
    if batch.revision != revision:
        raise ApplyRefused("列的对应在别处改过，没有写入。核对新的结果，再提交。")
    if all_or_nothing and batch.counts["invalid"]:
        raise ApplyRefused(f"有 {batch.counts['invalid']} 行错误，按“全部写入或都不写入”没有写入。")


def made_ready(batch: ImportBatch, ledger: Ledger, day, after_chunk: AfterChunk | None) -> Ready:
    ready = make_ready(judged_again(batch, ledger, day, after_chunk), batch)
    ready.findings = problems_kept(ready.plan) if batch.upload else ""
    return ready


def judged_again(batch: ImportBatch, ledger: Ledger, day, after_chunk: AfterChunk | None) -> Plan:
    """The plan as of now; ApplyRefused when it is not what the preview showed."""
    staged = facts_of(batch)
    setting = Setting(batch.owner, day, batch.understanding["metadata"])
    facts = [fact for fact, _ in staged]
    try:
        context = ledger.prepare(setting)
    except Refused as refused:  # what stands around the table is judged by other settings than before
        raise ApplyRefused(f"没有写入：{refused}") from None
    planned = plan_facts(ledger, facts, context, setting, after_chunk)
    moved = [item for item, (_, before) in zip(planned, staged, strict=True) if item.fingerprint() != before]
    if refused := next((item for item in moved if item.refusal), None):
        raise ApplyRefused(f"没有写入：第 {refused.fact.number} 行，{refused.refusal}重新上传，再核对一次。")
    if moved:
        rows = "、".join(str(item.fact.number) for item in moved[:10])
        raise ApplyRefused(f"核对之后有别人改过同样的数据（第 {rows} 行），没有写入。重新上传，再核对一次。")
    return Plan(ledger, setting, [], planned)


def writings(ledger: Ledger) -> list[int | None]:
    """Changes whenever anybody has written to a table of the ledger, or to one that its rows refer to: the last
    versions of their rows."""
    fields = [field for model in ledger.writes for field in model._meta.concrete_fields]
    tables = dict.fromkeys([*ledger.writes, *(field.related_model for field in fields if field.is_relation)])
    histories = [model.history.model for model in tables if hasattr(model, "history")]
    return [history._base_manager.aggregate(last=Max("history_id"))["last"] for history in histories]


def take_turns(owner) -> None:
    """One import of a township writes at a time, until the transaction ends: a new row has no version to be seen by."""
    system = User.objects.system(owner.scope[:9])
    User.objects.select_for_update(no_key=True).get(pk=system.pk)


def problems_kept(plan: Plan) -> str:
    """For ImportBatch.findings: what the marked workbook of a committed batch says, whose rows are gone."""
    problems = [
        problem
        for position, item in enumerate(plan.planned)
        if item.fact.problems
        for problem in problems_of(plan.ledger, *staged_row(plan, None, position, item))
    ]
    return json.dumps({"problems": problems}, ensure_ascii=False)


def discard(batch: ImportBatch, state=State.DISCARDED) -> bool:
    """Give a batch up that waits or is being read: its rows and its file are gone, the batch stays in the history.
    → whether it was waiting."""
    with transaction.atomic():
        waiting = ImportBatch.objects.waiting().filter(pk=batch.pk).update(state=state, findings="")
        if waiting:
            batch.rows.all().delete()
            uploads.drop(batch)
    return bool(waiting)


def expire(now) -> int:
    """Give up all batches that waited longer than a day, and remove the files of a day ago; → how many batches.

    A reading that its job could not end, however often it was begun, is a failed one.
    """
    for batch in ImportBatch.objects.filter(state=State.READING, job__state=Job.State.FAILED).select_related(
        "job"
    ):
        fail(batch, batch.job.error)
    expired = list(ImportBatch.objects.expired(now))
    for batch in expired:
        discard(batch, State.EXPIRED)
    uploads.sweep(now)
    return len(expired)


def fail(batch: ImportBatch, sentence: str) -> bool:
    """The file of a batch could not be read: the sentence stays, rows and file do not. → whether it was being read."""
    with transaction.atomic():
        reading = ImportBatch.objects.filter(pk=batch.pk, state=State.READING)
        failed = reading.update(state=State.FAILED, error=sentence[:300])
        if failed:
            batch.rows.all().delete()
            uploads.drop(batch)
    return bool(failed)
