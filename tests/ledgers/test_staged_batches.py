"""A batch between preview and decision: encrypted, its owner's, a day long; judged again when it is written."""

import datetime

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from banzhuang.accounts.models import AuditEvent, Role, User
from banzhuang.core.fields import decrypt
from banzhuang.ledgers.apply import ApplyRefused
from banzhuang.ledgers.models import ImportBatch, StagedRow
from banzhuang.ledgers.plan import make_plan
from banzhuang.ledgers.staging import commit, stage
from banzhuang.ledgers.tasks import expire_imports
from banzhuang.ledgers.uploads import KEPT_FOR
from cadres.models import Cadre, Post
from tests.factories import CadreFactory, PostFactory, id_number

from .secretaries_book import person, register, roster

DAY = datetime.date(2026, 6, 30)

pytestmark = pytest.mark.django_db


@pytest.fixture
def empty(villages):
    """The two villages with nobody in post."""
    Post.objects.all().delete()
    Cadre.objects.all().delete()
    return villages


@pytest.fixture
def staged(empty, organisation_office, tmp_path):
    """staged(row, …) → the batch of a register of these rows."""

    def staging(*rows):
        path = register(tmp_path / "书记.xlsx", rows)
        return stage(make_plan(path, path.name, organisation_office, DAY), path.name, path.read_bytes())

    return staging


@pytest.fixture
def office(client, organisation_office):
    client.force_login(organisation_office)
    return client


def stored_rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM ledgers_stagedrow")
        return [content for (content,) in cursor.fetchall()]


def test_staged_rows_are_encrypted_as_they_lie_in_the_database(staged):
    staged(person(1), person(2, village="乌有村"))
    for content, row in zip(stored_rows(), (1, 2), strict=True):
        assert not any(part in content for part in (id_number(row), "张建", "13900000"))
        assert id_number(row) in decrypt(content)


def test_problems_and_raw_cells_of_sensitive_columns_are_masked_even_inside(staged):
    staged(person(1, number=id_number(1)[:-1] + "Q"))
    content = decrypt(stored_rows()[0])
    assert id_number(1)[:-1] not in content
    assert "7100****" in content


def test_the_first_day_counts_from_the_upload(staged):
    batch = staged(person(1))
    assert abs(batch.expires_at - batch.created_at - KEPT_FOR) < datetime.timedelta(seconds=5)


def test_the_clock_gives_up_what_waited_a_day_and_keeps_the_rest(staged):
    old, new = staged(person(1)), staged(person(1))
    ImportBatch.objects.filter(pk=old.pk).update(expires_at=timezone.now())
    expire_imports()
    assert set(ImportBatch.objects.values_list("pk", "state")) == {(old.pk, "expired"), (new.pk, "staged")}
    assert {row.batch_id for row in StagedRow.objects.all()} == {new.pk}


def test_who_lost_the_right_to_the_table_is_refused_and_nothing_is_written(staged, office):
    batch = staged(person(1))
    role = Role.objects.get(code="organisation")
    role.permissions.remove(Permission.objects.get(codename="import_post"))
    for act in ("import_commit", "import_discard", "import_undo"):
        assert office.post(reverse(act, args=[batch.pk])).status_code == 403
    assert office.get(reverse("import_batch", args=[batch.pk])).status_code == 403
    assert not Post.objects.exists()
    assert ImportBatch.objects.get().state == "staged"


def test_a_post_filled_since_the_preview_refuses_the_commit_and_names_the_row(staged, empty):
    batch = staged(person(1), person(2, village="李小湾村"))
    PostFactory(organisation=empty[1].organisations.get(kind="branch"), start=datetime.date(2020, 1, 1))
    with pytest.raises(ApplyRefused, match="第 6 行"):
        commit(batch, DAY)
    assert Post.objects.count() == 1
    assert StagedRow.objects.count() == 2


def test_history_and_audit_say_who_and_how_much(staged, organisation_office):
    cadre = CadreFactory(name="张建乙", id_number=id_number(1), phone="13911112222")
    batch = staged(person(1), person(2, village="乌有村"))
    commit(batch, DAY)
    assert [(row.history_type, row.history_user) for row in cadre.history.order_by("pk")][-1] == (
        "~",
        organisation_office,
    )
    (event,) = AuditEvent.objects.filter(action="import")
    assert event.user == organisation_office
    assert {name: event.detail[name] for name in ("batch", "rows", "new", "changed", "same", "invalid")} == {
        "batch": batch.pk, "rows": 2, "new": 1, "changed": 0, "same": 0, "invalid": 1,
    }  # fmt: skip
    assert id_number(1) not in str(event.detail) + event.subject


def test_a_refused_commit_leaves_no_event(staged):
    batch = staged(person(1))
    commit(batch, DAY)
    with pytest.raises(ApplyRefused):
        commit(batch, DAY)
    assert AuditEvent.objects.filter(action="import").count() == 1


def test_two_batches_over_the_same_village_the_second_is_refused(staged):
    first, second = staged(person(1)), staged(person(2))
    commit(first, DAY)
    with pytest.raises(ApplyRefused, match="第 5 行"):
        commit(second, DAY)
    assert Post.objects.get().cadre.name == "张建乙"


@pytest.mark.parametrize("count", [50, 400])
def test_look_ups_and_writes_of_a_chunk_are_the_same_for_50_and_400_rows(
    empty, organisation_office, tmp_path, count_queries, count
):
    """A chunk is 500 rows, and so is a statement that inserts."""
    people = [
        (f"李{number}", "办事员", id_number(number % 100, birth=born(number))) for number in range(count)
    ]
    path = roster(tmp_path / "名册.xlsx", people)
    user = User.objects.get(pk=organisation_office.pk)
    plan = make_plan(path, path.name, user, DAY)
    batch = stage(plan, path.name, b"")
    queries = count_queries(lambda: commit(batch, DAY))
    assert queries <= 46
    assert Cadre.objects.count() == count


def born(number):
    return datetime.date(1975, 3, 1 + number // 100)


def test_the_list_of_batches_is_the_owners(staged, office, client, outsider):
    staged(person(1))
    assert "书记.xlsx" in office.get(reverse("imports")).content.decode()
    client.force_login(outsider)
    assert "书记.xlsx" not in client.get(reverse("imports")).content.decode()


def test_the_file_of_another_day_is_judged_by_todays_day(office, empty, july, tmp_path):
    """A secretary who starts tomorrow is not yet one."""
    path = register(
        tmp_path / "书记.xlsx",
        [person(1, start="2026-07-16"), person(2, village="李小湾", start="2026-07-15")],
    )
    office.post(reverse("imports"), {"file": SimpleUploadedFile("书记.xlsx", path.read_bytes()), "kind": ""})
    assert ImportBatch.objects.get().counts["invalid"] == 1
    assert ImportBatch.objects.get().counts["new"] == 1
