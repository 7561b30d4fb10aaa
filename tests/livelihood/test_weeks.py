"""The weeks of the leaders by plain facts: quota, holidays, leave, handovers, making up; the day is passed in."""

import datetime
from dataclasses import replace

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livelihood.weeks import ONE, WEEK, Away, Facts, Held, Rule, WeekState, weeks_of

MONDAY = datetime.date(2026, 6, 1)  # Monday to Friday of this week are worked, and so in the weeks around
SUNDAY = MONDAY + 6 * ONE
AFTER = MONDAY + WEEK
LONG_AGO = datetime.date(2022, 1, 1)
RULE = Rule(by_household=False, visits=1, interval=30, threshold=3, make_up=1)
BY_HOUSEHOLD = replace(RULE, by_household=True)
LEADER, OTHER = 1, 2


class Calendar:
    """As core.workdays has it, without rows of its own."""

    def between(self, start, end):
        days = (start + count * ONE for count in range((end - start).days))
        return [day for day in days if chinese_calendar.is_workday(day)]


def held(household=10, cadre=LEADER, start=LONG_AGO, end=None):
    return Held(cadre, household, start, end, start or LONG_AGO)


ONE_HOUSEHOLD = (held(),)


def weeks(held=ONE_HOUSEHOLD, visits=(), away=(), mondays=(MONDAY,), day=AFTER, rule=RULE, cadre=LEADER):
    """The weeks of `cadre`; None where nothing was ever held."""
    rule_of = rule if callable(rule) else lambda monday: rule
    found = weeks_of(Facts(held, visits, away), Calendar(), list(mondays), day, rule_of)
    return found.get(cadre)


def states(**facts):
    return [week.state for week in weeks(**facts)]


def visit(date, household=10, cadre=LEADER):
    return (cadre, household, date)


# --- The quota ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "state"),
    [
        (MONDAY - ONE, "short"),
        (MONDAY, "met"),
        (MONDAY + 5 * ONE, "met"),  # a Saturday: visits count on any day
        (SUNDAY, "met"),
    ],
)
def test_a_visit_counts_in_the_week_of_its_date(date, state):
    assert states(visits=[visit(date)], rule=replace(RULE, make_up=0)) == [state]


def test_a_week_runs_until_its_sunday_is_over():
    assert states(day=MONDAY) == ["pending"]
    assert states(day=SUNDAY) == ["pending"]
    assert states(day=AFTER) == ["short"]


def test_more_visits_a_week_and_one_household_twice():
    twice = [visit(MONDAY), visit(MONDAY + 2 * ONE)]
    (week,) = weeks(visits=twice, rule=replace(RULE, visits=2))
    assert (week.state, week.visits, week.required) == ("met", 2, 2)
    assert states(visits=twice, rule=replace(RULE, visits=3)) == ["short"]


def test_only_visits_to_households_he_holds_on_the_date_count():
    assert states(visits=[visit(MONDAY, household=11)]) == ["short"]
    assert states(visits=[visit(MONDAY, cadre=OTHER)]) == ["short"]
    gone = [held(), held(11, end=MONDAY + 2 * ONE)]
    assert states(held=gone, visits=[visit(MONDAY + ONE, 11)]) == ["met"]
    assert states(held=gone, visits=[visit(MONDAY + 2 * ONE, 11)]) == ["short"]


def test_without_a_contact_there_is_no_week_and_nobody_without_any():
    assert states(held=[held(end=MONDAY)], mondays=[MONDAY - WEEK, MONDAY]) == ["short", "none"]
    assert weeks(held=[held(cadre=OTHER)]) is None


def test_an_unknown_start_counts_as_begun():
    assert states(held=[held(start=None)], visits=[visit(MONDAY)]) == ["met"]


# --- Holidays and shifted days (the real calendar) ------------------------------------------------------------


@pytest.mark.parametrize(
    ("monday", "state", "available"),
    [
        ("2025-09-22", "short", 6),  # its Sunday, the 28th, is worked for the holiday
        ("2025-09-29", "holiday", 2),  # 国庆 2025: Monday and Tuesday only
        ("2025-10-06", "short", 3),  # Thursday, Friday and the Saturday
        ("2026-02-09", "short", 6),
        ("2026-02-16", "holiday", 0),  # 春节 2026
        ("2026-02-23", "short", 5),  # Tuesday to the Saturday
        ("2026-09-28", "short", 3),  # 国庆 2026: Monday to Wednesday
        ("2026-10-05", "short", 3),
        ("2025-12-29", "short", 4),  # across New Year: three days, and Sunday 4 January
    ],
)
def test_a_week_of_few_working_days_owes_nothing(monday, state, available):
    monday = datetime.date.fromisoformat(monday)
    (week,) = weeks(mondays=[monday], day=monday + WEEK)
    assert (week.state, week.available) == (state, available)
    assert week.required == (state == "short")


def test_a_visit_in_a_holiday_week_is_met():
    monday = datetime.date(2026, 2, 16)
    assert states(mondays=[monday], day=monday + WEEK, visits=[visit(monday + 4 * ONE)]) == ["met"]


def test_a_holiday_week_is_one_while_it_runs():
    monday = datetime.date(2026, 2, 16)
    assert states(mondays=[monday], day=monday) == ["holiday"]


def test_the_threshold_is_a_setting():
    monday = datetime.date(2025, 9, 29)
    rule = replace(RULE, threshold=2)
    assert states(mondays=[monday], day=monday + WEEK, rule=rule) == ["short"]


# --- Leave -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "state", "available"),
    [
        (0, 7, "excused", 0),  # the whole week
        (0, None, "excused", 0),  # not back yet
        (3, 5, "short", 3),  # two of five days
        (0, 3, "excused", 2),  # three of five: back on Thursday
        (2, 5, "excused", 2),
        (-7, 0, "short", 5),  # back on Monday
        (5, 7, "short", 5),  # a weekend
        (4, 12, "short", 4),
    ],
)
def test_days_on_leave_are_not_available(start, end, state, available):
    away = Away(LEADER, MONDAY + start * ONE, None if end is None else MONDAY + end * ONE)
    (week,) = weeks(away=[away])
    assert (week.state, week.available) == (state, available)
    assert week.on_leave == (available < 5)


def test_anothers_leave_excuses_nobody():
    assert states(away=[Away(OTHER, MONDAY, None)]) == ["short"]


def test_a_visit_on_leave_counts():
    assert states(away=[Away(LEADER, MONDAY, None)], visits=[visit(MONDAY)]) == ["met"]


def test_leave_excuses_once_it_has_begun():
    away = [Away(LEADER, MONDAY + ONE, MONDAY + 6 * ONE)]
    assert states(away=away, day=MONDAY) == ["pending"]
    assert states(away=away, day=MONDAY + ONE) == ["excused"]


# --- Handover --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "former", "later"),
    [
        (0, "none", "short"),  # on Monday: all of the week is the other's
        (2, "excused", "short"),  # on Wednesday: two days, and three
        (4, "short", "excused"),  # on Friday: four days, and one
    ],
)
def test_after_a_handover_each_owes_by_the_days_he_held(on, former, later):
    on = MONDAY + on * ONE
    rows = [held(end=on), held(cadre=OTHER, start=on)]
    found = [weeks(held=rows, mondays=[MONDAY - WEEK, MONDAY], cadre=cadre)[1] for cadre in (LEADER, OTHER)]
    assert [week.state for week in found] == [former, later]
    assert not any(week.on_leave for week in found)


def test_after_a_handover_visits_count_for_who_held_then():
    on = MONDAY + 2 * ONE
    rows = [held(end=on), held(cadre=OTHER, start=on)]
    visits = [visit(on - ONE), visit(on, cadre=OTHER)]
    assert [states(held=rows, visits=visits, cadre=cadre) for cadre in (LEADER, OTHER)] == [["met"], ["met"]]
    wrong = [visit(on), visit(on - ONE, cadre=OTHER)]
    assert [states(held=rows, visits=wrong, cadre=cadre) for cadre in (LEADER, OTHER)] == [
        ["excused"],
        ["short"],
    ]


def test_one_household_left_keeps_the_week_owed():
    assert states(held=[held(), held(11, end=MONDAY)]) == ["short"]


# --- Making up -------------------------------------------------------------------------------------------------

THREE = [MONDAY, MONDAY + WEEK, MONDAY + 2 * WEEK]


def test_a_second_visit_of_the_next_week_makes_up_for_a_missed_one():
    visits = [visit(AFTER), visit(AFTER + ONE)]
    first, second, _ = weeks(visits=visits, mondays=THREE, day=THREE[2])
    assert (first.state, first.made_up_in, second.state) == ("made_up", AFTER, "met")


def test_the_week_itself_comes_first_and_one_visit_fills_one_week():
    assert states(visits=[visit(AFTER)], mondays=THREE, day=THREE[2]) == ["short", "met", "pending"]
    visits = [visit(THREE[2]), visit(THREE[2] + ONE)]
    assert states(visits=visits, mondays=THREE, day=THREE[2] + ONE) == ["short", "made_up", "met"]


def test_the_running_week_makes_up_as_soon_as_it_has_more():
    visits = [visit(AFTER), visit(AFTER + 2 * ONE)]
    assert states(visits=visits, day=AFTER + ONE) == ["short"]
    assert states(visits=visits, day=AFTER + 2 * ONE) == ["made_up"]


def test_make_up_can_be_switched_off_or_last_longer():
    visits = [visit(AFTER), visit(AFTER + ONE)]
    assert states(visits=visits, day=THREE[2], rule=replace(RULE, make_up=0)) == ["short"]
    later = [visit(AFTER), visit(THREE[2]), visit(THREE[2] + ONE)]
    for make_up, state in ((1, "short"), (2, "made_up")):
        rule = replace(RULE, make_up=make_up)
        assert states(visits=later, day=THREE[2] + WEEK, rule=rule) == [state]


def test_in_a_week_that_owes_nothing_each_visit_is_beyond_its_quota():
    away = [Away(LEADER, AFTER, AFTER + WEEK)]
    assert states(away=away, visits=[visit(AFTER)], day=AFTER + ONE) == ["made_up"]


def test_all_that_lacked_must_be_made_up():
    rule = replace(RULE, visits=2)
    visits = [visit(AFTER + count * ONE) for count in range(4)]
    assert states(visits=visits[:3], day=THREE[2], rule=rule) == ["short"]
    assert states(visits=visits, day=THREE[2], rule=rule) == ["made_up"]


# --- By household ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("last", "state", "over"), [(29, "met", 0), (30, "met", 0), (31, "short", 1)])
def test_by_household_none_may_wait_longer_than_the_interval(last, state, over):
    (week,) = weeks(visits=[visit(SUNDAY - last * ONE)], rule=BY_HOUSEHOLD)
    assert (week.state, week.over, week.required) == (state, over, 0)


def test_by_household_whoever_was_there():
    assert states(visits=[visit(MONDAY, cadre=OTHER)], rule=BY_HOUSEHOLD) == ["met"]


def test_by_household_each_household_counts():
    rows = [held(10), held(11)]
    (week,) = weeks(held=rows, visits=[visit(MONDAY, 11), visit(MONDAY + ONE, 11)], rule=BY_HOUSEHOLD)
    assert (week.state, week.over, week.visits) == ("short", 1, 2)


@pytest.mark.parametrize(("start", "state"), [(30, "met"), (31, "short")])
def test_by_household_what_is_taken_over_counts_from_its_start(start, state):
    rows = [held(start=SUNDAY - start * ONE)]
    assert states(held=rows, rule=BY_HOUSEHOLD) == [state]


def test_by_household_the_running_week_looks_at_the_day():
    visits = [visit(MONDAY - 28 * ONE)]  # 30 days ago on Wednesday
    assert states(visits=visits, day=MONDAY + 2 * ONE, rule=BY_HOUSEHOLD) == ["met"]
    assert states(visits=visits, day=MONDAY + 3 * ONE, rule=BY_HOUSEHOLD) == ["pending"]
    assert states(visits=visits, day=AFTER, rule=BY_HOUSEHOLD) == ["short"]


def test_by_household_holidays_and_leave_excuse_too():
    monday = datetime.date(2026, 2, 16)
    assert states(mondays=[monday], day=monday + WEEK, rule=BY_HOUSEHOLD) == ["holiday"]
    assert states(away=[Away(LEADER, MONDAY, None)], rule=BY_HOUSEHOLD) == ["excused"]


def test_by_household_nothing_is_owed_of_what_was_handed_over():
    rows = [held(end=MONDAY + 4 * ONE)]
    assert states(held=rows, rule=BY_HOUSEHOLD) == ["excused"]


def test_by_household_nothing_is_made_up():
    visits = [visit(AFTER + count * ONE) for count in range(3)]
    assert states(visits=visits, day=THREE[2], rule=BY_HOUSEHOLD) == ["short"]


def test_each_week_by_its_own_settings():
    def rule_of(monday):
        return replace(RULE, visits=2, make_up=0) if monday >= AFTER else replace(RULE, make_up=0)

    visits = [visit(MONDAY), visit(AFTER)]
    assert states(visits=visits, mondays=THREE[:2], day=THREE[2], rule=rule_of) == ["met", "short"]


# --- For any facts ---------------------------------------------------------------------------------------------

dates = st.integers(0, 83).map(lambda count: MONDAY + count * ONE)
ALL = [MONDAY + count * WEEK for count in range(12)]
LAST = ALL[-1] + 6 * ONE
holdings = st.lists(
    st.builds(
        lambda household, cadre, start, length: held(
            household, cadre, start, length and (start or MONDAY) + length * ONE
        ),
        st.integers(10, 12),
        st.sampled_from([LEADER, OTHER]),
        st.none() | dates,
        st.none() | st.integers(1, 60),
    ),
    min_size=1,
    max_size=5,
)
visits_made = st.lists(
    st.builds(visit, dates, st.integers(10, 12), st.sampled_from([LEADER, OTHER])), max_size=20
)
absences = st.lists(
    st.builds(
        lambda cadre, start, length: Away(cadre, start, length and start + length * ONE),
        st.sampled_from([LEADER, OTHER]),
        dates,
        st.none() | st.integers(1, 30),
    ),
    max_size=3,
)
rules = st.builds(Rule, st.booleans(), st.integers(1, 3), st.just(30), st.integers(1, 5), st.integers(0, 3))
all_facts = st.builds(Facts, holdings, visits_made, absences)


def judged(facts, mondays, day, rule):
    return weeks_of(facts, Calendar(), mondays, day, lambda monday: rule)


@settings(deadline=None)
@given(all_facts, dates, rules)
def test_a_past_day_knows_nothing_of_what_came_after(facts, day, rule):
    """Later visits, contacts and leaves are not there; what ends later is open still."""
    mondays = [monday for monday in ALL if monday <= day]
    known = Facts(
        [
            replace(row, end=row.end if row.end and row.end <= day else None)
            for row in facts.held
            if not row.start or row.start <= day
        ],
        [row for row in facts.visits if row[2] <= day],
        [row for row in facts.away if row.start <= day],
    )
    assert judged(facts, mondays, day, rule) == judged(known, mondays, day, rule)


@settings(deadline=None)
@given(all_facts, st.integers(0, 11), st.integers(1, 12), rules)
def test_a_week_is_the_same_however_many_are_looked_at(facts, first, count, rule):
    everything = judged(facts, ALL, LAST, rule)
    window = judged(facts, ALL[first : first + count], LAST, rule)
    assert window == {cadre: found[first : first + count] for cadre, found in everything.items()}


@settings(deadline=None)
@given(all_facts, dates, rules)
def test_what_each_state_means(facts, day, rule):
    mondays = [monday for monday in ALL if monday <= day]
    for week in (week for found in judged(facts, mondays, day, rule).values() for week in found):
        assert (week.sunday >= day) if week.state == WeekState.PENDING else True
        assert (week.sunday < day) if week.state in {WeekState.SHORT, WeekState.MADE_UP} else True
        assert (week.made_up_in is not None) == (week.state == WeekState.MADE_UP)
        if rule.by_household:
            assert (week.over == 0) if week.state == WeekState.MET else True
        elif week.state != WeekState.NONE:
            assert (week.visits >= rule.visits) == (week.state == WeekState.MET)
            assert (week.available >= rule.threshold) or week.required == 0


@settings(deadline=None)
@given(all_facts, visits_made, rules)
def test_one_more_visit_never_makes_a_week_worse(facts, more, rule):
    good = {WeekState.MET, WeekState.MADE_UP}
    before = judged(facts, ALL, LAST, rule)
    after = judged(replace(facts, visits=[*facts.visits, *more]), ALL, LAST, rule)
    for cadre, found in before.items():
        for earlier, later in zip(found, after[cadre], strict=True):
            assert earlier.state not in good or later.state in good
