"""The clock's own backup, and how the last one ended: kept beside the data, where a restore does not take it back."""

import contextlib
import datetime
import json
import logging
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from . import BackupRefused, passphrase, signals
from .making import SUFFIX, Made, make, remove_halves, stamp_of
from .rotation import PREFIX, rotate

log = logging.getLogger(__name__)

STATE = "last-backup.json"
LATE = datetime.timedelta(hours=36)
NOT_MOUNTED = "备份文件夹 {folder} 不在：多半是盘没有挂上，没有备份到别处。挂上那块盘，或建好这个文件夹。"
FAULT = "备份时出错，没有做成。原因见 worker.log；手工运行一次 manage backup 看提示。"


@dataclass(frozen=True)
class LastBackup:
    """How the last backup ended.

    configured: whether the clock makes any (a passphrase stands in the settings) · at: when it was tried last, None for
    never · ok · why: the sentence, "" when ok · file, bytes: of the last that came to be · good_at: when that was.
    """

    configured: bool
    at: datetime.datetime | None = None
    ok: bool = False
    why: str = ""
    file: str = ""
    bytes: int = 0
    good_at: datetime.datetime | None = None

    def is_late(self, now: datetime.datetime) -> bool:
        """Whether the data has been without a fresh backup for longer than a night explains."""
        return self.good_at is None or now - self.good_at > LATE


def last_backup() -> LastBackup:
    """For whoever shows it: never raises, asks no database."""
    configured = passphrase.is_configured()
    with contextlib.suppress(
        OSError, ValueError, TypeError, AttributeError
    ):  # none yet, or damaged: as if there were none
        state = json.loads((settings.DATA_DIR / STATE).read_text(encoding="utf-8"))
        times = {
            name: datetime.datetime.fromisoformat(state[name])
            for name in ("at", "good_at")
            if state.get(name)
        }
        return LastBackup(configured, **{**state, "good_at": None, **times})
    return LastBackup(configured)


def note(now: datetime.datetime, made: Made | None, why: str = "") -> None:
    """Keep how a backup ended; one that failed leaves what is known of the last good one."""
    last = last_backup()
    good = (made.path.name, made.bytes, now) if made else (last.file, last.bytes, last.good_at)
    state = {"at": now.isoformat(), "ok": made is not None, "why": why, "file": good[0], "bytes": good[1]}
    state["good_at"] = good[2].isoformat() if good[2] else None
    with tempfile.NamedTemporaryFile("w", dir=settings.DATA_DIR, delete=False, encoding="utf-8") as file:
        json.dump(state, file, ensure_ascii=False)
    os.replace(file.name, settings.DATA_DIR / STATE)


def run(now: datetime.datetime) -> Made | None:
    """Make the day's backup, and delete old ones once it is there; None when none is wanted or it failed.

    Of a failure there is a line in the log, `last_backup()`, and the signal `failed`, by which people are told.
    """
    if not passphrase.is_configured():
        return None
    folder = Path(settings.BACKUPS_DIR)
    try:
        if not folder.exists() and folder.parent != settings.DATA_DIR:
            raise BackupRefused(NOT_MOUNTED.format(folder=folder))
        made = make(folder / f"{PREFIX}{stamp_of(now)}{SUFFIX}", passphrase.configured(), now)
        note(now, made)
    except BackupRefused as refused:
        fail(now, str(refused))
    except OSError as fault:
        log.exception("daily backup failed")
        fail(now, f"写备份时出错（{fault.strerror}）。核对 {folder} 所在的盘是否接好、是否写满。")
    except Exception:
        log.exception("daily backup failed")
        fail(now, FAULT)
    else:
        forget_old(folder, now)
        return made
    return None


def forget_old(folder: Path, now: datetime.datetime) -> None:
    try:
        rotate(folder, timezone.localdate(now))
        for place in (folder, settings.DATA_DIR):
            remove_halves(place, now)
    except OSError:
        log.exception("old backups not deleted")
        fail(now, f"备份已做成，旧的备份却删不掉。核对 {folder} 的权限，盘满以前手工删去最旧的。")


def fail(now: datetime.datetime, why: str) -> None:
    log.error("daily backup: %s", why)
    signals.failed.send_robust(None, why=why, now=now)
    try:
        note(now, None, why)
    except OSError:  # `is_late` will say it
        log.exception("how the backup ended could not be written down")
