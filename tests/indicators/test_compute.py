import datetime

import pytest

from banzhuang.indicators.figures import compute
from cadres import indicators
from cadres.parameters import TERM_NEAR_DAYS
from tests.factories import PostFactory

DAY = datetime.date(2026, 6, 30)


def test_one_query_a_table_whatever_the_days_and_villages(villages, leader, django_assert_num_queries):
    leader.role_codes(), leader.scopes(), TERM_NEAR_DAYS.on(DAY)
    days = [datetime.date(2026, month, 28) for month in range(1, 7)]
    with django_assert_num_queries(2):
        compute(indicators.INDICATORS, days, leader)


@pytest.mark.django_db
def test_figure_of_an_earlier_day_stays_after_a_later_change(villages, leader):
    post = PostFactory(start=datetime.date(2020, 1, 1))
    before = compute([indicators.SERVING], [DAY], leader).value(indicators.SERVING, DAY)
    post.end, post.end_reason = datetime.date(2026, 8, 1), "age"
    post.save()
    assert compute([indicators.SERVING], [DAY], leader).value(indicators.SERVING, DAY) == before
