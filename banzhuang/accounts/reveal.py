"""What of a row stands masked, and is shown whole against a reason: one event of the audit trail each time.

An account shows so much a day as its roles allow; the security administrators are told when that is nearly used up.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import render
from django.urls import reverse

from banzhuang.core.access import may
from banzhuang.core.clock import today

from .audit import Action, record
from .models import AuditEvent, User
from .parameters import REVEALS, REVEALS_OF_OTHERS
from .warnings import warn_security

LEAST = 4  # characters of a reason
OVER = (
    "今天已查看 {done} 次，一天最多 {limit} 次，没有显示。明天再查看；"
    "今天确需查看的，报镇领导同意，由安全管理员调整上限。"
)
NEAR = 80  # per cent of the day's limit, from which the security administrators are warned


def daily_limit(user, day: datetime.date) -> int:
    """How often an account may show on a day what stands masked: the most that one of its roles allows."""
    own = [REVEALS[role].on(day) for role in user.role_codes() if role in REVEALS]
    return max(own, default=REVEALS_OF_OTHERS.on(day))


def warn_of_many(user, done: int, limit: int) -> None:
    """Tell the security administrators, once each a day, that the limit is near, and that it is reached."""
    if done >= limit:
        key, words = "full", f"今天已查看 {done} 次，到了一天的上限，当天不能再查看。"
    elif 100 * done >= NEAR * limit:
        key, words = "near", f"今天已查看 {done} 次，接近一天的上限 {limit} 次。"
    else:
        return
    url = reverse("admin:accounts_user_change", args=[user.pk])
    who = f"{user}（{user.username}）查看完整号码"
    warn_security(who, words, key=f"reveals-{key}:{user.pk}", scope_code=user.scope, url=url)


@dataclass(frozen=True)
class Masked:
    """What stands masked of the rows of a table.

    url_name  the address, with the row's key, that `reveal` answers
    what      the facts in words, for the trail: 身份证号和电话
    facts     (row, whole) → [(label, text)]: the texts whole, or as far as they may be shown
    act       the button's words
    """

    url_name: str
    what: str
    facts: Callable[[object, bool], list[tuple[str, str]]]
    act: str = "查看完整号码"

    def shown(self, user, row, *, revealed=False, problem="", said="") -> dict:
        """What components/identity.html draws; a page gives it as `identity`."""
        return {
            "id": f"{self.url_name}-{row.pk}",
            "url": reverse(self.url_name, args=[row.pk]),
            "act": self.act,
            "facts": [(label, text or "未登记") for label, text in self.facts(row, revealed)],
            "may_reveal": may(user, "reveal", type(row)),
            "revealed": revealed,
            "problem": problem,
            "said": said,
        }

    def reveal(self, request, row):
        """The part of the page with the texts whole; without a reason the same part masked, and what is missing."""
        if not may(request.user, "reveal", type(row)):
            raise PermissionDenied
        reason = request.POST.get("reason", "").strip()[:100]
        if len(reason) < LEAST:
            return self.part(request, row, status=422, problem="写明查看的用途，至少四个字。")
        day, limit = today(), daily_limit(request.user, today())
        with transaction.atomic():
            # One lock a person: whoever asks many times at once is counted one after the other.
            User.objects.select_for_update(no_key=True).get(pk=request.user.pk)
            done = AuditEvent.objects.done_on(day, request.user, Action.REVEAL).count()
            allowed = done < limit
            record(
                Action.REVEAL,
                f"{row}的{self.what}",
                request=request,
                scope_code=row.scope_code,
                succeeded=allowed,
                reason=reason,
            )
        warn_of_many(request.user, done + allowed, limit)
        if not allowed:
            return self.part(request, row, status=422, problem=OVER.format(done=done, limit=limit))
        return self.part(request, row, revealed=True, said=f"今天第 {done + 1} 次，一天最多 {limit} 次")

    def part(self, request, row, status=200, **state):
        context = {"identity": self.shown(request.user, row, **state)}
        return render(request, "components/identity.html", context, status=status)
