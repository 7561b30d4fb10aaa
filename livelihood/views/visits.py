"""走访记录: all visits in sight, the latest first, with those entered late marked."""

import datetime
from collections import Counter

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import render

from banzhuang.core.access import Sight, may, sight
from banzhuang.dashboards.scope import chosen_scope
from banzhuang.ledgers.listing import export_url
from cadres.models import Cadre

from ..indicators import late_entry
from ..models import Household, Visit, VisitPhoto
from ..navigation import pages
from ..parameters import LATE_ENTRY_DAYS
from ..plan import may_record
from .lists import Choice, Filter, villages_seen

WEEK = datetime.timedelta(days=7)


def visits(request):
    """`?leader=` who went there, `?week=` a Monday, `?household=`, `?village=`, `?late=1` those entered late."""
    user, day = request.user, request.as_of
    if not may(user, "view", Visit):
        raise PermissionDenied
    rows, choice, chosen = listed(request)
    page = Paginator(rows.select_related("household__village", "visitor"), 50).get_page(
        request.GET.get("page")
    )
    return render(
        request,
        "livelihood/visits.html",
        {
            "page": page,
            "table": table_of(page, user, day),
            "filter": choice,
            "chips": chosen,
            "export_url": export_url(request, "visits"),
            "pages": pages(request, "visits"),
            "whole": sight(user, Visit) == Sight.SCOPE,
            "may_record": may_record(user),
        },
    )


def listed(request):
    """The visits that the list shows, its filters, and its chips. request: or what stands for one."""
    user, day = request.user, request.as_of
    choice = Filter(request, [villages_seen(request), visitors(user), LATE], "户主或内容")
    rows = narrowed(Visit.objects.for_user(user).filter(date__lte=day), choice, day)
    monday = monday_of(request.GET.get("week", ""))
    if monday:
        rows = rows.between(monday, monday + WEEK)
    household = chosen_household(request)
    if household:
        rows = rows.filter(household=household)
    scope = chosen_scope(request)
    if scope.within is not None:
        rows = rows.within(scope.within)
    return rows, choice, chips(choice, monday, household)


LATE = Choice("late", "补录", [("1", "只看补录")])


def visitors(user) -> Choice:
    """Who made a visit that the user sees."""
    made = Visit.objects.for_user(user).order_by().values("visitor")
    people = Cadre.objects.filter(pk__in=made).order_by("initials").values_list("pk", "name")
    return Choice("leader", "走访干部", [(str(pk), name) for pk, name in people])


def narrowed(rows, choice: Filter, day):
    if choice.text:
        rows = rows.filter(
            Q(household__head__contains=choice.text)
            | Q(household__initials__startswith=choice.text.lower())
            | Q(heard__contains=choice.text)
            | Q(measures__contains=choice.text)
        )
    if choice["village"]:
        rows = rows.filter(scope_code=choice["village"])
    if choice["leader"]:
        rows = rows.filter(visitor=choice["leader"])
    return rows.filter(late_entry(day)) if choice["late"] else rows


def monday_of(text: str) -> datetime.date | None:
    """The Monday of the week in the address, also where another day of it is written."""
    try:
        day = datetime.date.fromisoformat(text)
        return day - datetime.timedelta(days=day.weekday())
    except (ValueError, OverflowError):
        return None


def chosen_household(request) -> Household | None:
    pk = request.GET.get("household", "")
    if not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
        return None
    return Household.objects.for_user(request.user).filter(pk=pk).first()


def chips(choice: Filter, monday, household) -> list[dict]:
    """What the list was opened for, each to be taken away: a week of the grid, a household."""
    found = []
    if monday:
        sunday = monday + WEEK - datetime.timedelta(days=1)
        week = f"{monday.month}月{monday.day}日至{sunday.month}月{sunday.day}日"
        found.append({"label": week, "remove_url": choice.link(week="")})
    if household:
        found.append({"label": f"{household.head}户", "remove_url": choice.link(household="")})
    return found


def table_of(page, user, day):
    seen = VisitPhoto.objects.for_user(user).filter(visit__in=[visit.pk for visit in page])
    photos = Counter(seen.order_by().values_list("visit", flat=True))
    labels = ["日期", "走访干部", "村", "户主", "反映情况", "帮扶措施", "办理结果"]
    columns = [{"label": label} for label in labels]
    columns += [{"label": "照片", "unit": "张", "align": "right"}, {"label": "补录"}]
    late_after = LATE_ENTRY_DAYS.on(day)
    rows = [{"cells": cells(visit, photos[visit.pk], late_after)} for visit in page]
    return {"columns": columns, "rows": rows, "caption": "走访记录"}


def cells(visit, photos, late_after):
    days = visit.days_late()
    late = f"{days} 天后" if days > late_after else ""
    heard = visit.heard or "、".join(visit.topic_words) or "没有反映困难"
    pending = visit.result == Visit.Result.PENDING
    return [
        {"text": f"{visit.date:%Y-%m-%d}", "url": visit.get_absolute_url()},
        {"text": visit.visitor.name, "label": "走访干部"},
        {"text": visit.household.village.short_name, "label": "村"},
        {"text": visit.household.head, "label": "户主"},
        {"text": heard, "label": "反映情况"},
        {"text": visit.measures, "label": "帮扶措施"},
        {"text": visit.get_result_display(), "state": "near" if pending else "", "label": "办理结果"},
        {"text": str(photos), "label": "照片", "align": "right"},
        {"text": late, "state": "none" if late else "", "label": "补录"},
    ]
