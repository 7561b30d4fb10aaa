"""Triggers that make the audit trail and its seals append-only in the database too, for SQLite and PostgreSQL."""

TRAIL = {"audit": "accounts_auditevent", "seal": "accounts_seal"}


def sqlite(name: str, table: str) -> list[str]:
    return [
        f"CREATE TRIGGER IF NOT EXISTS {name}_no_{act} BEFORE {act.upper()} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
        for act in ("update", "delete")
    ]


def postgresql(name: str, table: str) -> list[str]:
    return [
        "CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger AS $$ "
        "BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END; $$ LANGUAGE plpgsql",
        f"CREATE OR REPLACE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
    ]


def install(apps, schema_editor):
    """For RunPython: on those of the tables that the migrations have made by then."""
    connection = schema_editor.connection
    made = connection.introspection.table_names()
    triggers = {"sqlite": sqlite, "postgresql": postgresql}[connection.vendor]
    for name, table in TRAIL.items():
        for statement in triggers(name, table) if table in made else []:
            schema_editor.execute(statement)
