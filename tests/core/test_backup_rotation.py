"""Which daily backups are kept: of so many last days, weeks and months the newest each, and never another file."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banzhuang.core.backups.rotation import kept, moment_of, rotate
from banzhuang.core.models import ParameterValue

moments = st.datetimes(datetime.datetime(2025, 12, 1), datetime.datetime(2027, 2, 1)).map(
    lambda moment: moment.replace(microsecond=0)
)
counts = st.tuples(st.integers(1, 8), st.integers(0, 6), st.integers(0, 13))


def nightly(first: str, days: int) -> list[datetime.datetime]:
    start = datetime.datetime.fromisoformat(f"{first} 02:30")
    return [start + datetime.timedelta(days=day) for day in range(days)]


def dates(found) -> list[str]:
    return [f"{moment:%m-%d}" for moment in sorted(found)]


@given(st.sets(moments, max_size=60), counts)
def test_the_newest_stays_and_few_enough(found, numbers):
    stays = kept(found, *numbers)
    assert stays <= found and len(stays) <= sum(numbers)
    assert not found or max(found) in stays


@given(st.sets(moments, max_size=60), counts)
def test_each_of_the_last_days_with_a_backup_has_its_newest(found, numbers):
    days = sorted({moment.date() for moment in found}, reverse=True)[: numbers[0]]
    newest = {max(moment for moment in found if moment.date() == day) for day in days}
    assert newest <= kept(found, *numbers)


@given(st.sets(moments, max_size=60), moments, counts)
def test_what_goes_would_have_gone_later_too(found, later, numbers):
    """So the month's backup is there in a year although all the nights between were sorted out one by one."""
    later = max([later, *(moment + datetime.timedelta(seconds=1) for moment in found)])
    step_by_step = kept(kept(found, *numbers) | {later}, *numbers)
    assert step_by_step == kept(found | {later}, *numbers)


@given(st.sets(moments, min_size=1, max_size=60), st.integers(1, 13))
def test_months_reach_back_as_far_as_there_are_backups(found, months):
    stays = kept(found, 1, 0, months)
    assert len({(moment.year, moment.month) for moment in stays}) == min(
        months, len({(moment.year, moment.month) for moment in found})
    )


def test_a_year_of_nights():
    """On 2026-11-24, a Tuesday: seven nights, the Sundays before, the last night of each month before."""
    stays = kept(nightly("2025-11-01", 389), 7, 5, 12)
    assert dates(moment for moment in stays if moment >= datetime.datetime(2026, 10, 1)) == (
        "10-31 11-01 11-08 11-15 11-18 11-19 11-20 11-21 11-22 11-23 11-24".split()
    )
    before = [moment for moment in stays if moment < datetime.datetime(2026, 10, 1)]
    assert [f"{moment:%Y-%m-%d}" for moment in sorted(before)] == (
        "2025-12-31 2026-01-31 2026-02-28 2026-03-31 2026-04-30 2026-05-31 2026-06-30 2026-07-31 2026-08-31 2026-09-30"
    ).split()


def test_a_portal_that_stood_still_loses_nothing():
    old = nightly("2025-01-01", 7)
    assert kept([*old, datetime.datetime(2026, 11, 24)], 8, 0, 0) >= set(old)


def test_weeks_are_those_of_the_calendar_also_over_new_year():
    """2027-01-03 is the Sunday of the week that began on 28 December."""
    assert dates(kept(nightly("2026-12-25", 14), 1, 2, 0)) == ["01-03", "01-07"]


@pytest.mark.parametrize(
    "name",
    [
        "banzhuang-20260101-023000.backup",
        "daily-2026.backup",
        "daily-20260101-023000.backup.old",
        "notes.txt",
    ],
)
def test_only_a_daily_backup_has_a_moment(name, tmp_path):
    assert moment_of(tmp_path / name) is None


@pytest.mark.django_db
def test_the_folder_is_sorted_out_by_the_parameters_of_the_day(tmp_path):
    names = [f"daily-202611{day:02}-023000.backup" for day in range(1, 25)]
    others = ["daily-20260101-023000.txt", "banzhuang-20260101-023000.backup", "家里的.backup"]
    for name in [*names, *others]:
        (tmp_path / name).touch()
    for key, value in [("days", "3"), ("weeks", "1"), ("months", "0")]:
        ParameterValue.objects.create(
            key=f"backups.{key}", value=value, valid_from=datetime.date(2026, 11, 20)
        )
    assert rotate(tmp_path, datetime.date(2026, 11, 24)) == names[:-3]
    assert {path.name for path in tmp_path.iterdir()} == {*names[-3:], *others}
    assert rotate(tmp_path, datetime.date(2026, 11, 24)) == []
