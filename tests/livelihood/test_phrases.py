"""The report's sentence of M14, with the figures of the day."""

import datetime

import pytest

from banzhuang.core.models import ParameterValue
from banzhuang.indicators.figures import compute
from banzhuang.reports.phrase import registry
from livelihood.models import Need
from livelihood.parameters import LOAD, POOR_HOUSEHOLD
from tests.factories import ContactFactory, LeaderFactory, NeedFactory, VisitFactory

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 6, 30)


@pytest.fixture
def contacts(villages):
    """Two leaders with two households each, one of which was visited twice, and one need solved."""
    ParameterValue.objects.create(key=LOAD.key, value="2", valid_from=datetime.date(2020, 1, 1))
    made = []
    for _ in range(2):
        cadre = LeaderFactory()
        made += [ContactFactory(household__village=villages[0], cadre=cadre) for _ in range(2)]
    for day in (datetime.date(2026, 3, 2), DAY):
        VisitFactory(household=made[0].household, visitor=made[0].cadre, date=day)
    NeedFactory(
        household=made[0].household,
        raised_on=datetime.date(2026, 6, 1),
        due=datetime.date(2026, 6, 8),
        closed_on=datetime.date(2026, 6, 3),
        outcome=Need.Outcome.SOLVED,
        reply="已经办好",
    )
    return made


def written(day, user):
    phrase = registry["m14.contacts"]
    return phrase.write(compute(phrase.figures.values(), [day], user), day)


def test_the_sentence(contacts, leader):
    assert written(DAY, leader) == (
        "镇领导坚持开展结穷亲连穷户活动，2名领导干部联系4户困难户，每人不少于2户，今年走访1户、2次，帮助解决诉求1件"
    )


def test_says_who_looks_after_fewer(contacts, leader):
    contacts[0].end = DAY
    contacts[0].save()
    assert "2名领导干部联系3户困难户，其中1人联系户数少于2户，" in written(DAY, leader)
    assert "每人不少于2户" in written(DAY - datetime.timedelta(days=1), leader)


def test_the_load_is_that_of_the_day(contacts, leader):
    ParameterValue.objects.create(key=LOAD.key, value="3", valid_from=DAY)
    assert "其中2人联系户数少于3户" in written(DAY, leader)


def test_the_word_for_the_poor_is_a_setting(contacts, leader):
    ParameterValue.objects.create(key=POOR_HOUSEHOLD.key, value="低收入户", valid_from=DAY)
    assert "联系4户低收入户，" in written(DAY, leader)


def test_another_year_and_another_township(contacts, leader, outsider):
    assert "今年走访0户、0次，帮助解决诉求0件" in written(datetime.date(2027, 1, 1), leader)
    assert "0名领导干部联系0户困难户" in written(DAY, outsider)
