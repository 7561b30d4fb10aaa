"""The scope chosen: all one may see, an area by its name, or a village by its code; it travels in the address as `in`."""

from dataclasses import dataclass
from urllib.parse import urlencode

from banzhuang.core import places


@dataclass(frozen=True)
class Scope:
    """`within` are division code prefixes, None when nothing was chosen; `chosen` is the choice as in the address."""

    label: str
    within: list[str] | None
    choices: list[dict]
    places: list[places.Place]
    chosen: str = ""


def chosen_scope(request) -> Scope:
    """Made once a request. A choice outside what the user sees counts as no choice."""
    if not hasattr(request, "_scope"):
        request._scope = _choose(request, seen_places(request))
    return request._scope


def scope_words(request) -> list[str]:
    """The choice in words for a list of filters; nothing when nothing was chosen."""
    scope = chosen_scope(request)
    return [] if scope.within is None else [f"范围：{scope.label}"]


def seen_places(request) -> list[places.Place]:
    """The villages the user may see on the request's day; asked for once a request."""
    if not hasattr(request, "_places"):
        request._places = places.villages(request.user, request.as_of)
    return request._places


def _choose(request, villages):
    chosen = request.GET.get("in", "")
    areas = {}
    for place in villages:
        if place.area:
            areas.setdefault(place.area, []).append(place.code)
    everything = f"全镇 {len(villages)} 村" if len(villages) != 1 else villages[0].name
    label, within, shown = everything, None, villages
    if chosen in areas:
        within = areas[chosen]
        shown = [place for place in villages if place.code in within]
        label = f"{chosen} {len(within)} 村"
    elif alone := [place for place in villages if place.code == chosen]:
        within, shown, label = [chosen], alone, alone[0].name
    choices = [_choice(request, "", everything, within is None)]
    choices += [
        _choice(request, area, f"{area} {len(codes)} 村", area == chosen) for area, codes in areas.items()
    ]
    return Scope(
        label, within, choices if len(choices) > 1 else [], shown, chosen if within is not None else ""
    )


def _choice(request, value, label, active):
    query = {key: text for key, text in request.GET.items() if key not in {"in", "page"}}
    if value:
        query["in"] = value
    return {"label": label, "url": f"{request.path}?{urlencode(query)}", "active": active}
