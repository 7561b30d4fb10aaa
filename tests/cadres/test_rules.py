"""Rules that screens and ledgers share, at their edges."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banzhuang.core.dates import PartialDate
from cadres.rules import (
    identity_agrees,
    life_in_order,
    one_secretary_a_day,
    still_held,
    succession_in_order,
    term_from,
    younger,
)
from tests.factories import id_number

DAY = datetime.date(2026, 7, 15)
BIRTH = datetime.date(1975, 3, 9)
NUMBER = id_number(1, "男", BIRTH)
dates = st.dates(datetime.date(1930, 1, 1), datetime.date(2005, 12, 31))
precisions = st.sampled_from(["year", "month", "day"])


def date(text):
    return PartialDate.parse_iso(text)


def fields(problems):
    return [field for field, _, _ in problems]


@given(dates, precisions, st.sampled_from("男女"))
def test_what_the_number_says_agrees_at_any_precision(birth, precision, sex):
    number = id_number(7, sex, birth)
    assert identity_agrees(number, sex, PartialDate(birth, precision)) == []


@given(dates, dates, precisions)
def test_another_birth_is_found_as_far_as_it_is_known(birth, other, precision):
    born = PartialDate(other, precision)
    found = fields(identity_agrees(id_number(7, "男", birth), "男", born))
    assert found == ([] if PartialDate(birth, precision) == born else ["born"])


def test_another_sex_is_said_with_the_remedy():
    assert identity_agrees(NUMBER, "女", None) == [
        ("sex", "性别“女”与身份证号不符，号码中为男。", "对照身份证原件，改性别或改号码。")
    ]


def test_the_birth_of_the_number_is_said():
    (field, wrong, _) = identity_agrees(NUMBER, "男", date("1975-04"))[0]
    assert (field, wrong) == ("born", "出生日期 1975-04 与身份证号不符，号码中为 1975-03-09。")


def test_nothing_is_judged_without_a_number_or_without_the_facts():
    assert identity_agrees("", "女", date("1990")) == []
    assert identity_agrees(NUMBER, "", None) == []


def test_party_from_the_eighteenth_birthday_on():
    assert life_in_order(date("1975-03-09"), date("1993-03-09"), None, DAY) == []
    assert fields(life_in_order(date("1975-03-09"), date("1993-03-08"), None, DAY)) == ["joined_party"]


def test_work_from_the_fourteenth_birthday_on():
    assert life_in_order(date("1975-03-09"), None, date("1989-03-09"), DAY) == []
    assert fields(life_in_order(date("1975-03-09"), None, date("1989-03-08"), DAY)) == ["started_work"]


def test_what_may_still_be_right_is_not_refused():
    assert life_in_order(date("1975"), date("1993"), date("1989"), DAY) == []
    assert life_in_order(date("1975-03-09"), date("1993-03"), None, DAY) == []
    assert fields(life_in_order(date("1975-03-09"), date("1993-02"), None, DAY)) == ["joined_party"]
    assert fields(life_in_order(date("1975"), date("1992"), None, DAY)) == ["joined_party"]


def test_a_birthday_in_a_leap_year_counts_from_the_first_of_march():
    birth = datetime.date(2000, 2, 29)
    assert younger(birth, datetime.date(2018, 2, 28), 18)
    assert not younger(birth, datetime.date(2018, 3, 1), 18)


@given(dates, st.integers(0, 60))
def test_age_is_reached_by_day(birth, years):
    birthday = (birth - datetime.timedelta(days=birth.month == 2 and birth.day == 29)).replace(
        year=birth.year + years
    )
    assert not younger(birth, birthday + datetime.timedelta(days=1), years)
    assert younger(birth, birthday - datetime.timedelta(days=1), years)


def test_nothing_lies_after_the_day():
    tomorrow, today = date("2026-07-16"), date("2026-07-15")
    assert fields(life_in_order(tomorrow, None, None, DAY)) == ["born"]
    assert fields(life_in_order(None, tomorrow, tomorrow, DAY)) == ["joined_party", "started_work"]
    assert life_in_order(today, None, None, DAY) == []
    assert life_in_order(None, date("2026-07"), date("2026"), DAY) == []


def test_a_successor_starts_on_the_day_at_the_latest():
    assert succession_in_order(date("2026-07-15"), None, "", DAY) == []
    assert fields(succession_in_order(date("2026-07-16"), None, "", DAY)) == ["start"]


@given(dates, dates)
def test_a_successor_starts_where_the_former_did_at_the_earliest(start, former):
    problems = succession_in_order(PartialDate(start), PartialDate(former), "王强", DAY)
    assert bool(problems) == (start < former)


def test_the_former_is_named():
    (_, wrong, _) = succession_in_order(date("2020-01"), date("2022-03-01"), "王强", DAY)[0]
    assert wrong == "任职起 2020-01 早于现任书记王强的任职起（2022-03-01）。"


def test_unknown_dates_are_in_order():
    assert succession_in_order(None, date("2022"), "王强", DAY) == []
    assert succession_in_order(date("2020"), None, "王强", DAY) == []


@pytest.mark.parametrize(
    ("start", "end", "refused"),
    [
        ("2021-01-01", "2022-03-01", False),
        ("2021-01-01", "2022-03-02", True),
        ("2023-01-01", "2023-02-01", True),
        ("2026-06-29", "2026-08-01", True),
        ("2026-06-30", "2026-08-01", False),
        ("2026-06-29", None, True),
        ("2026-06-30", None, False),
        (None, "2023-01-01", False),
    ],
)
def test_two_posts_of_a_secretary_have_no_day_in_common(start, end, refused):
    others = [("孙平", None, date("2010-01")), ("王强", date("2022-03-01"), date("2026-06-30"))]
    found = one_secretary_a_day(start and date(start), end and date(end), others)
    sentence = "与王强的任职（2022-03-01 至 2026-06-30）重叠，一个党组织同一天只有一名书记。"
    assert found == ([("start", sentence, "核对两人的起止。")] if refused else [])


def test_a_former_ends_before_the_one_in_post_began():
    others = [("王强", date("2022-03-01"), None)]
    assert one_secretary_a_day(date("2021-01"), date("2022-03-01"), others) == []
    ((_, wrong, _),) = one_secretary_a_day(date("2021-01"), date("2022-03-02"), others)
    assert "2022-03-01 起，在任" in wrong
    assert (
        one_secretary_a_day(date("2021-01"), None, others) == []
    )  # the database's rule, said in its own words


@pytest.mark.parametrize(
    ("start", "refused"), [("2026-06-09", True), ("2026-06-10", False), ("2026-06", True), (None, False)]
)
def test_a_start_in_a_post_that_has_since_ended(start, refused):
    found = fields(still_held(start and date(start), "王强", date("2026-06-10")))
    assert found == (["start"] if refused else [])
    assert still_held(date("2026-06-09"), "", None) == []


@pytest.mark.parametrize(
    ("start", "day", "term"),
    [
        ("2021-07-20", "2026-07-31", "2026-07"),
        ("2021-07-20", "2026-08-01", None),
        ("2024-02-29", "2026-07-15", "2029-02"),
        ("2021", "2026-12-31", "2026"),
        ("2021", "2027-01-01", None),
    ],
)
def test_a_term_of_five_years_unless_it_is_over(start, day, term):
    found = term_from(date(start), 5, date(day).first)
    assert (found.iso() if found else None) == term
