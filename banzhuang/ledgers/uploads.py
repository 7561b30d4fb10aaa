"""The uploaded files themselves, for a day: to be read again when columns are matched by hand, and to come back marked.

They hold identity numbers: encrypted, in a private folder. Who may see the batch may see its file.
"""

import contextlib
import datetime
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.db import transaction

from banzhuang.core.private_files import PrivateFolder

from . import job_files
from .grid import Refused
from .models import ImportBatch

KEPT_FOR = datetime.timedelta(days=1)
GONE = "原文件只保存一天，已经删除。重新上传，再核对一次。"
NO_ROOM = "服务器现在存不下这个文件，没有读取。告诉系统管理员磁盘已满，腾出空间后再上传。"
FOLDER = PrivateFolder("uploads")


def keep(batch: ImportBatch, content: bytes) -> None:
    """Write the file and note its name on the batch. Refused, with a sentence, when there is no room for it."""
    try:
        batch.upload = FOLDER.keep(content)
    except OSError:
        raise Refused(NO_ROOM) from None
    batch.save(update_fields=["upload"])


def is_kept(batch: ImportBatch) -> bool:
    """Whether the file can still be read again and come back marked."""
    return bool(batch.upload) and (FOLDER.path / batch.upload).is_file()


def path_of(batch: ImportBatch) -> Path:
    """Where the encrypted file lies; Refused when it is gone."""
    if not is_kept(batch):
        raise Refused(GONE)
    return FOLDER.path / batch.upload


@contextlib.contextmanager
def opened(batch: ImportBatch) -> Iterator[Path]:
    """A decrypted copy of the file as it was uploaded, gone when the block ends. Refused when the file is gone."""
    content = FOLDER.read(batch.upload)
    if content is None:
        raise Refused(GONE)
    with tempfile.NamedTemporaryFile(suffix=".upload") as file:
        file.write(content)
        file.flush()
        yield Path(file.name)


def drop(batch: ImportBatch) -> None:
    """Remove the file once the surrounding transaction holds, what was found in it, and its marked copies."""
    if batch.upload:
        job_files.drop_made_of(batch.pk)
        name = batch.upload
        ImportBatch.objects.filter(pk=batch.pk).update(upload="", findings="")
        batch.upload = batch.findings = ""
        transaction.on_commit(lambda: FOLDER.remove(name))


def sweep(now: datetime.datetime) -> int:
    """Remove the files of a day ago, and those that no batch knows any more; → how many of the latter went."""
    limit = now - KEPT_FOR
    for batch in ImportBatch.objects.exclude(upload="").filter(created_at__lte=limit):
        drop(batch)
    old = FOLDER.older_than(limit)
    known = set(ImportBatch.objects.filter(upload__in=old).values_list("upload", flat=True))
    orphans = [name for name in old if name not in known]
    for name in orphans:
        FOLDER.remove(name)
    return len(orphans)
