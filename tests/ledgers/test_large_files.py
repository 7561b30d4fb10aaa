"""Large files are read and written by a worker: the request answers at once, and what is killed half-way leaves nothing."""

import datetime
import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from banzhuang.core import jobs
from banzhuang.core.models import Job
from banzhuang.core.sweeping import Sweeper
from banzhuang.ledgers import receiving, staging, uploads
from banzhuang.ledgers.apply import ApplyRefused
from banzhuang.ledgers.models import ImportBatch, StagedRow
from banzhuang.ledgers.receiving import commit_or_start
from cadres.models import Cadre, Post
from tests.factories import CadreFactory, UserFactory, id_number

from .odd_book import odd_book
from .secretaries_book import roster

DAY = datetime.date(2026, 6, 30)
ROWS = 12

pytestmark = pytest.mark.django_db


@pytest.fixture
def small_limits(monkeypatch):
    """Ten rows are many; a chunk is four; no message wakes a worker."""
    monkeypatch.setattr(receiving, "IN_REQUEST_ROWS", 10)
    monkeypatch.setattr("banzhuang.ledgers.plan.CHUNK", 4)
    monkeypatch.setattr(jobs, "wake", lambda pk: None)


@pytest.fixture
def office(client, organisation_office, villages, small_limits):
    Post.objects.all().delete()
    Cadre.objects.all().delete()
    client.force_login(organisation_office)
    return client


def found_lost():
    """The sweeper sees the job stand still for longer than work may."""
    sweeper = Sweeper()
    sweeper.sweep(0)
    sweeper.sweep(60)


def book(path, count=ROWS):
    return roster(
        path,
        [(f"朱{'甲乙丙丁戊己庚辛壬癸子丑'[number]}", "办事员", id_number(number)) for number in range(count)],
    )


def upload(client, path):
    file = SimpleUploadedFile(path.name, path.read_bytes())
    page = client.post(reverse("imports"), {"file": file, "kind": ""}, follow=True)
    return ImportBatch.objects.latest("pk"), page.content.decode()


@pytest.fixture
def reading(office, tmp_path):
    """The batch of a file of twelve rows that no worker has touched yet."""
    return upload(office, book(tmp_path / "名册.xlsx"))[0]


def work(batch):
    """A worker does the job of the batch."""
    batch.refresh_from_db()
    jobs.run(batch.job_id)
    batch.refresh_from_db()
    return Job.objects.get(pk=batch.job_id)


# --- Reading ------------------------------------------------------------------------------------------------
def test_many_rows_are_left_to_a_worker_and_the_page_shows_how_far(office, reading):
    assert (reading.state, reading.rows.count()) == ("reading", 0)
    jobs.progress(jobs.claim(reading.job_id), 4, ROWS, "行")
    page = office.get(reverse("import_batch", args=[reading.pk])).content.decode()
    assert "正在读取" in page and "4 / 12 行" in page
    assert f'hx-get="/jobs/{reading.job_id}/"' in page
    assert "正在读取" in office.get(reverse("imports")).content.decode()


def test_a_big_file_is_not_even_read_in_the_request(office, tmp_path, monkeypatch):
    monkeypatch.setattr(receiving, "IN_REQUEST_BYTES", 1000)
    monkeypatch.setattr(receiving, "read_workbook", lambda *args: pytest.fail("read in the request"))
    batch, page = upload(office, book(tmp_path / "名册.xlsx", 3))
    assert batch.state == "reading" and "正在读取" in page


def test_read_by_the_worker_it_is_as_if_read_at_once(office, reading, monkeypatch, tmp_path):
    job = work(reading)
    assert (job.state, job.done, job.total, job.unit) == ("done", ROWS, ROWS, "行")
    monkeypatch.setattr(receiving, "IN_REQUEST_ROWS", 100)
    at_once, _ = upload(office, book(tmp_path / "名册.xlsx"))
    for name in ("state", "kind", "counts", "findings", "understanding", "revision"):
        assert getattr(reading, name) == getattr(at_once, name), name
    positions = [
        list(batch.rows.values_list("position", "number", "outcome")) for batch in (reading, at_once)
    ]
    assert positions[0] == positions[1] and len(positions[0]) == ROWS


def test_the_page_that_waits_is_loaded_anew_when_it_is_read(office, reading):
    url = reverse("import_batch", args=[reading.pk])
    asking = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{url}?show=all"}
    assert "HX-Refresh" not in office.get(f"/jobs/{reading.job_id}/", headers=asking)
    work(reading)
    assert office.get(f"/jobs/{reading.job_id}/", headers=asking)["HX-Refresh"] == "true"
    elsewhere = {**asking, "HX-Current-URL": "http://testserver/"}
    assert "HX-Refresh" not in office.get(f"/jobs/{reading.job_id}/", headers=elsewhere)
    assert "提交 12 行有效数据" in office.get(url).content.decode()


def test_a_worker_killed_half_way_leaves_nothing_to_see_and_the_next_one_starts_anew(
    office, reading, monkeypatch
):
    add = staging.Staging.add

    def killed(self, items):
        if self.findings.tally["all"] >= 4:
            raise KeyboardInterrupt
        add(self, items)

    monkeypatch.setattr(staging.Staging, "add", killed)
    with pytest.raises(KeyboardInterrupt):
        jobs.run(reading.job_id)
    monkeypatch.setattr(staging.Staging, "add", add)
    assert reading.rows.count() == 4
    assert "正在读取" in office.get(reverse("import_batch", args=[reading.pk])).content.decode()
    found_lost()
    job = work(reading)
    assert (job.state, job.attempts, reading.state, reading.rows.count()) == ("done", 2, "staged", ROWS)


def test_a_worker_thought_dead_that_comes_back_writes_no_more(office, reading, monkeypatch):
    add = staging.Staging.add

    def overtaken(self, items):
        monkeypatch.setattr(staging.Staging, "add", add)
        Job.objects.filter(pk=reading.job_id).update(state="queued")
        work(reading)
        add(self, items)

    monkeypatch.setattr(staging.Staging, "add", overtaken)
    job = work(reading)
    assert (job.state, job.attempts) == ("done", 2)
    assert (reading.state, reading.rows.count(), reading.revision) == ("staged", ROWS, 1)


def test_a_file_that_cannot_be_read_leaves_one_sentence_at_the_batch(
    office, tmp_path, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(receiving, "IN_REQUEST_BYTES", 0)
    path = tmp_path / "坏.xlsx"
    path.write_bytes(b"PK\x03\x04rubbish")
    batch, _ = upload(office, path)
    kept = uploads.path_of(batch)
    with django_capture_on_commit_callbacks(execute=True):
        job = work(batch)
    assert (batch.state, job.state, kept.exists()) == ("failed", "failed", False)
    assert batch.error.count("。") == 1 and batch.error == job.error
    page = office.get(reverse("import_batch", args=[batch.pk])).content.decode()
    assert batch.error in page and "未读成" in page


def test_a_reading_that_was_interrupted_too_often_is_a_failed_one(office, reading):
    Job.objects.filter(pk=reading.job_id).update(state="running", attempts=jobs.ATTEMPTS)
    found_lost()
    page = office.get(reverse("import_batch", args=[reading.pk])).content.decode()
    reading.refresh_from_db()
    assert reading.state == "failed" and "处理多次中断" in page


def test_given_up_while_it_is_read(office, reading):
    office.post(reverse("import_discard", args=[reading.pk]))
    job = work(reading)
    assert (job.state, reading.state) == ("done", "discarded")
    assert not StagedRow.objects.exists()


def test_rights_are_asked_when_the_worker_begins(office, reading, organisation_office):
    organisation_office.groups.clear()
    work(reading)
    assert reading.state == "failed" and "没有导入这种台账的权限" in reading.error


def test_a_large_file_without_a_known_header_can_be_matched(office, tmp_path, monkeypatch):
    monkeypatch.setattr(receiving, "IN_REQUEST_BYTES", 0)
    batch, _ = upload(office, odd_book(tmp_path / "报来.xlsx", ("西响石", "张建甲")))
    assert work(batch).state == "done"
    assert batch.state == "unmatched"
    assert office.get(reverse("import_batch", args=[batch.pk]), follow=True).redirect_chain[0][0] == reverse(
        "import_match", args=[batch.pk]
    )


# --- Writing ------------------------------------------------------------------------------------------------
@pytest.fixture
def staged(reading):
    work(reading)
    return reading


def commit(client, batch, **data):
    return client.post(
        reverse("import_commit", args=[batch.pk]), {"revision": batch.revision, **data}, follow=True
    )


def test_many_rows_are_written_by_a_worker(office, staged):
    page = commit(office, staged).content.decode()
    assert "正在写入" in page and not Cadre.objects.exists()
    job = work(staged)
    assert (job.state, job.done, job.total) == ("done", ROWS, ROWS)
    assert (staged.state, Cadre.objects.count()) == ("committed", ROWS)


def test_further_clicks_while_it_waits_are_one_friendly_sentence(office, staged):
    commit(office, staged)
    first = Job.objects.latest("pk")
    page = commit(office, staged).content.decode()
    assert "这一批正在写入，不用再提交。" in page
    assert Job.objects.latest("pk") == first


def test_done_twice_it_is_written_once(office, staged):
    commit(office, staged)
    work(staged)
    Job.objects.filter(pk=staged.job_id).update(state="queued")
    assert work(staged).state == "done"
    assert Cadre.objects.count() == ROWS


def test_what_is_refused_is_said_at_the_batch_and_can_be_tried_again(office, staged):
    commit(office, staged)
    CadreFactory(name="朱甲", id_number=id_number(0))
    assert work(staged).state == "failed"
    page = office.get(reverse("import_batch", args=[staged.pk])).content.decode()
    assert "核对之后有别人改过同样的数据" in page and "提交 12 行有效数据" in page
    assert Cadre.objects.count() == 1


def test_the_match_is_not_changed_while_it_is_written(office, staged):
    commit(office, staged)
    page = office.post(reverse("import_match", args=[staged.pk]), {"kind": "cadres"}, follow=True)
    assert "不能再改列的对应" in page.content.decode()
    assert work(staged).state == "done"


# --- Taking back --------------------------------------------------------------------------------------------
@pytest.fixture
def committed(office, staged):
    commit(office, staged)
    work(staged)
    return staged


def test_many_rows_are_taken_back_by_a_worker(office, committed):
    url = reverse("import_undo", args=[committed.pk])
    assert "正在撤销" in office.post(url, follow=True).content.decode()
    assert "正在撤销，不用再点" in office.post(url, follow=True).content.decode()
    assert Cadre.objects.count() == ROWS
    assert work(committed).state == "done"
    assert (committed.state, committed.upload, Cadre.objects.count()) == ("undone", "", 0)
    Job.objects.filter(pk=committed.job_id).update(state="queued")
    assert work(committed).state == "done"


def test_what_stands_against_it_is_said_at_the_batch(office, committed):
    office.post(reverse("import_undo", args=[committed.pk]))
    cadre = Cadre.objects.first()
    cadre.note = "后来改的"
    cadre.save()
    assert work(committed).state == "failed"
    page = office.get(reverse("import_batch", args=[committed.pk])).content.decode()
    assert "不能整批撤销" in page and "在导入之后又改过" in page and committed.state == "committed"


# --- At the same time ---------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_ten_clicks_at_once_on_a_large_batch_are_one_job(office, tmp_path, organisation_office):
    batch, _ = upload(office, book(tmp_path / "名册.xlsx"))
    work(batch)
    answers, barrier = [], threading.Barrier(10)

    def click():
        barrier.wait()
        try:
            answers.append(commit_or_start(ImportBatch.objects.get(pk=batch.pk), DAY, batch.revision))
        except ApplyRefused as refused:
            answers.append(str(refused))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=click) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, answers)) == ["False"] + ["这一批正在写入，不用再提交。"] * 9
    assert Job.objects.filter(kind=receiving.COMMIT).count() == 1


def test_polling_does_not_extend_the_session(office, reading, time_machine):
    begun = office.session["seen"]
    time_machine.move_to(timezone.now() + datetime.timedelta(minutes=10))
    office.get(f"/jobs/{reading.job_id}/", headers={"HX-Request": "true"})
    assert office.session["seen"] == begun


def test_anothers_job_is_not_found(reading, client):
    client.force_login(UserFactory(role="organisation"))
    assert client.get(f"/jobs/{reading.job_id}/").status_code == 404
