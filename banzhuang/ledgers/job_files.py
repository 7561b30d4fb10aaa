"""Files that jobs have made, each for the job's owner alone and for a day: its name is the `file` of the job's result.

A file lies encrypted; the link to it is signed for its owner and holds for ten minutes.
"""

import datetime
import io

from django.core import signing
from django.db import transaction

from banzhuang.core.models import Job
from banzhuang.core.private_files import PrivateFolder

LINK_SECONDS = 10 * 60
KEPT_FOR = datetime.timedelta(days=1)
SALT = "banzhuang.ledgers.job_files"
NO_ROOM = "服务器现在存不下这个文件。告诉系统管理员磁盘已满，腾出空间后再做一次。"
LINK_IS_OLD = "下载链接已过期。在这里重新下载。"
GONE = "文件只保存一天，已经删除。在这里重新做一份。"

files = PrivateFolder("exports")


class NotFetched(Exception):
    """Why a file is not handed out, in one sentence."""


def link_key(job: Job) -> str:
    """What the link carries: it is the owner's and holds for LINK_SECONDS."""
    return signing.dumps([job.pk, job.owner_id], salt=SALT)


def link_holds(job: Job, key: str) -> bool:
    try:
        return signing.loads(key, salt=SALT, max_age=LINK_SECONDS) == [job.pk, job.owner_id]
    except signing.BadSignature:
        return False


def is_kept(job: Job, now: datetime.datetime) -> bool:
    """Whether the file is there still, and not older than a day."""
    name = job.result.get("file", "")
    fresh = job.finished_at is not None and now < job.finished_at + KEPT_FOR
    return bool(name) and fresh and (files.path / name).is_file()


def fetched(job: Job, key: str, now: datetime.datetime) -> io.BytesIO:
    """The file, for whom may have it (the caller has asked). Raises NotFetched."""
    if not link_holds(job, key):
        raise NotFetched(LINK_IS_OLD)
    content = files.read(job.result["file"]) if is_kept(job, now) else None
    if content is None:
        raise NotFetched(GONE)
    return io.BytesIO(content)


def drop_made_of(batch: int) -> None:
    """Remove what jobs have made of a batch, once the surrounding transaction holds."""
    made = Job.objects.filter(arguments__batch=batch, result__has_key="file")
    for name in made.values_list("result__file", flat=True):
        transaction.on_commit(lambda name=name: files.remove(name))


def sweep(now: datetime.datetime) -> int:
    """Remove the files of a day ago; → how many went."""
    old = files.older_than(now - KEPT_FOR)
    for name in old:
        files.remove(name)
    return len(old)
