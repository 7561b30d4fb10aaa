"""Triggers that make the audit trail append-only in the database too, for SQLite and PostgreSQL."""

TABLE = "accounts_auditevent"

SQLITE = [
    f"CREATE TRIGGER IF NOT EXISTS audit_no_{act} BEFORE {act.upper()} ON {TABLE} "
    f"BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
    for act in ("update", "delete")
]
POSTGRESQL = [
    "CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger AS $$ "
    "BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END; $$ LANGUAGE plpgsql",
    f"CREATE OR REPLACE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON {TABLE} "
    "FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
]


def install(apps, schema_editor):
    """For RunPython."""
    statements = {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]
    for statement in statements:
        schema_editor.execute(statement)
