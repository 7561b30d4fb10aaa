"""运行情况: each line says what stands; the administrator is told of trouble without asking, and nobody else sees it."""

import datetime
import json
import os

import pytest
from celery import Celery
from django.utils import timezone

from banzhuang.accounts.audit import Action, record
from banzhuang.accounts.models import TrailEnd
from banzhuang.accounts.trail import seal_events
from banzhuang.core import disk, jobs, pulses, running
from banzhuang.core.backups.daily import LastBackup
from banzhuang.core.models import Job, Pulse
from banzhuang.core.running import BAD, NEAR, NONE, OK
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 7, 1, 2, 0, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def length(monkeypatch):
    """The queue answers with no message waiting."""
    monkeypatch.setattr(jobs, "queue_length", lambda: 0)


@pytest.fixture
def backed_up(monkeypatch):
    """backed_up(**facts): so the last backup ended."""

    def tell(**facts):
        monkeypatch.setattr(running, "last_backup", lambda: LastBackup(True, **facts))
        return of("每日备份")

    return tell


@pytest.fixture
def administrator(db):
    return factories.UserFactory(username="guanli", role="admin")


@pytest.fixture
def parts(tmp_path, settings):
    """parts(**facts of the worker): as supervise.py writes them."""
    settings.DATA_DIR = tmp_path

    def write(**facts):
        part = {
            "name": "后台任务",
            "pid": os.getpid(),
            "since": NOW.timestamp(),
            "restarts": 0,
            "last_end": None,
        }
        (tmp_path / "parts.json").write_text(json.dumps([part | facts]), "utf-8")
        return next(iter(running.parts(NOW)))

    return write


def of(label, now=NOW):
    (found,) = [finding for finding in running.findings(now) if finding.label == label]
    return found.state, found.text


def test_a_part_that_runs(parts):
    assert parts() == running.Finding("后台任务", OK, "运行中，07月01日 10:00:00 起")


@pytest.mark.parametrize(("hours", "state"), [(1, NEAR), (25, OK)])
def test_a_part_that_was_started_again(parts, hours, state):
    ended = NOW - datetime.timedelta(hours=hours)
    found = parts(restarts=3, last_end={"at": ended.timestamp(), "how": "被信号 9 结束"})
    assert found.state == state
    assert "自动重启 3 次" in found.note and "被信号 9 结束" in found.note


@pytest.mark.parametrize("pid", [None, 2**22 + 1])
def test_a_part_that_does_not_run(parts, pid):
    assert parts(pid=pid) == running.Finding("后台任务", BAD, "已停止，正在等待自动重启")


def test_parts_that_something_else_looks_after(tmp_path, settings):
    settings.DATA_DIR = tmp_path
    assert of("各部分") == (NONE, "不由平台自己看管")


def test_what_apps_add_stands_before_the_version():
    assert running.findings(NOW)[-1].label == "版本"


def test_a_queue_that_does_not_answer(monkeypatch):
    assert of("任务消息") == (OK, "0 条等待领取")
    monkeypatch.setattr(jobs, "queue_length", lambda: None)
    assert of("任务消息") == (BAD, "任务队列没有应答")


@pytest.mark.parametrize("label", ["任务巡查", "定时往返"])
def test_a_round_that_stands_still(label):
    assert of(label) == (NONE, "还没有记录")
    name = {"任务巡查": pulses.SWEEP, "定时往返": pulses.ROUND}[label]
    Pulse.objects.create(name=name, count=7, at=NOW)
    assert of(label, NOW + datetime.timedelta(seconds=179)) == (OK, "最近一次 2 分钟前，共 7 次")
    assert of(label, NOW + datetime.timedelta(minutes=3)) == (BAD, "最近一次 3 分钟前，共 7 次")


def test_the_job_that_waits_longest(leader):
    assert of("等待的任务") == (OK, "没有")
    for title in ("生成2026年6月月报", "导出干部花名册"):
        Job.objects.create(kind="x", title=title, owner=leader)
    now = timezone.now()
    assert of("等待的任务", now)[0] == OK
    later = now + datetime.timedelta(minutes=5)
    assert of("等待的任务", later) == (NEAR, "2 个，最早的“生成2026年6月月报”5 分钟前提交")


@pytest.mark.parametrize(("percent", "state"), [(84, OK), (85, NEAR), (95, BAD)])
def test_the_disk(monkeypatch, percent, state):
    monkeypatch.setattr(disk, "look", lambda: disk.Disk(percent * 2**30, (100 - percent) * 2**30))
    assert of("磁盘") == (state, f"已用 {percent}%，还可用 {100 - percent}.0 GB")


def test_the_database():
    assert of("数据库完整性") == (NONE, "还没有检查过")
    pulses.beat(pulses.INTEGRITY, sound=True, said="完好")
    assert of("数据库完整性")[0] == OK
    pulses.beat(pulses.INTEGRITY, sound=False, said="2nd reference to page 7")
    state, text = of("数据库完整性")
    assert state == BAD and text.startswith("有损坏")


def test_a_queue_is_asked_how_long_it_is(monkeypatch, tmp_path):
    """Of a transport of its own: what listens for this run may be gone, or have another's messages."""
    monkeypatch.undo()
    broker = Celery("other", set_as_current=False)
    monkeypatch.setattr(jobs, "current_app", broker)
    broker.conf.update(broker_url="memory://", task_publish_retry=False)
    with broker.connection_for_write() as connection:
        connection.SimpleQueue("celery").put({"number": 1})
    assert jobs.queue_length() == 1
    broker.conf.update(broker_url=f"redis+socket://{tmp_path}/nobody.sock")
    assert jobs.queue_length() is None


@pytest.mark.parametrize(("demo", "state"), [(True, NONE), (False, NEAR)])
def test_without_a_backup_only_a_demo_is_at_ease(settings, demo, state):
    settings.DEMO = demo
    assert of("每日备份") == (state, "没有设置")


def test_the_backup(backed_up):
    yesterday = NOW - datetime.timedelta(hours=20)
    assert backed_up() == (NEAR, "还没有做成过")
    good = {"file": "daily.backup", "bytes": 3 * 2**20}
    assert backed_up(at=yesterday, ok=True, good_at=yesterday, **good) == (
        OK,
        "最近一份 06月30日 14:00:00，3.0 MB",
    )
    long_ago = NOW - datetime.timedelta(hours=37)
    assert backed_up(at=long_ago, ok=True, good_at=long_ago, **good)[0] == BAD
    assert backed_up(at=yesterday, ok=False, why="盘没有挂上。") == (BAD, "上一次没有做成；还没有做成过")


def test_the_seals_of_the_trail():
    record(Action.PUBLISH, "试")
    now = timezone.now()
    assert of("审计封印", now) == (OK, "已封印 0 条，待封印 1 条")
    later = now + datetime.timedelta(minutes=10)
    assert of("审计封印", later) == (BAD, "1 条没有封印，最早的是10 分钟前的")
    seal_events()
    assert of("审计封印", later) == (OK, "已封印 1 条，待封印 0 条")
    TrailEnd.objects.update(events=0)
    assert of("审计封印", later)[0] == BAD


# --- The page ----------------------------------------------------------------------------------------------
def test_the_administrator_reads_it_and_checks_the_database(
    client, administrator, django_capture_on_commit_callbacks
):
    client.force_login(administrator)
    page = client.get("/running/").content.decode()
    assert "运行情况" in page and "数据库完整性" in page and "还没有检查过" in page
    assert client.post("/running/check/").status_code == 302
    job = Job.objects.get()
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.result["said"] == "数据库完好。"
    assert "完好，" in client.get("/running/").content.decode()


def test_trouble_stands_on_the_administrators_first_page_and_on_nobody_elses(
    client, administrator, leader, monkeypatch
):
    monkeypatch.setattr(disk, "look", lambda: disk.Disk(90, 10))
    client.force_login(administrator)
    assert "已用 90%" in client.get("/").content.decode()
    client.force_login(leader)
    assert "已用 90%" not in client.get("/").content.decode()


def test_others_do_not_see_it(client, leader, organisation_office, village_cadre):
    for user in (leader, organisation_office, village_cadre):
        client.force_login(user)
        assert client.get("/running/").status_code == 403
        assert client.post("/running/check/").status_code == 403
    assert not Job.objects.exists()
