"""Migrations that encrypt a column: what stood there in plain is the same fact afterwards, and stands nowhere any more."""

from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests import factories

PHONES = ["13900001062", "13900001063、0518-87654321", "问村会计"]
MASKS = ["139****1062", "139****1063、051******4321", "****"]

MOVES = [
    ("cadres", "0002_leave", "Cadre", factories.CadreFactory),
    ("livelihood", "0001_initial", "Household", factories.HouseholdFactory),
]


def migrated(app, name=""):
    """→ models by name as they are at this migration of the app, at the last without one; the database is brought there."""
    executor = MigrationExecutor(connection)
    targets = [(app, name)] if name else executor.loader.graph.leaf_nodes()
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


def texts(model, *columns):
    """Columns as they stand in the database, in the order of entry."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(columns)} FROM {model._meta.db_table} ORDER BY {model._meta.pk.column}"
        )
        return [list(column) for column in zip(*cursor.fetchall(), strict=True)]


def whole_file() -> bytes:
    """Of SQLite: what a copy of the file gives away, free pages too."""
    if connection.vendor != "sqlite":
        return b""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(connection.settings_dict["NAME"]).read_bytes()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("app", "before", "name", "make"), MOVES)
def test_phones_of_rows_and_history_are_encrypted_and_come_back(app, before, name, make, monkeypatch):
    monkeypatch.setattr("banzhuang.core.encrypting.CHUNK", 2)
    versions = [make(phone=phone).version for phone in [*PHONES, ""]]
    names = (name, f"Historical{name}")
    try:
        old = migrated(app, before)
        plain = [texts(old.get_model(app, table), "phone") for table in names]
    finally:
        new = migrated(app)
    assert plain == [[[*PHONES, ""]]] * 2
    assert not [phone for phone in PHONES if phone.encode() in whole_file()]
    for model in (new.get_model(app, table) for table in names):
        stored, masks = texts(model, "phone", "phone_mask")
        assert masks == [*MASKS, ""] and stored[-1] == ""
        assert not [phone for phone in PHONES if phone in str(stored)]
        found = model.objects.order_by("pk")
        assert [row.phone for row in found] == [*PHONES, ""]
        assert [row.version for row in found] == versions
