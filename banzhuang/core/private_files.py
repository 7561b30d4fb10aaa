"""Files that belong to one person for a day: encrypted, in a folder that no address leads to, under names that say nothing."""

import contextlib
import datetime
import os
import secrets
import tempfile
from pathlib import Path

from django.conf import settings

from .disk import refuse_when_full
from .fields import decrypt_bytes, encrypt_bytes


class PrivateFolder:
    """A folder of such files inside the data folder. Each file is in memory as a whole when it is kept or read."""

    known: list["PrivateFolder"] = []  # a restore takes them away with the rows that name their files

    def __init__(self, name: str):
        self.name = name
        self.known.append(self)

    @property
    def path(self) -> Path:
        return settings.DATA_DIR / self.name

    def keep(self, content: bytes) -> str:
        """Write a file, whole or not at all; → its name. Raises OSError where there is no room for it."""
        refuse_when_full()
        name = secrets.token_hex(16)
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=self.path, prefix="half-", delete=False) as file:
            file.write(encrypt_bytes(content))
        os.replace(file.name, self.path / name)
        return name

    def read(self, name: str) -> bytes | None:
        """The content of a file; None when it is gone."""
        with contextlib.suppress(FileNotFoundError):
            return decrypt_bytes((self.path / name).read_bytes()) if name else None
        return None

    def remove(self, name: str) -> None:
        (self.path / name).unlink(missing_ok=True)

    def older_than(self, limit: datetime.datetime) -> list[str]:
        """Names of the files last written before `limit`, those left half-written among them."""
        if not self.path.is_dir():
            return []
        with os.scandir(self.path) as entries:
            return [entry.name for entry in entries if written_before(entry, limit)]


def written_before(entry: os.DirEntry, limit: datetime.datetime) -> bool:
    with contextlib.suppress(FileNotFoundError):  # removed by another process since it was listed
        return entry.stat().st_mtime < limit.timestamp()
    return False
