"""Rows made ready before anybody has to wait: what is left to do under the lock is a few statements.

`bulk_create` works out every value of every row, and of its history, while SQLite's one writer is taken. Here keys are
drawn and values prepared first, each by its field as `bulk_create` would; a row of the history has the row's own.
"""

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any

from django.db import connection, transaction
from django.db.models import CharField, DateField, DateTimeField, Field, IntegerField, JSONField, Model
from django.utils import timezone
from simple_history.utils import get_history_manager_for_model

from banzhuang.core.fields import EncryptedTextField

Values = tuple[Any, ...]  # one row, in the order of a statement's columns


@dataclass
class Statement:
    """An INSERT, UPDATE or DELETE for many rows. rows: the parameters of each.

    copy: the same as PostgreSQL's COPY, for an INSERT: a statement of its own for each row would be a wait for each,
    and one statement for many rows is dear to take apart.
    """

    sql: str
    rows: list[Values]
    copy: str = ""

    def run(self) -> None:
        with connection.cursor() as cursor:
            if not self.copy or connection.vendor != "postgresql":
                cursor.executemany(self.sql, self.rows)
                return
            with connection.wrap_database_errors, cursor.copy(self.copy) as copy:
                for row in self.rows:
                    copy.write_row(row)


def insert(model: type[Model], fields: Iterable[Field], rows: list[Values]) -> Statement:
    columns = [connection.ops.quote_name(field.column) for field in fields]
    table, places = f"{table_of(model)} ({', '.join(columns)})", ", ".join(["%s"] * len(columns))
    return Statement(f"INSERT INTO {table} VALUES ({places})", rows, f"COPY {table} FROM STDIN")


def add(model: type[Model], rows: Sequence[Model]) -> Statement:
    """New rows of a table without a history; the database gives their keys, and the rows do not learn them."""
    table = Table(model, timezone.now())
    own = [place for place, field in enumerate(table.fields) if not field.primary_key]
    values = [tuple(row[place] for place in own) for row in table.values(rows, new=True)]
    return insert(model, [table.fields[place] for place in own], values)


def update(model: type[Model], fields: Iterable[Field], rows: list[Values]) -> Statement:
    """rows: the values of `fields`, then the key of the row."""
    names = connection.ops.quote_name
    columns = ", ".join(f"{names(field.column)} = %s" for field in fields)
    return Statement(
        f"UPDATE {table_of(model)} SET {columns} WHERE {names(model._meta.pk.column)} = %s", rows
    )


def delete(model: type[Model], keys: Iterable[int]) -> Statement:
    """No signals, and nothing that refers to the rows goes along: the database refuses when something does."""
    key = connection.ops.quote_name(model._meta.pk.column)
    start = f"DELETE FROM {table_of(model)} WHERE {key} = "
    if connection.vendor == "sqlite":
        return Statement(f"{start}%s", [(pk,) for pk in keys])
    return Statement(f"{start}ANY(%s)", [(list(keys),)])


def table_of(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def blank_row(model: type[Model]) -> Callable[[], Model]:
    """Makes rows with the defaults of all columns: by position that costs a sixth of what it does by name."""
    fields = model._meta.concrete_fields
    defaults = [field.get_default() for field in fields]
    made = [
        (place, field.default)
        for place, field in enumerate(fields)
        if field.has_default() and callable(field.default)
    ]

    def blank() -> Model:
        for place, make in made:  # a list of its own for each row
            defaults[place] = make()
        return model(*defaults)

    return blank


def draw_keys(model: type[Model], count: int) -> list[int]:
    """Keys for `count` new rows that nobody else will get. Those not used are gaps."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [table_of(model), model._meta.pk.column, count],
            )
            return [key for (key,) in cursor.fetchall()]
        table = model._meta.db_table
        cursor.execute("UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s", [count, table])
        if not cursor.rowcount:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, count])
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        (last,) = cursor.fetchone()
    return list(range(last - count + 1, last + 1))


class Table:
    """Turns rows of a model into values of its columns, and into rows of its history.

    now: the moment of writing, for columns that note it.
    """

    def __init__(self, model: type[Model], now: datetime.datetime):
        self.model = model
        self.fields: list[Field] = list(model._meta.concrete_fields)
        self.read = [reading(field, now) for field in self.fields]
        self.prepare = [preparing(field) for field in self.fields]

    def values(self, rows: Sequence[Model], new: bool) -> list[Values]:
        """Works out what follows from other columns (and sets it), as a save does."""
        columns = [
            [prepare(value) for value in read(rows, new)]
            for read, prepare in zip(self.read, self.prepare, strict=True)
        ]
        return list(zip(*columns, strict=True))

    def stored(self, rows: Sequence[Model]) -> list[Values]:
        """The values as the rows have them, also of columns that follow from others: what was there comes back."""
        columns = [
            [prepare(getattr(row, field.attname)) for row in rows]
            for field, prepare in zip(self.fields, self.prepare, strict=True)
        ]
        return list(zip(*columns, strict=True))

    def history(self, values: Sequence[Values], kind: str, moment: datetime.datetime, user) -> Statement:
        """The history's rows of rows just written. kind: "+", "~" or "-"."""
        history = get_history_manager_for_model(self.model).model
        tracked = {field.attname for field in history.tracked_fields}
        places = [place for place, field in enumerate(self.fields) if field.attname in tracked]
        own = {
            "history_date": moment,
            "history_type": kind,
            "history_user_id": user.pk,
            "history_change_reason": None,
        }
        names = {field.attname: field for field in history._meta.concrete_fields}
        fields = [names[self.fields[place].attname] for place in places] + [names[name] for name in own]
        added = tuple(preparing(names[name])(value) for name, value in own.items())
        rows = [(*(row[place] for place in places), *added) for row in values]
        return insert(history, fields, rows)


def reading(field: Field, now: datetime.datetime) -> Callable[[Sequence[Model], bool], list]:
    """Gives the values of a field of all rows, as its `pre_save` does."""
    get = attrgetter(field.attname)
    noted_at, noted_first = getattr(field, "auto_now", False), getattr(field, "auto_now_add", False)
    if noted_at or noted_first:

        def note(rows, new):
            if noted_at or new:
                for row in rows:
                    setattr(row, field.attname, now)
            return map(get, rows)

        return note
    if type(field).pre_save in {Field.pre_save, DateField.pre_save, DateTimeField.pre_save}:
        return lambda rows, new: map(get, rows)
    return lambda rows, new: [field.pre_save(row, new) for row in rows]


class Remembered(dict):
    """What a function gave for a value. Columns of dates, words and amounts hold the same ones again and again."""

    def __init__(self, function: Callable[[Any], Any]):
        super().__init__()
        self.function = function

    def __missing__(self, value):
        found = self[value] = self.function(value)
        return found


def preparing(field: Field) -> Callable[[Any], Any]:
    """Gives a value as the database takes it. The same text encrypted twice must not look the same."""
    prepare = partial(field.get_db_prep_save, connection=connection)
    if isinstance(field, EncryptedTextField | JSONField):
        return prepare
    remembered = Remembered(prepare)
    plain = as_it_is(field)
    if plain:
        return lambda value: value if type(value) is plain else remembered[value]
    return remembered.__getitem__


def as_it_is(field: Field) -> type | None:
    """The type of which a field's values go to the database as they are."""
    if type(field).get_prep_value is CharField.get_prep_value:
        return str
    target = field.target_field if field.is_relation else field
    return int if isinstance(target, IntegerField) and connection.vendor == "sqlite" else None
