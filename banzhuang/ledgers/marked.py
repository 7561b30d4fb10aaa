"""The uploaded workbook given back with its bad cells marked, to be mended in Excel and uploaded again.

Opening and saving a workbook as it is takes openpyxl a second for a thousand rows: that of a large file is made by a job.
"""

import json
import math
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from banzhuang.core import jobs
from banzhuang.core.models import Job

from . import job_files, receiving, uploads
from .findings import findings_of
from .grid import Refused
from .ledger import registry
from .models import ImportBatch, StagedRow
from .plan import may_import
from .reader import Child, refuse_size
from .reading.limits import MARKING_SECONDS, MARKING_STEPS, SECONDS
from .staging import problems_of
from .watermark import watermark

KIND = "ledgers.mark"
IN_REQUEST_SECONDS = SECONDS
STATES = (ImportBatch.State.STAGED, ImportBatch.State.COMMITTED)  # of batches that have a marked workbook
TOO_BIG = "文件太大，不能在原表上标出错误；按页面上列出的单元格修改，或分成几个文件再上传。"
NO_RIGHT = "没有导入这种台账的权限，没有标注。"
NO_LONGER = "这一批已放弃、已撤销，或列的对应又改过，没有标注。"


class Marking(Child):
    module = "ledgers.reading.marking"
    too_slow = died = TOO_BIG

    def __init__(self, path, filename: str, folder: str, seconds: float, given: bytes):
        super().__init__(path, filename, folder, str(math.ceil(seconds)), given=given)
        self.seconds = seconds


def mark_workbook(
    source: Path,
    file_name: str,
    problems: Sequence[dict],
    out: Path,
    header_rows: Mapping[str, Sequence[int]] | None = None,
    mark: str = "",
    seconds: float = MARKING_SECONDS,
    tell: jobs.Tell | None = None,
) -> None:
    """Write `source` to `out` as .xlsx with its bad cells marked and a last column 错误说明.

    An .xlsx or .xlsm stays as it was uploaded, without its macros; other formats come back as their values, merged
    cells and widths. problems: as `staging.problems_of` gives them; header_rows: those of each sheet as Excel shows
    them, guessed when not given; mark: who has it made, on every sheet; seconds: of the processor that it may take;
    tell: is told each of MARKING_STEPS that is done. Raises Refused with one sentence for the user.
    """
    refuse_size(source)
    header_rows = {name: list(rows) for name, rows in (header_rows or {}).items()}
    asked = {"problems": list(problems), "header_rows": header_rows, "mark": mark}
    with tempfile.TemporaryDirectory(prefix="banzhuang-marking-") as folder:
        with Marking(source, file_name, folder, seconds, json.dumps(asked).encode()) as child:
            for _, step in child.messages():
                if tell:
                    tell(step)
        shutil.move(Path(folder, "marked.xlsx"), out)


def mark_batch(batch: ImportBatch, source: Path, out: Path, **further) -> None:
    """`mark_workbook` with all the problems of a batch, be it waiting or committed; further: seconds, tell."""
    mark, header_rows = watermark(batch.owner), batch.understanding["header_rows"]
    mark_workbook(source, batch.file_name, problems_in(batch), out, header_rows, mark, **further)


def problems_in(batch: ImportBatch) -> list[dict]:
    """In file order; a committed batch has no rows any more, its problems were kept for a day."""
    if batch.state == ImportBatch.State.STAGED:
        found = problems_staged(batch)
        batch.refresh_from_db(fields=["state", "findings"])  # committed meanwhile, its rows were gone already
    if batch.state == ImportBatch.State.STAGED:
        return found
    return findings_of(batch).get("problems", [])


def problems_staged(batch: ImportBatch) -> list[dict]:
    bad = batch.rows.filter(Q(outcome=StagedRow.Outcome.INVALID) | Q(warned=True)).order_by("position")
    rows = ((row, json.loads(row.content)) for row in bad)
    return [problem for row in rows for problem in problems_of(registry[batch.kind], *row)]


# --- As a job ------------------------------------------------------------------------------------------------
def is_large(batch: ImportBatch, source: Path) -> bool:
    """Whether it is left to a job: by the limits that reading has."""
    return (
        batch.counts["rows"] > receiving.IN_REQUEST_ROWS or source.stat().st_size > receiving.IN_REQUEST_BYTES
    )


def arguments_of(batch: ImportBatch) -> dict:
    """Read again, a batch has other problems: what was marked before does not count any more."""
    return {"batch": batch.pk, "revision": batch.revision}


def job_of(batch: ImportBatch) -> Job | None:
    """The job that has marked the batch as it is, or does, or was last to fail in it."""
    jobs_of_it = Job.objects.filter(kind=KIND, owner=batch.owner_id, arguments=arguments_of(batch))
    return jobs_of_it.order_by("-pk").first()


def start(batch: ImportBatch) -> Job:
    """Queue the marking; a job under way, or one whose file is there still, is joined."""
    with transaction.atomic():
        locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        found = job_of(locked)
        if found and (not found.finished or job_files.is_kept(found, timezone.now())):
            return found
        return jobs.start(KIND, batch.owner, f"标注 {batch.file_name}", **arguments_of(locked))


def make(job: Job, batch: ImportBatch) -> str:
    """What the job does; → the name of the file among job_files. Raises JobFailed."""
    owner = batch.owner
    if not owner.is_active or batch.kind not in registry or not may_import(owner, registry[batch.kind]):
        raise jobs.JobFailed(NO_RIGHT)
    refuse_overtaken(job, batch)
    try:
        with (
            uploads.opened(batch) as source,
            tempfile.TemporaryDirectory() as folder,
            jobs.telling(job, MARKING_STEPS, "步") as tell,
        ):
            out = Path(folder, "marked.xlsx")
            mark_batch(batch, source, out, tell=tell)
            content = out.read_bytes()
        batch.refresh_from_db()
        refuse_overtaken(job, batch)
        return job_files.files.keep(content)
    except Refused as refused:
        raise jobs.JobFailed(str(refused)) from None
    except OSError:
        raise jobs.JobFailed(job_files.NO_ROOM) from None


def refuse_overtaken(job: Job, batch: ImportBatch) -> None:
    if batch.state not in STATES or arguments_of(batch) != job.arguments:
        raise jobs.JobFailed(NO_LONGER)
