"""Exports from the portal: small ones in the request, large ones as a job whose file waits a day for its owner alone.

The rights are asked when the export is ordered, when its job writes it, and when its file is fetched. The file lies
encrypted; the link to it is signed for its owner and holds for ten minutes.
"""

import datetime
import io
import tempfile
from pathlib import Path

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import QueryDict

from banzhuang.accounts.audit import Action, clean, record
from banzhuang.core import jobs
from banzhuang.core.models import Job
from banzhuang.core.private_files import PrivateFolder

from .export import has_sensitive, may_export, may_reveal, write_ledger
from .ledger import Ledger, registry
from .listing import Asked, Selection, select

KIND = "ledgers.export"
IN_REQUEST_ROWS = 5_000
LINK_SECONDS = 10 * 60
KEPT_FOR = datetime.timedelta(days=1)
SALT = "banzhuang.ledgers.exporting"
NO_ROOM = "服务器现在存不下这个文件。告诉系统管理员磁盘已满，腾出空间后再导出。"
NO_RIGHT = "没有导出这种台账的权限，没有导出。"

files = PrivateFolder("exports")


def file_name(ledger: Ledger, day: datetime.date) -> str:
    return f"{ledger.label}{day.isoformat()}.xlsx"


def write(selection: Selection, out: Path, user, day: datetime.date, reason: str = "", request=None) -> int:
    """Write the file; → rows written. One event of the trail: write_ledger's for whole numbers, else this one."""
    count = write_ledger(selection.ledger, selection.rows, out, user, day, reason=reason)
    if not reason:
        masked = "（打码）" if has_sensitive(selection.ledger) else ""
        subject = f"{selection.ledger.label} {count} 行{masked}"
        record(Action.EXPORT, subject, user=user, request=request, filters=list(selection.words))
    return count


# --- As a job ------------------------------------------------------------------------------------------------------
def start(ledger: Ledger, request, reason: str) -> Job:
    """Queue the export of what the request's address narrows to; one that is under way is joined, not doubled."""
    arguments = {
        "ledger": ledger.kind,
        "query": request.GET.urlencode(),
        "day": request.as_of.isoformat(),
        "reason": clean(reason),
    }
    own = Job.objects.filter(kind=KIND, owner=request.user, arguments=arguments)
    if waiting := own.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).first():
        return waiting
    return jobs.start(KIND, request.user, f"导出{ledger.label}", **arguments)


def make(job: Job) -> dict:
    """What the job does, and its result: the file, and what must still hold when it is fetched. Raises JobFailed."""
    ledger, day = ledger_of(job), day_of(job)
    reason = job.arguments["reason"]
    if job.owner is None or not job.owner.is_active or not may_export(job.owner, ledger):
        raise jobs.JobFailed(NO_RIGHT)
    selection = select(ledger, Asked(job.owner, day, QueryDict(job.arguments["query"])))
    jobs.progress(job, 0, selection.rows.count(), "行")
    try:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, "ledger.xlsx")
            count = write(selection, out, job.owner, day, reason)
            name = files.keep(out.read_bytes())
    except PermissionDenied:
        raise jobs.JobFailed(NO_RIGHT) from None
    except OSError:
        raise jobs.JobFailed(NO_ROOM) from None
    return {"file": name, "rows": count, "words": list(selection.words), "scopes": job.owner.scopes()}


def ledger_of(job: Job) -> Ledger:
    return registry[job.arguments["ledger"]]


def may_fetch(user, job: Job) -> bool:
    """Whether the owner may still have what the file holds: the right, the numbers, and every place it was made for."""
    ledger = ledger_of(job)
    whole = bool(job.arguments["reason"])
    if not may_export(user, ledger) or (whole and not may_reveal(user, ledger)):
        return False
    return all(user.covers(scope) for scope in job.result.get("scopes", ()))


def link_key(job: Job) -> str:
    """What the link carries: it is the owner's and holds for LINK_SECONDS."""
    return signing.dumps([job.pk, job.owner_id], salt=SALT)


def link_holds(job: Job, key: str) -> bool:
    try:
        return signing.loads(key, salt=SALT, max_age=LINK_SECONDS) == [job.pk, job.owner_id]
    except signing.BadSignature:
        return False


def day_of(job: Job) -> datetime.date:
    return datetime.date.fromisoformat(job.arguments["day"])


def content_of(job: Job, now: datetime.datetime) -> io.BytesIO | None:
    """The file, None when it is gone."""
    content = files.read(job.result["file"]) if is_kept(job, now) else None
    return None if content is None else io.BytesIO(content)


def is_kept(job: Job, now: datetime.datetime) -> bool:
    """Whether the file is there still, and not older than a day."""
    name = job.result.get("file", "")
    fresh = job.finished_at is not None and now < job.finished_at + KEPT_FOR
    return bool(name) and fresh and (files.path / name).is_file()


def sweep(now: datetime.datetime) -> int:
    """Remove the files of a day ago; → how many went."""
    old = files.older_than(now - KEPT_FOR)
    for name in old:
        files.remove(name)
    return len(old)
