"""村情: the villages, and one village with everything about it."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render

from banzhuang.core.access import may
from banzhuang.dashboards import panels
from banzhuang.dashboards.context import all_duties, for_reader, sees_all_duties
from banzhuang.dashboards.overview import link
from banzhuang.dashboards.scope import chosen_scope
from banzhuang.duties.duty import pressing
from banzhuang.indicators.figures import compute
from banzhuang.indicators.indicator import visible
from banzhuang.ledgers.listing import export_url

from ..models import Village


def villages(request):
    """All villages one may see, by area."""
    if not may(request.user, "view", Village):
        raise PermissionDenied
    areas = {}
    for place in chosen_scope(request).places:
        areas.setdefault(place.area or "未分片区", []).append(place)
    counts = {}
    for duty in pressing(all_duties(request)):
        counts.setdefault(duty.scope_code, []).append(duty.state.value)
    groups = [
        {
            "area": area,
            "villages": [
                {
                    "place": place,
                    "bad": counts.get(place.code, []).count("bad"),
                    "near": counts.get(place.code, []).count("near"),
                }
                for place in members
            ],
        }
        for area, members in areas.items()
    ]
    context = {"groups": groups, "export_url": export_url(request, "villages")}
    return render(request, "villages/list.html", context)


def listed(request):
    """The villages that the list shows. request: or what stands for one."""
    scope = chosen_scope(request)
    rows = Village.objects.for_user(request.user).as_of(request.as_of)
    return rows if scope.within is None else rows.within(scope.within)


def village(request, code):
    """One village as of the day: figures, sections of all apps, what is owed, timeline."""
    row = get_object_or_404(
        Village.objects.for_user(request.user).select_related("area", "township"), code=code
    )
    view = panels.View(request.user, request.as_of, subject=row, within=[row.code])
    events = panels.events_of(panels.Page.VILLAGE, view)
    owed = [duty for duty in pressing(all_duties(request)) if duty.scope_code == row.code]
    return render(
        request,
        "villages/village.html",
        {
            "village": row,
            "facts": panels.facts_of(panels.Page.VILLAGE, view),
            "figures": village_figures(view),
            "columns": panels.sections_of(panels.Page.VILLAGE, view),
            "duties": for_reader(request, owed),
            "overdue": sum(duty.state == "bad" for duty in owed),
            "near": sum(duty.state == "near" for duty in owed),
            "all_duties": sees_all_duties(request),
            "events": timeline(events) if events is not None else None,
        },
    )


def village_figures(view):
    """The board's indicators for this village, as the strip under its head."""
    columns = [indicator for indicator in visible(view.user) if indicator.board]
    figures = compute(columns, [view.day], view.user, view.within)
    strip = []
    for indicator in columns:
        value = figures.by_village(indicator, view.day).get(view.subject.code, indicator.absent)
        strip.append(
            {
                "label": indicator.board_label or indicator.label,
                "text": indicator.board_text(value),
                "unit": "" if indicator.board_words else indicator.unit,
                "state": indicator.state(value),
                "url": link(indicator, view, view.subject.code),
            }
        )
    return strip


def timeline(events):
    """Events as the timeline component draws them: the year stands where it changes."""
    drawn, year = [], None
    for event in events:
        text = event.day_text
        if event.day.year == year:
            text = text.removeprefix(f"{year}年") or text  # known to the year alone
        year = event.day.year
        drawn.append(
            {"day": text, "state": event.state, "text": event.text, "source": event.source, "url": event.url}
        )
    return drawn
