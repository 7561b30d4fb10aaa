"""Settings with the day from which they hold: declared by the frame and the apps, kept in ParameterValue."""

import datetime
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from django.core.signals import request_started
from django.db.models.signals import post_delete, post_save

from .models import ParameterValue
from .registry import Registry

_read = threading.local()


@dataclass(frozen=True)
class Whole:
    """Reads a whole number from `low` to `high`; ValueError for anything else."""

    low: int
    high: int

    def __call__(self, text: str) -> int:
        number = int(text)
        if not self.low <= number <= self.high:
            raise ValueError(f"not {self}")
        return number

    def __str__(self):
        return f"{self.low} 至 {self.high} 的整数"


@dataclass(frozen=True)
class OneOf:
    """Reads one of `words`; ValueError for anything else."""

    words: tuple[str, ...]

    def __call__(self, text: str) -> str:
        if text not in self.words:
            raise ValueError(f"not {self}")
        return text

    def __str__(self):
        return f"“{'”“'.join(self.words)}”之一"


@dataclass(frozen=True)
class Parameter:
    """`key` names it in code, `label` and `help` on the page; `read` turns the stored text into a value.

    `security`: how accounts and sessions are guarded, set by the security administrator alone.
    """

    key: str
    label: str
    default: str
    read: Callable = str
    help: str = ""
    security: bool = False

    @property
    def shape(self) -> str:
        """What a value must look like, for the sentence that refuses another."""
        return str(self.read) if isinstance(self.read, Whole | OneOf) else "整数"

    def on(self, day: datetime.date):
        """The value that held on `day`; the default before the first one was set."""
        for valid_from, value in _values()[self.key]:
            if valid_from <= day:
                return self.read(value)
        return self.read(self.default)


def _values() -> dict[str, list[tuple[datetime.date, str]]]:
    """All values set, the latest first; read once a request or job, for a page asks for many on many days."""
    if getattr(_read, "values", None) is None:
        values = defaultdict(list)
        rows = ParameterValue.objects.order_by("-valid_from").values_list("key", "valid_from", "value")
        for key, valid_from, value in rows:
            values[key].append((valid_from, value))
        _read.values = values
    return _read.values


def forget(**kwargs) -> None:
    """Read the values anew when next asked: at each request, each job, and when one was changed."""
    _read.values = None


request_started.connect(forget, dispatch_uid="parameters.request")
post_save.connect(forget, sender=ParameterValue, dispatch_uid="parameters.save")
post_delete.connect(forget, sender=ParameterValue, dispatch_uid="parameters.delete")


registry: Registry[Parameter] = Registry("key")

PORTAL_NAME = Parameter("portal_name", "平台名称", "班庄镇党建民生平台")
TOWNSHIP_NAME = Parameter("township_name", "镇名", "班庄镇")
PARTY_COMMITTEE = Parameter("party_committee", "填报单位", "中共班庄镇委员会", help="官方表格左上角的单位")
SEAL = Parameter("seal", "印记文字", "班庄党建", help="四个字，分两行")
HELP_DESK = Parameter("help_desk", "忘记密码找谁", "忘记密码的，本人到党建办重置。")
BACKUP_DAYS = Parameter(
    "backups.days",
    "每日备份保留几天的",
    "7",
    Whole(1, 60),
    help="有备份的最近几天，每天留最后一份",
)
BACKUP_WEEKS = Parameter(
    "backups.weeks", "每日备份另留几周的", "5", Whole(0, 53), help="每周留最后一份；0 为不留"
)
BACKUP_MONTHS = Parameter(
    "backups.months", "每日备份另留几个月的", "12", Whole(0, 60), help="每月留最后一份；0 为不留"
)
registry.register(PORTAL_NAME, TOWNSHIP_NAME, PARTY_COMMITTEE, SEAL, HELP_DESK)
registry.register(BACKUP_DAYS, BACKUP_WEEKS, BACKUP_MONTHS)


def names(day: datetime.date) -> dict:
    """What every page, also one of an error, is headed with."""
    seal = SEAL.on(day)
    return {
        "portal_name": PORTAL_NAME.on(day),
        "township_name": TOWNSHIP_NAME.on(day),
        "seal_lines": [seal[:2], seal[2:4]],
        "help_desk": HELP_DESK.on(day),
    }
