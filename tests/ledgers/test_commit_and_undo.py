"""A staged ledger is written once, as it was checked, and can be taken back as one."""

import datetime
import json

import pytest
from django.db import connection
from django.utils import timezone

from banzhuang.accounts.models import AuditEvent
from banzhuang.ledgers.apply import ApplyRefused
from banzhuang.ledgers.models import BatchChange, StagedRow
from banzhuang.ledgers.plan import make_plan
from banzhuang.ledgers.staging import commit, discard, expire, stage
from banzhuang.ledgers.undo import UndoRefused, undo_batch
from cadres.models import Cadre, Post
from tests import factories
from villages.models import Organisation, Village

from .secretaries_book import person, register

DAY = datetime.date(2026, 6, 30)
TABLES = (Cadre, Post, Organisation, Village)
MOVING = {"version", "updated_at", "batch_id"}

pytestmark = pytest.mark.django_db


def dump():
    """All business rows, apart from what a write and its undo rightly move on."""
    return {
        model.__name__: [
            {name: value for name, value in row.items() if name not in MOVING}
            for row in model.objects.order_by("pk").values()
        ]
        for model in TABLES
    }


@pytest.fixture
def staged(villages, organisation_office, tmp_path):
    """西响石村 keeps its secretary with a changed phone; 李小湾村 gets a new one; a third row is in error."""
    keeps = Post.objects.get(organisation__village=villages[0]).cadre
    rows = [
        person(
            1, name=keeps.name, number=keeps.id_number, born=None, sex=None, start=None, phone=13900007777
        ),
        person(2, village="李小湾村委会", start="2024-05-06", both="是"),
        person(3, village="乌有村"),
    ]
    path = register(tmp_path / "书记.xlsx", rows)
    plan = make_plan(path, path.name, organisation_office, DAY)
    return stage(plan, path.name, path.read_bytes())


def test_counts_are_those_of_the_preview(staged):
    assert staged.counts == {
        "rows": 3,
        "new": 1,
        "changed": 1,
        "same": 0,
        "invalid": 1,
        "errors": 1,
        "warnings": 0,
    }


def test_valid_rows_are_written_and_the_rest_is_left(staged, villages):
    commit(staged, DAY)
    staged.refresh_from_db()
    assert staged.state == "committed"
    assert Post.objects.live(DAY).secretaries().get(organisation__village=villages[1]).cadre.name == "张建丙"
    assert Cadre.objects.get(phone_mask="139****7777").posts.get().organisation.village == villages[0]


def test_all_or_nothing_writes_nothing_with_an_error(staged):
    before = dump()
    with pytest.raises(ApplyRefused, match="1 行错误"):
        commit(staged, DAY, all_or_nothing=True)
    assert dump() == before


def test_undo_brings_everything_back(staged, organisation_office):
    before = dump()
    commit(staged, DAY)
    assert dump() != before
    staged.refresh_from_db()
    undo_batch(staged, organisation_office)
    assert dump() == before
    assert staged.state == "undone"


def test_undo_names_what_was_changed_since_and_leaves_all(staged, organisation_office):
    commit(staged, DAY)
    cadre = Cadre.objects.get(phone_mask="139****7777")
    cadre.note = "后来改的"
    cadre.save()
    after = dump()
    staged.refresh_from_db()
    with pytest.raises(UndoRefused) as refused:
        undo_batch(staged, organisation_office)
    assert cadre.name in refused.value.reasons[0]
    assert dump() == after


def test_undo_names_what_refers_to_a_new_row(staged, organisation_office):
    commit(staged, DAY)
    new = Cadre.objects.get(name="张建丙")
    factories.PostFactory(cadre=new, title=Post.Title.COMMITTEE_MEMBER)
    staged.refresh_from_db()
    with pytest.raises(UndoRefused, match="引用"):
        undo_batch(staged, organisation_office)
    assert Cadre.objects.filter(name="张建丙").exists()


def test_undo_works_once(staged, organisation_office):
    commit(staged, DAY)
    staged.refresh_from_db()
    undo_batch(staged, organisation_office)
    with pytest.raises(UndoRefused, match="已撤销"):
        undo_batch(staged, organisation_office)


def test_a_row_edited_since_the_preview_refuses_the_commit(staged, villages):
    cadre = Post.objects.get(organisation__village=villages[0]).cadre
    cadre.note = "同时有人改"
    cadre.save()
    before = dump()
    with pytest.raises(ApplyRefused, match="第 5 行"):
        commit(staged, DAY)
    assert dump() == before


def test_a_second_commit_writes_nothing(staged):
    commit(staged, DAY)
    after = dump()
    with pytest.raises(ApplyRefused, match="已提交"):
        commit(staged, DAY)
    assert dump() == after


def test_given_up_and_expired_batches_cannot_be_committed(staged):
    discard(staged)
    with pytest.raises(ApplyRefused, match="已放弃"):
        commit(staged, DAY)


def test_a_day_later_the_rows_are_gone(staged):
    assert expire(timezone.now()) == 0
    assert expire(timezone.now() + datetime.timedelta(days=1, minutes=1)) == 1
    assert not StagedRow.objects.exists()
    staged.refresh_from_db()
    assert staged.state == "expired"


def test_no_plain_number_stands_in_any_table(staged, villages):
    number = Post.objects.get(organisation__village=villages[0]).cadre.id_number
    commit(staged, DAY)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            assert number not in str(cursor.fetchall()), table


def test_staged_rows_are_gone_after_the_commit(staged):
    commit(staged, DAY)
    assert not StagedRow.objects.exists()
    assert BatchChange.objects.filter(batch=staged).exists()


def test_one_audit_event_for_the_import_and_one_for_the_undo(staged, organisation_office):
    commit(staged, DAY)
    staged.refresh_from_db()
    undo_batch(staged, organisation_office)
    events = AuditEvent.objects.order_by("pk").values_list("action", "username")
    assert list(events) == [("import", "zuzhi"), ("undo", "zuzhi")]
    assert json.loads(json.dumps(AuditEvent.objects.order_by("pk").last().detail))["rows"] == len(
        staged.changes.all()
    )


def test_history_says_who_imported(staged, organisation_office):
    commit(staged, DAY)
    record = Cadre.objects.get(name="张建丙").history.get()
    assert (record.history_type, record.history_user) == ("+", organisation_office)


def test_a_person_in_two_rows_is_changed_once(villages, organisation_office, tmp_path):
    cadre = Post.objects.get(organisation__village=villages[0]).cadre
    same = {"name": cadre.name, "number": cadre.id_number, "born": None, "sex": None, "phone": 13900008888}
    rows = [
        person(1, start=None, **same),
        person(1, village="李小湾村", start="2024-05-06", way="跨村任职", **same),
    ]
    path = register(tmp_path / "书记.xlsx", rows)
    commit(stage(make_plan(path, path.name, organisation_office, DAY), path.name, b""), DAY)
    cadre.refresh_from_db()
    assert (cadre.phone, cadre.version) == ("13900008888", 2)
