"""首页, 总览, the list of duties, search. They only collect what the apps declare."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import render

from banzhuang.core.models import Job
from banzhuang.duties.duty import State, owed_by, pressing

from . import panels
from .context import all_duties, for_reader, sees_business
from .home import sentences
from .overview import board, figure_groups, lights, office_table
from .scope import chosen_scope


def home(request):
    """What I owe today, and what has been made for me."""
    owed = pressing(owed_by(request.user, all_duties(request)))
    view = panels.View(request.user, request.as_of)
    jobs = Job.objects.for_user(request.user)[:5]
    return render(
        request,
        "dashboards/home.html",
        {
            "duties": owed,
            "counts": state_counts(owed),
            "columns": panels.sections_of(panels.Page.HOME, view),
            "jobs": jobs,
            "sentences": sentences(view) if sees_township(request.user) else [],
        },
    )


def sees_township(user) -> bool:
    """The report's sentences speak of the whole township; a village's cadre has no use for them."""
    return sees_business(user) and len(user.scope) <= 9


def overview(request):
    """The township at a glance, as of a day."""
    if not sees_business(request.user):
        raise PermissionDenied
    scope = chosen_scope(request)
    order = request.GET.get("order", "problems")
    duties = [
        duty for duty in all_duties(request) if scope.within is None or duty.scope_code[:12] in scope.within
    ]
    view = panels.View(request.user, request.as_of, within=scope.within, chosen=scope.chosen)
    figures, groups = figure_groups(view)
    return render(
        request,
        "dashboards/overview.html",
        {
            "groups": groups,
            "lights": lights(view, figures, duties),
            "board": board(view, figures, scope.places, order),
            "orders": orders(request, order),
            "offices": office_table(duties),
            "duties": for_reader(request, pressing(duties)[:8]),
            "columns": panels.sections_of(panels.Page.TOWNSHIP, view),
        },
    )


def orders(request, chosen):
    """The three orders of the village board, as links."""
    links = []
    for key, label in [("problems", "问题多在前"), ("area", "按片区"), ("code", "按村序")]:
        query = request.GET.copy()
        query["order"] = key
        links.append({"label": label, "url": f"?{query.urlencode()}", "active": key == chosen})
    return links


def duties(request):
    """All duties the user may see: what is pressing, then the rest."""
    seen = all_duties(request)
    mine = {id(duty) for duty in owed_by(request.user, seen)}
    return render(
        request,
        "dashboards/duties.html",
        {
            "mine": [duty for duty in pressing(seen) if id(duty) in mine],
            "others": for_reader(request, [duty for duty in pressing(seen) if id(duty) not in mine]),
            "counts": state_counts(seen),
        },
    )


def state_counts(duties):
    states = [duty.state for duty in duties]
    return [
        {"state": state.value, "label": state.label, "count": states.count(state)}
        for state in (State.OVERDUE, State.NEAR)
    ]


def search(request):
    """Chinese text of any length, or pinyin initials, over every source the apps declare."""
    text = request.GET.get("q", "").strip()[:30]
    groups = []
    if text and sees_business(request.user):
        groups = [
            {"label": source.label, "hits": hits}
            for source in panels.search_sources
            if (hits := source.find(request.user, text))
        ]
    return render(request, "dashboards/search.html", {"text": text, "groups": groups})
