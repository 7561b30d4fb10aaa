"""Figures computed together: queries, days, months, villages, scope."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banzhuang.core import parameters
from banzhuang.indicators.figures import change_from_last_month, compute, days_for_trend, trend
from banzhuang.indicators.indicator import Period
from cadres import indicators
from cadres.models import Post
from cadres.parameters import TERM_NEAR_DAYS
from tests import factories
from tests.factories import PostFactory

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 6, 30)
SERVING, ADJUSTED, VACANT = indicators.SERVING, indicators.ADJUSTED, indicators.VACANT


def adjusted_on(*day):
    return PostFactory(end=datetime.date(*day), end_reason=Post.EndReason.INCOMPETENT)


@pytest.mark.parametrize("count", [2, 44])
def test_one_query_a_table_whatever_the_days_and_villages(leader, count):
    factories.township_with(count)
    parameters.forget()
    leader.role_codes(), leader.scopes(), TERM_NEAR_DAYS.on(DAY)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        figures = compute(indicators.INDICATORS, days_for_trend(DAY), leader)
    assert figures.value(SERVING, DAY) == count
    assert len(queries) == 2


def test_figure_of_an_earlier_day_stays_after_later_changes(villages, leader):
    post = PostFactory(start=datetime.date(2020, 1, 1), origin=Post.Origin.OFFICIAL)
    every = indicators.INDICATORS
    before = compute(every, [DAY], leader)
    post.end, post.end_reason = datetime.date(2026, 8, 1), Post.EndReason.VIOLATION
    post.save()
    PostFactory(organisation=post.organisation, start=post.end, origin=Post.Origin.FORMER_OFFICIAL)
    PostFactory(start=datetime.date(2026, 7, 1), organisation__start=datetime.date(2026, 7, 1))
    after = compute(every, [DAY], leader)
    assert [after.value(ind, DAY) for ind in every] == [before.value(ind, DAY) for ind in every]
    later = datetime.date(2026, 8, 1)
    assert compute(every, [later], leader).value(ADJUSTED, later) == 1


def test_trend_is_the_ends_of_eleven_months_and_the_day(leader):
    PostFactory(start=datetime.date(2026, 3, 31))
    PostFactory(start=datetime.date(2026, 6, 15))
    day = datetime.date(2026, 6, 14)
    figures = compute([SERVING], days_for_trend(day), leader)
    assert trend(figures, SERVING, day) == [0] * 8 + [1, 1, 1, 1]
    assert trend(compute([SERVING], days_for_trend(DAY), leader), SERVING, DAY)[-2:] == [1, 2]


def test_trend_of_a_flow_starts_again_in_january(leader):
    adjusted_on(2025, 11, 5)
    adjusted_on(2026, 2, 1)
    day = datetime.date(2026, 3, 1)
    figures = compute([ADJUSTED], days_for_trend(day), leader)
    assert trend(figures, ADJUSTED, day, 6) == [0, 1, 1, 0, 1, 1]


def test_change_from_the_end_of_last_month(leader):
    PostFactory(start=datetime.date(2026, 5, 31))
    PostFactory(start=datetime.date(2026, 6, 1))
    figures = compute([SERVING], days_for_trend(DAY), leader)
    assert change_from_last_month(figures, SERVING, DAY) == 1


def test_change_of_a_flow_across_new_year_is_what_the_year_has(leader):
    adjusted_on(2025, 12, 31)
    adjusted_on(2026, 1, 1)
    january = datetime.date(2026, 1, 31)
    figures = compute([ADJUSTED], days_for_trend(january), leader)
    assert change_from_last_month(figures, ADJUSTED, january) == 1


def test_by_village_names_those_that_have_rows(villages, leader):
    Post.objects.filter(organisation__village=villages[0]).update(end=DAY, end_reason="term")
    figures = compute([SERVING, VACANT], [DAY], leader)
    assert figures.by_village(SERVING, DAY) == {villages[1].code: 1}
    assert figures.by_village(VACANT, DAY) == {villages[0].code: 1}


def test_a_village_cadre_counts_the_own_village(villages, village_cadre, leader):
    assert compute([SERVING], [DAY], village_cadre).by_village(SERVING, DAY) == {villages[0].code: 1}
    assert compute([SERVING], [DAY], leader).value(SERVING, DAY) == 2


def test_an_outsider_and_an_administrator_count_nothing(villages, outsider):
    admin = factories.UserFactory(role="admin")
    assert compute([SERVING], [DAY], outsider).value(SERVING, DAY) == 0
    assert compute([SERVING], [DAY], admin).value(SERVING, DAY) == 0


def test_a_choice_narrows_and_never_widens(villages, leader, village_cadre):
    codes = [village.code for village in villages]
    assert compute([SERVING], [DAY], leader, within=codes[1:]).value(SERVING, DAY) == 1
    assert compute([SERVING], [DAY], leader, within=[]).value(SERVING, DAY) == 0
    assert compute([SERVING], [DAY], village_cadre, within=codes[1:]).value(SERVING, DAY) == 0
    assert compute([SERVING], [DAY], village_cadre, within=codes).value(SERVING, DAY) == 1


def test_what_was_not_computed_is_no_zero(leader):
    with pytest.raises(KeyError):
        compute([SERVING], [DAY], leader).value(ADJUSTED, DAY)


def test_a_period_to_date_begins_with_the_year_and_a_month_is_whole():
    assert Period.to_date(DAY) == Period(datetime.date(2026, 1, 1), DAY)
    february = datetime.date(2028, 2, 10)
    assert Period.month(february) == Period(datetime.date(2028, 2, 1), datetime.date(2028, 2, 29))
