"""Attempts to log in as the database knows them, and what django-axes asks of us: may this one try?

An attempt is written down as failed before its password is looked at, one after the other whichever process has it: of
many at once no more get through than of many in turn. A success takes it back.
"""

import datetime
import threading
import time
from dataclasses import dataclass

from axes.handlers.base import AxesHandler
from django.contrib.auth.signals import user_login_failed
from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.crypto import salted_hmac

from banzhuang.core.addresses import network_of

from . import parameters
from .audit import Action, record
from .limits import By, Limit, Lock, counts_in, judge, nearest, with_failure
from .models import AuditEvent, FailedLogIn, FamiliarAddress, User
from .warnings import warn_security

KEPT = datetime.timedelta(days=1)  # longer than any limit looks back
COUNTING = 2_037_109  # the number of our lock in PostgreSQL
# So many of a process's threads are slowed at a time: slowed all at once they would be the portal standing still.
SLOWED = threading.BoundedSemaphore(2)
pause = time.sleep


@dataclass(frozen=True)
class Attempt:
    """What was found when the attempt was made. `left`, `limit`: if it fails, how many more until which limit."""

    username: str
    network: str
    lock: Lock | None
    lock_if_failed: Lock | None = None
    left: int = 0
    limit: Limit | None = None
    pressed: bool = False
    slowed: bool = False


def limits_on(day: datetime.date) -> dict[By, Limit]:
    return {by: Limit(*(parameter.on(day) for parameter in parameters.LIMITS[by])) for by in By}


def limit_over_all(day: datetime.date) -> Limit:
    return Limit(*(parameter.on(day) for parameter in parameters.OVER_ALL))


def key(*parts: str) -> str:
    """What is counted by, unreadable: what was typed as a name may be a password in the wrong box, and any length."""
    return salted_hmac("accounts.attempts", "\0".join(parts), algorithm="sha256").hexdigest()


def keys_of(username: str, network: str) -> dict[By, str]:
    return {
        By.PAIR: key("pair", username, network),
        By.ACCOUNT: key("account", username),
        By.ADDRESS: key("address", network),
    }


def begin(username: str, address: str, now: datetime.datetime) -> Attempt:
    """Judge an attempt; one that may try is written down as failed."""
    day, network = timezone.localdate(now), network_of(address)
    keys, limits, over_all = keys_of(username, network), limits_on(day), limit_over_all(day)
    with transaction.atomic():
        one_at_a_time()
        past = {by: FailedLogIn.objects.times(by, keys[by], now - 2 * limits[by].span) for by in By}
        familiar = FamiliarAddress.objects.knows(username, network, now)
        lock = judge(past, limits, now, familiar)
        if lock:
            return Attempt(username, network, lock)
        counting = counts_in(past, limits, now)
        FailedLogIn.objects.filter(at__lt=now - KEPT).delete()
        FailedLogIn.objects.create(at=now, **{by: keys[by] if by in counting else "" for by in By})
        total = FailedLogIn.objects.filter(at__gt=now - over_all.span).count()
    failed = with_failure(past, limits, now)
    left, limit = nearest(failed, limits, now, familiar)
    over = total >= over_all.failures
    return Attempt(
        username,
        network,
        None,
        lock_if_failed=judge(failed, limits, now, familiar),
        left=left,
        limit=limit,
        pressed=over,
        slowed=over and not familiar,
    )


def one_at_a_time() -> None:
    """Until the transaction ends. On SQLite the transaction itself is alone."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [COUNTING])


def succeeded(attempt: Attempt) -> None:
    """The right password: the failures of the account at this address were its own mistyping."""
    FailedLogIn.objects.filter(pair=keys_of(attempt.username, attempt.network)[By.PAIR]).delete()


def logged_in(user: User, address: str, now: datetime.datetime) -> None:
    """From now on the account is known at the address."""
    if address:
        FamiliarAddress.objects.update_or_create(
            user=user, network=network_of(address), defaults={"last_login": now}
        )
        FamiliarAddress.objects.filter(user=user).forgotten(now).delete()


def slow_down(day: datetime.date) -> None:
    """A little, and never more than a few threads."""
    if SLOWED.acquire(blocking=False):
        try:
            pause(parameters.SLOWED_SECONDS.on(day))
        finally:
            SLOWED.release()


def connect() -> None:
    """After the trail's own receivers: the alarm counts what they have written."""
    user_login_failed.connect(warn, dispatch_uid="attempts.warn")


def warn(sender, request=None, **kwargs) -> None:
    """Once within the minutes of the limit over all an event of the trail, once an hour a notice."""
    attempt = getattr(request, "attempt", None)
    if attempt is None or not attempt.pressed:
        return
    now = request.axes_attempt_time
    limit = limit_over_all(timezone.localdate(now))
    lately = AuditEvent.objects.filter(at__gt=now - limit.span)
    if lately.filter(action=Action.ALARM).exists():
        return
    refused = lately.filter(action=Action.REFUSED).order_by()
    most = list(refused.values_list("address").annotate(count=Count("pk")).order_by("-count", "address"))
    address, times = most[0]  # at least this attempt's own refusal
    text = f"{limit.minutes} 分钟内登录被拒 {sum(count for _, count in most)} 次，来自 {len(most)} 个地址"
    text += f"，最多的是 {address}（{times} 次）"
    record(Action.ALARM, text, request=request, succeeded=False)
    warn_security("登录告警", f"{text}。", key=f"log-ins:{timezone.localtime(now):%H}")


class AttemptsHandler(AxesHandler):
    """What axes' backend asks before the password is looked at, and what its middleware is told afterwards."""

    def is_allowed(self, request, credentials=None) -> bool:
        now = request.axes_attempt_time
        attempt = begin((credentials or {}).get("username") or "", request.axes_ip_address, now)
        request.attempt = attempt
        if attempt.slowed:
            slow_down(timezone.localdate(now))
        return attempt.lock is None

    def user_login_failed(self, sender, credentials, request=None, **kwargs):
        attempt = getattr(request, "attempt", None)
        if attempt is None:
            return
        request.lock = attempt.lock or attempt.lock_if_failed
        request.axes_locked_out = request.lock is not None

    def user_logged_in(self, sender, request, user, **kwargs):
        logged_in(user, request.axes_ip_address, request.axes_attempt_time)
