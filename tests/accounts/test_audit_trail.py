"""The trail itself: append-only, and nothing in it that does not belong there. Its seals: test_seals.py."""

from types import SimpleNamespace

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory

from banzhuang.accounts import append_only, trail
from banzhuang.accounts.audit import Action, record
from banzhuang.accounts.models import AuditEvent, Seal
from banzhuang.accounts.refusals import RefusalMiddleware
from tests.accounts.trails import EVENTS, SEALS, run


@pytest.fixture
def written(db, clerk):
    """Five events, sealed."""
    events = [record(Action.CHANGE, f"第 {number} 件事", user=clerk, reason="测试") for number in range(5)]
    trail.seal_events()
    return events


@pytest.fixture
def guarded(db):
    """The triggers as a migration leaves them; the suite's own ground has dropped some for its live servers."""
    append_only.install(None, SimpleNamespace(connection=connection, execute=run))


# --- Append-only -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("model", [AuditEvent, Seal])
def test_python_neither_changes_nor_deletes(written, model):
    before = list(model.objects.order_by("pk").values())
    row = model.objects.first()
    for act in (row.save, row.delete, model.objects.all().delete):
        with pytest.raises(TypeError, match="append-only"):
            act()
    with pytest.raises(TypeError, match="append-only"):
        model.objects.filter(pk=row.pk).update(at=None)
    assert list(model.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE {EVENTS} SET subject = 'x' WHERE id = %s",
        f"DELETE FROM {EVENTS} WHERE id = %s",
        f"UPDATE {SEALS} SET digest = 'x' WHERE event_id = %s",
        f"DELETE FROM {SEALS} WHERE event_id = %s",
    ],
)
def test_the_database_neither_changes_nor_deletes(written, guarded, statement):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run(statement, written[2].pk)
    assert trail.trail_state().broken is None


# --- Transactions ------------------------------------------------------------------------------------------
def test_an_event_undone_with_its_act_leaves_no_gap(db):
    with pytest.raises(RuntimeError), transaction.atomic():
        record(Action.CHANGE, "没有办成")
        raise RuntimeError
    record(Action.CHANGE, "办成")
    trail.seal_events()
    assert [seal.event.subject for seal in Seal.objects.select_related("event")] == ["办成"]
    assert trail.trail_state().broken is None


@pytest.mark.parametrize("undone", [True, False])
def test_a_refusal_stands_also_when_what_was_tried_is_rolled_back(clerk, events, undone):
    def answer(request):
        with transaction.atomic():
            record(Action.DENIED, "试过的事", request=request, succeeded=False)
            transaction.set_rollback(undone)
        record(
            Action.CHANGE, "后来的事", request=request
        )  # on SQLite it takes the number that was given back
        return SimpleNamespace(status_code=200)

    request = RequestFactory().get("/", REMOTE_ADDR="10.1.2.3")
    request.user = clerk
    RefusalMiddleware(answer)(request)
    assert [event.subject for event in events("denied")] == ["试过的事"]
    assert [event.subject for event in events("change")] == ["后来的事"]
    assert events("denied")[0].address == "10.1.2.3"


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


def test_phones_are_masked_wherever_they_come_from(clerk):
    event = record(Action.CHANGE, "电话13912341062", user=clerk, changes={"备注": ["", "打13912341062。"]})
    assert event.subject == "电话139****1062"
    assert event.detail == {"changes": {"备注": ["", "打139****1062。"]}}


def test_checksums_and_codes_are_kept_as_they_are(clerk):
    checksum = "a" + "1" * 18 + "b" * 45
    event = record(Action.ADD, "工作簿 320707109216", user=clerk, sha256=checksum, rows=12)
    assert event.detail == {"sha256": checksum, "rows": 12}
    assert event.subject == "工作簿 320707109216"


def test_long_words_are_cut_and_not_refused(clerk):
    event = record(Action.EXPORT, "长" * 500, user=clerk)
    assert len(AuditEvent.objects.get(pk=event.pk).subject) == 200
