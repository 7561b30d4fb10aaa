"""Progress of a job: a page, and the part of it that is asked for again while it runs."""

from django.shortcuts import get_object_or_404, render

from .models import Job


def job(request, pk):
    row = get_object_or_404(Job.objects.for_user(request.user), pk=pk)
    template = "core/_job.html" if request.htmx else "core/job.html"
    return render(request, template, {"job": row})
