"""Jobs: started, claimed once, done or failed with a sentence, and brought back when a worker or a message is lost."""

import datetime
import logging
import socket
import threading

import pytest
from celery import Celery
from django.db import connection, transaction
from django.test import Client
from simple_history.models import HistoricalRecords

from banzhuang.accounts.audit import Action, record
from banzhuang.accounts.models import AuditEvent
from banzhuang.celery import app, broker_settings
from banzhuang.core import jobs, parameters, tasks
from banzhuang.core.models import Job
from banzhuang.core.sweeping import Sweeper
from tests import factories
from villages.models import Village

from .conftest import KIND

STATE = Job.State


def raising(error):
    def raise_it(job):
        raise error

    return raise_it


# --- Done and failed ---------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_job_is_sent_only_when_its_request_holds(work, leader, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        row = jobs.start(KIND, leader, month="2026-06")
        assert sent == []
    assert sent == [row.pk]
    assert (row.title, row.state, row.arguments) == ("试做一件事", STATE.QUEUED, {"month": "2026-06"})


@pytest.mark.django_db
def test_what_a_job_does_is_recorded_with_the_address_of_the_request_that_started_it(work, leader, sent, rf):
    request = rf.get("/", REMOTE_ADDR="10.1.2.3")
    HistoricalRecords.context.request = request
    try:
        row = jobs.start(KIND, leader)
    finally:
        del HistoricalRecords.context.request
    other = jobs.start(KIND, leader)
    work.does = lambda job: {"event": record(Action.EXPORT, "名册", user=job.owner).pk}
    for job, address in ((row, "10.1.2.3"), (other, "")):
        jobs.run(job.pk)
        job.refresh_from_db()
        assert AuditEvent.objects.get(pk=job.result["event"]).address == job.address == address
    assert record(Action.EXPORT, "后来的事", user=leader).address == ""


@pytest.mark.django_db(transaction=True)
def test_a_request_that_fails_leaves_no_job_and_no_message(work, leader, sent):
    with pytest.raises(RuntimeError), transaction.atomic():
        jobs.start(KIND, leader)
        raise RuntimeError
    assert not Job.objects.exists() and sent == []


@pytest.mark.django_db
def test_done_with_its_result(queued):
    jobs.run(queued.pk)
    queued.refresh_from_db()
    assert (queued.state, queued.result, queued.attempts) == (STATE.DONE, {"said": "做好了。"}, 1)
    assert queued.finished and queued.finished_at


@pytest.mark.django_db
def test_a_failure_is_its_own_sentence(queued, work):
    work.does = raising(jobs.JobFailed("2026年5月还没有发布，先发布5月。"))
    jobs.run(queued.pk)
    queued.refresh_from_db()
    assert (queued.state, queued.error) == (STATE.FAILED, "2026年5月还没有发布，先发布5月。")


@pytest.mark.django_db
def test_what_nobody_expected_is_a_sentence_to_the_owner_and_a_trace_to_the_log(
    queued, work, client, leader, caplog
):
    work.does = raising(ValueError("secret-of-the-fault"))
    with caplog.at_level(logging.ERROR):
        jobs.run(queued.pk)
    queued.refresh_from_db()
    assert queued.state == STATE.FAILED
    assert queued.error == f"处理时出错，已记录。稍后再试一次；仍不行，告诉系统管理员任务号 {queued.pk}。"
    assert "secret-of-the-fault" in caplog.text and "Traceback" in caplog.text
    client.force_login(leader)
    page = client.get(f"/jobs/{queued.pk}/").content.decode()
    assert queued.error in page
    assert "secret-of-the-fault" not in page and "Traceback" not in page and "ValueError" not in page


@pytest.mark.django_db
def test_a_kind_that_is_gone_fails_and_does_not_come_back(leader):
    row = Job.objects.create(kind="tests.gone", title="x", owner=leader)
    jobs.run(row.pk)
    row.refresh_from_db()
    assert row.state == STATE.FAILED


@pytest.mark.django_db
def test_long_words_are_cut_and_not_refused(work, leader, sent):
    row = jobs.start(KIND, leader, title="长" * 500)
    work.does = raising(jobs.JobFailed("长" * 500))
    jobs.run(row.pk)
    row.refresh_from_db()
    assert (len(row.title), len(row.error), row.state) == (120, 300, STATE.FAILED)


@pytest.mark.django_db
def test_parameters_are_read_anew_for_each_job(queued, work):
    work.does = lambda job: {"name": parameters.TOWNSHIP_NAME.on(datetime.date(2026, 7, 1))}
    assert parameters.TOWNSHIP_NAME.on(datetime.date(2026, 7, 1)) == "班庄镇"
    # As another process would write it: nothing here is told.
    parameters.ParameterValue.objects.bulk_create(
        [parameters.ParameterValue(key="township_name", value="海头镇", valid_from="2026-01-01")]
    )
    jobs.run(queued.pk)
    queued.refresh_from_db()
    assert queued.result == {"name": "海头镇"}


# --- Claimed once ------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_what_is_running_or_finished_is_not_done_again(queued, work):
    jobs.claim(queued.pk)
    jobs.run(queued.pk)
    assert work.done == []
    for state in (STATE.DONE, STATE.FAILED):
        Job.objects.filter(pk=queued.pk).update(state=state)
        jobs.run(queued.pk)
    assert work.done == []
    assert jobs.claim(10**9) is None


@pytest.mark.django_db(transaction=True)
def test_many_workers_do_a_job_once(queued, work):
    errors, ready = [], threading.Barrier(6)

    def worker():
        try:
            ready.wait(10)
            jobs.run(queued.pk)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (errors, work.done) == ([], [queued.pk])
    queued.refresh_from_db()
    assert (queued.state, queued.attempts) == (STATE.DONE, 1)


# --- Signs of life ------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_long_work_says_how_far_it_is_and_lives_while_it_reads_through_an_open_cursor(
    queued, sent, monkeypatch, villages, seen_elsewhere
):
    monkeypatch.setattr(jobs, "EVERY", 0.01)
    row, rows = jobs.claim(queued.pk), Job.objects.filter(pk=queued.pk)
    with jobs.telling(row, 900, "行") as tell:
        reading = Village.objects.iterator(chunk_size=1)
        next(reading)
        tell(300)
        assert seen_elsewhere(rows.filter(done=300, total=900, unit="行").exists)
        before = seen_elsewhere(rows.get).beats
        assert seen_elsewhere(rows.filter(beats__gt=before).exists)  # also when no more is done
        assert len(list(reading)) == 1
        tell(900)
    queued.refresh_from_db()
    assert queued.count == "900 / 900 行"


@pytest.mark.django_db(transaction=True)
def test_a_fault_ends_the_signs_of_life(queued, monkeypatch):
    monkeypatch.setattr(jobs, "EVERY", 0.01)
    row, before = jobs.claim(queued.pk), threading.active_count()
    with pytest.raises(ValueError, match="fault"), jobs.telling(row, 9, "行") as tell:
        tell(5)
        assert threading.active_count() == before + 1
        raise ValueError("fault")
    assert threading.active_count() == before


@pytest.mark.django_db
def test_it_is_said_once_a_second_however_often_it_is_told(queued, count_queries):
    row = jobs.claim(queued.pk)

    def work():
        with jobs.telling(row, 10_000, "行") as tell:
            for done in range(10_000):
                tell(done + 1)

    assert count_queries(work) == 2  # at its beginning and at its end
    queued.refresh_from_db()
    assert queued.done == 10_000


# --- No broker ---------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_without_a_broker_the_job_waits_and_is_sent_later(
    work, leader, monkeypatch, django_capture_on_commit_callbacks
):
    def refuse(name, args):
        raise ConnectionError("no broker")

    monkeypatch.setattr(app, "send_task", refuse)
    monkeypatch.setattr(jobs, "queue_length", lambda: None)
    with django_capture_on_commit_callbacks(execute=True):
        row = jobs.start(KIND, leader)
    assert Job.objects.get().state == STATE.QUEUED
    sweeper = Sweeper()
    assert [sweeper.sweep(0), sweeper.sweep(31)] == [0, 0]  # it does not answer
    back = []
    monkeypatch.setattr(app, "send_task", lambda name, args: back.append((name, args)))
    monkeypatch.setattr(jobs, "queue_length", lambda: 0)
    assert sweeper.sweep(32) == 1
    assert back == [(tasks.run_job.name, [row.pk])]


@pytest.mark.parametrize("listens", [False, True])
def test_a_broker_that_refuses_or_hangs_is_given_up_within_three_seconds(monkeypatch, settings, listens):
    """Kombu's own patience would keep the person waiting for the better part of a minute."""
    with socket.socket() as broker:
        broker.bind(("127.0.0.1", 0))
        if listens:
            broker.listen()
        settings.REDIS_URL = f"redis://127.0.0.1:{broker.getsockname()[1]}/0"
        other = Celery("other", set_as_current=False)
        other.conf.update(broker_settings(), task_publish_retry=app.conf.task_publish_retry)
        tried = []

        def send(name, args):
            tried.extend(args)
            other.send_task(name, args)
            tried.append("sent")

        monkeypatch.setattr(app, "send_task", send)
        waking = threading.Thread(target=jobs.wake, args=[1], daemon=True)
        waking.start()
        waking.join(3)
        assert not waking.is_alive()
        assert tried == [1]
        other.close()


# --- The page ----------------------------------------------------------------------------------------------
def test_the_owner_sees_how_far_it_is(queued, client, leader):
    row = jobs.claim(queued.pk)
    jobs.progress(row, 11, 19, "张表")
    client.force_login(leader)
    page = client.get(f"/jobs/{row.pk}/").content.decode()
    assert "11 / 19 张表" in page and 'aria-valuenow="57"' in page
    assert 'hx-trigger="every 1s"' in page and "<html" in page


def test_the_part_that_is_asked_for_again(queued, client, leader):
    client.force_login(leader)
    part = client.get(f"/jobs/{queued.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith(f'<div id="job-{queued.pk}" hx-get="/jobs/{queued.pk}/"')
    assert "<html" not in part


def test_a_finished_job_is_not_asked_for_again_and_leads_on(queued, work, client, leader):
    work.does = lambda job: {"said": "做好了。", "url": "/reports/", "link": "打开月报"}
    jobs.run(queued.pk)
    client.force_login(leader)
    part = client.get(f"/jobs/{queued.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "hx-get" not in part
    assert "做好了。" in part and '<a class="btn btn-primary" href="/reports/">打开月报</a>' in part


def test_nobody_else_sees_it(queued, organisation_office, village_cadre, outsider):
    """Not even its being there: as for a number that is none."""
    nobody = factories.UserFactory(username="wujuese")
    for user in (organisation_office, village_cadre, outsider, nobody):
        client = Client()
        client.force_login(user)
        for headers in ({}, {"HX-Request": "true"}):
            assert client.get(f"/jobs/{queued.pk}/", headers=headers).status_code == 404
    assert Client().get(f"/jobs/{queued.pk}/").status_code == 302
