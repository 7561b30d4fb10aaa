"""Exports from the portal: small ones in the request, large ones as a job whose file waits a day for its owner alone.

Whole numbers go out in the request alone: none lie on the server, and their password is kept nowhere.

The rights are asked when the export is ordered, when its job writes it, and when its file is fetched.
"""

import datetime
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.db import transaction
from django.http import QueryDict

from banzhuang.accounts.audit import Action, record
from banzhuang.accounts.models import User
from banzhuang.core import jobs
from banzhuang.core.clock import today
from banzhuang.core.models import Job

from . import job_files, release
from .export import Disclosure, has_sensitive, may_export, write_ledger
from .ledger import Ledger, registry
from .listing import Asked, Selection, select

KIND = "ledgers.export"
NO_RIGHT = "没有导出这种台账的权限，没有导出。"


def file_name(ledger: Ledger, day: datetime.date) -> str:
    return f"{ledger.label}{day.isoformat()}.xlsx"


def write(
    selection: Selection,
    out: Path,
    user,
    day: datetime.date,
    whole: Disclosure | None = None,
    request=None,
    hand_over: Callable[[Path], None] | None = None,
    tell: jobs.Tell | None = None,
) -> int:
    """Write the file; → rows written. One event of the trail: write_ledger's for whole numbers, else this one."""
    ledger, rows = selection.ledger, selection.rows
    count = write_ledger(ledger, rows, out, user, day, whole=whole, hand_over=hand_over, tell=tell)
    if whole is None:
        masked = "（脱敏）" if has_sensitive(selection.ledger) else ""
        subject = f"{selection.ledger.label} {count} 行{masked}"
        record(Action.EXPORT, subject, user=user, request=request, filters=list(selection.words))
    return count


# --- As a job ------------------------------------------------------------------------------------------------------
def start(selection: Selection, request) -> Job:
    """Queue the export, masked, of what the request's address narrows to; one that is under way is joined, not doubled.

    Raises release.NotReleased when so many rows may not go out.
    """
    ledger, count = selection.ledger, selection.rows.count()
    with release.recording_refusals(request.user, ledger.label, count, whole=False):
        release.judge(request.user, count, False, today())
    arguments = {
        "ledger": ledger.kind,
        "query": request.GET.urlencode(),
        "day": request.as_of.isoformat(),
    }
    with transaction.atomic():
        # One lock a person: two clicks at once are served one after the other.
        User.objects.select_for_update(no_key=True).get(pk=request.user.pk)
        own = Job.objects.filter(kind=KIND, owner=request.user, arguments=arguments)
        if waiting := own.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).first():
            return waiting
        return jobs.start(KIND, request.user, f"导出{ledger.label}", **arguments)


def make(job: Job) -> dict:
    """What the job does, and its result: the file, and what must still hold when it is fetched. Raises JobFailed."""
    ledger, day = ledger_of(job), day_of(job)
    if job.owner is None or not job.owner.is_active or not may_export(job.owner, ledger):
        raise jobs.JobFailed(NO_RIGHT)
    selection = select(ledger, Asked(job.owner, day, QueryDict(job.arguments["query"])))
    names: list[str] = []

    def keep(path: Path) -> None:
        names.append(job_files.files.keep(path.read_bytes()))

    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            jobs.telling(job, selection.rows.count(), "行") as tell,
        ):
            out = Path(folder, "ledger.xlsx")
            count = write(selection, out, job.owner, day, hand_over=keep, tell=tell)
    except release.NotReleased as refused:
        raise jobs.JobFailed(str(refused)) from None
    except OSError:
        raise jobs.JobFailed(job_files.NO_ROOM) from None
    return {"file": names[-1], "rows": count, "words": list(selection.words), "scopes": job.owner.scopes()}


def ledger_of(job: Job) -> Ledger:
    return registry[job.arguments["ledger"]]


def may_fetch(user, job: Job) -> bool:
    """Whether the owner may still have what the file holds: the right, and every place it was made for."""
    return may_export(user, ledger_of(job)) and all(
        user.covers(scope) for scope in job.result.get("scopes", ())
    )


def day_of(job: Job) -> datetime.date:
    return datetime.date.fromisoformat(job.arguments["day"])
