"""The passphrase of backups: from the settings for the clock's own, else asked; never a word of a command line."""

import getpass
import sys
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from . import BackupRefused

SHORTEST, DIFFERENT = 16, 8
WEAK = f"备份口令太弱：至少 {SHORTEST} 个字符，其中至少 {DIFFERENT} 个互不相同。换一个，并记在密码本上，丢了备份就打不开。"
SAME_AS_DAILY = "密钥的口令要与每日备份的不同：数据和密钥才算分开。另想一个。"


def strong(passphrase: str) -> str:
    """The passphrase; BackupRefused for a weak one."""
    if len(passphrase) < SHORTEST or len(set(passphrase)) < DIFFERENT:
        raise BackupRefused(WEAK)
    return passphrase


def is_configured() -> bool:
    return bool(settings.BACKUP_PASSPHRASE or settings.BACKUP_PASSPHRASE_FILE)


def configured() -> str:
    """That of the settings, "" where there is none. Raises BackupRefused."""
    if settings.BACKUP_PASSPHRASE:
        return strong(settings.BACKUP_PASSPHRASE)
    if not settings.BACKUP_PASSPHRASE_FILE:
        return ""
    try:
        lines = Path(settings.BACKUP_PASSPHRASE_FILE).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise BackupRefused(
            f"读不到备份口令的文件 {settings.BACKUP_PASSPHRASE_FILE}。"
            "核对 BANZHUANG_BACKUP_PASSPHRASE_FILE 写的路径和文件的权限。"
        ) from None
    return strong(lines[0].strip() if lines else "")


def asked(prompt: str) -> str:
    """Typed at the terminal unseen; without a terminal the next line of the input."""
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    return sys.stdin.readline().rstrip("\r\n")


def new(for_keys: bool) -> str:
    """The one to seal a file with. Raises BackupRefused."""
    daily = configured()
    if daily and not for_keys:
        return daily
    passphrase = strong(asked("备份口令："))
    if passphrase == daily:
        raise BackupRefused(SAME_AS_DAILY)
    if asked("再输入一次：") != passphrase:
        raise BackupRefused("两次输入的口令不一样，没有备份。重新运行，输入两次同一个口令。")
    return passphrase


def tried(for_keys: bool) -> Iterator[str]:
    """Those to open a file with: that of the settings, then one that is asked for."""
    if is_configured() and not for_keys:
        yield configured()
    yield asked("做这份备份时的口令：")
