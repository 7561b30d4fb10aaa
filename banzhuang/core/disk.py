"""How full the disk under the data folder is: near its end it is said, at its end files stop and entries go on."""

import errno
import shutil
from dataclasses import dataclass

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import Error

from .clock import today
from .parameters import Parameter, Whole, registry

NEAR = Parameter(
    "core.disk_near", "磁盘用到百分之多少提醒", "85", Whole(50, 99), help="系统管理员的首页和“运行情况”上提醒"
)
FULL = Parameter(
    "core.disk_full",
    "磁盘用到百分之多少暂停上传和导出",
    "95",
    Whole(60, 100),
    help="登记和修改照常；腾出空间后自动恢复",
)
registry.register(NEAR, FULL)

SENTENCE = "服务器磁盘空间不足，上传、导出和生成文件已暂停，登记和修改照常。请系统管理员腾出空间后再做一次。"
NOT_SAVED = "服务器磁盘已满，刚才的内容没有保存。请系统管理员腾出空间后，返回上一页再提交一次，填的内容还在。"


class NoRoom(OSError):
    """No file is written any more; the text is the sentence that people read."""

    def __init__(self):
        super().__init__(errno.ENOSPC, SENTENCE)

    def __str__(self):
        return SENTENCE


@dataclass(frozen=True)
class Disk:
    """Bytes as the portal's own user may have them."""

    used: int
    free: int

    @property
    def percent(self) -> int:
        """Whole percent in use, never 100 while there is room."""
        return self.used * 100 // ((self.used + self.free) or 1)

    @property
    def near(self) -> bool:
        return self.percent >= NEAR.on(today())

    @property
    def full(self) -> bool:
        return self.percent >= FULL.on(today())


def look() -> Disk:
    usage = shutil.disk_usage(settings.DATA_DIR)
    return Disk(usage.used, usage.free)


def refuse_when_full() -> None:
    """Before a file is written. Raises NoRoom."""
    if look().full:
        raise NoRoom


def is_full(fault: BaseException) -> bool:
    """Whether a fault says that there was no room, on the disk or for the database."""
    if isinstance(fault, OSError):
        return fault.errno in {errno.ENOSPC, errno.EDQUOT}
    if isinstance(fault, Error):
        return "disk is full" in str(fault) or getattr(fault.__cause__, "sqlstate", "") == "53100"
    return False


class Storage(FileSystemStorage):
    """Photos and workbooks: no new one when the disk is full."""

    def _save(self, name, content):
        refuse_when_full()
        return super()._save(name, content)
