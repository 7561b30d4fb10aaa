"""The trail itself: append-only, one chain, and nothing in it that does not belong there."""

import sys
import threading
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from banzhuang.accounts import append_only
from banzhuang.accounts.audit import Action, record
from banzhuang.accounts.models import AuditEvent, TrailEnd, end_is_whole, first_broken_event

TABLE = AuditEvent._meta.db_table


def run(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@contextmanager
def unguarded():
    """As somebody who owns the database: the triggers are off for a while."""
    if connection.vendor == "sqlite":
        for act in ("update", "delete"):
            run(f"DROP TRIGGER IF EXISTS audit_no_{act}")
        yield
        return
    for change in ("DISABLE", "ENABLE"):
        run("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks still to come is not altered
        run(f"ALTER TABLE {TABLE} {change} TRIGGER audit_append_only")
        if change == "DISABLE":
            yield


@pytest.fixture
def trail(db, clerk):
    """Five events."""
    return [record(Action.CHANGE, f"第 {number} 件事", user=clerk, reason="测试") for number in range(5)]


@pytest.fixture
def guarded(db):
    """The triggers as a migration leaves them; the suite's own ground has dropped one for its live servers."""
    append_only.install(None, SimpleNamespace(connection=connection, execute=run))


def check():
    """(exit code, what is printed) of manage.py check_audit."""
    with pytest.raises(SystemExit) as ended:
        call_command("check_audit")
        sys.exit(0)
    return ended.value.code


# --- Append-only -------------------------------------------------------------------------------------------
def test_python_neither_changes_nor_deletes_events(trail):
    event = trail[0]
    event.subject = "另一件事"
    for act in (event.save, event.delete, AuditEvent.objects.all().delete):
        with pytest.raises(TypeError, match="append-only"):
            act()
    with pytest.raises(TypeError, match="append-only"):
        AuditEvent.objects.filter(pk=event.pk).update(subject="另一件事")
    assert AuditEvent.objects.get(pk=event.pk).subject == "第 0 件事"


@pytest.mark.parametrize(
    "statement", [f"UPDATE {TABLE} SET subject = 'x' WHERE id = %s", f"DELETE FROM {TABLE} WHERE id = %s"]
)
def test_the_database_neither_changes_nor_deletes_events(trail, guarded, statement):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run(statement, trail[2].pk)
    assert AuditEvent.objects.filter(subject="第 2 件事").exists()


# --- The chain ---------------------------------------------------------------------------------------------
def test_an_untouched_trail_is_whole(trail, capsys):
    assert first_broken_event() is None and end_is_whole()
    assert check() == 0
    assert capsys.readouterr().out == "审计记录完整，共 5 条。\n"


def test_an_empty_trail_is_whole(db, capsys):
    assert check() == 0
    assert "共 0 条" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("subject", "第 3 件事"),
        ("username", "jigaun"),
        ("address", "10.0.0.9"),
        ("action", "export"),
        ("scope_code", "320707108"),
        ("detail", '{"reason": "测试 "}'),
        ("succeeded", False),
        ("at", "2026-01-01 00:00:00+00:00"),
        ("user_id", None),
    ],
)
def test_a_changed_event_is_found(trail, column, value):
    with unguarded():
        run(f"UPDATE {TABLE} SET {column} = %s WHERE id = %s", value, trail[2].pk)
    assert first_broken_event().pk == trail[2].pk
    assert check().startswith(f"审计记录在第 {trail[2].pk} 条（")


def test_a_removed_event_is_found_at_the_next(trail):
    with unguarded():
        run(f"DELETE FROM {TABLE} WHERE id = %s", trail[2].pk)
    assert first_broken_event().pk == trail[3].pk
    assert check().endswith("断开：这一条被改过，或前面有记录被删。")


def test_a_removed_beginning_is_found(trail):
    with unguarded():
        run(f"DELETE FROM {TABLE} WHERE id <= %s", trail[1].pk)
    assert first_broken_event().pk == trail[2].pk


def test_a_removed_end_is_found(trail):
    with unguarded():
        run(f"DELETE FROM {TABLE} WHERE id >= %s", trail[3].pk)
    assert first_broken_event() is None
    assert check() == "审计记录末尾有记录被删。"


def test_a_count_that_does_not_fit_is_found(trail):
    TrailEnd.objects.update(events=6)
    assert first_broken_event() is None
    assert check() == "审计记录末尾有记录被删。"


def test_two_events_in_each_others_place_are_found(trail):
    with unguarded():
        first, second = trail[1].pk, trail[2].pk
        for old, new in ((first, -1), (second, first), (-1, second)):
            run(f"UPDATE {TABLE} SET id = %s WHERE id = %s", new, old)
    assert first_broken_event().pk == first


def test_an_event_undone_with_its_act_leaves_no_gap(trail):
    with pytest.raises(RuntimeError), transaction.atomic():
        record(Action.CHANGE, "没有办成")
        raise RuntimeError
    record(Action.CHANGE, "办成")
    assert first_broken_event() is None and end_is_whole()


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_chain():
    errors, ready = [], threading.Barrier(6)

    def work(number):
        try:
            ready.wait(10)
            for step in range(5):
                record(Action.CHANGE, f"{number}-{step}", scope_code="320707109")
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert AuditEvent.objects.count() == TrailEnd.objects.get().events == 30
    assert first_broken_event() is None and end_is_whole()


# --- What is kept ------------------------------------------------------------------------------------------
def test_one_event_cannot_pretend_to_be_two(clerk):
    event = record(Action.EXPORT, "名册\n2026-07-01 admin 登录\u202exslx", user=clerk, reason="甲\r\n乙")
    assert event.subject == "名册 2026-07-01 admin 登录 xslx"
    assert event.detail == {"reason": "甲  乙"}


def test_identity_numbers_are_masked_wherever_they_come_from(clerk):
    number = "710000197503090039"
    event = record(Action.IMPORT, f"{number}.xlsx", user=clerk, reason=f"核对{number}", files=[f"{number}号"])
    kept = AuditEvent.objects.get(pk=event.pk)
    assert number not in f"{kept.subject}{kept.detail}"
    assert kept.subject == "7100**********0039.xlsx"


def test_checksums_and_codes_are_kept_as_they_are(clerk):
    checksum = "a" + "1" * 18 + "b" * 45
    event = record(Action.ADD, "工作簿 320707109216", user=clerk, sha256=checksum, rows=12)
    assert event.detail == {"sha256": checksum, "rows": 12}
    assert event.subject == "工作簿 320707109216"


def test_long_words_are_cut_and_not_refused(clerk):
    event = record(Action.EXPORT, "长" * 500, user=clerk)
    assert len(AuditEvent.objects.get(pk=event.pk).subject) == 200
