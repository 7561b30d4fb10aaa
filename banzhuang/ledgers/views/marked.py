"""The uploaded workbook back, with its bad cells marked."""

import io
import tempfile
from pathlib import Path

from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from banzhuang.accounts.audit import Action, record

from .. import uploads
from ..grid import Refused
from ..marked import mark_batch
from ..models import ImportBatch
from .batch import own_batch

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
State = ImportBatch.State


@require_GET
def marked(request, pk):
    """The file of a batch that waits, or was committed within the day, as it was uploaded, with what is wrong in it."""
    row = own_batch(request, pk)
    if row.state not in {State.STAGED, State.COMMITTED}:
        messages.error(request, f"这一批{row.get_state_display()}，没有标注表。")
        return redirect("import_batch", pk)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "marked.xlsx")
        try:
            with uploads.opened(row) as source:
                mark_batch(row, source, out)
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect("import_batch", pk)
        content = io.BytesIO(out.read_bytes())
    name = f"{Path(row.file_name).stem}（标注）.xlsx"
    record(Action.EXPORT, f"下载 {name}", request=request, batch=row.pk)
    return FileResponse(content, as_attachment=True, filename=name, content_type=XLSX)
