"""What a database says of itself, asked in plain SQL: a copy of it may be older than the program's tables."""

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models

from ..fields import EncryptedTextField, HashField, decrypt, encrypt, keyed_hash

TOWNSHIP = 9  # digits of its code
WORD = "班庄"

Sample = tuple[
    str, str
]  # what a key has encrypted, and the keyed hash of what it says, "" where there is none


def rows(cursor, sql: str) -> list[tuple]:
    cursor.execute(sql)
    return cursor.fetchall()


class Facts:
    """Of the database that `connection` leads to."""

    def __init__(self, connection):
        self.connection = connection
        self.quote = connection.ops.quote_name

    def about(self) -> dict:
        """What decides whether a backup fits: {"migrations", "townships", "samples"}."""
        with self.connection.cursor() as cursor:
            return {
                "migrations": self.migrations(cursor),
                "townships": self.townships(cursor),
                "samples": list(self.samples(cursor)),
            }

    def tables(self, cursor) -> list[str]:
        return sorted(self.connection.introspection.table_names(cursor))

    def counts(self) -> dict[str, int]:
        """{table: how many rows}."""
        with self.connection.cursor() as cursor:
            return {
                table: rows(cursor, f"SELECT count(*) FROM {self.quote(table)}")[0][0]
                for table in self.tables(cursor)
            }

    def migrations(self, cursor) -> list[list[str]]:
        """[app, name] of those that were run; none in a database that is empty."""
        if "django_migrations" not in self.tables(cursor):
            return []
        return [list(row) for row in rows(cursor, "SELECT app, name FROM django_migrations ORDER BY id")]

    def townships(self, cursor) -> list[str]:
        """Codes of the townships that have accounts."""
        users = get_user_model()._meta.db_table
        if users not in self.tables(cursor):
            return []
        scopes = rows(cursor, f"SELECT DISTINCT scope FROM {self.quote(users)}")
        return sorted({scope[:TOWNSHIP] for (scope,) in scopes if len(scope) >= TOWNSHIP})

    def samples(self, cursor) -> Iterator[Sample]:
        """One by the present keys, and of each encrypted column the first and the last."""
        yield encrypt(WORD), keyed_hash(WORD)
        for table, column, hashed in self.columns(cursor, EncryptedTextField, hash_of):
            beside = self.quote(hashed) if hashed else "''"
            for order in ("ASC", "DESC"):
                yield from rows(
                    cursor,
                    f"SELECT {self.quote(column)}, {beside} FROM {self.quote(table)} "
                    f"WHERE {self.quote(column)} <> '' ORDER BY id {order} LIMIT 1",
                )

    def files(self) -> set[str]:
        """Names of the files below media/ that rows speak of."""
        found = set()
        with self.connection.cursor() as cursor:
            for table, column, _ in self.columns(cursor, models.FileField):
                names = rows(
                    cursor,
                    f"SELECT {self.quote(column)} FROM {self.quote(table)} WHERE {self.quote(column)} <> ''",
                )
                found.update(name for (name,) in names)
        return found

    def columns(self, cursor, kind, beside=lambda field: "") -> Iterator[tuple[str, str, str]]:
        """(table, column, beside(field)) of the fields of a kind that the database has already."""
        tables = set(self.tables(cursor))
        for model in apps.get_models(include_auto_created=True):
            fields = [field for field in model._meta.local_concrete_fields if isinstance(field, kind)]
            table = model._meta.db_table
            if fields and table in tables:
                there = {
                    item.name for item in self.connection.introspection.get_table_description(cursor, table)
                }
                for field in fields:
                    if {field.column, beside(field) or field.column} <= there:
                        yield table, field.column, beside(field)


def hash_of(field) -> str:
    """The column of the keyed hash beside an encrypted one, "" where there is none."""
    beside = (other for other in field.model._meta.local_concrete_fields if isinstance(other, HashField))
    return next((other.column for other in beside if other.source == field.name), "")


def keys_fit(samples: list[Sample]) -> bool:
    """Whether the keys in use read all of them, and find what they say by its hash."""
    try:
        return all(hashed in ("", keyed_hash(decrypt(token))) for token, hashed in samples)
    except ValueError:  # also of settings.FIELD_KEYS that is no key
        return False


def keys_are_there() -> bool:
    return bool(settings.HASH_KEY and any(settings.FIELD_KEYS))
