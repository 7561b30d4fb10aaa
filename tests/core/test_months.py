"""The arithmetic of months."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banzhuang.core.months import (
    month_end,
    month_ends_until,
    month_of,
    parse_month,
    shift_month,
    year_start,
)

day = datetime.date
DAYS = st.dates(day(1949, 1, 1), day(2200, 12, 31))
STEPS = st.integers(-300, 300)


@pytest.mark.parametrize(
    ("month", "by", "shifted"),
    [
        (day(2026, 7, 1), 0, day(2026, 7, 1)),
        (day(2026, 12, 1), 1, day(2027, 1, 1)),
        (day(2026, 1, 1), -1, day(2025, 12, 1)),
        (day(2026, 1, 1), -12, day(2025, 1, 1)),
        (day(2026, 11, 1), 26, day(2029, 1, 1)),
        (day(2026, 3, 31), -1, day(2026, 2, 1)),
    ],
)
def test_months_later_and_earlier(month, by, shifted):
    assert shift_month(month, by) == shifted


@pytest.mark.parametrize(
    ("month", "last"),
    [
        (day(2026, 2, 1), day(2026, 2, 28)),
        (day(2028, 2, 1), day(2028, 2, 29)),
        (day(2100, 2, 1), day(2100, 2, 28)),
        (day(2026, 4, 17), day(2026, 4, 30)),
        (day(2026, 12, 1), day(2026, 12, 31)),
    ],
)
def test_the_last_day_of_a_month(month, last):
    assert month_end(month) == last


def test_the_month_and_the_year_of_a_day():
    assert month_of(day(2026, 7, 31)) == day(2026, 7, 1)
    assert year_start(day(2026, 7, 31)) == day(2026, 1, 1)


def test_the_ends_of_the_months_until_a_day_oldest_first():
    assert month_ends_until(day(2026, 1, 15), 3) == [day(2025, 11, 30), day(2025, 12, 31), day(2026, 1, 15)]
    assert month_ends_until(day(2026, 1, 15), 1) == [day(2026, 1, 15)]


@pytest.mark.parametrize("text", ["2026-06", " 2026-6 "])
def test_a_month_is_read(text):
    assert parse_month(text) == day(2026, 6, 1)


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "2026-06-30", "六月", "", "2026", "1948-12", "0001-01", "9999-12"]
)
def test_anything_else_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match="看不懂，应写成 2026-06 这样的形式。"):
        parse_month(text)


# --- Any day of the portal's years -------------------------------------------------------------------------
@given(DAYS, STEPS, STEPS)
def test_shifts_add_up_and_there_and_back_is_none(when, by, more):
    there = shift_month(when, by)
    assert there.day == 1 and (there > month_of(when)) == (by > 0)
    assert shift_month(there, -by) == month_of(when)
    assert shift_month(there, more) == shift_month(when, by + more)


@given(DAYS)
def test_the_day_after_the_end_begins_the_next_month(when):
    assert month_of(month_end(when)) == month_of(when)
    assert month_end(when) + datetime.timedelta(days=1) == shift_month(when, 1)


@given(DAYS, st.integers(1, 36))
def test_as_many_ends_as_asked_one_in_each_month(when, count):
    ends = month_ends_until(when, count)
    assert ends[-1] == when and all(end == month_end(end) for end in ends[:-1])
    assert [month_of(end) for end in ends] == [shift_month(when, by) for by in range(1 - count, 1)]


@given(DAYS)
def test_a_month_is_read_as_it_is_written(when):
    assert parse_month(f"{when:%Y-%m}") == month_of(when)
