"""Files in a sealed stream: a tar archive that begins with what it is about and ends with the checksum of each file."""

import contextlib
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import BackupRefused
from .sealed import DAMAGED, Reader, Writer

ABOUT, MANIFEST = "about.json", "manifest.json"
BLOCK = 2**20


class Summed:
    """Reads or writes through, and sums what passes."""

    def __init__(self, file):
        self.file, self.bytes, self.hash = file, 0, hashlib.sha256()

    def read(self, size: int) -> bytes:
        return self.passed(self.file.read(size))

    def write(self, data: bytes) -> None:
        self.file.write(self.passed(data))

    def passed(self, data: bytes) -> bytes:
        self.bytes += len(data)
        self.hash.update(data)
        return data

    @property
    def sum(self) -> list:
        return [self.bytes, self.hash.hexdigest()]


@contextlib.contextmanager
def archiving(stream: Writer, about: dict) -> Iterator["ArchiveWriter"]:
    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        archive = ArchiveWriter(tar)
        archive.add_json(ABOUT, about)
        yield archive


class ArchiveWriter:
    def __init__(self, tar: tarfile.TarFile):
        self.tar = tar
        self.files: dict[str, list] = {}

    def add(self, name: str, path: Path) -> None:
        """A file as it is now; FileNotFoundError when it is gone."""
        with path.open("rb") as file:
            summed = Summed(file)
            self.add_member(name, os.fstat(file.fileno()).st_size, summed)
        self.files[name] = summed.sum

    def add_json(self, name: str, value: dict) -> None:
        content = json.dumps(value, ensure_ascii=False).encode()
        self.add_member(name, len(content), io.BytesIO(content))

    def add_member(self, name: str, size: int, file) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        self.tar.addfile(member, file)
        self.tar.members.clear()  # it would remember each

    def finish(self, **manifest) -> None:
        self.add_json(MANIFEST, {"files": self.files, **manifest})


@dataclass(frozen=True)
class Unpacked:
    """about: as it was made; manifest: {"files": {name: [bytes, sha256]}, and what else `finish` was given}."""

    about: dict
    manifest: dict


def unpack(stream: Reader, folder: Path, accept: Callable[[dict], None]) -> Unpacked:
    """Write all files below `folder` and check that each is as it was. `accept(about)` may refuse before the first."""
    about, manifest, sums = None, None, {}
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            while member := tar.next():
                tar.members.clear()
                if about is None and member.name == ABOUT:
                    about = json.load(tar.extractfile(member))
                    accept(about)
                elif member.name == MANIFEST:
                    manifest = json.load(tar.extractfile(member))
                else:
                    sums[member.name] = write_file(tar.extractfile(member), inside(folder, member))
    except tarfile.TarError:
        raise BackupRefused(DAMAGED) from None
    stream.drain()
    if about is None or manifest is None or manifest["files"] != sums:
        raise BackupRefused(DAMAGED)
    return Unpacked(about, manifest)


def inside(folder: Path, member) -> Path:
    """Where the member goes; nothing leaves the folder, and only files come."""
    path = folder / member.name
    if not member.isreg() or not path.resolve().is_relative_to(folder.resolve()):
        raise BackupRefused(DAMAGED)
    return path


def write_file(source, path: Path) -> list:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        summed = Summed(file)
        while data := source.read(BLOCK):
            summed.write(data)
    return summed.sum
