"""导入: upload → preview → commit → undo. A batch is its owner's alone."""

import tempfile

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST

from banzhuang.core.clock import today

from .apply import ApplyRefused, UndoRefused, undo_batch
from .forms import UploadForm
from .grid import Refused
from .ledger import registry
from .models import ImportBatch
from .plan import make_plan
from .plan import may_import as may_import_ledger
from .preview import FILTERS, Preview, counters, strip, summary
from .staging import commit, discard, expire, stage

STEPS = [
    {"label": "上传", "state": "done"},
    {"label": "核对", "state": "now"},
    {"label": "提交", "state": ""},
]


def may_import(user) -> bool:
    """Whether the user may bring any ledger at all."""
    return any(may_import_ledger(user, ledger) for ledger in registry)


def imports(request):
    """Upload a ledger; below, the user's own batches."""
    if not may_import(request.user):
        raise PermissionDenied
    form = UploadForm(request.POST or None, request.FILES or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            batch = read_upload(request, form.cleaned_data)
        except Refused as refused:
            form.add_error("file", str(refused))
        else:
            return redirect("import_batch", batch.pk)
    page = Paginator(ImportBatch.objects.for_user(request.user), 20).get_page(request.GET.get("page"))
    for row in page:
        row.label = registry[row.kind].label if row.kind in registry else row.kind
    ledgers = [ledger for ledger in registry if may_import_ledger(request.user, ledger)]
    status = 422 if form.errors else 200
    return render(
        request, "ledgers/imports.html", {"form": form, "page": page, "ledgers": ledgers}, status=status
    )


def read_upload(request, data) -> ImportBatch:
    """Read, plan and stage the uploaded file; the file itself is not kept."""
    upload = data["file"]
    content = upload.read()
    with tempfile.NamedTemporaryFile(suffix=".upload") as file:
        file.write(content)
        file.flush()
        plan = make_plan(file.name, upload.name, request.user, today(), data["kind"])
    return stage(plan, upload.name, content)


def batch(request, pk):
    """The preview of a staged batch, or what became of it."""
    row = own_batch(request, pk)
    if row.state != ImportBatch.State.STAGED:
        return render(request, "ledgers/batch.html", {"batch": row, "ledger": registry[row.kind]})
    chosen = request.GET.get("show", "attention")
    if chosen not in FILTERS:
        chosen = "attention"
    page = Paginator(row.rows.filter(FILTERS[chosen]).order_by("position"), 100).get_page(
        request.GET.get("page")
    )
    return render(
        request,
        "ledgers/preview.html",
        {
            "batch": row,
            "ledger": registry[row.kind],
            "steps": STEPS,
            "chosen": chosen,
            "counters": counters(row, chosen),
            "columns": strip(row),
            "page": page,
            "query": f"show={chosen}&",
            "preview": Preview(row, page, request.user, today(), request.GET.get("columns") == "all"),
            "summary": summary(row),
            "valid": row.counts["new"] + row.counts["changed"],
            "aside_class": "aside-262",
        },
    )


def own_batch(request, pk) -> ImportBatch:
    """404 for another's batch; 403 when the right to its ledger has gone since. A day old, it is given up."""
    expire(timezone.now())
    row = get_object_or_404(ImportBatch.objects.for_user(request.user), pk=pk)
    if row.kind not in registry or not may_import_ledger(request.user, registry[row.kind]):
        raise PermissionDenied
    return row


@require_POST
def commit_batch(request, pk):
    row = own_batch(request, pk)
    try:
        commit(row, today(), request, all_or_nothing="all_or_nothing" in request.POST)
    except ApplyRefused as refused:
        messages.error(request, str(refused))
        return redirect("import_batch", pk)
    row.refresh_from_db()
    messages.success(request, mark_safe(render_to_string("ledgers/_committed.html", {"batch": row}, request)))
    return redirect("import_batch", pk)


@require_POST
def discard_batch(request, pk):
    row = own_batch(request, pk)
    if discard(row):
        messages.success(request, "已放弃这次导入，没有写入任何数据。")
        return redirect("imports")
    messages.error(request, f"这一批{row.get_state_display()}，不能再放弃。")
    return redirect("import_batch", pk)


@require_POST
def undo(request, pk):
    row = own_batch(request, pk)
    try:
        count = undo_batch(row, request.user, request)
    except UndoRefused as refused:
        messages.error(request, f"不能整批撤销：{'；'.join(refused.reasons[:5]).rstrip('。')}。")
    else:
        messages.success(request, f"已撤销，{count} 条数据恢复到导入前。")
    return redirect("import_batch", pk)
