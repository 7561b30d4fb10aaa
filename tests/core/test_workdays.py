"""Working days: the published calendar, the rows that override it, years that nobody knows, and weeks."""

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banzhuang.core.models import CalendarDay
from banzhuang.core.workdays import Workdays, calendar_of, week_of

D = datetime.date
ONE = datetime.timedelta(days=1)


def calendar(year, **overrides) -> Workdays:
    """A calendar of one year without the database: overrides as m1008=True."""
    found = Workdays.__new__(Workdays)
    found._years = {
        year: {D(year, int(name[1:3]), int(name[3:])): working for name, working in overrides.items()}
    }
    return found


# Notices of the General Office of the State Council on the holidays of 2025 and 2026.
@pytest.mark.parametrize(
    ("day", "working"),
    [
        (D(2026, 2, 13), True),  # the Friday before the Spring Festival
        (D(2026, 2, 14), True),  # 调休: a Saturday that is worked
        (D(2026, 2, 15), False),
        (D(2026, 2, 16), False),  # 除夕, a Monday
        (D(2026, 2, 17), False),
        (D(2026, 2, 23), False),  # the last day of it, a Monday
        (D(2026, 2, 24), True),
        (D(2026, 2, 28), True),  # 调休: a Saturday that is worked
        (D(2026, 3, 1), False),
        (D(2025, 9, 28), True),  # 国庆调休: a Sunday that is worked
        (D(2025, 9, 30), True),
        (D(2025, 10, 1), False),
        (D(2025, 10, 8), False),  # a Wednesday
        (D(2025, 10, 9), True),
        (D(2025, 10, 11), True),  # a Saturday that is worked
        (D(2025, 10, 12), False),
        (D(2026, 9, 20), True),  # a Sunday that is worked
        (D(2026, 10, 1), False),
        (D(2026, 10, 7), False),  # a Wednesday
        (D(2026, 10, 8), True),
        (D(2026, 10, 10), True),  # a Saturday that is worked
        (D(2026, 10, 11), False),
        (D(2026, 11, 24), True),
    ],
)
def test_days_as_published(day, working):
    assert calendar(day.year).is_working(day) is working


def test_week_of_the_spring_festival_has_no_working_day():
    monday, sunday = week_of(D(2026, 2, 18))
    assert (monday, sunday) == (D(2026, 2, 16), D(2026, 2, 22))
    assert calendar(2026).between(monday, sunday + ONE) == []


def test_a_year_nobody_knows_is_monday_to_friday():
    """New Year's Day of 2031 is a Wednesday, 1 October too."""
    unknown = calendar(2031)
    assert not unknown.known(2031)
    assert unknown.is_working(D(2031, 1, 1))
    assert unknown.is_working(D(2031, 10, 1))
    assert not unknown.is_working(D(2031, 1, 4))
    assert len(unknown.between(D(2031, 1, 1), D(2032, 1, 1))) == 261


@pytest.mark.parametrize("year", [1949, 2003, 2027, 2200])
def test_no_year_raises(year):
    assert not calendar(year).known(year)
    assert calendar(year).is_working(D(year, 5, 4)) is (D(year, 5, 4).weekday() < 5)


def test_known_years_of_the_library():
    assert calendar(2004).known(2004)
    assert calendar(2026).known(2026)


def test_a_row_makes_its_year_known_and_the_rest_goes_by_the_weekday():
    entered = calendar(2031, m1001=False, m1004=True)
    assert entered.known(2031)
    assert not entered.is_working(D(2031, 10, 1))
    assert entered.is_working(D(2031, 10, 4))  # a Saturday
    assert entered.is_working(D(2031, 10, 2))


def test_a_row_beats_the_library():
    decreed = calendar(2026, m1124=False, m1003=True)
    assert not decreed.is_working(D(2026, 11, 24))
    assert decreed.is_working(D(2026, 10, 3))
    assert not decreed.is_working(D(2026, 10, 4))


@pytest.mark.django_db
def test_rows_are_read_once_for_all_days(count_queries):
    CalendarDay.objects.create(day=D(2026, 12, 31), working=False, note="年终盘点")
    CalendarDay.objects.create(day=D(2027, 1, 2), working=True)

    def walk():
        found = calendar_of(D(2026, 12, 30), D(2027, 1, 5))
        assert found.between(D(2026, 12, 30), D(2027, 1, 5)) == [
            D(2026, 12, 30),
            D(2027, 1, 1),  # nobody knows the holidays of 2027 yet: a Friday
            D(2027, 1, 2),
            D(2027, 1, 4),
        ]
        assert found.known(2027)

    assert count_queries(walk) == 1


@pytest.mark.django_db
def test_a_day_beyond_what_was_asked_for_is_still_right():
    CalendarDay.objects.create(day=D(2027, 1, 2), working=True)
    assert calendar_of(D(2026, 3, 1), D(2026, 4, 1)).is_working(D(2027, 1, 2))


DAYS = st.dates(D(2003, 6, 1), D(2032, 6, 1))


@settings(deadline=None)
@given(DAYS, st.integers(0, 200), st.integers(0, 200))
def test_between_is_sorted_and_additive(start, length, cut):
    whole = calendar(2031)
    whole._years |= {year: {} for year in range(2003, 2035)}
    end, middle = start + length * ONE, start + min(cut, length) * ONE
    days = whole.between(start, end)
    assert days == sorted(set(days))
    assert days == whole.between(start, middle) + whole.between(middle, end)
    assert all(start <= day < end and whole.is_working(day) for day in days)


@given(DAYS, st.integers(0, 30))
def test_none_before_the_start(start, length):
    assert calendar(start.year).between(start, start - length * ONE) == []


@given(DAYS)
def test_weeks_run_from_monday_to_sunday(day):
    monday, sunday = week_of(day)
    assert monday <= day <= sunday
    assert (monday.weekday(), sunday.weekday(), sunday - monday) == (0, 6, 6 * ONE)
