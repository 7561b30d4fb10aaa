"""Workbooks that go to the browser, at once or from where a job has left them."""

from django.http import FileResponse
from django.utils import timezone

from banzhuang.core.models import Job

from .. import job_files

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(stream, name: str) -> FileResponse:
    return FileResponse(stream, as_attachment=True, filename=name, content_type=XLSX)


def offer(job: Job) -> dict:
    """For ledgers/_job_file.html: whether the file of a finished job is there, and its link."""
    return {
        "kept": job_files.is_kept(job, timezone.now()),
        "until": job.finished_at and job.finished_at + job_files.KEPT_FOR,
        "key": job_files.link_key(job),
        "minutes": job_files.LINK_SECONDS // 60,
    }
