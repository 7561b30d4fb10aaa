"""From an uploaded file to a batch that waits for its owner: in the request when it is small, as a job when not.

How many rows a file has is known only when it has been read. A file above IN_REQUEST_BYTES is not read in the request
at all (2 000 rows of a ledger are some 200 kB); a smaller one is, and when it turns out to hold more than
IN_REQUEST_ROWS rows, as a tightly packed one may, the job reads it again. The request answers within a second.
"""

import tempfile

from django.db import transaction

from banzhuang.core import jobs
from banzhuang.core.models import Job

from . import uploads
from .apply import ApplyRefused
from .choosing import Chosen, Unmatched, likeliest_header
from .grid import Refused, WorkbookGrid
from .header import has_content
from .models import ImportBatch
from .plan import Plan, plan_facts, understand
from .reader import read_workbook
from .staging import Staging, Superseded, commit, receive, refuse_commit, restage
from .surroundings import surroundings
from .undo import UndoRefused, undo_batch

IN_REQUEST_ROWS = 2_000
IN_REQUEST_BYTES = 200 * 1024
READ, COMMIT, UNDO = "ledgers.read", "ledgers.commit", "ledgers.undo"  # kinds of jobs

State = ImportBatch.State


# --- Reading ------------------------------------------------------------------------------------------------
def take_in(owner, file_name: str, content: bytes, chosen: Chosen, day) -> ImportBatch:
    """The batch of an uploaded file: staged, to be matched by hand, or being read by a job.

    Raises Refused with one sentence when the file cannot be used at all; nothing is left of it then.
    """
    if len(content) > IN_REQUEST_BYTES:
        with transaction.atomic():
            batch = receive(owner, file_name, content, chosen)
            settle(batch, None)
        return batch
    with tempfile.NamedTemporaryFile(suffix=".upload") as file:
        file.write(content)
        file.flush()
        workbook = read_workbook(file.name, file_name)
    found = understood(workbook, file_name, owner, day, chosen)
    with transaction.atomic():
        batch = receive(owner, file_name, content, chosen)
        settle(batch, found)
    return batch


def read_again(batch: ImportBatch, chosen: Chosen, day) -> None:
    """Read the kept file of a waiting batch as a person says. Raises Refused; the batch then stays as it was."""
    with uploads.opened(batch) as path:
        large = path.stat().st_size > IN_REQUEST_BYTES
        workbook = None if large else read_workbook(path, batch.file_name)
    found = None if large else understood(workbook, batch.file_name, batch.owner, day, chosen)
    with transaction.atomic():
        locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if locked.busy or locked.state not in {State.STAGED, State.UNMATCHED}:
            raise Refused("这一批正在处理，或已经处理完，不能再改列的对应。")
        locked.state, locked.chosen, locked.job = State.READING, chosen.as_json(), None
        locked.save(update_fields=["state", "chosen", "job"])
        settle(locked, found)


def understood(workbook: WorkbookGrid, file_name: str, owner, day, chosen: Chosen) -> Plan | Unmatched | None:
    """What a small file says, worked out before anything is locked; None when it has too many rows for a request.

    Raises Refused.
    """
    try:
        plan = understand(workbook, file_name, owner, day, chosen)
    except Unmatched as unmatched:
        refuse_empty(workbook)
        return unmatched
    if len(plan.facts) > IN_REQUEST_ROWS:
        return None
    plan.planned = plan_facts(plan.ledger, plan.facts, plan.context, plan.setting)
    return plan


def refuse_empty(workbook: WorkbookGrid) -> None:
    """A file without a single value: there is nothing to be matched by hand."""
    if not any(has_content(row) for sheet in workbook.sheets for row in sheet.rows):
        raise Refused("文件里没有内容。打开看一看是不是选错了，换一个。")


def settle(batch: ImportBatch, found: Plan | Unmatched | None) -> None:
    """Make of a batch that is being read what was found in its file; None: a worker is to find it."""
    if found is None:
        start(batch, READ, f"读取 {batch.file_name}")
    elif isinstance(found, Unmatched):
        leave_unmatched(batch, found)
    else:
        restage(batch, found)


def leave_unmatched(batch: ImportBatch, unmatched: Unmatched) -> None:
    """Nothing was found: say so, and offer the headers of each sheet to be matched by hand."""
    said = Chosen.from_json(batch.chosen).header
    headers = [likeliest_header(sheet, said) for sheet in unmatched.workbook.sheets if not sheet.hidden]
    columns = {header: index for found in headers for index, header in found.items()}
    batch.understanding = {
        "sheets": [],
        "columns": {},
        "strip": [{"index": index, "header": header, "key": ""} for header, index in columns.items()],
        **surroundings(unmatched.workbook, []),
        "forms": [],
        "remembered": "",
    }
    batch.kind = batch.chosen.get("kind", "")
    batch.state, batch.error = State.UNMATCHED, str(unmatched)
    with transaction.atomic():
        if ImportBatch.objects.select_for_update().get(pk=batch.pk).state != State.READING:
            raise Superseded
        batch.save(update_fields=["understanding", "kind", "state", "error"])
        batch.rows.all().delete()


def read_large(batch: ImportBatch, job: Job, day) -> str:
    """What a job does: read the kept file and stage it chunk by chunk; → the sentence for its owner.

    Nothing of it is seen before the end. A worker that was killed leaves rows that no page shows; the next removes
    them. Raises Refused, Superseded.
    """
    if batch.state != State.READING:
        raise Superseded
    with uploads.opened(batch) as path:
        workbook = read_workbook(path, batch.file_name)
    try:
        plan = understand(workbook, batch.file_name, batch.owner, day, Chosen.from_json(batch.chosen))
    except Unmatched as unmatched:
        leave_unmatched(batch, unmatched)
        return str(unmatched)
    total = len(plan.facts)
    staging = Staging(batch, plan, holds=jobs.held(job).exists)
    staging.begin()

    def after_chunk(planned):
        staging.add(planned)
        jobs.progress(job, staging.findings.tally["all"], total, "行")

    jobs.progress(job, 0, total, "行")
    plan.planned = plan_facts(plan.ledger, plan.facts, plan.context, plan.setting, after_chunk)
    staging.finish()
    return f"“{batch.file_name}”已读完，共 {total} 行，可以核对。"


# --- Writing, and taking back -------------------------------------------------------------------------------
def commit_or_start(
    batch: ImportBatch, day, revision: int, all_or_nothing: bool = False, request=None
) -> bool:
    """Write the batch now, or queue it when it is large; → whether it has been written. Raises ApplyRefused.

    However many clicks there are, one of them writes.
    """
    with transaction.atomic():
        locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if locked.busy:
            raise ApplyRefused("这一批正在写入，不用再提交。")
        refuse_commit(locked, revision, all_or_nothing)
        if locked.counts["rows"] > IN_REQUEST_ROWS:
            wishes = {"revision": revision, "all_or_nothing": all_or_nothing}
            start(locked, COMMIT, f"写入 {batch.file_name}", **wishes)
            return False
    commit(batch, day, request, all_or_nothing, revision)
    return True


def commit_large(batch: ImportBatch, job: Job, day) -> None:
    """What a job does; done again after its worker was killed it writes nothing twice. Raises ApplyRefused."""
    if batch.state == State.COMMITTED:
        return
    done = 0

    def after_chunk(planned):
        nonlocal done
        done += len(planned)
        jobs.progress(job, done, batch.counts["rows"], "行")

    wishes = job.arguments
    commit(batch, day, None, wishes["all_or_nothing"], wishes["revision"], after_chunk)


def undo_or_start(batch: ImportBatch, user, request=None) -> int | None:
    """Take the batch back now → rows, or queue it when it is large → None. Raises UndoRefused."""
    with transaction.atomic():
        locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if locked.busy:
            raise UndoRefused(["这一批正在撤销，不用再点"])
        if locked.state == State.COMMITTED and locked.counts["rows"] > IN_REQUEST_ROWS:
            start(locked, UNDO, f"撤销 {batch.file_name}")
            return None
    return take_back(batch, user, request)


def take_back(batch: ImportBatch, user, request=None) -> int:
    """Take the batch back, its file too; done again after its worker was killed it does nothing. Raises UndoRefused."""
    if batch.state == State.UNDONE and request is None:
        return 0
    rows = undo_batch(batch, user, request)
    uploads.drop(batch)
    return rows


def start(batch: ImportBatch, kind: str, title: str, **wishes) -> None:
    """Queue work on the batch; within the transaction that says what the batch waits for."""
    batch.job = jobs.start(kind, batch.owner, title, batch=batch.pk, **wishes)
    batch.save(update_fields=["job"])
