"""The sweeper: jobs whose worker died or whose message was lost are brought back, by a clock that only goes forth."""

import datetime
import threading

import pytest
from django.utils import timezone

from banzhuang.celery import app
from banzhuang.core import jobs, pulses, sweeping, tasks
from banzhuang.core.models import Job, Pulse
from banzhuang.core.sweeping import Sweeper

from .conftest import KIND

STATE = Job.State


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
@pytest.mark.parametrize("length", [7, None])
def test_while_messages_wait_or_the_queue_is_away_none_is_sent_again(
    queued, sent, sweep, monkeypatch, length
):
    """They would be in the way of those that wait; a job whose worker died is brought back all the same."""
    monkeypatch.setattr(jobs, "queue_length", lambda: length)
    lost = Job.objects.create(kind=KIND, title="试做一件事", state=STATE.RUNNING, attempts=1)
    assert [sweep(seconds) for seconds in (0, 30, 60, 90)] == [0, 0, 1, 0]
    assert sent == [lost.pk]
    monkeypatch.setattr(jobs, "queue_length", lambda: 0)
    assert sweep(91) == 1
    assert sent[1:] == [queued.pk]


@pytest.mark.django_db
def test_of_a_long_queue_those_that_wait_longest_are_sent_again(work, leader, sent, sweep, monkeypatch):
    monkeypatch.setattr(sweeping, "MOST", 2)
    rows = [Job.objects.create(kind=KIND, title="试做一件事", owner=leader) for _ in range(3)]
    assert [sweep(0), sweep(30)] == [0, 2]
    assert sent == [row.pk for row in rows[:2]]
    jobs.claim(rows[2].pk)  # and those that are done are looked at however many wait
    assert [sweep(31), sweep(60), sweep(91)] == [0, 2, 3]


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
