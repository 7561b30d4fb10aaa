"""The parts of 总览: figures, lights, village board, offices; data for the components that draw them."""

from urllib.parse import urlencode

from django.urls import reverse

from banzhuang.core.mechanisms import MECHANISMS
from banzhuang.duties.duty import State, by_mechanism, by_office, pressing
from banzhuang.indicators.figures import Figures, change_from_last_month, compute, days_for_trend, trend
from banzhuang.indicators.indicator import Indicator, visible

from . import panels


def link(indicator, view, place: str = "") -> str:
    """The page with the rows behind a figure of the view's day: of `place` (a village's code), else of its choice."""
    return f"{reverse('figure_rows', args=[indicator.code])}?{address(view, place)}"


def address(view, place: str = "") -> str:
    """The day and the place as they travel in the address."""
    chosen = place or view.chosen
    return urlencode({"on": view.day.isoformat(), **({"in": chosen} if chosen else {})})


def firsts_of(user) -> dict[str, Indicator]:
    """The first indicator of each mechanism that the user is shown: what its light says when all is well."""
    found: dict[str, Indicator] = {}
    for indicator in visible(user):
        found.setdefault(indicator.mechanism, indicator)
    return found


def shown_to(user) -> list[Indicator]:
    """Those of the user's indicators that 总览 speaks of: in the strip, on the board, in a light."""
    strip = [ind for figure in panels.figures for ind in (figure.indicator, *dict(figure.beside).values())]
    spoken_of = {ind.code for ind in (*strip, *firsts_of(user).values())}
    return [ind for ind in visible(user) if ind.board or ind.code in spoken_of]


def figure_groups(view) -> tuple[Figures, list[dict]]:
    """All figures of the page once, and the strip grouped by the report's headings."""
    figures = compute(shown_to(view.user), days_for_trend(view.day), view.user, view.within)
    groups: dict[str, list[dict]] = {}
    for figure in panels.figures:
        if not figure.indicator.visible_to(view.user):
            continue
        group = MECHANISMS[figure.indicator.mechanism].group
        groups.setdefault(group, []).append(_figure(figure, figures, view))
    return figures, [{"label": label, "figures": items} for label, items in groups.items()]


def _figure(figure, figures, view):
    indicator = figure.indicator
    change = change_from_last_month(figures, indicator, view.day)
    said = [
        f"{label} {figures.value(other, view.day)}"
        for label, other in figure.beside
        if other.visible_to(view.user)
    ]
    said.append(f"较上月 {f'{change:+d}'.replace('-', '−') if change else '持平'}")
    return {
        "label": figure.label or indicator.label,
        "value": figures.value(indicator, view.day),
        "unit": indicator.unit,
        "note": " · ".join(said),
        "url": link(indicator, view),
        "points": trend(figures, indicator, view.day),
    }


def lights(view, figures, duties) -> list[dict]:
    """One light for each mechanism of which the user is shown a figure: its worst duty, or that all is well."""
    grouped = by_mechanism(pressing(duties))
    firsts = firsts_of(view.user)
    items = []
    for item in panels.navigation:
        if item.mechanism not in firsts or not item.visible(view.user):
            continue
        pressed = grouped.get(item.mechanism, [])
        items.append(
            {
                "state": min((duty.state for duty in pressed), key=_worst_first, default=State.NORMAL).value,
                "label": MECHANISMS[item.mechanism].title,
                "fact": worst(pressed) or all_well(firsts[item.mechanism], figures, view),
                "url": f"{reverse(item.url_name)}?{address(view)}",
            }
        )
    return items


def _worst_first(state: State) -> bool:
    return state != State.OVERDUE


def worst(duties) -> str:
    """What the worst rule says of its overdue and of its near duties; "" where nothing presses."""
    if not duties:
        return ""
    rule = min(duties, key=lambda duty: _worst_first(duty.state)).rule
    states = [duty.state for duty in duties if duty.rule.code == rule.code]
    counts = [(states.count(state), state) for state in (State.OVERDUE, State.NEAR)]
    return "、".join(rule.fact(count, state) for count, state in counts if count)


def all_well(indicator, figures, view) -> str:
    """The first figure of the mechanism, said as a fact."""
    return f"{indicator.label} {figures.value(indicator, view.day)} {indicator.unit}"


def board(view, figures, places, order) -> dict:
    """The village board: rows villages, columns the indicators that are declared for it, states as shapes."""
    columns = [indicator for indicator in visible(view.user) if indicator.board]
    values = {indicator.code: figures.by_village(indicator, view.day) for indicator in columns}
    rows = [_board_row(place, columns, values, view) for place in places]
    if order == "problems":
        rows.sort(key=lambda row: (-row["weight"], row["code"]))
    elif order == "area":
        rows.sort(key=lambda row: (row["area"] == "", row["area"], row["code"]))
    groups: list[dict] = []
    for indicator in columns:
        if groups and groups[-1]["label"] == indicator.office:
            groups[-1]["span"] += 1
        else:
            groups.append({"label": indicator.office, "span": 1})
    states = [cell["state"] for row in rows for cell in row["cells"]]
    return {
        "groups": groups,
        "columns": [
            {
                "label": indicator.board_label or indicator.label,
                "unit": "" if indicator.board_words else indicator.unit,
            }
            for indicator in columns
        ],
        "total": [town_text(indicator, figures.value(indicator, view.day)) for indicator in columns],
        "rows": rows,
        "legend": [
            {"state": "bad", "label": "不达标", "count": states.count("bad")},
            {"state": "near", "label": "关注", "count": states.count("near")},
            {"state": "none", "label": "未报", "count": states.count("none")},
        ],
    }


def town_text(indicator, value) -> str:
    """The town's figure in the board; where cells are words, the word that was counted stands before it: 空缺 1 个."""
    word = indicator.board_words.get(1, "").removeprefix("是")  # “是” alone says nothing of what was counted
    return f"{word} {value} {indicator.unit}".strip()


def _board_row(place, columns, values, view):
    cells, problems = [], []
    for indicator in columns:
        value = values[indicator.code].get(place.code, indicator.absent)
        state = indicator.state(value)
        text = indicator.board_text(value)
        cells.append({"text": text, "state": state, "url": link(indicator, view, place.code)})
        if state in {"bad", "near"}:
            problems.append({"state": state, "text": f"{indicator.board_label or indicator.label} {text}"})
    weight = sum({"bad": 100, "near": 1}.get(cell["state"], 0) for cell in cells)
    problems.sort(key=lambda problem: problem["state"] != "bad")
    return {
        "label": place.short_name,
        "url": f"{place.url}?on={view.day.isoformat()}",
        "code": place.code,
        "area": place.area,
        "problems": problems,
        "cells": cells,
        "weight": weight,
    }


def office_table(duties) -> dict:
    """Overdue and near by office, with the largest sum for the bars."""
    rows = by_office(duties)
    return {
        "rows": [{"office": office, "overdue": overdue, "near": near} for office, overdue, near in rows],
        "overdue": sum(row[1] for row in rows),
        "near": sum(row[2] for row in rows),
        "largest": max((row[1] + row[2] for row in rows), default=1),
    }
