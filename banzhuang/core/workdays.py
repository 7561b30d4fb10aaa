"""Working days of the statutory calendar, with the days shifted for holidays (调休).

They are published a year at a time by the State Council: the years that the library chinesecalendar knows come from
there, `CalendarDay` overrides it and holds what came after the library. In a year that neither knows, Monday to Friday.
"""

import datetime
from functools import cache

import chinese_calendar

from .models import CalendarDay

ONE = datetime.timedelta(days=1)


class Workdays:
    """The calendar of some years. The years of [since, until] are read at once, others when they are asked for."""

    def __init__(self, since: datetime.date, until: datetime.date):
        self._years: dict[int, dict[datetime.date, bool]] = {}
        self._read(since.year, until.year)

    def _read(self, first: int, last: int) -> None:
        self._years |= {year: {} for year in range(first, last + 1)}
        rows = CalendarDay.objects.filter(day__year__range=(first, last)).values_list("day", "working")
        for day, working in rows:
            self._years[day.year][day] = working

    def _overrides(self, year: int) -> dict[datetime.date, bool]:
        if year not in self._years:
            self._read(year, year)
        return self._years[year]

    def is_working(self, day: datetime.date) -> bool:
        """Whether offices are open on `day`."""
        overrides = self._overrides(day.year)
        if day in overrides:
            return overrides[day]
        return chinese_calendar.is_workday(day) if published(day.year) else day.weekday() < 5

    def between(self, start: datetime.date, end: datetime.date) -> list[datetime.date]:
        """The working days of [start, end), in order; none when it ends before it starts."""
        days = (start + count * ONE for count in range((end - start).days))
        return [day for day in days if self.is_working(day)]

    def known(self, year: int) -> bool:
        """Whether the holidays of `year` are known, from the library or from a row for that year."""
        return published(year) or bool(self._overrides(year))


def calendar_of(since: datetime.date, until: datetime.date) -> Workdays:
    """The calendar of the years from `since` to `until`, by one query."""
    return Workdays(since, until)


@cache
def published(year: int) -> bool:
    """Whether the library knows the holidays of `year`: it raises for years outside its table."""
    try:
        chinese_calendar.is_workday(datetime.date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def week_of(day: datetime.date) -> tuple[datetime.date, datetime.date]:
    """(Monday, Sunday) of the week of `day`."""
    monday = day - day.weekday() * ONE
    return monday, monday + 6 * ONE
