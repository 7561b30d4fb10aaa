"""走访完成情况: rows leaders, columns the last weeks; how each week stands, its households, who is on leave."""

import datetime
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.shortcuts import render
from django.urls import reverse

from banzhuang.core.workdays import week_of
from banzhuang.duties.duty import State
from cadres.models import Cadre, Leave

from ..navigation import pages
from ..parameters import LOAD, POOR_HOUSEHOLD
from ..quota import households_due, load, rule_on, sees_weeks
from ..weeks import ONE, WEEK, Rule, Week, WeekState

SHOWN, LONGER, LONGEST = 8, 13, 26
# Of these each is owed; the first two are fulfilled.
OWED = (WeekState.MET, WeekState.MADE_UP, WeekState.SHORT, WeekState.PENDING)
FULFILLED = OWED[:2]
# The signs of the states that are not plain (the same as of duties), and their words in the legend.
SIGNS = {
    WeekState.SHORT: ("bad", "漏访"),
    WeekState.PENDING: ("near", "本周还差"),
    WeekState.MADE_UP: ("done", "已补"),
    WeekState.EXCUSED: ("exempt", "免走访"),
}


def visit_quota(request):
    """For who sees all visits of a township: a village knows only a part of each leader's."""
    user, day = request.user, request.as_of
    if not sees_weeks(user):
        raise PermissionDenied
    count = asked_weeks(request.GET.get("weeks", ""))
    this_week = week_of(day)[0]
    mondays = [this_week - back * WEEK for back in range(count - 1, -1, -1)]
    weeks, dues = load(user, mondays, day), households_due(user, day)
    cadres = leaders_in(user, weeks, dues, day)
    rows = [row_of(cadre, weeks.get(cadre.pk), dues, mondays, request) for cadre in cadres]
    rows.sort(key=lambda row: -row["weight"])
    return render(
        request,
        "livelihood/quota.html",
        {
            "pages": pages(request, "visit_quota"),
            "columns": [
                {"monday": monday, "sunday": monday + 6 * ONE, "running": monday == this_week}
                for monday in mondays
            ],
            "rows": rows,
            "total": total_of(rows, count),
            "legend": legend_of(rows),
            "choices": choices_of(request, count),
            "rule": rule_words(rule_on(this_week), day),
            "counting": counting_words(rule_on(this_week)),
            "leaves": leaves_in(user, this_week, cadres, day),
            "beside": count <= SHOWN,
            "wide": count > LONGER,
            "aside_class": "aside-262",
        },
    )


def asked_weeks(text: str) -> int:
    """How many weeks are shown: what the address asks for, 1 to 26; else 8."""
    number = int(text[:3]) if text.isascii() and text.isdigit() else 0
    return number if 1 <= number <= LONGEST else SHOWN


def leaders_in(user, weeks, dues, day):
    """Those who held a household in the weeks, or hold one, and the leaders in office."""
    holding = {due.contact.cadre_id for due in dues}
    held = {pk for pk, found in weeks.items() if any(week.state != WeekState.NONE for week in found)}
    in_office = Cadre.objects.leaders(day).values("pk")
    cadres = Cadre.objects.for_user(user).filter(Q(pk__in=held | holding) | Q(pk__in=in_office))
    return list(cadres.defer("id_number", "phone").order_by("initials", "pk"))


# --- A leader's row ----------------------------------------------------------------------------------------


def row_of(cadre, weeks, dues, mondays, request) -> dict:
    """weight: weeks missed first, then what runs, then households that wait."""
    day, least = request.as_of, LOAD.on(request.as_of)
    weeks = weeks or [Week(monday, WeekState.NONE) for monday in mondays]
    held = [due for due in dues if due.contact.cadre_id == cadre.pk]
    unseen = sum(due.state == State.OVERDUE for due in held)
    gone = bool(cadre.left_on and cadre.left_on <= day)
    lacking = 0 if gone else max(0, least - len(held))
    short = sum(week.state == WeekState.SHORT for week in weeks)
    pending = weeks[-1].state == WeekState.PENDING
    plan = reverse("visit_plan" if held else "visits")
    return {
        "label": cadre.name,
        "left": gone,
        "url": f"{plan}?{address(request, leader=cadre.pk)}",
        "load": len(held),
        "lacking": lacking,
        "unseen": unseen,
        "weeks": weeks,
        "cells": [cell_of(week, cadre, request) for week in weeks],
        "problems": problems_of(short, pending and weeks[-1], lacking, unseen, len(held)),
        "weight": (short * 1000 + pending) * 1000 + unseen,
    }


def problems_of(short: int, pending: Week | None, lacking: int, unseen: int, held: int) -> list[dict]:
    """The badges of a leader on the phone."""
    found = [
        (short, "bad", f"漏访 {short} 周"),
        (pending, "near", f"本周还差 {amount(pending)}" if pending else ""),
        (lacking, "bad", f"联系 {held} 户，少 {lacking} 户"),
        (unseen, "bad", f"久未走访 {unseen} 户"),
    ]
    return [{"state": state, "text": text} for true, state, text in found if true]


def amount(week: Week) -> str:
    """What a week lacks: 1 次, or households where the rule is by household."""
    return f"{week.required - week.visits} 次" if week.required else f"{week.over} 户"


def cell_of(week: Week, cadre, request) -> dict:
    """state, sign: the shape and its name. text: a number, or the word where it says more. title: all in words."""
    state, sign = SIGNS.get(week.state, ("", ""))
    text = cell_words(week)
    return {
        "state": state,
        "sign": sign,
        "text": text or number_of(week),
        "is_word": bool(text),
        "holiday": week.state == WeekState.HOLIDAY,
        "none": week.state == WeekState.NONE,
        "title": f"{cadre.name} {week.days}：{said(week)}",
        "url": f"{reverse('visits')}?{address(request, leader=cadre.pk, week=week.monday.isoformat())}",
    }


def cell_words(week: Week) -> str:
    match week.state:
        case WeekState.MADE_UP:
            return "已补"
        case WeekState.EXCUSED:
            return "请假" if week.on_leave else "移交"
        case WeekState.HOLIDAY:
            return "假"
    return ""


def number_of(week: Week) -> str:
    """The visits; households that wait, where those are what is missing."""
    lacking = week.state in {WeekState.SHORT, WeekState.PENDING}
    return f"{week.over}户" if lacking and not week.required else str(week.visits)


def said(week: Week) -> str:
    """How a week stands, in words."""
    match week.state:
        case WeekState.NONE:
            return "没有联系户"
        case WeekState.HOLIDAY:
            return "假期周，免走访"
        case WeekState.EXCUSED:
            return f"{week.excuse}，免走访"
        case WeekState.SHORT:
            return f"走访 {week.visits} 次，缺 {amount(week)}"
        case WeekState.PENDING:
            return f"走访 {week.visits} 次，还差 {amount(week)}"
        case WeekState.MADE_UP:
            return f"走访 {week.visits} 次，缺的在 {week.made_up_in.month}月{week.made_up_in.day}日那一周补上"
    return f"走访 {week.visits} 次"


def address(request, **choices) -> str:
    """The query with the day, if one is chosen."""
    day = {"on": request.as_of.isoformat()} if request.as_of_chosen else {}
    return urlencode(choices | day)


# --- Below and beside --------------------------------------------------------------------------------------


def total_of(rows, count: int) -> dict:
    """Households and those that wait; of each week how many who owed it did it: 12/13."""
    weeks = []
    for place in range(count):
        states = [row["weeks"][place].state for row in rows]
        owed = sum(state in OWED for state in states)
        weeks.append(f"{sum(state in FULFILLED for state in states)}/{owed}" if owed else "免")
    return {
        "load": sum(row["load"] for row in rows),
        "unseen": sum(row["unseen"] for row in rows),
        "weeks": weeks,
    }


def legend_of(rows) -> list[dict]:
    states = [week.state for row in rows for week in row["weeks"]]
    return [
        {"state": shape, "label": label, "count": states.count(state)}
        for state, (shape, label) in SIGNS.items()
    ]


def choices_of(request, count: int) -> list[dict]:
    return [
        {"label": f"{weeks} 周", "url": f"?{address(request, weeks=weeks)}", "active": weeks == count}
        for weeks in (SHOWN, LONGER, LONGEST)
    ]


def leaves_in(user, monday: datetime.date, cadres, day) -> list[Leave]:
    """Leaves of the week that have begun by the day, the latest first."""
    leaves = Leave.objects.for_user(user).touching(monday, monday + WEEK).filter(start__lte=day)
    return list(
        leaves.filter(cadre__in=cadres).select_related("cadre").defer("cadre__id_number", "cadre__phone")
    )


# --- Words -------------------------------------------------------------------------------------------------


def rule_words(rule: Rule, day) -> str:
    """The rule as the settings have it, in a sentence."""
    poor, least = POOR_HOUSEHOLD.on(day), LOAD.on(day)
    head = f"每名领导至少联系 {least} 户{poor}，"
    if rule.by_household:
        return f"{head}每户最长 {rule.interval} 天走访一次"
    missed = f"漏访的 {rule.make_up} 周内可补" if rule.make_up else "漏访不补"
    return f"{head}每周至少走访 {rule.visits} 次，{missed}"


def counting_words(rule: Rule) -> str:
    """口径: how a week is counted under the settings."""
    few = f"工作日按国务院放假安排（含调休）计，当周不足 {rule.threshold} 天的为假期周，标“假”；"
    free = f"联系着户又没有请假的工作日不足 {rule.threshold} 天的免走访。"
    if rule.by_household:
        own = f"一周结束时，联系的户距上次走访（不论谁去）都不超过 {rule.interval} 天的为完成；接手的户从接手之日起算。"
        return f"{own}{few}{free}末行为完成人数/应完成人数。"
    made_up = f"以后 {rule.make_up} 周内多走访的次数，先补最近的漏访周。" if rule.make_up else ""
    own = "一周从周一到周日，按走访日期计，只计走访人当天联系的户；同一户一周走访两次计两次。"
    return f"{own}{few}{free}{made_up}末行为完成人数/应完成人数。"
