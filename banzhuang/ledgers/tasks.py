"""Jobs and Celery tasks of imports and exports: large files are read and written by a worker, old ones given up by the clock."""

from celery import shared_task
from django.urls import reverse
from django.utils import timezone

from banzhuang.core import jobs
from banzhuang.core.clock import today
from banzhuang.core.models import Job

from . import exporting, job_files, marked
from .apply import ApplyRefused
from .grid import Refused
from .models import ImportBatch
from .receiving import COMMIT, READ, UNDO, commit_large, read_large, take_back
from .staging import Superseded, expire, fail
from .undo import UndoRefused

NO_LONGER = "这一批已放弃，或已经读过，没有再读。"


@jobs.job(READ, "读取台账")
def read_batch(job: Job) -> dict:
    """Arguments: batch. What cannot be read is a sentence at the batch and at the job."""
    batch = batch_of(job)
    try:
        return result(batch, read_large(batch, job, today()), "去核对")
    except Superseded:
        return result(batch, NO_LONGER, "看这一批")
    except Refused as refused:
        if not fail(batch, str(refused)):
            return result(batch, NO_LONGER, "看这一批")
        raise jobs.JobFailed(str(refused)) from None


@jobs.job(COMMIT, "写入台账")
def commit_batch(job: Job) -> dict:
    """Arguments: batch, revision, all_or_nothing. What is refused leaves the batch as it was."""
    batch = batch_of(job)
    try:
        commit_large(batch, job, today())
    except ApplyRefused as refused:
        raise jobs.JobFailed(str(refused)) from None
    return result(batch, f"“{batch.file_name}”已写入。", "看这一批")


@jobs.job(UNDO, "撤销导入")
def undo_batch(job: Job) -> dict:
    """Arguments: batch. What stands against it leaves the batch as it was."""
    batch = batch_of(job)
    try:
        take_back(batch, batch.owner)
    except UndoRefused as refused:
        raise jobs.JobFailed(f"不能整批撤销：{str(refused).rstrip('。')}。") from None
    return result(batch, f"“{batch.file_name}”已撤销。", "看这一批")


@jobs.job(exporting.KIND, "导出台账")
def export_rows(job: Job) -> dict:
    """Arguments: ledger, query and day of the list."""
    made = exporting.make(job)
    said = f"{made['rows']} 行已导出，文件保存一天，只有本人能下载。"
    return made | {"said": said, "url": reverse("export_file", args=[job.pk]), "link": "去下载"}


@jobs.job(marked.KIND, "标注台账")
def mark_batch(job: Job) -> dict:
    """Arguments: batch, revision. The file goes when the uploaded one does."""
    batch = batch_of(job)
    name = marked.make(job, batch)
    said = f"“{batch.file_name}”的标注表已做好，只有本人能下载。"
    return {"file": name, "said": said, "url": reverse("import_marked", args=[batch.pk]), "link": "去下载"}


def batch_of(job: Job) -> ImportBatch:
    return ImportBatch.objects.select_related("owner").get(pk=job.arguments["batch"])


def result(batch: ImportBatch, said: str, link: str) -> dict:
    return {"said": said, "url": reverse("import_batch", args=[batch.pk]), "link": link}


@shared_task(name="ledgers.expire_imports")
def expire_imports():
    expire(timezone.now())
    job_files.sweep(timezone.now())
