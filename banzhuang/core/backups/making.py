"""Making a backup: the database as it is at one moment, then the files that its rows speak of, in one sealed file."""

import contextlib
import datetime
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connections
from django.utils import timezone

from .. import photos
from . import BackupRefused, sealed, signals
from .archive import archiving
from .facts import Facts, keys_fit
from .postgresql import Postgresql
from .room import need_room
from .sqlite import Sqlite

PROGRAM = "banzhuang"
SUFFIX = ".backup"
MEDIA = "media"
# What is there for a day at most and can be had again is left out: photos of a form not yet sent, and the private
# folders (uploads, exports), which are no part of media/.
LEFT_OUT = {photos.WAITING}
NO_DATABASE = "数据目录里没有数据库，没有什么可备份。核对 --data。"
OTHER_KEYS = (
    "portal.env 里的密钥读不出数据库里的身份证号，这样的备份恢复后也读不出，没有做。"
    "核对 portal.env 是不是这个数据目录的，放回原来的密钥再备份。"
)


@dataclass(frozen=True)
class Made:
    """missing: how many files rows speak of that are not on the disk."""

    path: Path
    bytes: int
    rows: int
    files: int
    missing: int


def database():
    """How the portal's database is copied and put back."""
    connection = connections["default"]
    return Sqlite(connection) if connection.vendor == "sqlite" else Postgresql(connection)


def stamp_of(moment: datetime.datetime) -> str:
    """20261124-023000, in the township's time."""
    return f"{timezone.localtime(moment):%Y%m%d-%H%M%S}"


def make(path: Path, passphrase: str, now: datetime.datetime) -> Made:
    """Back up all of the portal's data to `path`, also while it runs. Raises BackupRefused, or OSError."""
    source = database()
    if not source.exists():
        raise BackupRefused(NO_DATABASE)
    media = sum(file.stat().st_size for _, file in media_files())
    size = source.bytes()
    need_room([(settings.DATA_DIR, size), (path.parent, size + media)])
    with workplace() as folder:
        copy = folder / source.file
        about, counts, named = source.take(copy, told)
        if not keys_fit(about["samples"]):
            raise BackupRefused(OTHER_KEYS)
        about |= {
            "program": PROGRAM,
            "database": source.file,
            "made_at": now.isoformat(),
            "bytes": copy.stat().st_size + media,
        }
        with sealed.sealing(path, sealed.DATA, passphrase) as stream, archiving(stream, about) as archive:
            archive.add(source.file, copy)
            for name, file in media_files():
                with contextlib.suppress(FileNotFoundError):  # deleted since it was listed
                    archive.add(name, file)
            missing = sorted(name for name in named if f"{MEDIA}/{name}" not in archive.files)
            archive.finish(tables=counts, missing=missing)
    made = Made(path, path.stat().st_size, sum(counts.values()), len(archive.files) - 1, missing=len(missing))
    signals.made.send_robust(None, path=path, bytes=made.bytes)
    return made


def told(connection) -> tuple[dict, dict[str, int], set[str]]:
    """(about, counts, names of files) of a copy."""
    facts = Facts(connection)
    return facts.about(), facts.counts(), facts.files()


def media_files() -> Iterator[tuple[str, Path]]:
    """(name in the backup, path) of each file below media/, in order."""
    root = Path(settings.MEDIA_ROOT)
    for folder, folders, names in os.walk(root):
        here = Path(folder)
        folders[:] = sorted(set(folders) - (LEFT_OUT if here == root else set()))
        for name in sorted(names):
            path = here / name
            if path.is_file() and not path.is_symlink():
                yield f"{MEDIA}/{path.relative_to(root).as_posix()}", path


@contextlib.contextmanager
def workplace() -> Iterator[Path]:
    """A private folder in the data folder, gone when the block ends."""
    folder = Path(tempfile.mkdtemp(prefix=sealed.HALF, dir=settings.DATA_DIR))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_halves(folder: Path, now: datetime.datetime) -> None:
    """What a process that was killed has left of a backup or restore, the day before or earlier."""
    limit = (now - datetime.timedelta(days=1)).timestamp()
    for path in folder.glob(f"{sealed.HALF}*"):
        if path.stat().st_mtime < limit:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
