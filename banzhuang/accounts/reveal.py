"""What of a row stands masked, and is shown whole against a reason: one event of the audit trail each time."""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.urls import reverse

from banzhuang.core.access import may

from .audit import Action, record

LEAST = 4  # characters of a reason


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

    def shown(self, user, row, *, revealed=False, problem="") -> dict:
        """What components/identity.html draws; a page gives it as `identity`."""
        return {
            "id": f"{self.url_name}-{row.pk}",
            "url": reverse(self.url_name, args=[row.pk]),
            "act": self.act,
            "facts": [(label, text or "未登记") for label, text in self.facts(row, revealed)],
            "may_reveal": may(user, "reveal", type(row)),
            "revealed": revealed,
            "problem": problem,
        }

    def reveal(self, request, row):
        """The part of the page with the texts whole; without a reason the same part masked, and what is missing."""
        if not may(request.user, "reveal", type(row)):
            raise PermissionDenied
        reason = request.POST.get("reason", "").strip()[:100]
        if len(reason) < LEAST:
            return self.part(request, row, status=422, problem="写明查看的用途，至少四个字。")
        record(
            Action.REVEAL,
            f"{row}的{self.what}",
            request=request,
            scope_code=row.scope_code,
            reason=reason,
        )
        return self.part(request, row, revealed=True)

    def part(self, request, row, status=200, **state):
        context = {"identity": self.shown(request.user, row, **state)}
        return render(request, "components/identity.html", context, status=status)
