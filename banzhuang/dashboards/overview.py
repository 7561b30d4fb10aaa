"""The parts of 总览: figures, lights, village board, offices; data for the components that draw them."""

from urllib.parse import urlencode

from django.urls import reverse

from banzhuang.core.mechanisms import MECHANISMS
from banzhuang.duties.duty import State, by_mechanism, by_office, pressing
from banzhuang.indicators.figures import Figures, change_from_last_month, compute, days_for_trend, trend
from banzhuang.indicators.indicator import registry

from . import panels


def link(indicator, view, place: str = "") -> str:
    """The page with the rows behind a figure of the view's day: of `place` (a village's code), else of its choice."""
    return f"{reverse('figure_rows', args=[indicator.code])}?{address(view, place)}"


def address(view, place: str = "") -> str:
    """The day and the place as they travel in the address."""
    chosen = place or view.chosen
    return urlencode({"on": view.day.isoformat(), **({"in": chosen} if chosen else {})})


def figure_groups(view) -> tuple[Figures, list[dict]]:
    """All figures of all indicators once, and the strip grouped by the report's headings."""
    figures = compute(registry, days_for_trend(view.day), view.user, view.within)
    groups: dict[str, list[dict]] = {}
    for figure in panels.figures:
        group = MECHANISMS[figure.indicator.mechanism].group
        groups.setdefault(group, []).append(_figure(figure, figures, view))
    return figures, [{"label": label, "figures": items} for label, items in groups.items()]


def _figure(figure, figures, view):
    indicator = figure.indicator
    change = change_from_last_month(figures, indicator, view.day)
    said = [f"{label} {figures.value(other, view.day)}" for label, other in figure.beside]
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
    """One light for each mechanism that stands: its worst duty, or the fact that all is well."""
    grouped = by_mechanism(pressing(duties))
    items = []
    for item in panels.navigation:
        mechanism = MECHANISMS[item.mechanism]
        worst = sorted(grouped.get(mechanism.code, []), key=lambda duty: duty.state != State.OVERDUE)
        if worst:
            rule, state = worst[0].rule, worst[0].state
            same = [duty for duty in worst if duty.rule.code == rule.code and duty.state == state]
            fact = rule.fact(len(same))
        else:
            state, fact = State.NORMAL, all_well(mechanism, figures, view)
        items.append(
            {
                "state": state.value,
                "label": mechanism.title,
                "fact": fact,
                "url": f"{reverse(item.url_name)}?{address(view)}",
            }
        )
    return items


def all_well(mechanism, figures, view) -> str:
    """The first figure of the mechanism, said as a fact."""
    first = registry.of(mechanism=mechanism.code)[0]
    return f"{first.label} {figures.value(first, view.day)} {first.unit}"


def board(view, figures, places, order) -> dict:
    """The village board: rows villages, columns the indicators that are declared for it, states as shapes."""
    columns = [indicator for indicator in registry if indicator.board]
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
    return f"{indicator.board_words.get(1, '')} {value} {indicator.unit}".strip()


def _board_row(place, columns, values, view):
    cells, problems = [], []
    for indicator in columns:
        value = values[indicator.code].get(place.code, 0)
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
