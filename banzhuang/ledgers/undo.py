"""Taking a committed batch back as one: first all that stands against it, then the writing, set-wise."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from django.db.models import DO_NOTHING, Field, ManyToOneRel, Model, UniqueConstraint, Value
from django.utils import timezone

from banzhuang.accounts.audit import Action, record
from banzhuang.core.access import may_write
from banzhuang.core.models import is_guarded

from .apply import ApplyRefused, Unmoved, encode, snapshot
from .models import BatchChange, ImportBatch
from .rights import lacks
from .staging import take_turns
from .statements import Statement, Table, delete, update

NAMED = 5  # rows that a sentence names before it counts the rest
CHUNK = 400  # rows a query: databases limit its parameters

CROSSED = "撤销时有别人改过同样的数据，没有撤销；刷新后再看一次"


class UndoRefused(Exception):
    """The batch cannot be taken back as a whole; `reasons` name the rows that stand against it."""

    def __init__(self, reasons: list[str]):
        super().__init__("；".join(reasons[:3]))
        self.reasons = reasons


def objections(batch: ImportBatch) -> list[str]:
    """Every reason, a sentence without its full stop, why the batch cannot be undone by its owner now."""
    return wrong_state(batch) or Undoing(batch, batch.owner).objections()


def undo_batch(batch: ImportBatch, user, request=None) -> int:
    """Take a committed batch back as one; UndoRefused names what stands against it. → rows taken back.

    All is read and made ready before anybody has to wait. Under the lock the versions and the database's own rules
    tell whether something has come between.
    """
    batch.refresh_from_db()
    if against := wrong_state(batch):
        raise UndoRefused(against)
    undoing = Undoing(batch, user)
    if against := undoing.objections():
        raise UndoRefused(against)
    steps = undoing.steps_back()
    try:
        with transaction.atomic():
            batch.refresh_from_db(from_queryset=ImportBatch.objects.select_for_update())
            if against := wrong_state(batch):
                raise UndoRefused(against)
            take_turns(batch.owner)
            for unmoved in undoing.locks():
                unmoved.run()
            if against := undoing.referred_by_now():
                raise UndoRefused(against)
            for step in steps:
                step.run()
            batch.state, batch.undone_at = ImportBatch.State.UNDONE, timezone.now()
            batch.save()
            rows = sum(map(len, undoing.written.values()))
            record(Action.UNDO, batch.file_name, user=user, request=request, batch=batch.pk, rows=rows)
    except (IntegrityError, ApplyRefused):
        batch.refresh_from_db()
        raise UndoRefused([CROSSED]) from None
    return rows


def wrong_state(batch: ImportBatch) -> list[str]:
    if batch.state == ImportBatch.State.COMMITTED:
        return []
    return [f"这一批的状态是“{batch.get_state_display()}”，只有已提交的能撤销。"]


@dataclass
class Written:
    """One row that the batch wrote. before: its columns until then, None for a new row; moved: what was changed."""

    pk: int
    version: int
    after: str
    before: dict[str, Any] | None
    moved: list[Field]


class Undoing:
    """What a batch wrote, beside what stands there now.

    written: model → its rows in the order of writing; rows: model → {pk: row} of those that still stand.
    """

    def __init__(self, batch: ImportBatch, user):
        self.user = user
        self.written: dict[type[Model], list[Written]] = defaultdict(list)
        for change in batch.changes.order_by("order"):
            model = apps.get_model(change.model)
            self.written[model].append(written_of(model, change))
        self.pks = {model: {found.pk for found in of_model} for model, of_model in self.written.items()}
        self.rows = {model: stored(model).in_bulk(list(pks)) for model, pks in self.pks.items()}

    def objections(self) -> list[str]:
        found = []
        for model, written in self.written.items():
            kept = [row for row in written if row.before is not None and row.pk in self.rows[model]]
            found += self.forbidden(model, written)
            found += self.moved_on(model, written)
            found += self.referred(model)
            found += self.lost(model, kept)
            found += self.taken(model, kept)
        return found

    def forbidden(self, model, written: Sequence[Written]) -> list[str]:
        """To take a batch back is to delete what it made and to change what it changed: who may not do that, may not."""
        acts = {"delete" if row.before is None else "change" for row in written}
        reasons = [lacks(act, model) for act in sorted(acts) if not may_write(self.user, act, model)]
        rows = self.rows[model].values() if is_guarded(model) else ()
        said = dict.fromkeys(row.refused_to(self.user) for row in rows)
        return reasons + [sentence.rstrip("。") for sentence in said if sentence]

    def referred_by_now(self) -> list[str]:
        return [reason for model in self.written for reason in self.referred(model)]

    def moved_on(self, model, written: Sequence[Written]) -> list[str]:
        """Rows deleted or changed since; not those whose later change was itself taken back."""
        rows, reasons = self.rows[model], []
        gone = [row for row in written if row.pk not in rows]
        later = [
            rows[row.pk]
            for row in written
            if row.pk in rows
            and rows[row.pk].version != row.version
            and encode(snapshot(rows[row.pk])) != row.after
        ]
        if gone:
            names = [as_it_was(model, row) for row in gone[:NAMED]]
            reasons.append(f"{naming(model, names, len(gone))}已被删除")
        if later:
            reasons.append(f"{naming(model, later[:NAMED], len(later))}在导入之后又改过")
        return reasons

    def referred(self, model) -> list[str]:
        """New rows that others refer to by now: deleting them would take those along, or cut them loose.

        Whatever the batch itself wrote that refers to them is taken back before.
        """
        made = [row.pk for row in self.written[model] if row.before is None]
        whom, who, count = {}, [], 0
        for relation in model._meta.get_fields(include_hidden=True):
            if not isinstance(relation, ManyToOneRel) or relation.on_delete is DO_NOTHING:
                continue  # history keeps its own
            other, own = relation.related_model, self.pks.get(relation.related_model, set())
            others = []
            for pks in chunks(made):
                pairs = other._base_manager.filter(**{f"{relation.field.name}__in": pks})
                for pk, target in pairs.values_list("pk", relation.field.attname):
                    if pk not in own:
                        others.append(pk)
                        whom.setdefault(target, None)
            count += len(others)
            if others and len(who) < NAMED:
                who += self.visible(other, others)[: NAMED - len(who)]
        if not whom:
            return []
        rows = [self.rows[model][pk] for pk in list(whom)[:NAMED] if pk in self.rows[model]]
        more = (" 等 " if who else "") + f"{count} 条" if count > len(who) else ""
        return [f"{naming(model, rows, len(whom))}已被别的数据引用：{'、'.join(map(str, who))}{more}"]

    def visible(self, model, pks) -> list[Model]:
        """Some of the rows, as far as the user may read what they are called."""
        scoped = getattr(model._default_manager, "for_user", None)
        rows = scoped(self.user) if scoped else model._base_manager.none()
        return list(rows.filter(pk__in=pks[:NAMED]))

    def lost(self, model, kept: Iterable[Written]) -> list[str]:
        """Rows that would refer again to something that has been deleted since."""
        wanted: dict = defaultdict(lambda: defaultdict(list))
        for row in kept:
            for field in row.moved:
                if field.is_relation and row.before[field.attname] is not None:
                    wanted[field][row.before[field.attname]].append(row.pk)
        reasons = []
        for field, by_target in wanted.items():
            there = field.related_model._base_manager.in_bulk(list(by_target))
            pks = [pk for target, pks in by_target.items() if target not in there for pk in pks]
            if pks:
                rows = [self.rows[model][pk] for pk in pks[:NAMED]]
                reasons.append(f"{naming(model, rows, len(pks))}原来的{field.verbose_name}已被删除")
        return reasons

    def taken(self, model, kept: Sequence[Written]) -> list[str]:
        """Rows whose old place somebody else has now: a secretary was appointed where the ledger ended a term."""
        pks = []
        for constraint in model._meta.constraints:
            if isinstance(constraint, UniqueConstraint) and constraint.fields:
                pks += [pk for pk in self.places_taken(model, constraint, kept) if pk not in pks]
        rows = [self.rows[model][pk] for pk in pks[:NAMED]]
        return [f"{naming(model, rows, len(pks))}原来的位置已有后来登记的数据"] if pks else []

    def places_taken(self, model, constraint: UniqueConstraint, kept: Sequence[Written]) -> Iterator[int]:
        """Pks of rows that would break the constraint again with a row that the batch knows nothing of."""
        names = [model._meta.get_field(name).attname for name in constraint.fields]
        asked = constraint.condition.referenced_base_fields if constraint.condition else set()
        decisive = {model._meta.get_field(name) for name in {*asked, *constraint.fields}}
        restored = {row.pk: row.before for row in kept if decisive & set(row.moved)}
        for pks in chunks(list(restored)):
            values = {name: {restored[pk][name] for pk in pks} for name in names}
            others = model._base_manager.filter(**{f"{name}__in": found for name, found in values.items()})
            if constraint.condition:
                others = others.filter(constraint.condition)
            there = defaultdict(set)
            for pk, *place in others.values_list("pk", *names):
                there[encode(place)].add(pk)
            for pk in pks:
                # The rows of the batch go back too: they stood beside the restored one before.
                if there[encode([restored[pk][name] for name in names])] - self.pks[model]:
                    row = restore(model(pk=pk), restored[pk])
                    if not asked or constraint.condition.check(column_values(row, asked)):
                        yield pk

    def locks(self) -> list[Unmoved]:
        """Hold all rows as they were read, in the order of a commit, so that none of two waits for the other."""
        return [
            Unmoved(model, {pk: (row.version, "") for pk, row in rows.items()})
            for model, rows in self.rows.items()
        ]

    def steps_back(self) -> list[Statement]:
        """The reverse of a commit: the last written model first, in a model new rows before changed ones."""
        steps: list[Statement] = []
        now = timezone.now()
        for model, written in reversed(self.written.items()):
            table = Table(model, now)
            made = [self.rows[model][row.pk] for row in written if row.before is None]
            kept = [row for row in written if row.before is not None]
            if made:
                last = table.history(table.stored(made), "-", now, self.user)
                steps += [last, delete(model, [row.pk for row in made])]
            if kept:
                steps += self.put_back(table, kept, now)
        return steps

    def put_back(self, table: Table, kept: Sequence[Written], now) -> list[Statement]:
        names, rows = {"version", "updated_at"}, []
        for written in kept:
            values = {field.attname: written.before[field.attname] for field in written.moved}
            row = restore(copy(self.rows[table.model][written.pk]), values)
            names |= values.keys()
            row.version += 1
            row.updated_at = now
            rows.append(row)
        values = table.stored(rows)
        places = [place for place, field in enumerate(table.fields) if field.attname in names]
        changed = [
            (*(stored[place] for place in places), row.pk) for stored, row in zip(values, rows, strict=True)
        ]
        fields = [table.fields[place] for place in places]
        return [update(table.model, fields, changed), table.history(values, "~", now, self.user)]


def stored(model):
    """With what a row is asked for, if it says who may write it."""
    return model._base_manager.select_related() if is_guarded(model) else model._base_manager


def written_of(model, change: BatchChange) -> Written:
    if not change.before:
        return Written(change.object_id, change.version, change.after, None, [])
    before, after = json.loads(change.before), json.loads(change.after)
    moved = [
        field
        for field in model._meta.concrete_fields
        if field.attname in before and before[field.attname] != after.get(field.attname)
    ]
    return Written(change.object_id, change.version, change.after, before, moved)


def restore(row: Model, values: dict) -> Model:
    """Set columns by the values of a snapshot that went through JSON."""
    for field in row._meta.concrete_fields:
        if field.attname in values:
            value = values[field.attname]
            setattr(row, field.attname, value if field.is_relation else field.to_python(value))
    return row


def column_values(row: Model, names: Iterable[str]) -> dict[str, Value]:
    fields = [row._meta.get_field(name) for name in names]
    return {field.name: Value(getattr(row, field.attname), field) for field in fields}


def naming(model, rows: Sequence, count: int) -> str:
    """干部“张建甲”、“李建乙”等 37 条."""
    names = "、".join(f"“{row}”" for row in rows)
    return f"{model._meta.verbose_name}{names}" + (f"等 {count} 条" if count > len(rows) else "")


def as_it_was(model, row: Written) -> str:
    """What a row was called that is no more; by its number when what named it is gone too."""
    try:
        return str(restore(model(pk=row.pk), json.loads(row.after)))
    except (ObjectDoesNotExist, AttributeError):
        return f"编号 {row.pk}"


def chunks(pks: Sequence) -> Iterator[Sequence]:
    for start in range(0, len(pks), CHUNK):
        yield pks[start : start + CHUNK]
