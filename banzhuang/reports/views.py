"""The archive of monthly workbooks: list, make, look into, download, publish, compare."""

import io

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from banzhuang.accounts.audit import Action, record
from banzhuang.core.access import may
from banzhuang.core.clock import today
from banzhuang.core.models import Job
from banzhuang.core.templatetags.portal import full_day, moment, state_word
from banzhuang.ledgers.listing import may_export_any

from . import making
from .forms import MonthForm
from .frozen import thaw
from .models import MonthlyWorkbook
from .models.monthly import PublishedIsFrozen
from .official import write_official_workbook
from .tasks import KIND, start_month

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DIFFERENCES_SHOWN, ISSUES_A_PAGE = 500, 24


def seen(request, pk) -> MonthlyWorkbook:
    """The workbook, if the user may see it; else 404."""
    rows = MonthlyWorkbook.objects.for_user(request.user).select_related("made_by", "published_by")
    return get_object_or_404(rows, pk=pk)


def refuse_without(user, act: str) -> None:
    if not may(user, act, MonthlyWorkbook):
        raise PermissionDenied


def month_form(request, data=None) -> MonthForm | None:
    """None for whom may not make a workbook, by right or because the scope holds no whole township."""
    if not may(request.user, "add", MonthlyWorkbook):
        return None
    form = MonthForm(data, user=request.user, day=today())
    return form if form.fields["township"].choices else None


@require_GET
def archive(request):
    """All issues the user may see, newest first; who may make one finds the form above."""
    refuse_without(request.user, "view")
    rows = MonthlyWorkbook.objects.for_user(request.user).select_related("made_by", "published_by")
    rows = rows.without_content().order_by("-month", "-correction", "scope_code")
    page = Paginator(rows, ISSUES_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "table": issues_table(page),
        "form": month_form(request),
        "may_export": may_export_any(request.user),
        "job": Job.objects.filter(kind=KIND, owner=request.user, state__in=["queued", "running"]).first(),
    }
    return render(request, "reports/archive.html", context)


def issues_table(issues) -> dict:
    """Rows of the archive for components/table.html."""
    rows = []
    for issue in issues:
        state = (
            {"state": "done", "text": "已发布"} if issue.is_published else {"state": "none", "text": "未发布"}
        )
        published = f"{issue.published_by.name} {moment(issue.published_at)}" if issue.is_published else ""
        cells = [
            {"text": str(issue), "url": issue.get_absolute_url()},
            {"text": full_day(issue.as_of), "label": "数据截至"},
            state,
            {"text": f"{issue.made_by.name} {moment(issue.made_at)}", "label": "编制"},
            {"text": published, "label": "发布"} if published else {"text": ""},
            {"text": "下载", "url": reverse("workbook_download", args=[issue.pk])},
        ]
        rows.append({"cells": cells})
    columns = [{"label": label} for label in ("期号", "数据截至", "状态", "编制", "发布", "文件")]
    return {"caption": "月度工作簿", "columns": columns, "rows": rows}


@require_POST
def make_month(request):
    """Queues the making; the job's page then follows its progress."""
    form = month_form(request, request.POST)
    if form is None:
        raise PermissionDenied
    if not form.is_valid():
        messages.error(request, "没有这个月份或镇。从列表里选一个再生成。")
        return redirect("reports")
    job = start_month(form.cleaned_data["township"], form.cleaned_data["month"], request.user)
    return redirect("job", pk=job.pk)


@require_GET
def workbook(request, pk):
    """One issue: what its contents say, who made and published it, its checksum, its sheets one by one."""
    found = seen(request, pk)
    context = {
        "workbook": found,
        "cover": making.cover_of(found),
        "table": contents_table(found),
        "checksum": " ".join(found.sha256[at : at + 16] for at in range(0, 64, 16)),
        "may_publish": not found.is_published and may(request.user, "change", MonthlyWorkbook),
        "form": month_form(request),
    }
    return render(request, "reports/workbook.html", context)


def contents_table(workbook) -> dict:
    """The contents of an issue for components/table.html; a sheet's name downloads that sheet alone."""
    rows = []
    for number, sheet in enumerate(workbook.content["sheets"], start=1):
        state = (
            {"state": sheet["state"], "text": state_word(sheet["state"])} if sheet["state"] else {"text": "—"}
        )
        cells = [
            {"text": sheet["name"], "url": reverse("workbook_sheet", args=[workbook.pk, number])},
            {"text": sheet["office"]},
            {"text": sheet["highlight"]},
            state,
        ]
        rows.append({"cells": cells})
    columns = [{"label": label} for label in ("工作表", "责任单位", "本月要点", "状态")]
    return {"caption": "工作簿的目录", "columns": columns, "rows": rows}


@require_GET
def download(request, pk):
    """The file as it was made; one that was lost or damaged is written again from the frozen figures."""
    found = seen(request, pk)
    if found.file_is_whole():
        stream = found.file.open("rb")
    else:
        stream = io.BytesIO()
        making.write_file(found, stream)
        stream.seek(0)
    record(
        Action.EXPORT,
        f"下载 {found.download_name}",
        request=request,
        scope_code=found.scope_code,
        sha256=found.sha256,
    )
    return FileResponse(stream, as_attachment=True, filename=found.download_name, content_type=XLSX)


@require_GET
def download_sheet(request, pk, number):
    """One table of the issue as a file of its own; `number` counts as in the contents, from 1."""
    found = seen(request, pk)
    entries = thaw(found.content["sheets"])
    if not 1 <= number <= len(entries):
        raise Http404
    entry = entries[number - 1]
    name = f"{entry.name} {found.download_name}"
    stream = io.BytesIO()
    write_official_workbook(stream, [(entry.name, entry.table)])
    stream.seek(0)
    record(Action.EXPORT, f"下载 {name}", request=request, scope_code=found.scope_code)
    return FileResponse(stream, as_attachment=True, filename=name, content_type=XLSX)


@require_http_methods(["GET", "POST"])
def publish(request, pk):
    """Asks, then freezes the month. A second click on a published one changes nothing."""
    found = seen(request, pk)
    refuse_without(request.user, "change")
    if found.is_published:
        return redirect(found)
    if request.method == "GET":
        changes = making.corrections(found)
        return render(request, "reports/publish.html", {"workbook": found, "changes": len(changes)})
    try:
        making.publish(found, request.user)
    except making.MonthRefused as refusal:
        messages.error(request, str(refusal))
    except PublishedIsFrozen:
        pass
    else:
        messages.success(request, f"{found}已发布，数据冻结。")
    return redirect(found)


@require_GET
def differences(request, pk):
    """What a 更正 issue says otherwise than the issue it corrects."""
    found = seen(request, pk)
    changes = making.corrections(found)
    context = {
        "workbook": found,
        "before": found.predecessor(),
        "count": len(changes),
        "changes": changes[:DIFFERENCES_SHOWN],
    }
    return render(request, "reports/differences.html", context)
