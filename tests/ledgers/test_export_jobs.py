"""Large exports: a job, a file that lies encrypted for a day, a link that holds for ten minutes, for the owner alone."""

import datetime
import io

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from banzhuang.accounts.models import AuditEvent
from banzhuang.core import jobs
from banzhuang.core.models import Job, ParameterValue
from banzhuang.ledgers import export, exporting, job_files
from banzhuang.ledgers.parameters import MOST_ROWS
from banzhuang.ledgers.tasks import expire_imports
from banzhuang.ledgers.views import export as export_views
from cadres.models import Cadre
from tests import factories
from tests.factories import CadreFactory

from .sealed import PASSWORD, unsealed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def large(monkeypatch, settings, tmp_path):
    """Every export is a large one; its file lies in a folder of the test's own."""
    monkeypatch.setattr(export_views, "IN_REQUEST_ROWS", 0)
    settings.DATA_DIR = tmp_path


def order(client, user, query="", **data):
    """Post the export; → its job, not yet run."""
    client.force_login(user)
    response = client.post(reverse("export_ledger", args=["cadres"]) + query, {"numbers": "masked", **data})
    job = Job.objects.filter(kind=exporting.KIND).latest("pk")
    assert response.headers["Location"] == reverse("job", args=[job.pk])
    return job


@pytest.fixture
def made(client, villages, organisation_office):
    """A finished export of the organisation office, who is logged in."""
    job = order(client, organisation_office)
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


def link(client, job):
    """Where the button of the file's page leads."""
    response = client.get(reverse("export_file", args=[job.pk]))
    url = f"{reverse('export_download', args=[job.pk])}?key={response.context['key']}"
    assert url in response.content.decode()
    return url


def test_it_is_made_and_fetched(client, made):
    assert made.state == Job.State.DONE
    assert made.result["url"] == reverse("export_file", args=[made.pk])
    assert made.result["rows"] == Cadre.objects.count()
    response = client.get(link(client, made))
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).worksheets[0]
    masks = {cell.value for row in sheet.iter_rows() for cell in row if "*" in str(cell.value)}
    assert set(Cadre.objects.values_list("id_number_mask", flat=True)) <= masks
    assert response["Cache-Control"] == "no-store, private"


def test_the_file_lies_encrypted(made):
    (path,) = job_files.files.path.iterdir()
    assert path.name == made.result["file"]
    assert not path.read_bytes().startswith(b"PK")


def test_the_filters_travel_to_the_job(client, villages, organisation_office):
    client.force_login(organisation_office)
    url = reverse("export_ledger", args=["secretaries"]) + f"?q={villages[0].name}&on=2024-01-31"
    client.post(url, {"numbers": "masked"})
    job = Job.objects.latest("pk")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.result["rows"] == 1
    assert job.result["words"] == [f"姓名或村有“{villages[0].name}”"]


def test_the_download_is_recorded_too(client, made):
    client.get(link(client, made))
    assert [event.subject for event in AuditEvent.objects.filter(action="export").order_by("pk")] == [
        f"干部花名册 {made.result['rows']} 行（脱敏）",
        "下载导出的干部花名册",
    ]


def test_whole_numbers_never_lie_on_the_server(client, villages, organisation_office):
    """They go out in the request, however little that may write."""
    client.force_login(organisation_office)
    whole = {"numbers": "whole", "reason": "换届资格联审", "password": PASSWORD}
    answer = client.post(reverse("export_ledger", args=["cadres"]), whole)
    assert unsealed(b"".join(answer.streaming_content))
    assert not Job.objects.exists() and not job_files.files.path.exists()


# --- How far it is -----------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_it_says_how_many_rows_are_done_and_that_it_lives(
    client, villages, organisation_office, monkeypatch, seen_elsewhere
):
    """A row at a time, each taking its time: an export of minutes is not thought dead and begun again."""
    monkeypatch.setattr(jobs, "EVERY", 0.01)
    monkeypatch.setattr(jobs, "wake", lambda pk: None)
    monkeypatch.setattr(export, "TOGETHER", 1)
    job, columns_of, seen = order(client, organisation_office), export.columns_of, []

    def slowly(*asked):
        beats = seen_elsewhere(lambda: Job.objects.get(pk=job.pk).beats)
        row = seen_elsewhere(Job.objects.filter(pk=job.pk, beats__gt=beats).first)
        seen.append(row and (row.done, row.total, row.unit))
        return columns_of(*asked)

    monkeypatch.setattr(export, "columns_of", slowly)
    jobs.run(job.pk)
    count = Cadre.objects.count()
    assert seen == [(done, count, "行") for done in range(count)]
    job.refresh_from_db()
    assert (job.state, job.done, job.attempts) == (Job.State.DONE, count, 1)


# --- What was not exported is not said to have been ----------------------------------------------------------------
@pytest.mark.parametrize("where", ["in the rows", "when it is kept"])
def test_one_that_fails_half_way_is_no_export_and_one_that_is_made_again_is_one(
    client, villages, organisation_office, monkeypatch, where
):
    def failing(*args):
        raise OSError(28, "No space left on device")

    job = order(client, organisation_office)
    with monkeypatch.context() as full:
        if where == "in the rows":
            full.setattr(export, "columns_of", failing)
        else:
            full.setattr(job_files.files, "keep", failing)
        jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.FAILED, job_files.NO_ROOM)
    assert not AuditEvent.objects.filter(action="export").exists()
    jobs.run(order(client, organisation_office).pk)
    assert AuditEvent.objects.filter(action="export").count() == 1


# --- Whose it is, and how long --------------------------------------------------------------------------------------
def test_two_clicks_are_one_job(client, villages, organisation_office):
    assert order(client, organisation_office) == order(client, organisation_office)
    assert order(client, organisation_office, query="?on=2024-01-31") != Job.objects.earliest("pk")


def test_it_is_the_owners_alone(client, made, leader):
    url = link(client, made)
    client.force_login(leader)
    assert client.get(url).status_code == 404
    assert client.get(reverse("export_file", args=[made.pk])).status_code == 404


def test_after_logging_out_there_is_only_the_log_in(client, made):
    url = link(client, made)
    client.post(reverse("logout"))
    response = client.get(url)
    assert response.status_code == 302 and response.headers["Location"].startswith(reverse("login"))


@pytest.mark.parametrize("key", ["", "x", "W10:1:abc"])
def test_a_link_nobody_gave_leads_to_the_page(client, made, key):
    response = client.get(reverse("export_download", args=[made.pk]), {"key": key}, follow=True)
    assert response.redirect_chain == [(reverse("export_file", args=[made.pk]), 302)]
    assert "下载链接已过期" in response.content.decode()


def test_the_link_of_another_file_does_not_fit(client, made, organisation_office):
    other = order(client, organisation_office, query="?on=2024-01-31")
    jobs.run(other.pk)
    other.refresh_from_db()
    assert not job_files.link_holds(made, job_files.link_key(other))


def test_the_link_holds_for_ten_minutes(client, villages, organisation_office, time_machine):
    time_machine.move_to(datetime.datetime(2026, 7, 15, 4, tzinfo=datetime.UTC), tick=False)
    job = order(client, organisation_office)
    jobs.run(job.pk)
    job.refresh_from_db()
    url = link(client, job)
    time_machine.shift(599)
    assert client.get(url).status_code == 200
    time_machine.shift(2)
    assert client.get(url).status_code == 302
    assert client.get(link(client, job)).status_code == 200


def test_the_file_is_gone_after_a_day(client, made, organisation_office):
    url = link(client, made)
    Job.objects.filter(pk=made.pk).update(
        finished_at=timezone.now() - datetime.timedelta(hours=24, seconds=1)
    )
    response = client.get(url, follow=True)
    assert "文件只保存一天，已经删除" in response.content.decode()
    assert "重新导出" in response.content.decode()


def test_the_clock_removes_old_files(made, time_machine):
    (path,) = job_files.files.path.iterdir()
    expire_imports()
    assert path.exists()
    assert job_files.sweep(timezone.now() + datetime.timedelta(hours=24, seconds=5)) == 1
    assert not path.exists()


def test_the_right_is_asked_again_when_it_is_fetched(client, made, organisation_office):
    url = link(client, made)
    organisation_office.groups.get().permissions.remove(
        organisation_office.groups.get().permissions.get(codename="export_cadre")
    )
    assert client.get(url).status_code == 403
    assert client.get(reverse("export_file", args=[made.pk])).status_code == 403


def test_who_was_moved_cannot_fetch_what_lies_elsewhere(client, made, organisation_office, villages):
    url = link(client, made)
    organisation_office.scope = villages[0].code
    organisation_office.save()
    assert client.get(url).status_code == 403


def test_a_right_lost_before_the_job_ran(client, villages, organisation_office):
    job = order(client, organisation_office)
    role = organisation_office.groups.get()
    role.permissions.remove(role.permissions.get(codename="export_cadre"))
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.FAILED, exporting.NO_RIGHT)
    assert not job_files.files.path.exists()


def test_an_account_that_was_closed_gets_nothing(client, villages, organisation_office):
    job = order(client, organisation_office)
    organisation_office.is_active = False
    organisation_office.save()
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.error == exporting.NO_RIGHT


def test_no_room_is_one_sentence(client, villages, organisation_office, monkeypatch):
    def full(content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(job_files.files, "keep", full)
    job = order(client, organisation_office)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.FAILED, job_files.NO_ROOM)


def test_a_limit_that_was_lowered_before_the_job_ran(client, villages, organisation_office):
    job = order(client, organisation_office)
    day = datetime.date(2020, 1, 1)
    ParameterValue.objects.create(key=MOST_ROWS.key, value="100", valid_from=day)
    CadreFactory.create_batch(101, village=villages[0])
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "一次最多导出 100 行" in job.error and job.error.endswith("调整上限。")
    assert not job_files.files.path.exists()


def test_a_scope_that_was_widened_still_fetches(client, villages, village_cadre):
    client.force_login(village_cadre)
    client.post(reverse("export_ledger", args=["cadres"]))
    job = Job.objects.latest("pk")
    jobs.run(job.pk)
    job.refresh_from_db()
    village_cadre.scope = factories.TOWNSHIP
    village_cadre.save()
    assert client.get(link(client, job)).status_code == 200
