"""Whether so many rows may go out: the one judge for page, admin, command and job.

Of rows with masked numbers so many at once, of rows with whole ones so many a day for each account. What is refused is
an event of the trail, with the sentence that the person was told.
"""

import contextlib
import datetime
from collections.abc import Iterator

from django.urls import reverse

from banzhuang.accounts.audit import Action, record
from banzhuang.accounts.models import AuditEvent, User
from banzhuang.accounts.warnings import warn_security
from banzhuang.core import disk

from .grid import Refused
from .parameters import MOST_ROWS, WHOLE_ROWS

TOO_MANY = (
    "一次最多导出 {most:,} 行，这里有 {rows:,} 行，没有导出。在列表里筛选（如按村、按时段）后再导出；"
    "确需一次导出的，报镇领导同意，由安全管理员调整上限。"
)
TOO_MANY_WHOLE = (
    "一天最多导出 {most:,} 行完整号码，今天还能导出 {left:,} 行，这里有 {rows:,} 行，没有导出。"
    "筛选到要用的几行，或改为脱敏导出；确需更多的，报镇领导同意，由安全管理员调整上限。"
)


class NotReleased(Refused):
    """More rows than may go out; the text says whom to turn to and what can be done instead."""


def refusal(user: User, rows: int, whole: bool, day: datetime.date) -> str:
    """Why so many rows may not go out today, in one sentence; "" when they may."""
    if disk.look().full:
        return disk.SENTENCE
    if whole and rows > (left := whole_rows_left(user, day)):
        return TOO_MANY_WHOLE.format(most=WHOLE_ROWS.on(day), left=left, rows=rows)
    if rows > (most := MOST_ROWS.on(day)):
        return TOO_MANY.format(most=most, rows=rows)
    return ""


def whole_rows_left(user: User, day: datetime.date) -> int:
    """How many rows with whole numbers the account may still take out on the day."""
    return max(0, WHOLE_ROWS.on(day) - whole_rows_taken(user, day))


def whole_rows_taken(user: User, day: datetime.date) -> int:
    events = AuditEvent.objects.done_on(day, user, Action.EXPORT).values_list("detail", flat=True)
    return sum(detail.get("rows", 0) for detail in events if detail.get("sensitive"))


def judge(user: User, rows: int, whole: bool, day: datetime.date) -> None:
    """Raises NotReleased when so many rows may not go out today."""
    if sentence := refusal(user, rows, whole, day):
        raise NotReleased(sentence)


def judge_last(user: User, rows: int, day: datetime.date) -> None:
    """The same for whole numbers inside the transaction that records them: one lock a person, so that two exports at
    once are counted one after the other."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    judge(user, rows, True, day)


@contextlib.contextmanager
def recording_refusals(user: User, label: str, rows: int, whole: bool) -> Iterator[None]:
    """What was not released inside the block is an event; outside of it, for the transaction was taken back."""
    try:
        yield
    except NotReleased as refused:
        subject = f"{label} {rows} 行（{'含完整号码' if whole else '脱敏'}）"
        record(Action.EXPORT, subject, user=user, succeeded=False, reason=str(refused))
        raise


def warn_when_used_up(user: User, day: datetime.date) -> None:
    """Tell the security administrators, once a day, who has taken out all that a day allows."""
    if whole_rows_left(user, day):
        return
    text = f"今天已导出 {whole_rows_taken(user, day)} 行，到了一天的上限。"
    url = reverse("admin:accounts_user_change", args=[user.pk])
    who = f"{user}（{user.username}）导出完整号码"
    warn_security(who, text, key=f"whole-rows:{user.pk}", scope_code=user.scope, url=url)
