"""运行情况: what runs unseen, each with its state in words, for the system administrator and for who is called at night.

Apps of the frame declare further checks: `running.registry.register(Check("trail", look))`.
"""

import datetime
import json
import os
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import django
from django.conf import settings
from django.db import connection
from django.utils import timezone

from . import disk, jobs, pulses
from .backups.daily import last_backup
from .models import Job
from .registry import Registry

QUIET = datetime.timedelta(minutes=3)  # after which what should give a sign each minute is missed
WAITS = datetime.timedelta(minutes=2)  # after which a queued job waits long
RECENT = datetime.timedelta(days=1)
OK, NEAR, BAD, NONE = "ok", "near", "bad", "none"


@dataclass(frozen=True)
class Finding:
    """One line: what, its state (ok, near, bad, none), the fact, and what to do or what is behind it."""

    label: str
    state: str
    text: str
    note: str = ""


@dataclass(frozen=True)
class Check:
    """`look(now)` → its lines. `waits`: on another program's answer, so it is no part of a first page. `order`: small
    ones stand first."""

    code: str
    look: Callable[[datetime.datetime], Iterator[Finding]]
    waits: bool = False
    order: int = 0


registry: Registry[Check] = Registry()


def findings(now: datetime.datetime) -> list[Finding]:
    checks = sorted(registry, key=lambda check: check.order)
    return [finding for check in checks for finding in check.look(now)]


def troubles(now: datetime.datetime) -> list[Finding]:
    """What the administrator is told without asking."""
    quick = (finding for check in registry.of(waits=False) for finding in check.look(now))
    return [finding for finding in quick if finding.state in {NEAR, BAD}]


def ago(moment: datetime.datetime, now: datetime.datetime) -> str:
    """8 秒前, 12 分钟前, 3 小时前, 2 天前."""
    seconds = max(0, int((now - moment).total_seconds()))
    for size, unit in ((86400, "天"), (3600, "小时"), (60, "分钟")):
        if seconds >= size:
            return f"{seconds // size} {unit}前"
    return f"{seconds} 秒前"


def clock(moment: datetime.datetime) -> str:
    return f"{timezone.localtime(moment):%m月%d日 %H:%M:%S}"


# --- The parts ------------------------------------------------------------------------------------------
def parts(now) -> Iterator[Finding]:
    """Web, jobs, timetable and queue, as supervise.py last wrote."""
    try:
        stands = json.loads((settings.DATA_DIR / "parts.json").read_text("utf-8"))
    except (OSError, ValueError):
        yield Finding("各部分", NONE, "不由平台自己看管", "网页、后台任务和定时任务由本机的服务管理看管。")
        return
    for part in stands:
        yield part_finding(part, now)


def part_finding(part: dict, now: datetime.datetime) -> Finding:
    note = ""
    if part["last_end"]:
        ended = datetime.datetime.fromtimestamp(part["last_end"]["at"], datetime.UTC)
        how = part["last_end"]["how"]
        note = f"启动以来自动重启 {part['restarts']} 次，上次 {clock(ended)} 停止（{how}），原因见数据目录的 logs。"
        recent = now - ended < RECENT
    if not part["pid"] or not lives(part["pid"]):
        return Finding(part["name"], BAD, "已停止，正在等待自动重启", note)
    since = clock(datetime.datetime.fromtimestamp(part["since"], datetime.UTC))
    return Finding(part["name"], NEAR if note and recent else OK, f"运行中，{since} 起", note)


def lives(pid: int) -> bool:
    if os.name == "nt":  # there the question would end it
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's
        return True
    return True


# --- Work in the background -----------------------------------------------------------------------------
def queue(now) -> Iterator[Finding]:
    length = jobs.queue_length()
    if length is None:
        yield Finding(
            "任务消息",
            BAD,
            "任务队列没有应答",
            "提交的任务留在数据库里，队列恢复后自动办理。",
        )
    else:
        yield Finding("任务消息", OK, f"{length} 条等待领取")


def rounds(now) -> Iterator[Finding]:
    for name, label, what in (
        (pulses.SWEEP, "任务巡查", "后台任务每 10 秒找一次中断和漏办的任务。"),
        (pulses.ROUND, "定时往返", "定时任务每分钟发一次消息，由后台任务办理：表示三个部分都在动。"),
    ):
        last = pulses.last(name)
        if last is None:
            yield Finding(label, NONE, "还没有记录", what)
        else:
            state = OK if now - last.at < QUIET else BAD
            yield Finding(label, state, f"最近一次 {ago(last.at, now)}，共 {last.count} 次", what)


def waiting_jobs(now) -> Iterator[Finding]:
    waiting = Job.objects.filter(state=Job.State.QUEUED)
    oldest = waiting.order_by("pk").first()
    running = Job.objects.filter(state=Job.State.RUNNING).count()
    failed = Job.objects.filter(state=Job.State.FAILED, finished_at__gt=now - RECENT).count()
    note = f"进行中 {running} 个；一天内未完成 {failed} 个。"
    if oldest is None:
        yield Finding("等待的任务", OK, "没有", note)
    else:
        state = NEAR if now - oldest.created_at > WAITS else OK
        text = f"{waiting.count()} 个，最早的“{oldest.title}”{ago(oldest.created_at, now)}提交"
        yield Finding("等待的任务", state, text, note)


# --- What everything stands on --------------------------------------------------------------------------
def room(now) -> Iterator[Finding]:
    found = disk.look()
    day = timezone.localdate(now)
    state = BAD if found.full else NEAR if found.near else OK
    text = f"已用 {found.percent}%，还可用 {found.free / 2**30:.1f} GB"
    limits = f"用到 {disk.NEAR.on(day)}% 提醒，{disk.FULL.on(day)}% 暂停上传和导出，登记照常。"
    yield Finding("磁盘", state, text, limits)


def integrity(now) -> Iterator[Finding]:
    found = pulses.last(pulses.INTEGRITY)
    if found is None:
        yield Finding("数据库完整性", NONE, "还没有检查过", "每天 4:07 检查一次。")
    elif found.facts["sound"]:
        yield Finding("数据库完整性", OK, f"完好，{clock(found.at)} 检查", "每天 4:07 检查一次。")
    else:
        yield Finding(
            "数据库完整性",
            BAD,
            f"有损坏，{clock(found.at)} 查出",
            f"停止平台，从最近的备份恢复，见部署手册第八节。数据库说：{found.facts['said']}",
        )


def backup(now) -> Iterator[Finding]:
    last = last_backup()
    if not last.configured:
        how = "设好口令和文件夹后，每天 2:30 备份一次，见部署手册第八节。"
        yield Finding("每日备份", NONE if settings.DEMO else NEAR, "没有设置", how)
        return
    good = f"最近一份 {clock(last.good_at)}，{last.bytes / 2**20:.1f} MB" if last.good_at else "还没有做成过"
    if last.at and not last.ok:
        yield Finding("每日备份", BAD, f"上一次没有做成；{good}", last.why)
    else:
        late = BAD if last.good_at else NEAR
        yield Finding("每日备份", late if last.is_late(now) else OK, good, last.file)


def version(now) -> Iterator[Finding]:
    programs = f"Python {platform.python_version()}，Django {django.get_version()}，{database_name()}"
    yield Finding("版本", NONE, settings.VERSION, programs)


def database_name() -> str:
    """SQLite 3.40.1, PostgreSQL 18.1."""
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        return f"SQLite {'.'.join(map(str, connection.Database.sqlite_version_info))}"
    major, minor = divmod(connection.pg_version, 10_000)
    return f"PostgreSQL {major}.{minor}"


registry.register(
    Check("parts", parts),
    Check("queue", queue, waits=True),
    Check("rounds", rounds),
    Check("jobs", waiting_jobs),
    Check("disk", room),
    Check("integrity", integrity),
    Check("backup", backup),
    Check("version", version, order=1),
)
