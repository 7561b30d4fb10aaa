"""The keys apart: portal.env in a sealed file of its own. Without it the identity numbers of a backup are lost."""

import os
import tempfile
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from . import BackupRefused, sealed, signals
from .facts import Facts, keys_fit
from .making import database

NAME = "portal.env"
NEEDED = ("SECRET_KEY", "BANZHUANG_FIELD_KEYS", "BANZHUANG_HASH_KEY")
IN_ENVIRONMENT = "密钥不在 portal.env 里（写在环境变量中），没有备份。把环境变量中的三个密钥另行抄存，或写进 portal.env 再备份。"
BESIDE_DATA = "密钥不能和数据备份放在一个文件夹里。用 --out 给出另一处，例如 U 盘上的文件。"
OTHERS_STAND = (
    "这个数据目录已有另一套密钥，没有改动。确实要换回旧密钥的，先把现在的 portal.env 移到别处，再运行一次。"
)
DO_NOT_FIT = "这份密钥读不出这个数据目录里已有的数据，没有改动。换用与这些数据配套的密钥备份。"


def values_of(text: str) -> dict[str, str]:
    """The settings in the text of a portal.env."""
    lines = [line.strip() for line in text.splitlines()]
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def back_up(path: Path, passphrase: str) -> None:
    """Write the keys to a file of their own. Raises BackupRefused, or OSError."""
    if path.parent.resolve() == Path(settings.BACKUPS_DIR).resolve():
        raise BackupRefused(BESIDE_DATA)
    source = settings.DATA_DIR / NAME
    text = source.read_text(encoding="utf-8") if source.exists() else ""
    if not all(values_of(text).get(name) for name in NEEDED):
        raise BackupRefused(IN_ENVIRONMENT)
    with sealed.sealing(path, sealed.KEYS, passphrase) as stream:
        stream.write(text.encode())
    signals.made.send_robust(None, path=path, bytes=path.stat().st_size)


def put_back(path: Path, passphrases) -> bool:
    """Write portal.env where none stands; False when the same one does. Raises BackupRefused, or OSError."""
    with sealed.opened(path, sealed.KEYS, passphrases) as stream:
        content = b"".join(iter(lambda: stream.read(sealed.CHUNK), b""))
    goal = settings.DATA_DIR / NAME
    if goal.exists():
        if goal.read_bytes() == content:
            return False
        raise BackupRefused(OTHERS_STAND)
    values = values_of(content.decode())
    settings.FIELD_KEYS = values["BANZHUANG_FIELD_KEYS"].split(",")
    settings.HASH_KEY = values["BANZHUANG_HASH_KEY"]
    refuse_misfit()
    with tempfile.NamedTemporaryFile(dir=settings.DATA_DIR, delete=False) as file:
        file.write(content)
    os.replace(file.name, goal)
    return True


def refuse_misfit() -> None:
    """Whether the keys now in the settings read what stands here. Raises BackupRefused."""
    if not database().exists():
        return
    try:
        with connection.cursor() as cursor:
            samples = list(Facts(connection).samples(cursor))
    except DatabaseError:  # nothing that could be read: it will be restored
        return
    finally:
        connection.close()
    if not keys_fit(samples):
        raise BackupRefused(DO_NOT_FIT)
