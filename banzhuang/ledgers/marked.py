"""The uploaded workbook given back with its bad cells marked, to be mended in Excel and uploaded again."""

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.db.models import Q

from .findings import findings_of
from .ledger import registry
from .models import ImportBatch, StagedRow
from .reader import Child, refuse_size
from .reading.limits import MARKING_SECONDS
from .staging import problems_of

TOO_BIG = "文件太大，不能在原表上标出错误；按页面上列出的单元格修改，或分成几个文件再上传。"


class Marking(Child):
    module = "ledgers.reading.marking"
    seconds = MARKING_SECONDS
    too_slow = died = TOO_BIG


def mark_workbook(
    source: Path,
    file_name: str,
    problems: Sequence[dict],
    out: Path,
    header_rows: Mapping[str, Sequence[int]] | None = None,
) -> None:
    """Write `source` to `out` as .xlsx with its bad cells marked and a last column 错误说明.

    An .xlsx or .xlsm stays as it was uploaded, without its macros; other formats come back as their values, merged
    cells and widths. problems: as `staging.problems_of` gives them; header_rows: those of each sheet as Excel shows
    them, guessed when not given. Raises Refused with one sentence for the user.
    """
    refuse_size(source)
    asked = {"problems": list(problems), "header_rows": {k: list(v) for k, v in (header_rows or {}).items()}}
    with tempfile.TemporaryDirectory(prefix="banzhuang-marking-") as folder:
        with Marking(source, file_name, folder, given=json.dumps(asked).encode()) as child:
            for _ in child.messages():
                pass
        shutil.move(Path(folder, "marked.xlsx"), out)


def mark_batch(batch: ImportBatch, source: Path, out: Path) -> None:
    """`mark_workbook` with all the problems of a batch, be it waiting or committed."""
    mark_workbook(source, batch.file_name, problems_in(batch), out, batch.understanding["header_rows"])


def problems_in(batch: ImportBatch) -> list[dict]:
    """In file order; a committed batch has no rows any more, its problems were kept for a day."""
    if batch.state != ImportBatch.State.STAGED:
        return findings_of(batch).get("problems", [])
    bad = batch.rows.filter(Q(outcome=StagedRow.Outcome.INVALID) | Q(warned=True)).order_by("position")
    rows = ((row, json.loads(row.content)) for row in bad)
    return [problem for row in rows for problem in problems_of(registry[batch.kind], *row)]
