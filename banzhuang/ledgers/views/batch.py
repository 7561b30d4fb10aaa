"""One batch: its progress, its preview, what became of it; commit, give up, undo. It is its owner's alone."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST

from banzhuang.core.clock import today

from .. import uploads
from ..apply import ApplyRefused
from ..findings import findings_of
from ..ledger import registry
from ..models import ImportBatch
from ..plan import may_import
from ..preview import FILTERS, Preview, counters, letters_of, page_of, strip, strip_words
from ..receiving import IN_REQUEST_ROWS, commit_or_start, undo_or_start
from ..staging import discard, expire
from ..undo import UndoRefused, objections

State = ImportBatch.State
STEPS = [
    {"label": "上传", "state": "done"},
    {"label": "核对", "state": "now"},
    {"label": "提交", "state": ""},
]


def own_batch(request, pk) -> ImportBatch:
    """404 for another's batch; 403 when the right to its ledger has gone since. A day old, it is given up."""
    expire(timezone.now())
    rows = ImportBatch.objects.for_user(request.user).select_related("job", "owner")
    row = get_object_or_404(rows, pk=pk)
    if row.kind and (row.kind not in registry or not may_import(request.user, registry[row.kind])):
        raise PermissionDenied
    return row


def batch(request, pk):
    """What a batch waits for, or what became of it."""
    row = own_batch(request, pk)
    if row.busy:
        return render(request, "ledgers/progress.html", {"batch": row, "job": row.job, "steps": STEPS})
    if row.state == State.UNMATCHED:
        return redirect("import_match", row.pk)
    if row.state == State.STAGED:
        return render(request, "ledgers/preview.html", preview_of(request, row))
    context = {"batch": row, "ledger": registry.get(row.kind), "kept": uploads.is_kept(row)}
    if row.state == State.COMMITTED:
        context["checked"] = row.counts["rows"] <= IN_REQUEST_ROWS or "check" in request.GET
        context["objections"] = objections(row) if context["checked"] else []
    return render(request, "ledgers/batch.html", context)


def preview_of(request, row: ImportBatch) -> dict:
    """One page of the staged rows, and what was counted of all of them."""
    chosen, everything = request.GET.get("show", "attention"), request.GET.get("columns") == "all"
    if chosen not in FILTERS:
        chosen = "attention"
    found, wide = findings_of(row), "&columns=all" if everything else ""
    page, columns = page_of(row, chosen, found["tally"], request.GET.get("page")), strip(row)
    return {
        "batch": row,
        "ledger": registry[row.kind],
        "steps": STEPS,
        "chosen": chosen,
        "counters": counters(found["tally"], chosen, wide),
        "columns": columns,
        "columns_note": strip_words(columns),
        "page": page,
        "query": f"show={chosen}{wide}&",
        "preview": Preview(row, page, request.user, today(), everything, found["common"]),
        "summary": with_letters(found["summary"], row),
        "valid": row.counts["new"] + row.counts["changed"],
        "kept": uploads.is_kept(row),
        "failed": row.job is not None and row.job.error,
        "aside_class": "aside-262",
    }


def with_letters(summary: list[dict], row: ImportBatch) -> list[dict]:
    letters = letters_of(row)
    return [item | {"letter": letters.get(item["key"], "")} for item in summary]


@require_POST
def commit_batch(request, pk):
    row = own_batch(request, pk)
    revision = request.POST.get("revision", "")
    try:
        written = commit_or_start(
            row,
            today(),
            int(revision) if revision.isascii() and revision.isdigit() else row.revision,
            all_or_nothing="all_or_nothing" in request.POST,
            request=request,
        )
    except ApplyRefused as refused:
        messages.error(request, str(refused))
        return redirect("import_batch", pk)
    if written:
        row.refresh_from_db()
        words = render_to_string("ledgers/_committed.html", {"batch": row}, request)
        messages.success(request, mark_safe(words))
    return redirect("import_batch", pk)


@require_POST
def discard_batch(request, pk):
    row = own_batch(request, pk)
    if discard(row):
        messages.success(request, "已放弃这次导入，没有写入任何数据。")
        return redirect("imports")
    row.refresh_from_db()
    messages.error(request, f"这一批{row.get_state_display()}，不能再放弃。")
    return redirect("import_batch", pk)


@require_POST
def undo(request, pk):
    row = own_batch(request, pk)
    try:
        count = undo_or_start(row, request.user, request)
    except UndoRefused as refused:
        messages.error(request, f"不能整批撤销：{'；'.join(refused.reasons[:5]).rstrip('。')}。")
    else:
        if count is not None:
            messages.success(request, f"已撤销，{count} 条数据恢复到导入前。")
    return redirect("import_batch", pk)
