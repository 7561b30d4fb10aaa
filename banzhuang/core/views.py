"""Progress of a job: a page, and the part of it that is asked for again while it runs.

The page that a finished job leads to may itself show the progress: it is then loaded anew.
"""

from urllib.parse import urlsplit

from django.shortcuts import get_object_or_404, render

from .models import Job


def job(request, pk):
    row = get_object_or_404(Job.objects.for_user(request.user), pk=pk)
    template = "core/_job.html" if request.htmx else "core/job.html"
    response = render(request, template, {"job": row})
    if request.htmx and row.finished and row.result.get("url") == path_of(request.htmx.current_url):
        response["HX-Refresh"] = "true"
    return response


def path_of(url: str | None) -> str:
    return urlsplit(url or "").path
