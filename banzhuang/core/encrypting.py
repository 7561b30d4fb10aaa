"""For migrations: a column that stood in plain is encrypted where it stands, in rows and in their history alike."""

from collections.abc import Callable

from django.db.migrations import RunPython

from .fields import decrypt, encrypt

CHUNK = 500


def encrypted_in_place(app: str, models: list[str], column: str, mask: Callable[[str], str]) -> RunPython:
    """The step between two: the column is made a TextField before it, an EncryptedTextField after it; its
    `<column>_mask` stands there by then. What the rows say does not change: no version moves, no history is written.
    """

    def seal(row):
        text = getattr(row, column)
        setattr(row, column, encrypt(text))
        setattr(row, f"{column}_mask", mask(text)[: row._meta.get_field(f"{column}_mask").max_length])

    def open_again(row):
        setattr(row, column, decrypt(getattr(row, column)))

    def each(change):
        def run(apps, schema_editor):
            for model in models:
                rows = apps.get_model(app, model)._base_manager.using(schema_editor.connection.alias)
                rewrite(rows.exclude(**{column: ""}), [column, f"{column}_mask"], change)

        return run

    return RunPython(each(seal), each(open_again))


def old_pages_overwritten() -> RunPython:
    """The first step: SQLite leaves in the file what stood in the pages that it frees. From here on it overwrites them.

    PostgreSQL's autovacuum does so in its time.
    """

    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute("PRAGMA secure_delete = ON")

    return RunPython(run, RunPython.noop)


def rewrite(rows, columns: list[str], change: Callable) -> None:
    last = 0
    while found := list(rows.filter(pk__gt=last).order_by("pk").only(*columns)[:CHUNK]):
        for row in found:
            change(row)
        rows.model._base_manager.using(rows.db).bulk_update(found, columns)
        last = found[-1].pk
