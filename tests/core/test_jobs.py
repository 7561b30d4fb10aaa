"""Jobs: started, claimed once, done or failed with a sentence, and brought back when a worker or a message is lost."""

import datetime
import logging
import socket
import threading

import pytest
from celery import Celery
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from banzhuang.celery import app, broker_settings
from banzhuang.core import jobs, parameters, pulses, sweeping, tasks
from banzhuang.core.models import Job, Pulse
from banzhuang.core.sweeping import Sweeper
from tests import factories
from villages.models import Village

KIND = "tests.work"
STATE = Job.State


@pytest.fixture
def work():
    """What the jobs of these tests do: `work.does = function of one Job`; `work.done` lists the jobs it did."""

    class Work:
        def __init__(self):
            self.done, self.does = [], lambda job: {"said": "做好了。"}

        def __call__(self, job):
            self.done.append(job.pk)
            return self.does(job)

    made = Work()
    jobs.KINDS[KIND] = ("试做一件事", made)
    yield made
    del jobs.KINDS[KIND]


@pytest.fixture
def sent(monkeypatch):
    """The numbers of the jobs a message was sent for."""
    numbers = []
    monkeypatch.setattr(app, "send_task", lambda name, args: numbers.append(*args))
    return numbers


@pytest.fixture
def queued(work, leader):
    return Job.objects.create(kind=KIND, title="试做一件事", owner=leader)


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


# --- Lost and brought back ---------------------------------------------------------------------------------
@pytest.fixture
def sweep():
    """sweep(seconds) → how many jobs were sent again when the sweeper looked at that moment of its clock."""
    return Sweeper().sweep


@pytest.mark.django_db
def test_a_job_whose_worker_died_is_brought_back_and_done(queued, work, sent, sweep):
    jobs.claim(queued.pk)
    assert [sweep(seconds) for seconds in (5, 64, 65)] == [0, 0, 1]
    assert sent == [queued.pk]
    jobs.run(queued.pk)
    queued.refresh_from_db()
    assert (queued.state, queued.attempts) == (STATE.DONE, 2)


@pytest.mark.django_db
def test_a_job_whose_message_was_lost_is_sent_again_and_once_more(queued, sent, sweep):
    assert [sweep(seconds) for seconds in (0, 29, 30, 59, 60)] == [0, 0, 1, 0, 1]
    assert sent == [queued.pk] * 2


@pytest.mark.django_db
def test_a_job_that_gives_signs_of_life_is_left_alone(queued, sent, sweep):
    row = jobs.claim(queued.pk)
    for seconds in range(0, 600, 59):
        assert sweep(seconds) == 0
        jobs.progress(row, 1, 2)
    assert sent == []


@pytest.mark.django_db
@pytest.mark.parametrize("hours", [-1, 1])
def test_the_clock_of_the_machine_changes_nothing(queued, sent, sweep, time_machine, hours):
    row = jobs.claim(queued.pk)
    sweep(0)
    time_machine.move_to(timezone.now() + datetime.timedelta(hours=hours))
    assert sweep(1) == 0
    jobs.progress(row, 1, 2)
    assert [sweep(seconds) for seconds in (59, 118, 119)] == [0, 0, 1]


@pytest.mark.django_db
def test_another_sweeper_begins_to_watch_when_it_begins(queued, sent):
    jobs.claim(queued.pk)
    first, second = Sweeper(), Sweeper()
    assert [first.sweep(0), second.sweep(59), first.sweep(60)] == [0, 0, 1]
    assert second.sweep(61) == 0  # it waits in the queue now


@pytest.mark.django_db
def test_of_a_long_queue_those_that_wait_longest_are_sent_again(work, leader, sent, sweep, monkeypatch):
    monkeypatch.setattr(sweeping, "MOST", 2)
    rows = [Job.objects.create(kind=KIND, title="试做一件事", owner=leader) for _ in range(3)]
    assert [sweep(0), sweep(30)] == [0, 2]
    assert sent == [row.pk for row in rows[:2]]


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


@pytest.mark.django_db
def test_after_three_deaths_it_is_given_up_with_a_sentence(queued, sent, sweep):
    for hour in range(3):
        assert jobs.claim(queued.pk)
        sweep(hour * 3600)
        sweep(hour * 3600 + 60)
    queued.refresh_from_db()
    assert (queued.state, queued.attempts, len(sent)) == (STATE.FAILED, 3, 2)
    assert queued.error == "处理多次中断，没有完成，也没有写入任何数据。"


@pytest.mark.django_db
def test_finished_jobs_are_not_swept(queued, sent, sweep):
    jobs.run(queued.pk)
    assert [sweep(0), sweep(86400)] == [0, 0]
    assert sent == []


@pytest.mark.django_db
def test_a_worker_thought_dead_that_comes_back_writes_nothing(queued, sent, sweep):
    """Slow, not dead: meanwhile the job is another worker's."""
    slow = jobs.claim(queued.pk)
    sweep(0)
    sweep(60)
    jobs.progress(slow, 5, 9)
    jobs.finish(slow, STATE.DONE, result={"said": "旧的"})
    second = jobs.claim(queued.pk)
    jobs.finish(slow, STATE.FAILED, error="旧的")
    jobs.finish(second, STATE.DONE, result={"said": "新的"})
    queued.refresh_from_db()
    assert (queued.state, queued.result, queued.error, queued.done) == (STATE.DONE, {"said": "新的"}, "", 0)


@pytest.mark.django_db(transaction=True)
def test_a_worker_sweeps_by_itself_and_says_so_until_it_ends(queued, sent, monkeypatch, seen_elsewhere):
    monkeypatch.setattr(sweeping, "EVERY", 0.01)
    monkeypatch.setattr(sweeping, "FORGOTTEN_AFTER", 0.0)
    sweeping.begin()
    assert seen_elsewhere(Pulse.objects.filter(name=pulses.SWEEP, count__gt=2).exists)
    threads = [thread for thread in threading.enumerate() if thread.name == "sweeper"]
    sweeping.end()
    for thread in threads:
        thread.join(10)
    assert len(threads) == 1 and not threads[0].is_alive()
    assert queued.pk in sent


@pytest.mark.django_db
def test_the_round_of_the_timetable_is_no_heap_for_a_worker_that_was_away():
    entry = app.conf.beat_schedule["round"]
    assert (entry["task"], entry["options"]) == (tasks.make_round.name, {"expires": 50})
    tasks.make_round()
    tasks.make_round()
    assert pulses.last(pulses.ROUND).count == 2


# --- No broker ---------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_without_a_broker_the_job_waits_and_is_sent_later(
    work, leader, monkeypatch, django_capture_on_commit_callbacks
):
    def refuse(name, args):
        raise ConnectionError("no broker")

    monkeypatch.setattr(app, "send_task", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        row = jobs.start(KIND, leader)
    assert Job.objects.get().state == STATE.QUEUED
    sweeper = Sweeper()
    assert [sweeper.sweep(0), sweeper.sweep(31)] == [0, 1]  # tried again, in vain
    back = []
    monkeypatch.setattr(app, "send_task", lambda name, args: back.append((name, args)))
    assert sweeper.sweep(62) == 1
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
