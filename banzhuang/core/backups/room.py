"""Whether the disk has room for what is about to be written: said before it begins."""

import os
import shutil
from collections import defaultdict
from pathlib import Path

from django.template.defaultfilters import filesizeformat

from . import BackupRefused

SPARE = 64 * 2**20  # the portal goes on writing meanwhile


def in_words(size: int) -> str:
    return filesizeformat(size).replace("\xa0", " ")


def need_room(wanted: list[tuple[Path, int]]) -> None:
    """wanted: (folder, bytes); folders on one disk share its room. Raises BackupRefused."""
    disks = defaultdict(int)
    at = {}
    for folder, size in wanted:
        there = next(path for path in [folder, *folder.parents] if path.exists())
        disk = os.stat(there).st_dev
        disks[disk] += size
        at[disk] = there
    for disk, size in disks.items():
        free = shutil.disk_usage(at[disk]).free
        if free < size + SPARE:
            raise BackupRefused(
                f"磁盘空间不够：{at[disk]} 所在的盘要写约 {in_words(size)}，只剩 {in_words(free)}。"
                "腾出空间，或换一个盘再做。"
            )
