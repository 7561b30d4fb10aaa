"""Settings with the day from which they hold: declared by the frame and the apps, kept in ParameterValue."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from .models import ParameterValue
from .registry import Registry


@dataclass(frozen=True)
class Parameter:
    """`key` names it in code, `label` and `help` on the page; `read` turns the stored text into a value."""

    key: str
    label: str
    default: str
    read: Callable = str
    help: str = ""

    def on(self, day: datetime.date):
        """The value that held on `day`; the default before the first one was set."""
        row = ParameterValue.objects.filter(key=self.key, valid_from__lte=day).order_by("-valid_from").first()
        return self.read(row.value if row else self.default)


registry: Registry[Parameter] = Registry("key")

PORTAL_NAME = Parameter("portal_name", "平台名称", "班庄镇党建民生平台")
TOWNSHIP_NAME = Parameter("township_name", "镇名", "班庄镇")
PARTY_COMMITTEE = Parameter("party_committee", "填报单位", "中共班庄镇委员会", help="官方表格左上角的单位")
SEAL = Parameter("seal", "印记文字", "班庄党建", help="四个字，分两行")
HELP_DESK = Parameter("help_desk", "忘记密码找谁", "忘记密码，请本人到党建办重置（镇政府 203 室）。")
registry.register(PORTAL_NAME, TOWNSHIP_NAME, PARTY_COMMITTEE, SEAL, HELP_DESK)
