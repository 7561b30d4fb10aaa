"""The rows behind a figure: whoever sees the number can open what was counted."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render

from banzhuang.core import places
from banzhuang.core.mechanisms import MECHANISMS

from .indicator import registry


def figure_rows(request, code):
    """`?on=` the day, `?in=` a village or an area's name; rows as the user may see them, 50 a page."""
    indicator = registry.get(code)
    if indicator is None:
        raise Http404
    if not indicator.visible_to(request.user):
        raise PermissionDenied
    label, within = narrowed(request)
    rows = indicator.rows(request.as_of, request.user, within)
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    return render(
        request,
        "indicators/rows.html",
        {
            "indicator": indicator,
            "mechanism": MECHANISMS[indicator.mechanism],
            "place": label,
            "page": page,
            "query": f"{query.urlencode()}&" if query else "",
            "table": {
                "columns": [{"label": label} for label, _ in indicator.columns],
                "rows": [row_cells(indicator, row) for row in page],
                "caption": indicator.label,
                "empty": "没有符合这一口径的记录。",
            },
        },
    )


def narrowed(request):
    """(label, division code prefixes) of `?in=`; a place outside what the user sees is not found."""
    chosen = request.GET.get("in", "")
    if not chosen:
        return "", None
    seen = places.villages(request.user, request.as_of)
    inside = [place for place in seen if chosen in {place.code, place.area}]
    if not inside:
        raise Http404
    label = inside[0].name if chosen == inside[0].code else chosen
    return label, [place.code for place in inside]


def row_cells(indicator, row) -> dict:
    url = row.get_absolute_url() if hasattr(row, "get_absolute_url") else ""
    cells = [{"text": text_of(row, path)} for _, path in indicator.columns]
    linked = min(1, len(cells) - 1)
    cells[linked]["url"] = url
    return {"cells": cells}


def text_of(row, path: str) -> str:
    """The value at a dotted path, methods called, dates at their precision; "" for nothing."""
    value = row
    for name in path.split("."):
        value = getattr(value, name)
        if callable(value):
            value = value()
        if value is None:
            return ""
    return value.iso() if hasattr(value, "iso") else str(value)
