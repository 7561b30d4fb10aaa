"""Figures of M1 选准带头人, each counted once, over dated posts."""

import datetime

from django.db.models import Exists, OuterRef, Q

from banzhuang.core.intervals import held_on
from banzhuang.core.months import month_of, year_start
from banzhuang.indicators.indicator import Indicator, Period
from villages.models import Organisation

from .models import Post
from .models.post import also_director
from .parameters import TERM_NEAR_DAYS

SECRETARY = Q(title=Post.Title.SECRETARY)
OF_VILLAGES = Q(organisation__village__isnull=False)


def serving(period: Period) -> Q:
    """Secretaries of village party organisations in post at the period's end."""
    return SECRETARY & OF_VILLAGES & held_on(period.until)


def with_origin(*origins):
    return lambda period: serving(period) & Q(origin__in=origins)


def with_selection(selection):
    return lambda period: serving(period) & Q(selection=selection)


def adjusted(period: Period) -> Q:
    return (
        SECRETARY
        & OF_VILLAGES
        & Q(end__gte=period.since, end__lte=period.until, end_reason__in=Post.EndReason.adjustments())
    )


def term_ending(period: Period) -> Q:
    """In post, and the term ends within the reminder's days (or has ended without a successor)."""
    limit = period.until + datetime.timedelta(days=TERM_NEAR_DAYS.on(period.until))
    return serving(period) & term_over_by(limit)


def term_over(period: Period) -> Q:
    """In post, and the last day of the term is before the period's end."""
    return serving(period) & term_over_by(period.until - datetime.timedelta(days=1))


def term_known(period: Period) -> Q:
    """In post, and it is registered when the term ends."""
    return serving(period) & Q(term_end__isnull=False)


def term_over_by(day: datetime.date) -> Q:
    """The last day of the term is known to be `day` or before: a month or year counts to its end, as in the duty."""
    following = day + datetime.timedelta(days=1)
    return (
        Q(term_end_precision="day", term_end__lte=day)
        | Q(term_end_precision="month", term_end__lt=month_of(following))
        | Q(term_end_precision="year", term_end__lt=year_start(following))
    )


def vacant(period: Period) -> Q:
    """Party organisations of villages without a secretary in post."""
    secretaries = Post.objects.filter(held_on(period.until), SECRETARY, organisation=OuterRef("pk"))
    exists_then = held_on(period.until)
    return (
        Q(village__isnull=False, kind__in=Organisation.Kind.party()) & exists_then & ~Q(Exists(secretaries))
    )


POST_COLUMNS = (
    ("村", "organisation.place"),
    ("姓名", "cadre"),
    ("产生方式", "get_selection_display"),
    ("原身份", "get_origin_display"),
    ("任职起", "started"),
    ("届满", "term_ends"),
)
ENDED_COLUMNS = (
    ("村", "organisation.place"),
    ("姓名", "cadre"),
    ("任职起", "started"),
    ("离任", "ended"),
    ("离任原因", "get_end_reason_display"),
    ("文号", "end_document"),
)


def secretaries(code, label, counting, where, **options) -> Indicator:
    """An indicator that counts secretary posts; its rows are listed with the official columns."""
    defaults = {
        "unit": "人",
        "model": Post,
        "mechanism": "M1",
        "columns": POST_COLUMNS,
        "related": ("cadre", "organisation__village"),
    }
    return Indicator(code=code, label=label, counting=counting, where=where, **{**defaults, **options})


SERVING = secretaries("m1.serving", "在任书记", "截至当日在任的村党组织书记；起任不详的按在任计。", serving)
VACANT = Indicator(
    code="m1.vacant",
    mechanism="M1",
    label="书记空缺",
    unit="个",
    counting="截至当日没有在任书记的村党组织。",
    model=Organisation,
    where=vacant,
    columns=(("村", "place"), ("党组织", "name"), ("类别", "get_kind_display")),
    related=("village",),
    board=True,
    board_label="书记",
    board_words={0: "在任", 1: "空缺"},
    judge=lambda value: "bad" if value else "",
)
FROM_OFFICES = secretaries(
    "m1.from_offices",
    "机关、退职干部任书记",
    "在任村党组织书记中，原身份为机关干部或退职干部的。",
    with_origin(Post.Origin.OFFICIAL, Post.Origin.FORMER_OFFICIAL),
    board=True,
    board_label="机关、退职干部",
    board_words={0: "否", 1: "是"},
)
OFFICIALS = secretaries(
    "m1.officials",
    "机关干部任书记",
    "在任村党组织书记中，原身份为机关干部的。",
    with_origin(Post.Origin.OFFICIAL),
)
FORMER_OFFICIALS = secretaries(
    "m1.former_officials",
    "退职干部任书记",
    "在任村党组织书记中，原身份为退职干部的。",
    with_origin(Post.Origin.FORMER_OFFICIAL),
)
BY_SELECTION = [
    secretaries(
        f"m1.selection_{selection.value}",
        f"{selection.label}产生",
        f"在任村党组织书记中，产生方式为{selection.label}的。",
        with_selection(selection),
    )
    for selection in Post.Selection
    if selection != Post.Selection.OTHER
]
ADJUSTED = secretaries(
    "m1.adjusted",
    "本年调整书记",
    "本年内因不称职或违规违纪离任的村党组织书记，按离任日期计；届满、调离、到龄等正常离任不计。",
    adjusted,
    kind="flow",
    columns=ENDED_COLUMNS,
)
DIRECTORS_TOO = secretaries(
    "m1.also_director",
    "一肩挑",
    "在任村党组织书记中，同时任本村村委会主任的。",
    lambda period: serving(period) & Q(also_director(period.until)),
    board=True,
    board_words={0: "否", 1: "是"},
)
TERM_ENDING = secretaries(
    "m1.term_ending",
    "任期将满或已满",
    "在任村党组织书记中，届满日期已过或在提醒天数以内的；未登记届满日期的不计。",
    term_ending,
    known=term_known,
    board=True,
    board_label="任期",
    board_words={None: "未登记", 0: "未满", 1: "待换届"},
    judge=lambda value: "near" if value else "",
)
TERM_OVER = secretaries(
    "m1.term_over",
    "任期已满",
    "在任村党组织书记中，届满日期已过的；只登记到月份的，过了当月才算。",
    term_over,
)

INDICATORS = [
    SERVING,
    VACANT,
    FROM_OFFICES,
    OFFICIALS,
    FORMER_OFFICIALS,
    *BY_SELECTION,
    ADJUSTED,
    DIRECTORS_TOO,
    TERM_ENDING,
    TERM_OVER,
]
