"""导入: upload a ledger; the history of one's own batches."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode

from banzhuang.core.clock import today

from ..choosing import Chosen
from ..forms import HistoryForm, UploadForm
from ..grid import Refused
from ..ledger import registry
from ..models import ImportBatch
from ..plan import may_import as may_import_ledger
from ..receiving import take_in
from ..staging import expire

BATCHES_A_PAGE = 20


def may_import(user) -> bool:
    """Whether the user may bring any ledger at all."""
    return any(may_import_ledger(user, ledger) for ledger in registry)


def imports(request):
    """Upload a ledger; below, the user's own batches."""
    if not may_import(request.user):
        raise PermissionDenied
    form = UploadForm(request.POST or None, request.FILES or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        upload, chosen = form.cleaned_data["file"], Chosen(form.cleaned_data["kind"])
        try:
            batch = take_in(request.user, upload.name, upload.read(), chosen, today())
        except Refused as refused:
            form.add_error("file", str(refused))
        else:
            return redirect("import_batch", batch.pk)
    expire(timezone.now())
    history = HistoryForm(request.GET, user=request.user)
    context = {
        "form": form,
        "history": history,
        "page": page_of_batches(request, history),
        "query": urlencode(history.wishes) + "&" if history.wishes else "",
        "ledgers": [ledger for ledger in registry if may_import_ledger(request.user, ledger)],
    }
    return render(request, "ledgers/imports.html", context, status=422 if form.errors else 200)


def page_of_batches(request, history):
    rows = history.narrowed(ImportBatch.objects.for_user(request.user))
    page = Paginator(rows.select_related("job"), BATCHES_A_PAGE).get_page(request.GET.get("page"))
    for row in page:
        row.label = registry[row.kind].label if row.kind in registry else "未认出"
    return page
