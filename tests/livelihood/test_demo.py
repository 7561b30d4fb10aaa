"""The demo's M14 on whatever day it is loaded: the report's figures, alive until the day before, nobody real."""

import datetime
import re
from collections import Counter

import pytest
import time_machine
from django.core.management import call_command
from django.db import models, transaction

from banzhuang.accounts.models import User
from banzhuang.core.codes import check_id_number, id_number_sex
from banzhuang.core.setup import report_day
from banzhuang.core.workdays import calendar_of, week_of
from banzhuang.duties.duty import State
from banzhuang.indicators.figures import compute
from cadres.models import Cadre, Leave
from livelihood import indicators
from livelihood.models import (
    Contact,
    Household,
    HouseholdLabel,
    HouseholdYear,
    Member,
    Need,
    Visit,
    VisitPhoto,
)
from livelihood.quota import households_due, load
from livelihood.weeks import WEEK, WeekState

pytestmark = pytest.mark.django_db
# The report's day itself, the day after it, a Tuesday in autumn, New Year, and a day in Spring Festival.
LOADED_ON = ["2026-07-01", "2026-11-24", "2027-02-08"]
MODELS = [Household, HouseholdLabel, Member, Contact, Visit, Leave]
ONE = datetime.timedelta(days=1)


@pytest.fixture(scope="module", params=LOADED_ON)
def day(request, django_db_setup, django_db_blocker, tmp_path_factory):
    """The day of loading, which it still is: loaded once for all tests, and taken back after the last."""
    day = datetime.date.fromisoformat(request.param)
    noon = datetime.datetime.combine(day, datetime.time(4), datetime.UTC)
    with django_db_blocker.unblock(), time_machine.travel(noon, tick=False), transaction.atomic():
        call_command("setup_township", "--demo", verbosity=0)
        yield day
        transaction.set_rollback(True)


@pytest.fixture
def ma_qiang(day):
    return User.objects.get(username="lingdao")


def figures(day, user):
    found = compute(indicators.INDICATORS, [day], user)
    return {
        indicator.code.removeprefix("m14."): found.value(indicator, day)
        for indicator in indicators.INDICATORS
    }


# --- What the report says ------------------------------------------------------------------------------------


def test_figures_of_the_report(day, ma_qiang):
    """“每个领导干部至少联系20个贫困户 … 走访慰问260个贫困户”, thirteen leaders, as of the last 30 June."""
    found = figures(report_day(day), ma_qiang)
    expected = {"leaders": 13, "leaders_below_load": 0, "contacted": 260, "visited": 260}
    assert {name: found[name] for name in expected} == expected
    live = Contact.objects.live(report_day(day))
    assert set(Counter(live.values_list("cadre", flat=True)).values()) == {20}


def test_still_so_on_the_day_of_loading(day, ma_qiang):
    found = figures(day, ma_qiang)
    assert (found["leaders"], found["contacted"], found["uncontacted"]) == (13, 260, 2)
    assert found["households"] == 262


def test_poor_villages_have_more_and_a_leader_few_villages(day):
    live = Contact.objects.live(day).select_related("household__village")
    villages = {(contact.cadre_id, contact.household.village_id) for contact in live}
    assert set(Counter(cadre for cadre, _ in villages).values()) <= {3, 4}
    assert len({village for _, village in villages}) == 37
    counts = Counter(contact.household.village.short_name for contact in live)
    assert counts["西响石"] == 14


def test_causes_and_labels_in_plausible_shares(day):
    causes = Counter(HouseholdYear.objects.filter(year=report_day(day).year).values_list("cause", flat=True))
    assert max(causes, key=causes.get) == "illness"
    assert len(causes) > 6 and causes["disability"] > causes["disaster"]
    labels = Counter(HouseholdLabel.objects.live(day).values_list("kind", flat=True))
    assert labels["registered"] > labels["lifted"] > labels["minimum"] > labels["destitute"] > 10
    assert labels["hardship"] >= 4


# --- Alive until the day before ---------------------------------------------------------------------------------


def test_nothing_happened_after_the_day_before(day):
    late = []
    for model in MODELS:
        for field in model._meta.fields:
            if type(field) is models.DateField:
                late += model.objects.filter(**{f"{field.name}__gte": day}).values_list(field.name, flat=True)
    assert late == []
    assert not Need.objects.filter(models.Q(raised_on__gte=day) | models.Q(closed_on__gte=day)).exists()
    assert max(visit.created_at.date() for visit in Visit.objects.only("created_at")) < day


def test_visits_only_on_working_days_and_not_on_leave(day):
    calendar = calendar_of(datetime.date(report_day(day).year - 1, 6, 1), day)
    leaves = list(Leave.objects.all())
    assert len(leaves) == 2
    for date, visitor in Visit.objects.values_list("date", "visitor"):
        assert calendar.is_working(date)
        assert not any(leave.cadre_id == visitor and leave.start <= date < leave.end for leave in leaves)


def test_most_weeks_are_met_and_a_few_are_not(day, ma_qiang):
    this_week = week_of(day)[0]
    mondays = [this_week - back * WEEK for back in range(26, 0, -1)]
    weeks = [week for found in load(ma_qiang, mondays, day).values() for week in found]
    states = Counter(week.state for week in weeks)
    assert states[WeekState.MET] > 300
    assert 1 <= states[WeekState.SHORT] + states[WeekState.MADE_UP] <= 5
    assert states[WeekState.EXCUSED] + states[WeekState.HOLIDAY] >= 1


def test_most_households_are_seen_in_time(day, ma_qiang):
    states = Counter(due.state for due in households_due(ma_qiang, day))
    assert 3 <= states[State.OVERDUE] <= 60
    assert states[State.NORMAL] > 130


def test_home_of_ma_qiang_is_alive(day, ma_qiang):
    cadre = ma_qiang.cadre
    dues = households_due(ma_qiang, day, cadre)
    pressing = [due for due in dues if due.state != State.NORMAL]
    assert len(dues) == 20
    assert 7 <= len(pressing) <= 12
    assert {"张福永", "孙燕生"} <= {due.household.head for due in dues if due.state == State.OVERDUE}
    assert not Visit.objects.filter(visitor=cadre, date__gte=week_of(day)[0]).exists()
    assert VisitPhoto.objects.filter(visit__visitor=cadre).count() == 6
    (need,) = Need.objects.open(day).filter(household__head="张福永")
    assert (need.household.village.name, need.due, need.handler) == ("西响石村", day - 3 * ONE, "contact")


def test_needs_are_mostly_answered_and_a_few_are_open(day, ma_qiang):
    found = figures(day, ma_qiang)
    assert (found["needs_open"], found["needs_overdue"]) == (6, 2)
    assert Need.objects.filter(closed_on__isnull=False).count() > 400
    handlers = set(Need.objects.open(day).values_list("handler", flat=True))
    assert handlers == {"contact", "works", "welfare", "village", "economy"}
    pending = Visit.objects.filter(result=Visit.Result.PENDING)
    assert not pending.filter(need__isnull=True).exists()
    assert 0.08 < pending.count() / Visit.objects.count() < 0.2


def test_few_visits_were_entered_late(day):
    late = [visit for visit in Visit.objects.only("date", "created_at") if visit.days_late() > 7]
    assert 3 <= len(late) <= Visit.objects.count() / 50
    assert min(visit.days_late() for visit in Visit.objects.only("date", "created_at")) == 0


def test_what_was_heard_varies(day):
    said = set(Visit.objects.values_list("heard", "measures"))
    assert len(said) > 60
    assert not Visit.objects.filter(heard="").exists()


def test_things_changed_and_the_past_stands(day):
    """A leader who left handed over, households left the register, and others took their places."""
    former = Cadre.objects.get(name="宋长河")
    assert not Contact.objects.live(report_day(day)).filter(cadre=former).exists()
    assert Contact.objects.filter(cadre=former, end=former.left_on).count() == 20
    removed = Household.objects.filter(removed_on__isnull=False)
    assert 2 <= removed.count() <= 3
    assert not Visit.objects.filter(
        household__in=removed, date__gte=models.F("household__removed_on")
    ).exists()


# --- Nobody is real ------------------------------------------------------------------------------------------


def test_nobody_is_real(day):
    """Area 710000 is never issued; check digits, sex and birth date agree with the number; no number twice."""
    numbers = []
    for household in Household.objects.all():
        numbers.append(household.id_number)
        assert not household.phone or re.fullmatch(r"1390000\d{4}", household.phone)
    for member in Member.objects.all():
        numbers.append(member.id_number)
        assert id_number_sex(member.id_number) == member.get_sex_display()
        assert member.id_number[6:14] == f"{member.born_on:%Y%m%d}"
    for number in numbers:
        assert number.startswith("710000")
        assert check_id_number(number, day) == number
    numbers += [cadre.id_number for cadre in Cadre.objects.all()]
    assert len(set(numbers)) == len(numbers)
    phones = [row.phone for model in (Household, Cadre) for row in model.objects.exclude(phone_mask="")]
    assert len(set(phones)) == len(phones)


def test_families_agree_with_their_yearly_rows(day):
    members = Counter(Member.objects.values_list("household", flat=True))
    for row in HouseholdYear.objects.all():
        assert row.members == 1 + members[row.household_id]
        assert row.workers <= row.members
        assert (row.income is None) == (row.year == day.year)
    parents = Member.objects.filter(relation=Member.Relation.PARENT).select_related("household")
    assert all(int(parent.household.id_number[6:10]) - parent.born_on.year > 15 for parent in parents)


def test_every_row_has_its_history(day):
    for model in (Household, Member, Contact, Visit, Need):
        assert model.history.count() == model.objects.count(), model.__name__
