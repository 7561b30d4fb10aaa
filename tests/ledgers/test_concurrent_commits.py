"""Several tabs and colleagues at once: one effect, and words instead of an exception for all others."""

import datetime
import threading

import pytest
from django.db import connections

from banzhuang.ledgers.apply import ApplyRefused
from banzhuang.ledgers.models import BatchChange, ImportBatch, StagedRow
from banzhuang.ledgers.plan import make_plan
from banzhuang.ledgers.staging import commit, discard, stage
from banzhuang.ledgers.undo import UndoRefused, undo_batch
from cadres.models import Cadre, Post
from tests.factories import id_number

from .secretaries_book import person, register, roster

DAY = datetime.date(2026, 6, 30)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def empty(villages):
    """The two villages with nobody in post."""
    Post.objects.all().delete()
    Cadre.objects.all().delete()


@pytest.fixture
def staged(villages, organisation_office, tmp_path):
    """staged(row, …) → the batch of a register of these rows."""

    def staging(*rows):
        path = register(tmp_path / "书记.xlsx", rows)
        return stage(make_plan(path, path.name, organisation_office, DAY), path.name, b"")

    return staging


def at_once(*acts):
    """Run the acts in threads of their own, started together → what each gave: its result, or "refused"."""
    results = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(place, act):
        start.wait()
        try:
            results[place] = act()
        except (ApplyRefused, UndoRefused) as refused:
            assert str(refused)
            results[place] = "refused"
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def committing(batch):
    return lambda: commit(ImportBatch.objects.get(pk=batch.pk), DAY)


def undoing(batch, user):
    return lambda: undo_batch(ImportBatch.objects.get(pk=batch.pk), user)


def test_ten_commits_of_one_batch_write_once(empty, staged):
    batch = staged(person(1), person(2, village="李小湾村"))
    results = at_once(*[committing(batch)] * 10)
    written = BatchChange.objects.filter(batch=batch).count()
    assert sorted(map(str, results)) == sorted([str(written), *["refused"] * 9])
    assert Post.objects.filter(batch=batch, title="secretary", end=None).count() == 2


def test_five_batches_of_one_file_write_once(empty, staged):
    """Rows that are new have no version: it is the turn of one at a time, and the rest finds them there."""
    batches = [staged(person(1), person(2, village="李小湾村")) for _ in range(5)]
    results = at_once(*map(committing, batches))
    assert sum(result == "refused" for result in results) == 4
    assert Cadre.objects.filter(name__startswith="张建").count() == 2


def test_files_over_each_other_in_opposite_order_do_not_wait_for_each_other(
    villages, organisation_office, tmp_path
):
    people = [(f"李{number}", "办事员", id_number(number)) for number in range(20)]
    stage_and_commit(roster(tmp_path / "名册.xlsx", people), organisation_office)
    moved = [(name, "主任", identity) for name, _, identity in people]
    batches = [
        staged_roster(tmp_path / f"{number}.xlsx", moved[::step], organisation_office)
        for number, step in enumerate((1, -1))
    ]
    results = at_once(*map(committing, batches))
    assert sorted(map(str, results)) == ["20", "refused"]


def staged_roster(path, people, user):
    roster(path, people)
    return stage(make_plan(path, path.name, user, DAY), path.name, b"")


def stage_and_commit(path, user):
    batch = stage(make_plan(path, path.name, user, DAY), path.name, b"")
    commit(batch, DAY)
    return batch


def test_a_commit_beside_an_edit_of_its_row_is_one_or_the_other(staged, villages):
    """Never the ledger over an edit that it has not seen."""
    cadre = Post.objects.get(organisation__village=villages[0]).cadre
    batch = staged(
        person(1, name=cadre.name, number=cadre.id_number, born=None, sex=None, start=None, phone=13900007777)
    )

    def edit():
        row = Cadre.objects.get(pk=cadre.pk)
        row.note = "同时有人改"
        row.save()
        return "edited"

    written, edited = at_once(committing(batch), edit)
    cadre.refresh_from_db()
    if written == "refused":
        assert (edited, cadre.note, cadre.phone) == ("edited", "同时有人改", "")
    else:
        assert cadre.phone == "13900007777"
        assert edited == "edited" or type(edited).__name__ == "StaleObject"
        assert (cadre.note == "同时有人改") == (edited == "edited")


def test_an_edit_between_the_judging_and_the_writing_refuses_in_words(staged, villages, monkeypatch):
    cadre = Post.objects.get(organisation__village=villages[0]).cadre
    batch = staged(
        person(1, name=cadre.name, number=cadre.id_number, born=None, sex=None, start=None, phone=13900007777)
    )
    # The last look finds nothing new: only the version of the row tells.
    monkeypatch.setattr("banzhuang.ledgers.staging.writings", lambda ledger: [])
    monkeypatch.setattr(
        "banzhuang.ledgers.staging.take_turns", lambda owner: Cadre.objects.get(pk=cadre.pk).save()
    )
    with pytest.raises(ApplyRefused, match=f"“{cadre.name}”在核对之后被改过"):
        commit(batch, DAY)
    batch.refresh_from_db()
    assert (batch.state, BatchChange.objects.count()) == ("staged", 0)


def test_of_a_commit_and_a_discard_in_two_tabs_one_has_its_way(empty, staged):
    batch = staged(person(1), person(2, village="李小湾村"))
    written, given_up = at_once(committing(batch), lambda: discard(ImportBatch.objects.get(pk=batch.pk)))
    batch.refresh_from_db()
    if given_up is True:
        assert (written, batch.state, BatchChange.objects.count()) == ("refused", "discarded", 0)
    else:
        assert (written, batch.state) == (BatchChange.objects.count(), "committed")
    assert not StagedRow.objects.exists()


def test_five_undos_at_once_take_back_once(empty, staged, organisation_office):
    batch = staged(person(1), person(2, village="李小湾村"))
    count = commit(batch, DAY)
    assert count
    results = at_once(*[undoing(batch, organisation_office)] * 5)
    assert sorted(map(str, results)) == sorted([str(count), *["refused"] * 4])
    assert not Cadre.objects.filter(name__startswith="张建").exists()


def test_an_undo_beside_a_commit_that_builds_on_it(empty, staged, organisation_office):
    """Either the first is taken back and the second does not fit any more, or the second holds the first."""
    first = staged(person(1))
    commit(first, DAY)
    second = staged(person(1, phone=13911112222))
    undone, written = at_once(undoing(first, organisation_office), committing(second))
    assert [undone, written].count("refused") == 1
    assert Cadre.objects.filter(phone_mask="139****2222").exists() == (undone == "refused")
