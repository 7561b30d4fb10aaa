"""诉求: those that wait for an answer, and one of them with what was done about it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from banzhuang.accounts.audit import record_change
from banzhuang.core.access import Sight, may, sight, writes
from banzhuang.core.clock import today
from banzhuang.dashboards.scope import chosen_scope

from ..models import Contact, Household, Need, Visit
from ..models.need import open_on
from ..navigation import pages
from ..need_forms import acts_for
from .lists import Choice, Filter, villages_seen
from .visit import need_state

UNANSWERED, OPEN, IN_HAND, OVERDUE, ANSWERED, ALL = "", "open", "in_hand", "overdue", "answered", "all"
MINE = "mine"


def needs(request):
    """Without a choice those that are not answered on the day, the most urgent first."""
    user, day = request.user, request.as_of
    if not may(user, "view", Need):
        raise PermissionDenied
    choice = Filter(request, [villages_seen(request), handlers(user)], "户主或诉求")
    rows = narrowed(Need.objects.for_user(user).filter(raised_on__lte=day), choice, user)
    scope = chosen_scope(request)
    if scope.within is not None:
        rows = rows.within(scope.within)
    conditions = states_on(day)
    state = request.GET.get("state", UNANSWERED)
    state = state if state in conditions else UNANSWERED
    shown = rows.filter(conditions[state]).select_related("household__village")
    shown = shown.order_by("-closed_on", "-pk") if state == ANSWERED else shown.order_by("due", "pk")
    page = Paginator(shown, 50).get_page(request.GET.get("page"))
    return render(
        request,
        "livelihood/needs.html",
        {
            "page": page,
            "table": table_of(page, user, day),
            "counters": counters(rows, conditions, state, choice),
            "filter": choice,
            "pages": pages(request, "needs"),
            "whole": sight(user, Need) == Sight.SCOPE,
            "state": state,
        },
    )


def handlers(user) -> Choice:
    return Choice("handler", "承办", [(MINE, "由我答复"), *Need.Handler.choices])


def narrowed(rows, choice: Filter, user):
    if choice.text:
        rows = rows.filter(
            Q(household__head__contains=choice.text)
            | Q(household__initials__startswith=choice.text.lower())
            | Q(content__contains=choice.text)
        )
    if choice["village"]:
        rows = rows.filter(scope_code=choice["village"])
    if choice["handler"] == MINE:
        return rows.filter(mine(user))
    return rows.filter(handler=choice["handler"]) if choice["handler"] else rows


def mine(user) -> Q:
    """What the user is to answer: as the contact, for the office, for the village."""
    contacts = Contact.objects.filter(cadre__user=user, end__isnull=True)
    as_contact = Q(handler=Need.Handler.CONTACT, household__in=contacts.values("household"))
    return as_contact | Q(pk__in=Need.objects.for_offices_of(user).values("pk"))


def states_on(day) -> dict[str, Q]:
    taken = Q(taken_on__lte=day)
    return {
        UNANSWERED: open_on(day),
        OPEN: open_on(day) & (Q(taken_on__isnull=True) | Q(taken_on__gt=day)),
        IN_HAND: open_on(day) & taken,
        OVERDUE: open_on(day) & Q(due__lt=day),
        ANSWERED: Q(closed_on__lte=day),
        ALL: Q(),
    }


LABELS = {
    UNANSWERED: "未答复",
    OVERDUE: "逾期",
    OPEN: "未开始办理",
    IN_HAND: "办理中",
    ANSWERED: "已答复",
    ALL: "全部",
}


def counters(rows, conditions, state, choice) -> list[dict]:
    """How many there are of each state, as the choice between them; one query."""
    counts = rows.order_by().aggregate(
        **{f"n_{name}": Count("pk", filter=conditions[name]) for name in LABELS}
    )
    return [
        {
            "label": label,
            "count": counts[f"n_{name}"],
            "url": choice.link(state=name),
            "active": name == state,
            "state": "bad" if name == OVERDUE and counts[f"n_{name}"] else "",
        }
        for name, label in LABELS.items()
    ]


def table_of(page, user, day):
    leaders = leaders_of(page, user, day)
    rows = [
        {
            "cells": [
                {"text": need.content, "url": need.get_absolute_url()},
                {"text": need.household.head, "label": "户主"},
                {"text": need.household.village.short_name, "label": "村"},
                {"text": need.get_topic_display(), "label": "类别"},
                {"text": f"{need.raised_on:%Y-%m-%d}", "label": "提出"},
                {"text": leaders.get(need.pk) or need.get_handler_display(), "label": "承办"},
                {"text": f"{need.due:%Y-%m-%d}", "label": "期限"},
                state_cell(need, day),
            ]
        }
        for need in page
    ]
    labels = ["诉求", "户主", "村", "类别", "提出日期", "承办", "答复期限", "办理情况"]
    return {"columns": [{"label": label} for label in labels], "rows": rows, "caption": "诉求"}


def state_cell(need, day) -> dict:
    state = need_state(need, day)
    return {"text": state["words"], "state": state["state"].value}


def leaders_of(page, user, day) -> dict[int, str]:
    """联系领导（马强） of those that the contact answers."""
    households = [need.household_id for need in page if need.handler == Need.Handler.CONTACT]
    contacts = Contact.objects.for_user(user).live(day).filter(household__in=households)
    names = dict(contacts.order_by().values_list("household", "cadre__name"))
    return {
        need.pk: f"联系领导（{names[need.household_id]}）"
        for need in page
        if need.handler == Need.Handler.CONTACT and need.household_id in names
    }


# --- One need -------------------------------------------------------------------------------------------


def need(request, pk):
    """A need with its history; who may change it acts here, one form an act."""
    user, day = request.user, request.as_of
    row = get_object_or_404(Need.objects.for_user(user).select_related("household__village"), pk=pk)
    editable = Need.objects.editable_by(user).filter(pk=row.pk).exists()
    if request.method == "POST" and not editable:
        raise PermissionDenied
    kinds = acts_for(row, writes(user, Need)) if editable and day == today() else []
    chosen = request.POST.get("act", "")
    forms = [kind(request.POST if kind.act == chosen else None, instance=fresh(row)) for kind in kinds]
    posted = next((form for form in forms if form.is_bound), None)
    if request.method == "POST":
        if posted is None:
            messages.error(request, "没有办理：这件诉求的办理情况已变，看过现在的内容再办。")
            return redirect(row)
        if posted.is_valid():
            return done(request, posted)
    return render(
        request,
        "livelihood/need.html",
        {
            "need": row,
            "state": need_state(row, day),
            "leader": leaders_of([row], user, day).get(row.pk),
            "forms": forms,
            "visits": Visit.objects.for_user(user).filter(need=row, date__lte=day).select_related("visitor"),
            "steps": steps(row),
            "sees_household": Household.objects.for_user(user).filter(pk=row.household_id).exists(),
            "sees_visits": may(user, "view", Visit),
        },
        status=422 if posted else 200,
    )


def fresh(row) -> Need:
    """A copy for each form: what one writes into it, the page and the others do not show."""
    return Need.objects.select_related("household").get(pk=row.pk)


def done(request, form):
    """Save, record, say it; who passed the need on may not see it any more."""
    reason = form.cleaned_data.get("reason", "")
    with transaction.atomic():
        need = form.save()
        detail = {"reason": reason} if reason else {}
        record_change(f"诉求 {need}，{form.button}", need, request=request, **detail)
    messages.success(request, f"{need.household.head}户的诉求{form.said}")
    stays = Need.objects.for_user(request.user).filter(pk=need.pk).exists()
    return redirect(need if stays else reverse("needs"))


def steps(row) -> list[dict]:
    """What was done about the need, the newest first: {at, who, what, why}, from its history."""
    versions = list(row.history.select_related("history_user").order_by("history_date", "history_id"))
    found = []
    for before, version in zip([None, *versions], versions, strict=False):
        what = step(before, version)
        if what:
            who = version.history_user.name if version.history_user else "系统"
            found.append(
                {
                    "at": version.history_date,
                    "who": who,
                    "what": what,
                    "why": version.history_change_reason or "",
                }
            )
    return found[::-1]


def step(before, version) -> str:
    """One change in words; "" where nothing changed that is shown."""
    if before is None:
        return f"提出，承办 {version.get_handler_display()}，期限 {version.due:%Y-%m-%d}"
    if version.closed_on and not before.closed_on:
        return f"答复（{version.closed_on:%Y-%m-%d}），{version.get_outcome_display()}：{version.reply}"
    if before.closed_on and not version.closed_on:
        return f"重新办理，期限 {version.due:%Y-%m-%d}"
    if version.handler != before.handler:
        return (
            f"由{before.get_handler_display()}转{version.get_handler_display()}，期限 {version.due:%Y-%m-%d}"
        )
    if version.taken_on and version.taken_on != before.taken_on:
        return f"开始办理（{version.taken_on:%Y-%m-%d}）"
    names = ("content", "topic", "raised_on", "due", "taken_on", "closed_on", "outcome", "reply")
    changed = [name for name in names if getattr(version, name) != getattr(before, name)]
    labels = [str(Need._meta.get_field(name).verbose_name) for name in changed]
    return f"改{'、'.join(labels)}" if labels else ""
