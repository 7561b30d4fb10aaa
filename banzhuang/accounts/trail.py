"""The chain of seals over the audit trail.

Events are written unsealed: no writer waits for another. One sealer at a time chains what has been committed since,
a few seconds later. A seal is an HMAC over its number, the event, the time and the seal before it, with a key that
is not in the database: whoever has the database alone can change it, but not so that the chain still holds.

What no chain tells: an event removed before it was sealed; and, of one who had kept an older end and puts all back
to it, the loss of what came later. For that the head of the chain is printed with each monthly workbook.
"""

import datetime
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from banzhuang.core.codes import in_groups
from banzhuang.core.running import BAD, OK, Finding, ago

from .models import AuditEvent, Seal, TrailEnd

AT_ONCE = 500  # under one lock, or in memory
LATE = datetime.timedelta(hours=1)  # no transaction stays open for so long
WAITED_FOR = datetime.timedelta(minutes=1)  # the sealer comes every few seconds
HEAD_DIGITS = 16


class SealingRefused(Exception):
    """The end of the chain is not what was sealed last with this key; the message is the sentence for people."""


class NoHead(ValueError):
    """What was typed is no printed head; the message says what one is."""


@dataclass(frozen=True)
class Break:
    """Where the chain breaks first. number: of the seal. event: its key, None when nothing tells. what: in words."""

    number: int
    event: int | None
    what: str

    def __str__(self):
        event = f"（记录号 {self.event}）" if self.event else ""
        return f"审计记录在第 {self.number} 条{event}断开：{self.what}"


@dataclass(frozen=True)
class TrailState:
    """How the trail stands. head: the last seal, None before the first one. oldest: of the unsealed events."""

    sealed: int
    head: Seal | None
    unsealed: int
    oldest: datetime.datetime | None
    broken: Break | None

    def is_behind(self, now: datetime.datetime) -> bool:
        """Whether the sealer is down: it would have been there by now."""
        return self.oldest is not None and now - self.oldest > WAITED_FOR


# --- Seals ---------------------------------------------------------------------------------------------------------
def digest(number: int, event: AuditEvent, at: datetime.datetime, previous: str) -> str:
    return keyed(
        "seal",
        number,
        previous,
        in_utc(at),
        event.pk,
        in_utc(event.at),
        event.user_id,
        event.username,
        event.address,
        event.action,
        event.scope_code,
        event.subject,
        event.detail,
        event.succeeded,
    )


def mark_of(events: int, seal: str) -> str:
    return keyed("end", events, seal)


def keyed(*content) -> str:
    text = json.dumps(content, sort_keys=True)
    return hmac.digest(settings.AUDIT_KEY.encode(), text.encode(), "sha256").hex()


def in_utc(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).isoformat(timespec="microseconds")


# --- The sealer ----------------------------------------------------------------------------------------------------
def seal_events(*, thorough: bool = False) -> int:
    """Chain the events that have been committed; → how many. Whoever comes second waits for the first.

    Events that were long in committing have smaller numbers than sealed ones, and are looked for as far back as a
    transaction may last; `thorough` looks for them through the whole trail. Raises SealingRefused.
    """
    total = 0
    for through_all in (False, True) if thorough else (False,):
        while any(found.exists() for found in unsealed(through_all)):
            total += seal_some(through_all)
    return total


@transaction.atomic
def seal_some(thorough: bool) -> int:
    """Under the lock of the one end, so that there is one chain. → how many: what another sealer took is not found."""
    TrailEnd.objects.get_or_create(pk=1)
    end = TrailEnd.objects.select_for_update().get(pk=1)
    refuse_unless_it_fits(end)
    seals, now = [], timezone.now()
    found = {event.pk: event for part in unsealed(thorough) for event in part[:AT_ONCE]}
    for _, event in sorted(found.items())[:AT_ONCE]:
        number = end.events + 1
        end.seal = digest(number, event, now, end.seal)
        end.events = number
        seals.append(Seal(number=number, event=event, at=now, digest=end.seal))
    end.mark = mark_of(end.events, end.seal)
    Seal.objects.bulk_create(seals)
    end.save()
    return len(seals)


def unsealed(thorough: bool) -> list:
    """Querysets of the unsealed events: those above all that are sealed, and those of the time in which a transaction
    may have been open; apart, for the database finds each by an index. Through the whole trail it is one.
    """
    events = AuditEvent.objects.filter(seal__isnull=True)
    last = Seal.objects.order_by("-number").first()
    if thorough or last is None:
        return [events.order_by("pk")]
    greatest = Seal.objects.aggregate(event=Max("event_id"))["event"]
    return [events.filter(pk__gt=greatest).order_by("pk"), events.filter(at__gte=last.at - LATE).order_by()]


def refuse_unless_it_fits(end: TrailEnd) -> None:
    """Sealing on from an end that somebody has written would make it true. What is cut off before a true end stays
    missing for good: its numbers are not given again."""
    last = Seal.objects.aggregate(number=Max("number"))["number"] or 0
    if not is_marked(end) or last > end.events:
        raise SealingRefused(
            "审计封印已停：链的末尾与封印不符。先看 portal.env 里的 BANZHUANG_AUDIT_KEY 是不是原来的，"
            "再用 check_audit 核对。"
        )


def is_marked(end: TrailEnd) -> bool:
    if end.events == 0:
        return not (end.seal or end.mark)
    return hmac.compare_digest(end.mark, mark_of(end.events, end.seal))


# --- Looking at it -------------------------------------------------------------------------------------------------
def trail_state(*, walk: bool = True) -> TrailState:
    """How the trail stands. `walk` through all of it, which takes minutes a million events; without it only the
    end is looked at."""
    last = Seal.objects.order_by("-number").first()
    waiting = {pk: at for found in unsealed(thorough=walk) for pk, at in found.values_list("pk", "at")}
    broken = first_break() if walk else break_at_end(last_end(), last)
    sealed = last.number if last else 0
    return TrailState(sealed, last, len(waiting), min(waiting.values(), default=None), broken)


def as_running(now: datetime.datetime) -> Iterator[Finding]:
    """The line of 运行情况."""
    state = trail_state(walk=False)
    note = "每 10 秒封印一次；每月用 check_audit 从头核对一次。"
    if state.broken:
        yield Finding("审计封印", BAD, str(state.broken), "保护现场，报告安全审计员，再用 check_audit 核对。")
    elif state.is_behind(now):
        text = f"{state.unsealed} 条没有封印，最早的是{ago(state.oldest, now)}的"
        yield Finding("审计封印", BAD, text, "封印已停，原因见 worker.log。")
    else:
        yield Finding("审计封印", OK, f"已封印 {state.sealed} 条，待封印 {state.unsealed} 条", note)


def last_end() -> TrailEnd:
    return TrailEnd.objects.first() or TrailEnd()


def first_break() -> Break | None:
    """Walk the chain; the sealer and writers go on meanwhile."""
    last = None
    while True:
        end = last_end()  # read before the seals: it is never ahead of them
        following = Seal.objects.filter(number__gt=last.number if last else 0).order_by("number")
        chunk = list(following[:AT_ONCE])
        if not chunk:
            return break_at_end(end, last)
        events = AuditEvent.objects.in_bulk([seal.event_id for seal in chunk])
        for seal in chunk:
            if what := what_is_wrong(seal, events.get(seal.event_id), last):
                return what
            last = seal


def what_is_wrong(seal: Seal, event: AuditEvent | None, before: Seal | None) -> Break | None:
    number, previous = (before.number + 1, before.digest) if before else (1, "")
    if seal.number != number:
        return Break(number, None, "这一条的封印被删。")
    if event is None:
        return Break(number, seal.event_id, "这一条记录被删。")
    if seal.digest == digest(number, event, seal.at, previous):
        return None
    if number == 1 and not is_marked(last_end()):
        return Break(
            number,
            event.pk,
            "封印不是用现在的密钥做的。portal.env 里的 BANZHUANG_AUDIT_KEY 换过的，放回原来的；没有换过的，是整条链被重做。",
        )
    return Break(number, event.pk, "这一条被改过，或换了次序，或封印被重做。")


def break_at_end(end: TrailEnd, last: Seal | None) -> Break | None:
    number, seal = (last.number, last.digest) if last else (0, "")
    if end.events > number:
        return Break(number + 1, None, f"末尾的 {end.events - number} 条封印被删。")
    if end.events < number or end.seal != seal or not is_marked(end):
        return Break(max(number, 1), None, "链的末尾与封印不符，末尾的记录被删或被重做。")
    return None


# --- The head on paper ---------------------------------------------------------------------------------------------
def head_to_print() -> dict | None:
    """What a workbook keeps of the chain as it stands now: {events, seal, at}; None when sealing is refused or nothing
    was ever sealed."""
    try:
        seal_events(thorough=True)
    except SealingRefused:
        return None
    last = Seal.objects.order_by("-number").first()
    if last is None:
        return None
    return {"events": last.number, "seal": last.groups, "at": in_utc(last.at)}


def find_head(typed: str) -> Seal | None:
    """The seal whose first digits were printed; None when it is not in the chain. Raises NoHead."""
    digits = "".join(typed.split()).lower()
    if len(digits) < HEAD_DIGITS or set(digits) - set("0123456789abcdef"):
        raise NoHead(
            f"“{typed}”不是链头。链头是 16 位的数字和字母 A 至 F，如 {in_groups('9f3c21ab07d4e5b8')}。"
        )
    return Seal.objects.filter(digest__startswith=digits).first()
