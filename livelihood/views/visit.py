"""走访记录: recorded in the yard on a phone, read, and corrected by who made it."""

import datetime

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from django_htmx.http import HttpResponseClientRedirect

from banzhuang.accounts.audit import Action, record, record_change
from banzhuang.core import photos
from banzhuang.core.access import writes
from banzhuang.core.clock import today
from banzhuang.core.workdays import week_of
from banzhuang.duties.duty import State

from .. import rules
from ..forms import HANDLERS, VisitForm
from ..models import Household, Need, Visit, VisitPhoto
from ..parameters import LATE_ENTRY_DAYS
from ..plan import after_visit, families, heard_and_done, may_record, month_day, own_cadre, week_so_far

NOON, EVENING = 12, 18
RECENT = 5
SHOWN = 14  # characters of what was heard, on the card of the household


def record_visit(request, pk):
    """One visit to the household: by the user's own cadre, or by the leader whom the welfare office names."""
    household = get_object_or_404(Household.objects.for_user(request.user).select_related("village"), pk=pk)
    if not may_record(request.user):
        raise PermissionDenied
    visitor = None if writes(request.user, Visit) else own_cadre(request.user)
    form = VisitForm(
        request.POST or None,
        request.FILES or None,
        initial={"half_day": half_day_of(timezone.localtime().hour)},
        user=request.user,
        household=household,
        visitor=visitor,
    )
    if request.method == "POST" and form.is_valid() and (visit := enter(request, form)):
        return saved(request, visit)
    return form_page(request, form, household)


@transaction.atomic
def enter(request, form):
    """The visit with its event; a visit sent a second time has one already."""
    visit = form.save()
    if visit is form.instance:
        record(Action.ADD, f"走访记录 {visit}", request=request, scope_code=visit.scope_code)
    return visit


def edit_visit(request, pk):
    """Correct a visit; its history keeps what stood there."""
    rows = Visit.objects.select_related("household__village", "visitor", "need")
    visit = get_object_or_404(rows.for_user(request.user), pk=pk)
    if not Visit.objects.editable_by(request.user).filter(pk=visit.pk).exists():
        raise PermissionDenied
    form = VisitForm(
        request.POST or None,
        request.FILES or None,
        instance=visit,
        user=request.user,
        household=visit.household,
    )
    if request.method == "POST" and form.is_valid() and correct(request, form):
        messages.success(request, f"已改 {visit.household.head}户 的走访。")
        return go(request, visit.get_absolute_url())
    return form_page(request, form, visit.household)


@transaction.atomic
def correct(request, form):
    visit = form.save()
    if visit:
        dropped = len(form.cleaned_data["dropped"])
        detail = {"photos_taken_away": dropped} if dropped else {}
        record_change(f"走访记录 {visit}", visit, request=request, **detail)
    return visit


def half_day_of(hour: int) -> str:
    """The part of the day in which somebody who writes now has just been there."""
    if hour < NOON:
        return Visit.HalfDay.MORNING
    return Visit.HalfDay.AFTERNOON if hour < EVENING else Visit.HalfDay.EVENING


def saved(request, visit):
    """Back to the plan, which says what was saved and how the week stands now."""
    week = week_so_far(visit.visitor, today())
    said = f"已记 {visit.household.head}户 的走访{f'，本周走访 {week.visits} 次' if week else ''}。"
    edit = reverse("edit_visit", args=[visit.pk])
    messages.success(request, format_html('{} <a href="{}">改这一条</a>', said, edit))
    plan = reverse("visit_plan")
    return go(request, plan if visit.visitor == own_cadre(request.user) else visit.get_absolute_url())


def go(request, url):
    """A script that sent the form is told where to go; it would otherwise read the page, and its toast, itself."""
    if not request.htmx:
        return redirect(url)
    response = HttpResponseClientRedirect(url)
    response["Visit-Saved"] = "yes"  # it may also be sent to the log-in: that is no redirect of ours
    return response


def form_page(request, form, household):
    """The form with what is known of the household; with errors 422, to a script only the form itself."""
    day = today()
    visit = form.instance
    visitor = getattr(visit, "visitor", None)
    recent = recent_visits(request.user, household, visit)
    waiting = [need for need in form.needs.values() if need.closed_on is None]
    context = {
        "form": form,
        "household": household,
        "family": families(request.user, [household], day)[household.pk],
        "waiting": waiting,
        "recent": [
            {"date": row.date, "who": row.visitor.name, "said": heard_and_done(row)} for row in recent
        ],
        "before": before(recent[0] if recent else None, waiting, day),
        "handlers": HANDLERS,
        "after": after_visit(visitor, household, day) if visitor and not visit.pk else "",
        "week": week_of(day),
        "today": day,
        "back_url": visit.get_absolute_url() if visit.pk else reverse("visit_plan"),
        "sentences": sentences(form, day),
        "draft": f"{request.user.pk}/{household.pk}/{visit.pk or 'new'}",
    }
    template = "livelihood/_visit_form.html" if request.htmx else "livelihood/record_visit.html"
    return render(request, template, context, status=422 if form.errors else 200)


def sentences(form, day) -> dict:
    """What the page itself can find wrong where there is no network: the rules' own words."""
    late = rules.visit_in_order(day + datetime.timedelta(days=1), None, None, day)
    return {
        "late": "".join(late[0][1:]),
        "silent": "".join(rules.heard_something([], "")[0][1:]),
        "undecided": form.fields["result"].error_messages["required"],
    }


def recent_visits(user, household, but) -> list[Visit]:
    visits = Visit.objects.for_user(user).filter(household=household).exclude(pk=but.pk)
    return list(visits.select_related("visitor")[:RECENT])


def before(last, waiting, day) -> list[dict]:
    """What was last heard, and what the household waits for: [{text, state ("" when nothing is open), words}]."""
    open_needs = {need.pk: need for need in waiting}
    lines = [{"text": "还没有走访记录", "state": ""}]
    if last is not None:
        heard = Truncator(last.heard.replace("\n", " ")).chars(SHOWN)
        said = f"：{heard}" if heard else ""
        lines = [
            {"text": f"上次 {month_day(last.date)}{said}"} | standing(open_needs.pop(last.need_id, None), day)
        ]
    for need in open_needs.values():
        text = f"{month_day(need.raised_on)} 诉求：{Truncator(need.content).chars(SHOWN)}"
        lines.append({"text": text} | standing(need, day))
    return lines


def standing(need, day) -> dict:
    if need is None:
        return {"state": ""}
    late = (day - need.due).days
    return {
        "state": State.OVERDUE if late > 0 else State.NEAR,
        "words": f"超 {late} 天未答复" if late > 0 else "未答复",
    }


def visit(request, pk):
    """All of one visit: fields, photos, its need, and who wrote it when."""
    rows = Visit.objects.for_user(request.user).select_related("household__village", "visitor", "need")
    seen = Prefetch("photos", VisitPhoto.objects.for_user(request.user))
    row = get_object_or_404(rows.prefetch_related(seen), pk=pk)
    need = Need.objects.for_user(request.user).filter(pk=row.need_id).first()
    return render(
        request,
        "livelihood/visit.html",
        {
            "visit": row,
            "need": need,
            "need_state": need_state(need, request.as_of) if need else None,
            "late": row.days_late() if row.days_late() > LATE_ENTRY_DAYS.on(row.date) else 0,
            "entries": entries(row),
            "may_edit": Visit.objects.editable_by(request.user).filter(pk=row.pk).exists(),
            "sees_household": Household.objects.for_user(request.user).filter(pk=row.household_id).exists(),
        },
    )


def need_state(need, day) -> dict:
    """How the need stands on `day`: {state, words}."""
    words = {"open": "未答复", "in_hand": "办理中", "solved": "已解决", "cannot": "无法解决"}
    code = need.state_on(day)
    if code in {"solved", "cannot"}:
        return {"state": State.DONE, "words": words[code]}
    late = (day - need.due).days
    if late > 0:
        return {"state": State.OVERDUE, "words": f"{words[code]}，超 {late} 天"}
    return {"state": State.NEAR, "words": f"{words[code]}，期限 {month_day(need.due)}"}


def entries(row) -> list[dict]:
    """Who wrote the visit and who changed what, the first first: [{at, who, what}]."""
    versions = list(row.history.select_related("history_user").order_by("history_date", "history_id"))
    found = []
    for before, version in zip([None, *versions], versions, strict=False):
        names = [] if before is None else version.diff_against(before).changed_fields
        labels = [str(Visit._meta.get_field(name).verbose_name) for name in names if name != "version"]
        who = version.history_user.name if version.history_user else "系统"
        found.append(
            {
                "at": version.history_date,
                "who": who,
                "what": "录入" if before is None else f"改{'、'.join(labels) or '照片'}",
            }
        )
    return found


@csp_update(
    {"style-src": [UNSAFE_INLINE]}
)  # a browser that shows a picture alone centres it by a style of its own
def visit_photo(request, pk, size):
    """A photo of a visit that the user sees; `size` as in core.photos.SIZES."""
    return photos.serve(request, VisitPhoto.objects.for_user(request.user), pk, size)
