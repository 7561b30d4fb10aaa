"""The demo township on whatever day it is loaded: the report's figures, alive until the day before, nobody real."""

import datetime
import re

import pytest
import time_machine
from django.core.management import call_command
from django.db import models, transaction

from banzhuang.accounts.models import User
from banzhuang.core.codes import check_id_number, id_number_sex
from banzhuang.core.setup import report_day
from banzhuang.indicators.figures import compute
from cadres import indicators
from cadres.models import Cadre, Post
from villages.models import OrganisationYear, Village, VillageYear

pytestmark = pytest.mark.django_db
# The day after the report's, this project's first winter, a February, and the last day before the next report.
LOADED_ON = [datetime.date(2026, 7, 1), datetime.date(2026, 11, 24), datetime.date(2027, 2, 10)]
LOADED_ON += [datetime.date(2027, 6, 30)]
JUNE = datetime.date(2026, 6, 30)
MODELS = [Village, VillageYear, OrganisationYear, Cadre, Post]


@pytest.fixture(scope="module", params=LOADED_ON, ids=str)
def day(request, django_db_setup, django_db_blocker):
    """The day of loading, which it still is: loaded once for all tests, and taken back after the last."""
    noon = datetime.datetime.combine(request.param, datetime.time(4), datetime.UTC)
    with django_db_blocker.unblock(), time_machine.travel(noon, tick=False), transaction.atomic():
        call_command("setup_township", "--demo", verbosity=0)
        yield request.param
        transaction.set_rollback(True)


def test_figures_of_the_report(day):
    """“44 个村党组织书记中，机关干部 4 名、退职干部 1 名；调整 3 名”, as of the last 30 June."""
    figures = compute(indicators.INDICATORS, [report_day(day)], User.objects.get(username="lingdao"))
    shown = {
        indicator.code: figures.value(indicator, report_day(day))
        for indicator in (
            indicators.SERVING,
            indicators.OFFICIALS,
            indicators.FORMER_OFFICIALS,
            indicators.ADJUSTED,
            indicators.VACANT,
        )
    }
    assert report_day(day) == JUNE
    assert list(shown.values()) == [44, 4, 1, 3, 0]


def test_nothing_happened_after_the_day_before(day):
    """But terms end in the future: that is what they are watched for."""
    late = []
    for model in MODELS:
        for field in model._meta.fields:
            if type(field) is models.DateField and field.name != "term_end":
                late += model.objects.filter(**{f"{field.name}__gte": day}).values_list(field.name, flat=True)
    assert late == []
    assert VillageYear.objects.filter(year__gt=day.year).count() == 0
    assert Post.objects.filter(term_end__gt=day).exists()


def test_nobody_is_real(day):
    """Area 710000 is never issued; the check digits are right, and sex and birth date agree with the number."""
    cadres = list(Cadre.objects.all())
    for cadre in cadres:
        assert cadre.id_number.startswith("710000")
        assert check_id_number(cadre.id_number) == cadre.id_number
        assert id_number_sex(cadre.id_number) == cadre.get_sex_display()
        assert cadre.id_number[6:14] == f"{cadre.born_on:%Y%m%d}"
        assert re.fullmatch(r"1390000\d{4}", cadre.phone)
    assert len({cadre.id_number for cadre in cadres}) == len({cadre.phone for cadre in cadres}) == len(cadres)


def test_demo_accounts_need_no_new_password(day):
    assert User.objects.filter(is_demo=True).count() == User.objects.filter(is_system=False).count() == 10
    assert not User.objects.filter(is_demo=True, must_change_password=True).exists()
