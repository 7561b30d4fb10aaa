"""走访计划: a leader's households by village, the longest unseen first, and the day's visits in words for the log."""

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render

from banzhuang.core.access import Sight, may, sight
from banzhuang.duties.duty import State

from ..models import Contact
from ..navigation import pages
from ..plan import (
    Plan,
    by_village,
    lines_of,
    log_sentences,
    may_hand_over,
    may_record,
    own_cadre,
    recorded_by,
    week_so_far,
    week_words,
)
from ..quota import households_due


def visit_plan(request):
    """One's own households; `?leader=` those of another, for who sees them; `?show=due` only those that wait."""
    if not may(request.user, "view", Contact):
        raise PermissionDenied
    user, day = request.user, request.as_of
    plans = plans_by_leader(user, day)
    own = own_cadre(user)
    chosen = chosen_plan(request.GET.get("leader", ""), plans, own)
    context = {
        "pages": pages(request, "visit_plan"),
        "leaders": leader_table(plans, request),
        "may_choose": sight(user, Contact) == Sight.SCOPE and bool(set(plans) - {own and own.pk}),
        "may_record": may_record(user),
        "may_hand_over": may_hand_over(user),
        "plan": chosen,
    }
    if chosen:
        choice = Choice(request.GET)
        recorded = recorded_by(user, chosen.cadre, day)
        lines = lines_of(user, choice.apply(chosen.dues), day, recorded)
        context |= {
            "choice": choice,
            "groups": by_village(lines),
            "found": len(lines),
            "own": chosen.cadre == own,
            "week": week_words(week_so_far(chosen.cadre, day)) if seen_whole(chosen, day) else "",
            "sentences": log_sentences(chosen.cadre, day) if chosen.cadre == own else [],
        }
    return render(request, "livelihood/plan.html", context)


def plans_by_leader(user, day) -> dict[int, Plan]:
    """The plans of all leaders whose households the user sees, by key of the cadre; one query."""
    plans: dict[int, Plan] = {}
    for due in households_due(user, day):
        cadre = due.contact.cadre
        plans.setdefault(cadre.pk, Plan(cadre, [])).dues.append(due)
    return plans


def chosen_plan(asked: str, plans: dict[int, Plan], own) -> Plan | None:
    """The plan asked for, else one's own; none of both where the user looks after no household."""
    if asked:
        plan = plans.get(int(asked[:9])) if asked.isdecimal() else None
        if plan is None:
            raise Http404
        return plan
    return plans.get(own.pk) if own else None


def leader_table(plans: dict[int, Plan], request) -> dict:
    """Who has most to visit first; each leads to the own plan."""
    rows = []
    for plan in sorted(plans.values(), key=lambda plan: (-len(plan.waiting), plan.cadre.initials)):
        url = Choice(request.GET).address(leader=plan.cadre.pk, q=None)
        rows.append(
            {
                "cells": [
                    {"text": plan.cadre.name, "url": url},
                    {"text": plan.cadre.position},
                    {"text": len(plan.dues), "align": "right", "label": "联系"},
                    {"text": len(plan.waiting), "align": "right", "label": "该访"},
                ]
            }
        )
    columns = [
        {"label": "领导"},
        {"label": "职务"},
        {"label": "联系", "unit": "户", "align": "right"},
        {"label": "该访", "unit": "户", "align": "right"},
    ]
    return {"caption": "领导联系的户", "columns": columns, "rows": rows}


def seen_whole(plan: Plan, day) -> bool:
    """Whether all households of the leader are seen: a village knows nothing of visits in other villages."""
    return Contact.objects.live(day).filter(cadre=plan.cadre).count() == len(plan.dues)


class Choice:
    """What of the plan is shown: those that wait, a name or its initials. An unknown value counts as none."""

    def __init__(self, query):
        self.query = query
        self.text = query.get("q", "").strip()[:20]
        self.due_only = query.get("show") == "due"
        self.leader = query.get("leader", "")

    def apply(self, dues):
        text = self.text.lower()
        return [
            due
            for due in dues
            if (not self.due_only or due.state != State.NORMAL)
            and (not text or text in due.household.head or due.household.initials.startswith(text))
        ]

    def address(self, **changes) -> str:
        """The page's address with another choice; None leaves a name out."""
        query = {name: value for name, value in (self.query.dict() | changes).items() if value}
        return f"?{urlencode(query)}"

    @property
    def ranges(self) -> list[dict]:
        return [
            {"label": "全部", "url": self.address(show=None), "active": not self.due_only},
            {"label": "该访", "url": self.address(show="due"), "active": self.due_only},
        ]

    @property
    def without_text(self) -> str:
        return self.address(q=None)
