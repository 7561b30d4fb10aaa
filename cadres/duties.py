"""Obligations of M1: no party organisation without a secretary, no term that ends unnoticed."""

import datetime

from django.db.models import Max, Q
from django.urls import reverse
from django.utils import timezone

from banzhuang.duties.duty import Duty, DutyRule, State, state_by_due
from banzhuang.indicators.indicator import Period
from villages.models import Organisation

from .indicators import serving, vacant
from .models import Post
from .parameters import TERM_NEAR_DAYS, VACANCY_DAYS


def lateness(due: datetime.date, day: datetime.date) -> str:
    """How it stands in words: 超 3 天, 今天到期, 还有 5 天."""
    days = (day - due).days
    if days > 0:
        return f"超 {days} 天"
    return f"还有 {-days} 天" if days else "今天到期"


def vacant_organisations(day):
    """Vacant on `day`; `since` is the end of the last secretary before it, whatever other posts ended later."""
    since = Max("posts__end", filter=Q(posts__title=Post.Title.SECRETARY, posts__end__lte=day))
    return (
        Organisation.objects.filter(vacant(Period.to_date(day)))
        .select_related("village")
        .annotate(since=since)
    )


def describe_vacancies(rows, day):
    allowed = datetime.timedelta(days=VACANCY_DAYS.on(day))
    for organisation in rows:
        since = organisation.since or organisation.start or timezone.localdate(organisation.created_at)
        due = since + allowed
        yield Duty(
            rule=VACANCY,
            about=f"{organisation.place}党组织选任书记",
            detail=f"组织办 · {since.month}月{since.day}日起空缺 · {lateness(due, day)}",
            due=due,
            state=state_by_due(due, day, allowed.days),
            scope_code=organisation.scope_code,
            url=reverse("succession", args=[organisation.pk]),
            act="任命书记",
        )


def serving_with_term(day):
    return (
        Post.objects.filter(serving(Period.to_date(day)), term_end__isnull=False)
        .select_related("cadre", "organisation__village")
        .order_by("term_end")
    )


def describe_terms(rows, day):
    near = TERM_NEAR_DAYS.on(day)
    for post in rows:
        due = post.term_ends.last  # known to the month: the whole month is still within the term
        state = state_by_due(due, day, near)
        if state == State.NORMAL:
            continue
        yield Duty(
            rule=TERM_END,
            about=f"{post.organisation.place}书记{post.cadre.name}任期届满",
            detail=f"组织办 · {post.term_ends.chinese()}届满 · {lateness(due, day)}",
            due=due,
            state=state,
            scope_code=post.scope_code,
            url=reverse("succession", args=[post.organisation_id]),
            act="办理换届",
        )


VACANCY = DutyRule(
    code="m1.vacancy",
    mechanism="M1",
    label="党组织无书记",
    words="选准带头人……产生村党组织书记",
    owes="organisation",
    rows=vacant_organisations,
    describe=describe_vacancies,
    fact=lambda count, state: f"{count} 村书记空缺{'超期' if state == State.OVERDUE else ''}",
)
TERM_END = DutyRule(
    code="m1.term_end",
    mechanism="M1",
    label="任期届满",
    words="强化村党组织书记年度考核及任期考核",
    owes="organisation",
    rows=serving_with_term,
    describe=describe_terms,
    fact=lambda count, state: f"{count} 人任期{'已满' if state == State.OVERDUE else '将满'}",
)
RULES = [VACANCY, TERM_END]
