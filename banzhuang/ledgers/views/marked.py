"""The uploaded workbook back, with its bad cells marked: a small one at once, a large one made by a job."""

import io
import tempfile
from pathlib import Path

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from banzhuang.accounts.audit import Action, record

from .. import job_files, marked, uploads
from ..grid import Refused
from ..models import ImportBatch
from .batch import own_batch
from .files import download, offer


@require_http_methods(["GET", "POST"])
def marked_workbook(request, pk):
    """Of a batch that waits, or was committed within the day. Posted: the file itself, or the job that makes it;
    else how far that job is, and its file."""
    row = own_batch(request, pk)
    if row.state not in marked.STATES:
        messages.error(request, f"这一批{row.get_state_display()}，没有标注表。")
        return redirect("import_batch", pk)
    if request.method == "POST":
        return order(request, row)
    job = marked.job_of(row)
    if job is None:
        return redirect("import_batch", pk)
    until = row.created_at + uploads.KEPT_FOR  # it goes with the file that it was made of
    context = {"batch": row, "job": job, "source": uploads.is_kept(row), **offer(job), "until": until}
    return render(request, "ledgers/marked.html", context)


def order(request, row: ImportBatch):
    try:
        with uploads.opened(row) as source, tempfile.TemporaryDirectory() as folder:
            if marked.is_large(row, source):
                marked.start(row)
                return redirect("import_marked", row.pk)
            out = Path(folder, "marked.xlsx")
            marked.mark_batch(row, source, out, seconds=marked.IN_REQUEST_SECONDS)
            content = io.BytesIO(out.read_bytes())
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("import_batch", row.pk)
    return handed_out(request, row, content)


@require_GET
def marked_download(request, pk):
    row = own_batch(request, pk)
    job = marked.job_of(row)
    if row.state not in marked.STATES or job is None:
        return redirect("import_marked", pk)
    try:
        content = job_files.fetched(job, request.GET.get("key", ""), timezone.now())
    except job_files.NotFetched as why:
        messages.error(request, str(why))
        return redirect("import_marked", pk)
    return handed_out(request, row, content)


def handed_out(request, row: ImportBatch, content: io.BytesIO):
    name = f"{Path(row.file_name).stem}（标注）.xlsx"
    record(Action.EXPORT, f"下载 {name}", request=request, batch=row.pk)
    return download(content, name)
