"""Staging: a plan kept, private to its owner, until it is committed, given up or expires after a day."""

import datetime
import hashlib
import json

from django.db import transaction
from django.utils import timezone

from .apply import ApplyRefused, apply_plan
from .grid import cell_address
from .ledger import Fact, Setting, Write, registry
from .models import ImportBatch, StagedRow
from .parsers import Problem
from .plan import Plan, plan_facts
from .values import pack, shown, shown_raw, unpack

KEPT_FOR = datetime.timedelta(days=1)


def stage(plan: Plan, file_name: str, content: bytes) -> ImportBatch:
    """Keep a plan for its owner's decision."""
    now = timezone.now()
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            owner=plan.setting.user,
            kind=plan.ledger.kind,
            file_name=file_name[:200],
            sha256=hashlib.sha256(content).hexdigest(),
            understanding=understanding(plan),
            counts=plan.counts,
            expires_at=now + KEPT_FOR,
        )
        StagedRow.objects.bulk_create(
            [staged_row(plan, batch, position, item) for position, item in enumerate(plan.planned)],
            batch_size=500,
        )
    return batch


def understanding(plan: Plan) -> dict:
    """What was found around the rows, as `import_ledger --json` prints it."""
    columns, unmatched, strip = {}, [], []
    for table in plan.tables:
        for column in table.columns:
            if column.key:
                columns[column.header] = column.key
            elif column.header and column.header not in unmatched:
                unmatched.append(column.header)
            if table is plan.tables[0]:
                strip.append({"index": column.index, "header": column.header, "key": column.key or ""})
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
        "strip": strip,
    }


def staged_row(plan: Plan, batch, position, item) -> StagedRow:
    fact = item.fact
    content = {
        "values": json.loads(pack(fact.values)),
        "present": sorted(fact.present),
        "cells": fact.cells,
        "raw": {key: shown_raw(plan.ledger.column(key), value) for key, value in fact.raw.items()},
        "problems": [[key, p.severity, p.message, p.remedy] for key, p in fact.problems],
        "read": item.read,
        "changes": changes_shown(plan, item),
        "said": [sentence for write in item.writes for sentence in write.said],
        "fingerprint": item.fingerprint(),
    }
    return StagedRow(
        batch=batch,
        position=position,
        sheet=fact.sheet,
        number=fact.number,
        outcome=item.outcome,
        warned=any(p.severity == "warning" for _, p in fact.problems),
        content=json.dumps(content, ensure_ascii=False),
    )


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
    facts = []
    for row in batch.rows.order_by("position"):
        content = json.loads(row.content)
        fact = Fact(
            row.sheet,
            row.number,
            unpack(json.dumps(content["values"])),
            frozenset(content["present"]),
            content["cells"],
            content["raw"],
        )
        found = content["problems"][: content.get("read")]  # staged before it was kept: all of them
        fact.problems = [(key, Problem(*rest)) for key, *rest in found]
        facts.append((fact, content["fingerprint"]))
    return facts


def commit(batch: ImportBatch, day, request=None, all_or_nothing: bool = False) -> int:
    """Write the batch's valid facts, judged again on the database as it is now; → rows written.

    ApplyRefused when a row that was read for the preview has changed since, when the batch is not waiting any
    more or waited longer than a day, or with `all_or_nothing` when a fact is invalid. A second commit of the same
    batch writes nothing.
    """
    ledger = registry[batch.kind]
    with transaction.atomic():
        batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if batch.state != ImportBatch.State.STAGED:
            raise ApplyRefused(f"这一批{batch.get_state_display()}，不能再提交。")
        if batch.expires_at <= timezone.now():
            raise ApplyRefused("核对之后超过一天，没有写入。重新上传，再核对一次。")
        if all_or_nothing and batch.counts["invalid"]:
            raise ApplyRefused(f"有 {batch.counts['invalid']} 行错误，按“全部写入或都不写入”没有写入。")
        staged = facts_of(batch)
        setting = Setting(batch.owner, day, batch.understanding["metadata"])
        facts = [fact for fact, _ in staged]
        plan = Plan(ledger, setting, [], plan_facts(ledger, facts, ledger.prepare(setting), setting))
        moved = [
            item.fact.number
            for item, (_, fingerprint) in zip(plan.planned, staged, strict=True)
            if item.fingerprint() != fingerprint
        ]
        if moved:
            rows = "、".join(str(number) for number in moved[:10])
            raise ApplyRefused(
                f"核对之后有别人改过同样的数据（第 {rows} 行），没有写入。重新上传，再核对一次。"
            )
        return apply_plan(plan, batch, request)


def discard(batch: ImportBatch, state=ImportBatch.State.DISCARDED) -> bool:
    """Give a staged batch up: its rows are gone, the batch stays in the history. → whether it was waiting."""
    with transaction.atomic():
        waiting = ImportBatch.objects.filter(pk=batch.pk, state=ImportBatch.State.STAGED).update(state=state)
        if waiting:
            batch.rows.all().delete()
    return bool(waiting)


def expire(now) -> int:
    """Give up all batches that waited longer than a day; → how many."""
    expired = list(ImportBatch.objects.expired(now))
    for batch in expired:
        discard(batch, ImportBatch.State.EXPIRED)
    return len(expired)
