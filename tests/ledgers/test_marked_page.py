"""下载标注表: of a small batch at once, of a large one by a job whose file lies encrypted for its owner alone."""

import datetime
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from banzhuang.accounts.models import AuditEvent
from banzhuang.core import jobs
from banzhuang.core.models import Job
from banzhuang.ledgers import job_files, marked, receiving, uploads
from banzhuang.ledgers.models import ImportBatch
from banzhuang.ledgers.tasks import expire_imports
from cadres.models import Cadre, Post
from tests.factories import UserFactory

from .secretaries_book import person, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, organisation_office, villages, settings, tmp_path):
    settings.DATA_DIR = tmp_path / "data"
    Post.objects.all().delete()
    Cadre.objects.all().delete()
    client.force_login(organisation_office)
    return client


@pytest.fixture
def batch(office, tmp_path):
    """Two rows that wait for 周敏, the second with a village that there is not."""
    path = register(tmp_path / "书记.xlsx", [person(1), person(2, village="乌有村")])
    file = SimpleUploadedFile(path.name, path.read_bytes())
    office.post(reverse("imports"), {"file": file, "kind": ""})
    return ImportBatch.objects.latest("pk")


@pytest.fixture
def large(batch, monkeypatch):
    """From now on one row is many; no message wakes a worker."""
    monkeypatch.setattr(receiving, "IN_REQUEST_ROWS", 1)
    monkeypatch.setattr(jobs, "wake", lambda pk: None)
    return batch


def page_of(client, batch):
    return client.get(reverse("import_batch", args=[batch.pk])).content.decode()


def url_of(batch):
    return reverse("import_marked", args=[batch.pk])


def order(client, batch):
    """Click on 下载标注表 of a large batch; → the job, not yet run."""
    response = client.post(url_of(batch))
    assert response.headers["Location"] == url_of(batch)
    return Job.objects.filter(kind=marked.KIND).latest("pk")


def work(job):
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


@pytest.fixture
def made(office, large):
    """A finished job, whose file has not been fetched."""
    return work(order(office, large))


def link(client, batch):
    """Where the button of the finished page leads."""
    response = client.get(url_of(batch))
    url = f"{reverse('import_marked_download', args=[batch.pk])}?key={response.context['key']}"
    assert url in response.content.decode()
    return url


def sheet_of(response):
    return openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))["村书记"]


# --- A small batch ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("committed", [False, True])
def test_a_small_one_is_marked_at_once_before_and_after_the_commit(batch, office, committed):
    if committed:
        office.post(reverse("import_commit", args=[batch.pk]))
    assert page_of(office, batch).count("下载标注表") == 1
    answer = office.post(url_of(batch))
    assert answer["Content-Disposition"].endswith(".xlsx")
    sheet = sheet_of(answer)
    assert "没有这个村" in " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row)
    assert sheet["B6"].fill.fgColor.rgb != sheet["B5"].fill.fgColor.rgb
    (event,) = AuditEvent.objects.filter(action="export")
    assert event.subject == "下载 书记（标注）.xlsx"
    assert not Job.objects.exists()


def test_without_the_file_there_is_one_sentence(batch, office):
    uploads.path_of(batch).unlink()
    assert "下载标注表" not in page_of(office, batch)
    page = office.post(url_of(batch), follow=True).content.decode()
    assert "原文件只保存一天" in page


def test_a_small_one_that_cannot_be_marked_is_one_sentence(batch, office, monkeypatch):
    monkeypatch.setattr(marked, "IN_REQUEST_SECONDS", 0.01)
    page = office.post(url_of(batch), follow=True).content.decode()
    assert marked.TOO_BIG in page
    assert not AuditEvent.objects.filter(action="export").exists()


@pytest.mark.parametrize("act", ["post", "get"])
def test_given_up_there_is_no_marked_workbook(batch, office, act):
    office.post(reverse("import_discard", args=[batch.pk]))
    page = getattr(office, act)(url_of(batch), follow=True).content.decode()
    assert "已放弃，没有标注表" in page


def test_nothing_ordered_there_is_nothing_to_see(batch, office):
    assert office.get(url_of(batch)).headers["Location"] == reverse("import_batch", args=[batch.pk])
    assert office.get(reverse("import_marked_download", args=[batch.pk])).status_code == 302


# --- A large one, by a job ----------------------------------------------------------------------------------
def test_many_rows_are_left_to_a_worker_and_the_page_shows_how_far(large, office, monkeypatch):
    monkeypatch.setattr(marked, "mark_batch", lambda *args, **further: pytest.fail("marked in the request"))
    job = order(office, large)
    jobs.progress(jobs.claim(job.pk), 1, 3, "步")
    page = office.get(url_of(large)).content.decode()
    assert "标注 书记.xlsx" in page and "1 / 3 步" in page
    assert f'hx-get="/jobs/{job.pk}/"' in page and "重新标注" not in page
    assert "提交 1 行有效数据" in page_of(office, large)


def test_a_big_file_is_left_to_a_worker_however_few_its_rows(batch, office, monkeypatch):
    monkeypatch.setattr(receiving, "IN_REQUEST_BYTES", 1000)
    monkeypatch.setattr(jobs, "wake", lambda pk: None)
    assert order(office, batch).state == "queued"


@pytest.mark.parametrize("committed", [False, True])
def test_the_file_is_the_one_that_a_small_batch_gets(large, office, committed, monkeypatch):
    if committed:
        monkeypatch.setattr(receiving, "IN_REQUEST_ROWS", 10)
        office.post(reverse("import_commit", args=[large.pk]))
        monkeypatch.setattr(receiving, "IN_REQUEST_ROWS", 1)
    job = work(order(office, large))
    assert (job.state, job.done, job.total, job.unit) == ("done", 3, 3, "步")
    assert job.result["url"] == url_of(large)
    sheet = sheet_of(office.get(link(office, large)))
    assert "没有这个村" in " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row)
    (event,) = AuditEvent.objects.filter(action="export")
    assert event.subject == "下载 书记（标注）.xlsx"


def test_committed_while_it_is_marked_it_is_marked_all_the_same(large, office, monkeypatch):
    """The rows of the preview go with the commit: what is wrong is then read from where the commit left it."""
    job, staged = order(office, large), marked.problems_staged

    def overtaken(row):
        monkeypatch.setattr(receiving, "IN_REQUEST_ROWS", 10)
        office.post(reverse("import_commit", args=[large.pk]))
        return staged(row)

    monkeypatch.setattr(marked, "problems_staged", overtaken)
    assert work(job).state == "done"
    sheet = sheet_of(office.get(link(office, large)))
    assert "没有这个村" in " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row)


def test_the_page_that_waits_is_loaded_anew_when_it_is_made(large, office):
    job = order(office, large)
    asking = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{url_of(large)}"}
    assert "HX-Refresh" not in office.get(f"/jobs/{job.pk}/", headers=asking)
    work(job)
    assert office.get(f"/jobs/{job.pk}/", headers=asking)["HX-Refresh"] == "true"


def test_two_clicks_are_one_job_and_a_file_that_lies_ready_is_not_made_again(large, office):
    job = order(office, large)
    assert order(office, large) == job
    work(job)
    assert order(office, large) == job
    job_files.files.remove(job.result["file"])
    assert "重新标注" in office.get(url_of(large)).content.decode()
    assert order(office, large) != job


def test_the_file_lies_encrypted(made):
    (path,) = job_files.files.path.iterdir()
    assert path.name == made.result["file"]
    assert not path.read_bytes().startswith(b"PK")


# --- Whose it is, and how long ------------------------------------------------------------------------------
def test_it_is_the_owners_alone(made, large, office, client, leader):
    url = link(office, large)
    for user in (leader, UserFactory(role="auditor"), UserFactory(role="organisation")):
        client.force_login(user)
        assert client.get(url).status_code == 404
        assert client.get(url_of(large)).status_code == 404
        assert client.post(url_of(large)).status_code == 404
        assert client.get(made.result["url"]).status_code == 404


def test_the_right_is_asked_again_when_it_is_fetched(made, large, office, organisation_office):
    url, role = link(office, large), organisation_office.groups.get()
    role.permissions.remove(*role.permissions.filter(codename__startswith="import_"))
    assert office.get(url).status_code == 403
    assert office.get(url_of(large)).status_code == 403


def test_the_right_is_asked_again_when_it_is_made(large, office, organisation_office):
    job = order(office, large)
    organisation_office.groups.clear()
    assert work(job).error == marked.NO_RIGHT
    assert not job_files.files.path.exists()


@pytest.mark.parametrize("key", ["", "x", "W10:1:abc"])
def test_a_link_nobody_gave_leads_to_the_page(made, large, office, key):
    url = reverse("import_marked_download", args=[large.pk])
    response = office.get(url, {"key": key}, follow=True)
    assert response.redirect_chain == [(url_of(large), 302)]
    assert "下载链接已过期" in response.content.decode()


def test_the_link_holds_for_ten_minutes(large, office, july, time_machine):
    ImportBatch.objects.update(created_at=timezone.now(), expires_at=timezone.now() + uploads.KEPT_FOR)
    work(order(office, large))
    url = link(office, large)
    time_machine.shift(599)
    assert office.get(url).status_code == 200
    time_machine.shift(2)
    assert office.get(url).status_code == 302
    assert office.get(link(office, large)).status_code == 200


def test_the_page_says_until_when_it_is_there(large, office, july):
    ImportBatch.objects.update(created_at=timezone.now() - datetime.timedelta(hours=5))
    work(order(office, large))
    assert "文件保存到 7月16日 07:00" in office.get(url_of(large)).content.decode()


def test_a_day_after_the_upload_it_is_gone_with_it(made, large, office, django_capture_on_commit_callbacks):
    url = link(office, large)
    past = timezone.now() - datetime.timedelta(hours=24, seconds=1)
    ImportBatch.objects.update(created_at=past, expires_at=past + uploads.KEPT_FOR)
    with django_capture_on_commit_callbacks(execute=True):
        expire_imports()
    assert list(job_files.files.path.iterdir()) == []
    assert "已过期，没有标注表" in office.get(url, follow=True).content.decode()


@pytest.mark.parametrize("act", ["import_discard", "import_undo"])
def test_given_up_or_taken_back_nothing_is_left(
    made, large, office, act, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(receiving, "IN_REQUEST_ROWS", 10)
    url = link(office, large)
    with django_capture_on_commit_callbacks(execute=True):
        if act == "import_undo":
            office.post(reverse("import_commit", args=[large.pk]))
        office.post(reverse(act, args=[large.pk]))
    assert list(job_files.files.path.iterdir()) == []
    assert office.get(url, follow=True).redirect_chain[-1][0] == reverse("import_batch", args=[large.pk])


def test_read_again_what_was_marked_before_does_not_count(made, large, office):
    ImportBatch.objects.update(revision=large.revision + 1)
    assert office.get(url_of(large)).status_code == 302
    assert order(office, large) != made


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_given_up_while_it_is_marked(large, office, when, monkeypatch):
    job, mark = order(office, large), marked.mark_batch

    def overtaken(*args, **further):
        mark(*args, **further)
        office.post(reverse("import_discard", args=[large.pk]))

    if when == "before":
        office.post(reverse("import_discard", args=[large.pk]))
    else:
        monkeypatch.setattr(marked, "mark_batch", overtaken)
    assert (work(job).state, job.error) == ("failed", marked.NO_LONGER)
    assert not job_files.files.path.exists()


# --- What goes wrong ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("way", ["dies", "too slow"])
def test_a_process_that_dies_or_is_too_slow_is_one_sentence_and_may_be_tried_again(
    large, office, way, monkeypatch
):
    if way == "dies":
        monkeypatch.setattr(marked.Marking, "module", "ledgers.reading.nothing")
    else:
        monkeypatch.setattr(marked.Marking, "messages", too_slow(marked.Marking.messages))
    job = work(order(office, large))
    assert (job.state, job.error) == ("failed", marked.TOO_BIG)
    page = office.get(url_of(large)).content.decode()
    assert marked.TOO_BIG in page and "重新标注" in page
    assert order(office, large) != job


def too_slow(messages):
    """The clock of the parent has run out before the child said anything."""

    def stopped(child):
        child.stop()
        return messages(child)

    return stopped


def test_no_room_is_one_sentence(large, office, monkeypatch):
    def full(content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(job_files.files, "keep", full)
    assert work(order(office, large)).error == job_files.NO_ROOM


def test_the_uploaded_file_gone_is_one_sentence_and_there_is_no_second_try(large, office):
    job = order(office, large)
    uploads.path_of(large).unlink()
    assert work(job).error == uploads.GONE
    page = office.get(url_of(large)).content.decode()
    assert uploads.GONE in page and "重新标注" not in page
