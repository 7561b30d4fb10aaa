"""Writing a plan set-wise in one short transaction: first everything is made ready, then it is only written."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone

from banzhuang.accounts.audit import Action, record
from banzhuang.core.fields import encrypt

from .ledger import Write
from .models import BatchChange, ImportBatch
from .plan import Plan
from .statements import Statement, Table, blank_row, draw_keys, insert, update

CHUNK = 500
NOT_KEPT = {"created_at", "updated_at", "version"}
CHANGE_FIELDS = ("batch", "order", "model", "object_id", "version", "before", "after")
ENCODER = DjangoJSONEncoder(ensure_ascii=False)


class ApplyRefused(Exception):
    """The plan no longer fits the database; the message says why. Nothing was written."""


def apply_plan(ready: "Ready", batch: ImportBatch, began: float, request=None) -> int:
    """Write what was made ready, within `one_writing`; → number of rows written.

    The batch says for how many seconds nobody else could write (`locked` of its counts): SQLite has one writer.
    """
    for step in ready.steps:
        step.run()
    batch.rows.all().delete()
    batch.state, batch.committed_at = ImportBatch.State.COMMITTED, timezone.now()
    batch.counts = {**ready.plan.counts, "locked": round(time.monotonic() - began, 2)}
    batch.save()
    record(
        Action.IMPORT,
        f"{ready.plan.ledger.label} {batch.file_name}",
        user=batch.owner,
        request=request,
        batch=batch.pk,
        **batch.counts,
    )
    return len(ready.changes)


@contextmanager
def one_writing() -> Iterator[float]:
    """The transaction of a commit; gives the moment it began.

    What somebody has written since the judging, and the database now refuses, is ApplyRefused.
    """
    try:
        with transaction.atomic():
            yield time.monotonic()
    except IntegrityError:
        raise ApplyRefused("核对之后有别人改过同样的数据，没有写入。重新上传，再核对一次。") from None


def make_ready(plan: Plan, batch: ImportBatch) -> "Ready":
    """Everything that writing the plan's valid facts takes, worked out without a lock and without writing a row."""
    writes = [write for item in plan.planned if item.outcome in {"new", "changed"} for write in item.writes]
    ready = Ready(plan, batch)
    unique = merge_changes({id(write): write for write in writes}.values())
    for model in plan.ledger.writes:
        of_model = [write for write in unique if write.model is model]
        ready.change([write for write in of_model if write.instance is not None and write.changes()], model)
        ready.create([write for write in of_model if write.instance is None], model)
    ready.finish()
    return ready


@dataclass
class Unmoved:
    """Rows that shall be changed still have the version that they were read at; another version refuses the whole."""

    model: type[Model]
    versions: dict[int, tuple[int, str]]  # key → version, how messages name the row

    def run(self) -> None:
        keys = sorted(self.versions)
        for start in range(0, len(keys), CHUNK):
            rows = self.model._base_manager.filter(pk__in=keys[start : start + CHUNK]).order_by("pk")
            current = dict(rows.select_for_update().values_list("pk", "version"))
            for key in keys[start : start + CHUNK]:
                version, name = self.versions[key]
                if current.get(key) != version:
                    raise ApplyRefused(f"“{name}”在核对之后被改过，没有写入。重新核对一次。")


class Ready:
    """A plan as statements, model by model in the ledger's order; in a model, changes before new rows, so that a
    former post has ended when the next begins.

    steps: to be run in this order; acts: (what is done, model); changes: what is kept of each row for an undo, as values of
    CHANGE_FIELDS; findings: what the batch says afterwards of rows in error.
    """

    def __init__(self, plan: Plan, batch: ImportBatch):
        self.plan, self.batch = plan, batch
        self.now = timezone.now()
        self.steps: list[Unmoved | Statement] = []
        self.acts: set[tuple[str, type[Model]]] = set()
        self.changes: list[tuple] = []
        self.made: dict[int, Model] = {}
        self.referred = {
            id(value)
            for item in plan.planned
            for write in item.writes
            for value in write.values.values()
            if isinstance(value, Write)
        }
        self.findings = ""

    def change(self, writes: list[Write], model: type[Model]) -> None:
        if not writes:
            return
        self.acts.add(("change", model))
        rows, before = [write.instance for write in writes], []
        self.steps.append(Unmoved(model, {row.pk: (row.version, str(row)) for row in rows}))
        for write in writes:
            row = write.instance
            before.append(snapshot(row))
            assign(row, {name: value for name, (_, value) in write.changes().items()}, self.made)
            row.version += 1
            row.batch = self.batch
        table = Table(model, self.now)
        values = table.values(rows, new=False)
        after = [snapshot(row) for row in rows]
        moved = {
            name for old, new in zip(before, after, strict=True) for name in new if new[name] != old[name]
        }
        moved |= {"version", "updated_at"}
        places = [place for place, field in enumerate(table.fields) if field.attname in moved]
        fields = [table.fields[place] for place in places]
        changed = [
            (*(row[place] for place in places), instance.pk)
            for row, instance in zip(values, rows, strict=True)
        ]
        self.steps += [update(model, fields, changed), table.history(values, "~", self.now, self.batch.owner)]
        for row, old, new in zip(rows, before, after, strict=True):
            self.remember(row, encode(old), encode(new))

    def create(self, writes: list[Write], model: type[Model]) -> None:
        if not writes:
            return
        self.acts.add(("add", model))
        rows, blank = [], blank_row(model)
        for write, key in zip(writes, draw_keys(model, len(writes)), strict=True):
            row = blank()
            row.pk, row.batch = key, self.batch
            assign(row, write.values, self.made)
            if id(write) in self.referred:  # what nothing refers to is not kept in memory
                self.made[id(write)] = row
            rows.append(row)
        table = Table(model, self.now)
        values = table.values(rows, new=True)
        self.steps += [
            insert(model, table.fields, values),
            table.history(values, "+", self.now, self.batch.owner),
        ]
        for row in rows:
            self.remember(row, "", encode(snapshot(row)))

    def remember(self, row: Model, before: str, after: str) -> None:
        order = len(self.changes)
        kept = (before and encrypt(before), encrypt(after))
        self.changes.append((self.batch.pk, order, row._meta.label, row.pk, row.version, *kept))

    def finish(self) -> None:
        fields = [BatchChange._meta.get_field(name) for name in CHANGE_FIELDS]
        self.steps.append(insert(BatchChange, fields, self.changes))


def merge_changes(writes) -> list[Write]:
    """One Write for each row that exists: a person named in two rows of a file is changed once, the later row wins."""
    merged, rows = [], {}
    for write in writes:
        key = (write.model, write.instance.pk) if write.instance is not None else None
        if key in rows:
            rows[key].values = {**rows[key].values, **write.values}
        elif write.instance is None:
            merged.append(write)
        else:
            rows[key] = replace(write)
            merged.append(rows[key])
    return merged


def assign(row, values: dict, made: dict) -> None:
    """Set attributes of the row; a value that is itself a Write becomes the row it made or stands for."""
    for name, value in values.items():
        if isinstance(value, Write):
            value = value.instance or made[id(value)]
        setattr(row, name, value)


def snapshot(row) -> dict:
    """Column values of a row, as they can be put back."""
    return {name: getattr(row, name) for name in kept_columns(type(row))}


@lru_cache
def kept_columns(model: type[Model]) -> list[str]:
    return [
        field.attname
        for field in model._meta.concrete_fields
        if not field.primary_key and field.name not in NOT_KEPT
    ]


def encode(values) -> str:
    return ENCODER.encode(values)
