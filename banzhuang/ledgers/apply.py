"""Writing a plan set-wise in one short transaction, and taking it back as one."""

import json
from collections import defaultdict
from dataclasses import replace
from itertools import groupby

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import DO_NOTHING, ManyToOneRel
from django.utils import timezone
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from banzhuang.accounts.audit import Action, record
from banzhuang.core.fields import DerivedField, ScopeCodeField

from .ledger import Ledger, Write
from .models import BatchChange, ImportBatch
from .plan import Plan

NOT_KEPT = {"created_at", "updated_at", "version"}


class ApplyRefused(Exception):
    """The plan no longer fits the database; the message says why. Nothing was written."""


class UndoRefused(Exception):
    """The batch cannot be taken back as a whole; `reasons` name the rows that stand against it."""

    def __init__(self, reasons: list[str]):
        super().__init__("；".join(reasons[:3]))
        self.reasons = reasons


def apply_plan(plan: Plan, batch: ImportBatch, request=None) -> int:
    """Write all valid facts of the plan; → number of rows written. All or nothing."""
    writes = [write for item in plan.planned if item.outcome in {"new", "changed"} for write in item.writes]
    try:
        with transaction.atomic():
            changes = write_rows(plan.ledger, writes, batch)
            BatchChange.objects.bulk_create(changes)
            batch.state, batch.committed_at = ImportBatch.State.COMMITTED, timezone.now()
            batch.counts = plan.counts
            batch.save()
            batch.rows.all().delete()
            record(
                Action.IMPORT,
                f"{plan.ledger.label} {batch.file_name}",
                user=batch.owner,
                request=request,
                batch=batch.pk,
                **plan.counts,
            )
    except IntegrityError:
        raise ApplyRefused("核对之后有别人改过同样的数据，没有写入。重新上传，再核对一次。") from None
    return len(changes)


def write_rows(ledger: Ledger, writes: list[Write], batch: ImportBatch) -> list[BatchChange]:
    """Model by model in the ledger's order; in a model, changes before new rows, so that a former post has ended
    when the next begins."""
    changes, made = [], {}
    unique = merge_changes({id(write): write for write in writes}.values())
    for model in ledger.writes:
        of_model = [write for write in unique if write.model is model]
        changed = [write for write in of_model if write.instance is not None and write.changes()]
        new = [write for write in of_model if write.instance is None]
        changes += update_rows(model, changed, made, batch)
        changes += create_rows(model, new, made, batch)
    for order, change in enumerate(changes):
        change.order = order
    return changes


def merge_changes(writes) -> list[Write]:
    """One Write for each row that exists: a person named in two rows of a file is changed once, the later row wins."""
    merged, rows = [], {}
    for write in writes:
        key = (write.model, write.instance.pk) if write.instance is not None else id(write)
        if key in rows:
            rows[key].values = {**rows[key].values, **write.values}
        else:
            rows[key] = replace(write)
            merged.append(rows[key] if write.instance is not None else write)
    return merged


def update_rows(model, writes, made, batch) -> list[BatchChange]:
    """Change rows that still have the version they were read at; another version refuses the whole."""
    if not writes:
        return []
    pks = [write.instance.pk for write in writes]
    current = dict(model._base_manager.select_for_update().filter(pk__in=pks).values_list("pk", "version"))
    changes, names = [], set()
    for write in writes:
        row = write.instance
        if current.get(row.pk) != row.version:
            raise ApplyRefused(f"“{row}”在核对之后被改过，没有写入。重新核对一次。")
        before = snapshot(row)
        assign(row, {name: value for name, (_, value) in write.changes().items()}, made)
        row.version += 1
        row.batch = batch
        derive(row)
        after = snapshot(row)
        names |= {name for name in after if after[name] != before[name]}
        changes.append(change_of(batch, row, before, after))
    fields = [field.name for field in model._meta.concrete_fields if field.attname in names] + [
        "version",
        "updated_at",
    ]
    now = timezone.now()
    for write in writes:
        write.instance.updated_at = now
    bulk_update_with_history(
        [write.instance for write in writes], model, list(dict.fromkeys(fields)), default_user=batch.owner
    )
    return changes


def create_rows(model, writes, made, batch) -> list[BatchChange]:
    if not writes:
        return []
    rows = []
    for write in writes:
        row = model(batch=batch)
        assign(row, write.values, made)
        rows.append(row)
    rows = bulk_create_with_history(rows, model, default_user=batch.owner)
    for write, row in zip(writes, rows, strict=True):
        made[id(write)] = row
    return [change_of(batch, row, None, snapshot(row)) for row in rows]


def assign(row, values: dict, made: dict) -> None:
    """Set attributes of the row; a value that is itself a Write becomes the row it made or stands for."""
    for name, value in values.items():
        if isinstance(value, Write):
            value = value.instance or made[id(value)]
        setattr(row, name, value)


def derive(row) -> None:
    """Columns that follow from others: a bulk update does not ask the fields, so they are asked here."""
    for field in row._meta.concrete_fields:
        if isinstance(field, DerivedField | ScopeCodeField):
            field.pre_save(row, False)


def snapshot(row) -> dict:
    """Column values of a row, as they can be put back."""
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key and field.name not in NOT_KEPT
    }


def encode(values: dict) -> str:
    return json.dumps(values, cls=DjangoJSONEncoder, ensure_ascii=False)


def change_of(batch, row, before, after) -> BatchChange:
    return BatchChange(
        batch=batch,
        model=row._meta.label,
        object_id=row.pk,
        version=row.version,
        before=encode(before) if before is not None else "",
        after=encode(after),
    )


def undo_batch(batch: ImportBatch, user, request=None) -> int:
    """Take a committed batch back as one; UndoRefused names what stands against it. → rows taken back."""
    with transaction.atomic():
        batch.refresh_from_db(from_queryset=ImportBatch.objects.select_for_update())
        if batch.state != ImportBatch.State.COMMITTED:
            raise UndoRefused([f"这一批的状态是“{batch.get_state_display()}”，只有已提交的能撤销。"])
        changes = list(batch.changes.order_by("-order"))
        current = current_rows(changes)
        against = [why for change in changes if (why := changed_since(change, current))]
        if against:
            raise UndoRefused(against)
        for label, of_model in groupby(changes, key=lambda change: change.model):
            of_model = list(of_model)
            refuse_referred(apps.get_model(label), [c.object_id for c in of_model if not c.before])
            for change in of_model:
                take_back(change, current[label, change.object_id], user)
        batch.state, batch.undone_at = ImportBatch.State.UNDONE, timezone.now()
        batch.save()
        record(Action.UNDO, batch.file_name, user=user, request=request, batch=batch.pk, rows=len(changes))
    return len(changes)


def current_rows(changes) -> dict:
    """{(model label, pk): row} of everything the batch wrote that still stands."""
    wanted = defaultdict(list)
    for change in changes:
        wanted[change.model].append(change.object_id)
    rows = {}
    for label, pks in wanted.items():
        for row in apps.get_model(label)._base_manager.select_for_update().filter(pk__in=pks):
            rows[label, row.pk] = row
    return rows


def changed_since(change: BatchChange, current: dict) -> str:
    """Why this row stands against an undo, "" when it does not: also not when a later change was itself taken back."""
    row = current.get((change.model, change.object_id))
    label = apps.get_model(change.model)._meta.verbose_name
    if row is None:
        return f"{label} {change.object_id} 已被删除"
    if row.version != change.version and encode(snapshot(row)) != change.after:
        return f"{label}“{row}”在导入之后又改过"
    return ""


def refuse_referred(model, pks) -> None:
    """A new row that others refer to by now stays: deleting it would take them along, or cut them loose.

    Whatever the batch itself wrote that refers to it has been taken back before.
    """
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ManyToOneRel) or relation.on_delete is DO_NOTHING:
            continue  # history keeps its own
        others = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": pks})
        if others := list(others.select_related(relation.field.name)[:3]):
            row = getattr(others[0], relation.field.name)
            named = "、".join(map(str, others))
            raise UndoRefused([f"{model._meta.verbose_name}“{row}”已被别的数据引用：{named}"])


def take_back(change: BatchChange, row, user) -> None:
    row._history_user = user
    if not change.before:
        row.delete()
        return
    for name, value in json.loads(change.before).items():
        field = next(field for field in row._meta.concrete_fields if field.attname == name)
        setattr(row, name, field.to_python(value) if not field.is_relation else value)
    row.save()
