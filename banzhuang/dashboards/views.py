"""首页, 总览, the list of duties, search. They only collect what the apps declare."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils import timezone

from banzhuang.core import running
from banzhuang.core.access import may
from banzhuang.core.models import Pulse
from banzhuang.duties.duty import State, owed_by, pressing
from banzhuang.indicators.indicator import registry as indicators
from banzhuang.indicators.indicator import visible

from . import panels
from .context import all_duties, for_reader, seen_whole, sees_business, sees_overview
from .home import news_of, sentences
from .overview import board, figure_groups, lights, office_table
from .scope import chosen_scope

# Of one's duties so many stand on 首页; all of them on 待办.
SHOWN = 12


def home(request):
    """What I owe today, and what has been made for me."""
    owed = pressing(owed_by(request.user, all_duties(request)))
    view = panels.View(request.user, request.as_of)
    return render(
        request,
        "dashboards/home.html",
        {
            "duties": owed[:SHOWN],
            "owed": len(owed),
            "counts": state_counts(owed),
            "columns": panels.sections_of(panels.Page.HOME, view),
            "news": news_of(request.user),
            "sentences": sentences(view) if sees_township(request.user) else [],
            "troubles": running.troubles(timezone.now()) if may(request.user, "view", Pulse) else [],
        },
    )


def sees_township(user) -> bool:
    """The report's sentences speak of the whole township; a village's cadre has no use for them."""
    return sees_business(user) and len(user.scope) <= 9


def overview(request):
    """The township at a glance, as of a day: figures and duties of which the user sees all, not the own ones alone."""
    if not sees_overview(request.user):
        raise PermissionDenied
    scope = chosen_scope(request)
    order = request.GET.get("order", "problems")
    rules = seen_whole(request)
    duties = [
        duty
        for duty in all_duties(request)
        if duty.rule.code in rules and (scope.within is None or duty.scope_code[:12] in scope.within)
    ]
    view = panels.View(request.user, request.as_of, within=scope.within, chosen=scope.chosen)
    figures, groups = figure_groups(view)
    return render(
        request,
        "dashboards/overview.html",
        {
            "groups": groups,
            "partial": len(visible(request.user)) < len(indicators),
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
