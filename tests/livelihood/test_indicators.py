"""Each figure of M14 at its edges, and on an earlier day after later changes."""

import datetime

import pytest
from django.utils import timezone

from banzhuang.core import parameters
from banzhuang.core.models import ParameterValue
from banzhuang.core.months import month_of
from banzhuang.duties.duty import State
from banzhuang.indicators.figures import compute, days_for_trend
from cadres.models import Cadre
from livelihood import indicators
from livelihood.indicators import INDICATORS
from livelihood.models import Contact, Household, HouseholdLabel, Need, Visit
from livelihood.parameters import HOUSEHOLD_DAYS, LATE_ENTRY_DAYS, LOAD
from livelihood.quota import households_due
from tests import factories
from tests.factories import ContactFactory, HouseholdFactory, LeaderFactory, NeedFactory, VisitFactory

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 6, 30)
ONE = datetime.timedelta(days=1)
REGISTERED = datetime.date(2022, 1, 1)  # as the factories have it


def values(indicator, days, user):
    figures = compute([indicator], days, user)
    return [figures.value(indicator, day) for day in days]


def around(day):
    return [day - ONE, day, day + ONE]


def labelled(kind, **fields):
    household = fields.pop("household", None) or HouseholdFactory()
    return HouseholdLabel.objects.create(household=household, kind=kind, **fields)


# --- Households and contacts --------------------------------------------------------------------------------


def test_households_from_registration_to_removal(leader):
    HouseholdFactory(registered_on=None)
    HouseholdFactory(removed_on=DAY, removal_reason=Household.RemovalReason.MOVED)
    assert values(indicators.HOUSEHOLDS, around(REGISTERED), leader) == [1, 2, 2]
    assert values(indicators.HOUSEHOLDS, around(DAY), leader) == [2, 1, 1]


@pytest.mark.parametrize("kind", ["registered", "minimum", "destitute"])
def test_labels_from_recognition_to_exit(leader, kind):
    label = labelled(kind, start=datetime.date(2023, 5, 1), end=DAY)
    labelled("lifted", household=label.household)
    code = f"m14.{kind}"
    indicator = next(item for item in INDICATORS if item.code == code)
    others = [item for item in indicators.LABELS if item.code != code]
    assert values(indicator, around(label.start), leader) == [0, 1, 1]
    assert values(indicator, around(DAY), leader) == [1, 0, 0]
    assert [values(other, [DAY - ONE], leader) for other in others] == [[0], [0]]


def test_labels_of_a_household_removed_are_not_counted(leader):
    household = HouseholdFactory(removed_on=DAY, removal_reason=Household.RemovalReason.DECEASED)
    labelled("minimum", household=household)
    assert values(indicators.LABELS[1], around(DAY), leader) == [1, 0, 0]


def test_contacted_and_uncontacted_are_all_households(leader):
    ContactFactory(start=DAY)
    ContactFactory(start=None, end=DAY)
    HouseholdFactory()
    three = [indicators.HOUSEHOLDS, indicators.CONTACTED, indicators.UNCONTACTED]
    figures = compute(three, around(DAY), leader)
    found = [[figures.value(indicator, day) for indicator in three] for day in around(DAY)]
    assert found == [[3, 1, 2], [3, 1, 2], [3, 1, 2]]
    rows = [indicators.CONTACTED.rows(day, leader) for day in around(DAY)]
    assert rows[0].get() != rows[1].get() == rows[2].get()


def test_a_household_removed_is_neither_contacted_nor_uncontacted(leader):
    household = HouseholdFactory(removed_on=DAY, removal_reason=Household.RemovalReason.IMPROVED)
    ContactFactory(household=household)
    assert values(indicators.CONTACTED, around(DAY), leader) == [1, 0, 0]
    assert values(indicators.UNCONTACTED, around(DAY), leader) == [0, 0, 0]
    assert values(indicators.LEADERS, around(DAY), leader) == [1, 0, 0]


def test_a_leader_counts_once_however_many_villages(leader):
    first, second = LeaderFactory(), LeaderFactory()
    for cadre in [first, first, second]:
        ContactFactory(cadre=cadre, start=DAY)
    assert values(indicators.LEADERS, around(DAY), leader) == [0, 2, 2]
    loads = {row.name: row.load for row in indicators.LEADERS.rows(DAY, leader)}
    assert loads == {first.name: 2, second.name: 1}


def test_below_load_follows_the_setting_of_the_day(leader):
    ParameterValue.objects.create(key=LOAD.key, value="2", valid_from=datetime.date(2020, 1, 1))
    ParameterValue.objects.create(key=LOAD.key, value="3", valid_from=DAY)
    for count in (1, 2, 3):
        cadre = LeaderFactory()
        for _ in range(count):
            ContactFactory(cadre=cadre)
    LeaderFactory()  # holds none: nobody knows since when a cadre should
    assert values(indicators.LEADERS_BELOW_LOAD, around(DAY), leader) == [1, 2, 2]


# --- Visits ---------------------------------------------------------------------------------------------------


def test_visits_and_households_visited_in_the_year(leader):
    household = HouseholdFactory(removed_on=DAY, removal_reason=Household.RemovalReason.MOVED)
    for day in [datetime.date(2025, 12, 31), datetime.date(2026, 1, 1), datetime.date(2026, 3, 1)]:
        VisitFactory(household=household, date=day)
    VisitFactory(date=datetime.date(2026, 3, 2))
    days = [datetime.date(2025, 12, 31), datetime.date(2026, 1, 1), datetime.date(2026, 3, 1), DAY]
    assert values(indicators.VISITS, days, leader) == [1, 1, 2, 3]
    assert values(indicators.VISITED, days, leader) == [1, 1, 1, 2]


def test_visits_of_a_month_have_its_first_and_last_day(leader):
    household = HouseholdFactory()
    for day in [(2026, 5, 31), (2026, 6, 1), (2026, 6, 30), (2026, 7, 1)]:
        VisitFactory(household=household, date=datetime.date(*day))
    figures = compute([indicators.VISITS, indicators.VISITED], [], leader, months=[month_of(DAY)])
    assert figures.month_value(indicators.VISITS, month_of(DAY)) == 2
    assert figures.month_value(indicators.VISITED, month_of(DAY)) == 1


@pytest.mark.parametrize(("days", "late"), [(6, 0), (7, 0), (8, 1)])
def test_entered_late_by_more_days_than_the_setting(leader, days, late):
    visit = VisitFactory(date=datetime.date(2026, 6, 1))
    # One minute past midnight in Shanghai is still the day before in UTC.
    entered = datetime.datetime.combine(visit.date + days * ONE, datetime.time(0, 1))
    Visit.objects.filter(pk=visit.pk).update(created_at=timezone.make_aware(entered))
    assert LATE_ENTRY_DAYS.on(DAY) == 7
    assert values(indicators.LATE_ENTRIES, [DAY], leader) == [late]


def test_unseen_on_the_day_after_the_last_that_is_allowed(leader):
    household = ContactFactory().household
    visit = VisitFactory(household=household, date=datetime.date(2026, 5, 1))
    last = visit.date + HOUSEHOLD_DAYS.on(DAY) * ONE
    assert values(indicators.UNSEEN, around(last), leader) == [0, 0, 1]
    VisitFactory(household=household, date=last + 2 * ONE)
    assert values(indicators.UNSEEN, around(last + 2 * ONE), leader) == [1, 0, 0]


def test_never_visited_counts_from_registration_or_contact_whichever_is_later(leader):
    contact = ContactFactory(
        household__registered_on=datetime.date(2026, 3, 1), start=datetime.date(2026, 2, 1)
    )
    first = contact.household.registered_on + 31 * ONE
    assert values(indicators.UNSEEN, around(first), leader) == [0, 1, 1]
    contact.start = datetime.date(2026, 5, 1)
    contact.save()
    first = contact.start + 31 * ONE
    assert values(indicators.UNSEEN, around(first), leader) == [0, 1, 1]


def test_never_visited_with_neither_known_counts_from_the_entry_of_the_contact(leader):
    contact = ContactFactory(household__registered_on=None, start=None)
    entered = timezone.make_aware(datetime.datetime(2026, 5, 1, 0, 30))
    Contact.objects.filter(pk=contact.pk).update(created_at=entered)
    assert values(indicators.UNSEEN, around(datetime.date(2026, 6, 1)), leader) == [0, 1, 1]


def test_visited_before_and_handed_over_counts_from_the_visit(leader):
    visit = VisitFactory(date=datetime.date(2026, 5, 1))
    ContactFactory(household=visit.household, start=datetime.date(2026, 5, 28))
    assert values(indicators.UNSEEN, [datetime.date(2026, 6, 1)], leader) == [1]


def test_unseen_are_those_that_the_leaders_are_told_of(leader):
    """The same households as quota.households_due has as overdue: neither uncontacted ones nor removed ones."""
    HouseholdFactory()
    contact = ContactFactory()
    removed = HouseholdFactory(removed_on=DAY, removal_reason=Household.RemovalReason.MISTAKEN)
    ContactFactory(household=removed)
    for by in (29, 30, 31, 60):
        visit = VisitFactory(date=DAY - by * ONE)
        ContactFactory(household=visit.household)
    told = {due.household for due in households_due(leader, DAY) if due.state == State.OVERDUE}
    assert set(indicators.UNSEEN.rows(DAY, leader)) == told
    assert len(told) == 3 and contact.household in told


# --- Needs ----------------------------------------------------------------------------------------------------


def test_a_need_is_raised_open_overdue_and_solved(leader):
    raised, due, closed = (datetime.date(2026, 6, day) for day in (15, 22, 25))
    NeedFactory(raised_on=raised, due=due, closed_on=closed, outcome=Need.Outcome.SOLVED, reply="已修好屋面")
    assert values(indicators.NEEDS_RAISED, around(raised), leader) == [0, 1, 1]
    assert values(indicators.NEEDS_OPEN, around(raised), leader) == [0, 1, 1]
    assert values(indicators.NEEDS_OVERDUE, around(due), leader) == [0, 0, 1]
    assert values(indicators.NEEDS_OVERDUE, around(closed), leader) == [1, 0, 0]
    assert values(indicators.NEEDS_OPEN, around(closed), leader) == [1, 0, 0]
    assert values(indicators.NEEDS_SOLVED, around(closed), leader) == [0, 1, 1]


def test_what_cannot_be_solved_is_answered_and_not_solved(leader):
    NeedFactory(closed_on=datetime.date(2022, 6, 20), outcome=Need.Outcome.CANNOT, reply="不符合政策")
    day = datetime.date(2022, 6, 30)
    assert values(indicators.NEEDS_OPEN, [day], leader) == [0]
    assert values(indicators.NEEDS_SOLVED, [day], leader) == [0]


def test_solved_starts_again_at_new_year(leader):
    for day in (datetime.date(2025, 12, 31), datetime.date(2026, 1, 1)):
        NeedFactory(closed_on=day, outcome=Need.Outcome.SOLVED, reply="已经办好")
    days = [datetime.date(2025, 12, 31), datetime.date(2026, 1, 1)]
    assert values(indicators.NEEDS_SOLVED, days, leader) == [1, 1]


# --- All of them ----------------------------------------------------------------------------------------------


@pytest.fixture
def livelihood(villages):
    """Something that each figure counts on DAY: a leader with two households, one uncontacted, needs and labels."""
    first, second, third = [HouseholdFactory(village=villages[0]) for _ in range(3)]
    cadre = LeaderFactory()
    for household in (first, second):
        ContactFactory(household=household, cadre=cadre)
    for indicator in indicators.LABELS:
        labelled(indicator.code.removeprefix("m14."), household=first)
    VisitFactory(household=first, visitor=cadre, date=DAY - 5 * ONE)
    entered_late = VisitFactory(household=first, visitor=cadre, date=DAY - 20 * ONE)
    Visit.objects.exclude(pk=entered_late.pk).update(
        created_at=timezone.make_aware(datetime.datetime(2026, 6, 25))
    )
    NeedFactory(household=first, raised_on=DAY - 12 * ONE, due=DAY - 5 * ONE)
    answer = {"outcome": Need.Outcome.SOLVED, "reply": "已经办好"}
    NeedFactory(household=third, raised_on=DAY - 9 * ONE, due=DAY, closed_on=DAY, **answer)
    return {"households": [first, second, third], "cadre": cadre}


def all_values(user, day=DAY):
    figures = compute(INDICATORS, [day], user)
    return {indicator.code: figures.value(indicator, day) for indicator in INDICATORS}


EXPECTED = {
    "m14.households": 3,
    "m14.registered": 1,
    "m14.minimum": 1,
    "m14.destitute": 1,
    "m14.leaders": 1,
    "m14.leaders_below_load": 1,
    "m14.contacted": 2,
    "m14.uncontacted": 1,
    "m14.visited": 1,
    "m14.visits": 2,
    "m14.late_entries": 1,
    "m14.unseen": 1,
    "m14.needs_raised": 2,
    "m14.needs_solved": 1,
    "m14.needs_open": 1,
    "m14.needs_overdue": 1,
}


def change_everything(livelihood, day):
    """What may happen on a later day: handover, removal, registration, contact, visit, answer, label, leaving."""
    first, second, third = livelihood["households"]
    to = LeaderFactory()
    Contact.objects.hand_over(Contact.objects.filter(cadre=livelihood["cadre"]), to, day)
    ContactFactory(household=third, cadre=to, start=day)
    for _ in range(20):
        ContactFactory(household__registered_on=day, cadre=to, start=day)
    first.removed_on, first.removal_reason = day, Household.RemovalReason.DECEASED
    first.save()
    HouseholdLabel.objects.update(end=day)
    for household in (second, third):
        VisitFactory(household=household, visitor=to, date=day)
        labelled("minimum", household=household, start=day)
    Need.objects.filter(closed_on=None).update(closed_on=day, outcome="solved", reply="已经办好")
    NeedFactory(household=second, raised_on=day, due=day)
    Cadre.objects.filter(pk=livelihood["cadre"].pk).update(left_on=day)


def test_figures_of_an_earlier_day_stay_after_later_changes(livelihood, leader):
    assert all_values(leader) == EXPECTED
    change_everything(livelihood, DAY + ONE)
    assert all_values(leader) == EXPECTED
    later = all_values(leader, DAY + ONE)
    assert {code for code, value in later.items() if value == EXPECTED[code]} <= {
        "m14.leaders",
        "m14.late_entries",
        "m14.needs_open",
    }


def test_the_rows_are_as_many_as_the_figure_says(livelihood, leader):
    for indicator in INDICATORS:
        rows = indicator.rows(DAY, leader)
        assert len(rows) == EXPECTED[indicator.code], indicator.code


@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda indicator: indicator.code)
def test_the_page_of_the_rows_opens_and_shows_no_number_of_a_person(
    livelihood, leader, client, july, indicator
):
    client.force_login(leader)
    page = client.get(f"/figures/{indicator.code}/", {"on": DAY.isoformat()}).content.decode()
    assert indicator.counting in page
    rows = [*Household.objects.all(), *Cadre.objects.all()]
    assert not any(row.id_number in page or row.id_number_mask in page for row in rows)


def test_rows_of_households_name_contact_and_last_visit_of_the_day(livelihood, leader):
    first = livelihood["households"][0]
    change_everything(livelihood, DAY + ONE)
    row = indicators.HOUSEHOLDS.rows(DAY, leader).get(pk=first.pk)
    assert (row.contact_name, row.last_visit) == (livelihood["cadre"].name, DAY - 5 * ONE)


@pytest.mark.parametrize("count", [2, 44])
def test_one_query_a_table_whatever_the_villages(leader, count, count_queries):
    for village in factories.township_with(count):
        ContactFactory(household__village=village)
    parameters.forget()
    leader.role_codes(), leader.scopes(), LOAD.on(DAY)
    assert count_queries(lambda: compute(INDICATORS, days_for_trend(DAY), leader)) == 5


def test_a_village_cadre_counts_the_own_village(livelihood, villages, village_cadre):
    HouseholdFactory(village=villages[1])
    figures = compute([indicators.HOUSEHOLDS], [DAY], village_cadre)
    assert figures.by_village(indicators.HOUSEHOLDS, DAY) == {villages[0].code: 3}


def test_offices_that_see_single_households_are_shown_no_figure(livelihood, organisation_office, outsider):
    own = [item for item in INDICATORS if item.model is not Cadre]
    assert not any(indicator.visible_to(organisation_office) for indicator in own)
    assert set(all_values(outsider).values()) == {0}
