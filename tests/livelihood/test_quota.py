"""Weeks and unseen households from the tables: settings, scope, and figures that hold after later changes."""

import datetime

import pytest

from banzhuang.core.dates import PartialDate
from banzhuang.core.models import CalendarDay, ParameterValue
from cadres.models import Leave
from livelihood.models import Contact
from livelihood.parameters import BY_HOUSEHOLD
from livelihood.quota import households_due, load
from livelihood.weeks import ONE, WEEK
from tests.factories import (
    ContactFactory,
    HouseholdFactory,
    LeaderFactory,
    UserFactory,
    VillageFactory,
    VisitFactory,
)

pytestmark = pytest.mark.django_db
MONDAY = datetime.date(2026, 6, 1)
SUNDAY, AFTER = MONDAY + 6 * ONE, MONDAY + WEEK
LONG_AGO = datetime.date(2022, 1, 1)


@pytest.fixture
def contact():
    return ContactFactory(cadre__name="陈立志")


def setting(name, value, valid_from=LONG_AGO):
    ParameterValue.objects.create(key=f"livelihood.{name}", value=value, valid_from=valid_from)


def visit(contact, date, **fields):
    return VisitFactory(**{"household": contact.household, "visitor": contact.cadre, "date": date, **fields})


def states(user, contact, *mondays, day=AFTER):
    weeks = load(user, list(mondays or [MONDAY]), day)
    return [week.state for week in weeks.get(contact.cadre_id, ())]


def test_weeks_from_the_tables(leader, contact):
    visit(contact, MONDAY)
    assert states(leader, contact, MONDAY - WEEK, MONDAY, AFTER) == ["short", "met", "pending"]


def test_the_calendar_of_the_portal_overrides_the_librarys(leader, contact):
    for count in (0, 1, 2):
        CalendarDay.objects.create(day=MONDAY + count * ONE, working=False)
    assert states(leader, contact) == ["holiday"]


def test_leave_of_the_leader(leader, contact):
    Leave.objects.create(cadre=contact.cadre, kind="sick", start=MONDAY)
    assert states(leader, contact) == ["excused"]


def test_settings_hold_from_their_day_on_for_the_week_of_the_sunday(leader, contact):
    visit(contact, MONDAY)
    setting("weekly_visits", "2", valid_from=SUNDAY + ONE)
    assert states(leader, contact, MONDAY) == ["met"]
    setting("weekly_visits", "2", valid_from=SUNDAY)
    assert states(leader, contact, MONDAY) == ["short"]


def test_make_up_is_a_setting(leader, contact):
    visit(contact, AFTER)
    visit(contact, AFTER + ONE)
    assert states(leader, contact, day=AFTER + ONE) == ["made_up"]
    setting("make_up_weeks", "0")
    assert states(leader, contact, day=AFTER + ONE) == ["short"]


def test_by_household_reads_visits_before_the_weeks(leader, contact):
    setting("quota", BY_HOUSEHOLD)
    visit(contact, SUNDAY - 30 * ONE, visitor=LeaderFactory())
    assert states(leader, contact) == ["met"]
    setting("household_days", "29")
    assert states(leader, contact) == ["short"]


def test_a_household_counts_while_it_stands_in_the_register(leader, contact):
    contact.household.removed, contact.household.removal_reason = PartialDate(AFTER), "moved"
    contact.household.save()
    weeks = [MONDAY, AFTER, AFTER + WEEK]
    assert states(leader, contact, *weeks, day=AFTER + WEEK) == ["short", "none", "none"]
    contact.household.registered = PartialDate(MONDAY + 3 * ONE)
    contact.household.save()
    assert states(leader, contact, MONDAY - WEEK, MONDAY) == ["none", "excused"]


def test_who_has_left_owes_no_more(leader, contact):
    contact.cadre.left = PartialDate(MONDAY + 2 * ONE)
    contact.cadre.save()
    assert states(leader, contact, MONDAY - WEEK, MONDAY, AFTER) == ["short", "excused", "none"]


def test_the_figures_of_an_earlier_day_hold_after_a_handover_a_removal_and_later_visits(leader, contact):
    visit(contact, MONDAY + ONE)
    other = ContactFactory(cadre=contact.cadre)
    weeks, day = [MONDAY - WEEK, MONDAY], MONDAY + 2 * ONE
    before = load(leader, weeks, day), households_due(leader, day)
    taker = LeaderFactory()
    Contact.objects.hand_over([contact], taker, MONDAY + 3 * ONE)
    other.household.removed, other.household.removal_reason = PartialDate(MONDAY + 3 * ONE), "moved"
    other.household.save()
    VisitFactory(household=contact.household, visitor=taker, date=MONDAY + 4 * ONE)
    after = load(leader, weeks, day), households_due(leader, day)
    assert after[0] == before[0]
    assert [(row.household, row.days) for row in after[1]] == [(row.household, row.days) for row in before[1]]
    assert set(load(leader, weeks, MONDAY + 4 * ONE)) == {contact.cadre_id, taker.pk}


def test_a_leave_entered_later_corrects_the_past(leader, contact):
    assert states(leader, contact) == ["short"]
    Leave.objects.create(cadre=contact.cadre, kind="sick", start=MONDAY, end=AFTER)
    assert states(leader, contact) == ["excused"]


def test_across_new_year(leader, contact):
    monday = datetime.date(2025, 12, 29)
    visit(contact, datetime.date(2026, 1, 3))
    assert states(leader, contact, monday, monday + WEEK, day=monday + 2 * WEEK) == ["met", "short"]


def test_who_sees_whose_weeks(leader, contact, outsider):
    mine = ContactFactory(cadre__user=UserFactory(role="staff"))
    visit(mine, MONDAY)
    assert states(leader, contact) and states(leader, mine)
    assert load(mine.cadre.user, [MONDAY], AFTER).keys() == {mine.cadre_id}
    assert states(mine.cadre.user, mine) == ["met"]
    assert load(outsider, [MONDAY], AFTER) == {}


def test_queries_are_the_same_for_2_and_13_leaders(leader, count_queries):
    def many(count):
        for contact in ContactFactory.create_batch(count):
            visit(contact, MONDAY)
            Leave.objects.create(cadre=contact.cadre, kind="sick", start=AFTER)

    def ask():
        return load(leader, [MONDAY - WEEK, MONDAY], SUNDAY), households_due(leader, SUNDAY)

    many(2)
    ask()
    two = count_queries(ask)
    many(11)
    assert count_queries(ask) == two
    assert [len(found) for found in ask()] == [13, 13]


# --- Households by their last visit ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "state"), [(0, "ok"), (22, "ok"), (23, "near"), (30, "near"), (31, "bad"), (400, "bad")]
)
def test_a_household_by_its_last_visit(leader, contact, days, state):
    visit(contact, SUNDAY - days * ONE, visitor=LeaderFactory())
    visit(contact, SUNDAY - 500 * ONE)
    visit(contact, SUNDAY + ONE)  # not made yet
    (due,) = households_due(leader, SUNDAY)
    assert (due.last, due.days, due.state) == (SUNDAY - days * ONE, days, state)
    assert (due.household, due.contact) == (contact.household, contact)


@pytest.mark.parametrize(
    ("start", "registered", "days"), [(40, 50, 40), (50, 40, 40), (None, 40, 40), (40, None, 40)]
)
def test_never_visited_counts_from_the_contact_or_the_registration(leader, contact, start, registered, days):
    contact.start = None if start is None else SUNDAY - start * ONE
    contact.save()
    contact.household.registered_on = None if registered is None else SUNDAY - registered * ONE
    contact.household.save()
    (due,) = households_due(leader, SUNDAY)
    assert (due.last, due.days, due.state) == (None, days, "bad")


def test_without_any_date_it_counts_from_the_local_day_of_entry(leader, contact):
    entered = datetime.datetime(2026, 5, 31, 17, 0, tzinfo=datetime.UTC)  # one o'clock on 1 June here
    Contact.objects.filter(pk=contact.pk).update(created_at=entered, start=None)
    type(contact.household).objects.filter(pk=contact.household_id).update(registered_on=None)
    assert households_due(leader, SUNDAY)[0].days == 6


def test_the_longest_unseen_first_and_of_one_leader_alone(leader):
    cadre = LeaderFactory()
    for days in (3, 50, 20):
        visit(ContactFactory(cadre=cadre), SUNDAY - days * ONE)
    other = ContactFactory()
    visit(other, SUNDAY - 60 * ONE)
    assert [due.days for due in households_due(leader, SUNDAY)] == [60, 50, 20, 3]
    assert [due.days for due in households_due(leader, SUNDAY, cadre=cadre)] == [50, 20, 3]


def test_only_what_is_held_on_the_day_and_seen_by_the_user(leader, contact, village_cadre):
    ContactFactory(end=SUNDAY, household__village=VillageFactory())
    HouseholdFactory()
    assert [due.contact for due in households_due(leader, SUNDAY)] == [contact]
    assert len(households_due(leader, SUNDAY - ONE)) == 2
    assert households_due(village_cadre, SUNDAY) == []
    contact.cadre.user = UserFactory(role="staff")
    contact.cadre.save()
    assert [due.contact for due in households_due(contact.cadre.user, SUNDAY)] == [contact]


def test_the_interval_is_a_setting_of_the_day(leader, contact):
    visit(contact, SUNDAY - 11 * ONE)
    setting("household_days", "10", valid_from=SUNDAY)
    assert [households_due(leader, day)[0].state for day in (SUNDAY - ONE, SUNDAY)] == ["ok", "bad"]
