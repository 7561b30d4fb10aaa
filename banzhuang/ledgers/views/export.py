"""导出台账: what a list page shows, as a ledger; the file of a large one; empty templates."""

import tempfile
from pathlib import Path

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from banzhuang.accounts.audit import Action, record
from banzhuang.core.clock import today
from banzhuang.core.models import Job

from .. import exporting, job_files, release
from ..export import Disclosure, has_sensitive, may_export, may_reveal
from ..export_forms import ExportForm
from ..ledger import Ledger, registry
from ..listing import Selection, list_url, select
from ..parameters import IN_REQUEST_ROWS
from ..plan import may_import
from ..standing import sources
from ..template import write_template
from .files import download, offer

LATER = "行数多，在后台做，做好列在首页的“通知”里；文件保存一天，只有本人能下载。"


def known(kind: str) -> Ledger:
    if kind not in registry:
        raise Http404
    return registry[kind]


@require_GET
def exports(request):
    """All ledgers that the user may export whole."""
    found = [ledger for ledger in registry if may_export(request.user, ledger)]
    if not found:
        raise PermissionDenied
    rows = [{"ledger": ledger, "template": may_import(request.user, ledger)} for ledger in found]
    return render(request, "ledgers/exports.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
def export(request, kind):
    """What would go out under the filters of the address; posted, the file itself, or the job that makes it."""
    ledger = known(kind)
    if not may_export(request.user, ledger):
        raise PermissionDenied
    selection = select(ledger, request)
    count, form = selection.rows.count(), None
    if may_reveal(request.user, ledger):
        left = release.whole_rows_left(request.user, today())
        form = ExportForm(request.POST or None, user=request.user, left=left)
    refusal = ""
    if request.method == "POST" and count and (form is None or form.is_valid()):
        try:
            return handed_out(request, selection, count, form.disclosure if form else None)
        except release.NotReleased as refused:
            refusal = str(refused)
    status = 422 if refusal or (form is not None and form.errors) else 200
    context = page_of(request, selection, count, form, refusal)
    return render(request, "ledgers/export.html", context, status=status)


def page_of(request, selection: Selection, count: int, form, refusal: str) -> dict:
    """refusal: of what was asked; what goes out in no way is said before anything is."""
    ledger, large = selection.ledger, count > IN_REQUEST_ROWS
    labels = [source.column.label for source in sources(ledger)]
    never = release.refusal(request.user, count, False, today())
    lead, stop, text = (refusal or never).partition("。")
    return {
        "ledger": ledger,
        "count": count,
        "words": selection.words,
        "columns": f"{len(labels)} 列：{'、'.join(labels)}。",
        "masked": has_sensitive(ledger),
        "form": form,
        "never": bool(never),
        "refusal": (lead + stop, text) if lead else None,
        "act": f"导出 {count} 行",
        "consequence": LATER if large else "导出记入审计。",
        "back": list_url(request, ledger.kind),
    }


def handed_out(request, selection: Selection, count: int, whole: Disclosure | None):
    """The file, or the page of the job that makes it. Raises release.NotReleased."""
    if whole is None and count > IN_REQUEST_ROWS:
        return redirect("job", exporting.start(selection, request).pk)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "ledger.xlsx")
        exporting.write(selection, out, request.user, request.as_of, whole, request)
        stream = out.open("rb")  # read on after its name is gone
    return download(stream, exporting.file_name(selection.ledger, request.as_of))


def own_file(request, pk) -> Job:
    """A finished export of one's own: 404 for another's, 403 when the right to what it holds has gone since."""
    rows = Job.objects.for_user(request.user).filter(kind=exporting.KIND, state=Job.State.DONE)
    job = get_object_or_404(rows, pk=pk)
    if not exporting.may_fetch(request.user, job):
        raise PermissionDenied
    return job


@require_GET
def export_file(request, pk):
    """The file that a job has made, with a link that holds for ten minutes."""
    job = own_file(request, pk)
    ledger = exporting.ledger_of(job)
    context = {"job": job, "ledger": ledger, "masked": has_sensitive(ledger), **offer(job)}
    return render(request, "ledgers/export_file.html", context)


@require_GET
def export_download(request, pk):
    job = own_file(request, pk)
    try:
        content = job_files.fetched(job, request.GET.get("key", ""), timezone.now())
    except job_files.NotFetched as why:
        messages.error(request, str(why))
        return redirect("export_file", pk)
    ledger, day = exporting.ledger_of(job), exporting.day_of(job)
    record(Action.EXPORT, f"下载导出的{ledger.label}", request=request, job=job.pk)
    return download(content, exporting.file_name(ledger, day))


@require_GET
def template(request, kind):
    """The empty form of a ledger, for whom may import it."""
    ledger = known(kind)
    if not may_import(request.user, ledger):
        raise PermissionDenied
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "template.xlsx")
        write_template(ledger, out, request.user, today())
        stream = out.open("rb")
    return download(stream, f"{ledger.label}（模板）.xlsx")
