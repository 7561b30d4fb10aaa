"""Progress of a job: a page, and the part of it that is asked for again while it runs; and 运行情况.

The page that a finished job leads to may itself show the progress: it is then loaded anew.
"""

from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from . import jobs, running
from .access import may
from .models import Job, Pulse
from .tasks import CHECK


def job(request, pk):
    row = get_object_or_404(Job.objects.for_user(request.user), pk=pk)
    template = "core/_job.html" if request.htmx else "core/job.html"
    response = render(request, template, {"job": row})
    if request.htmx and row.finished and row.result.get("url") == path_of(request.htmx.current_url):
        response["HX-Refresh"] = "true"
    return response


def path_of(url: str | None) -> str:
    return urlsplit(url or "").path


def state_of_portal(request):
    """运行情况, for the system administrator."""
    if not may(request.user, "view", Pulse):
        raise PermissionDenied
    now = timezone.now()
    rows = [
        {
            "cells": [
                {"text": finding.label},
                {"text": finding.text, "state": finding.state},
                {"text": finding.note},
            ]
        }
        for finding in running.findings(now)
    ]
    columns = [{"label": label} for label in ("项目", "情况", "说明")]
    table = {"caption": "运行情况", "columns": columns, "rows": rows}
    return render(request, "core/running.html", {"table": table, "now": now})


@require_POST
def check_database(request):
    if not may(request.user, "view", Pulse):
        raise PermissionDenied
    return redirect("job", jobs.start(CHECK, request.user).pk)
