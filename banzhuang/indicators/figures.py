"""Figures: many indicators, days and villages in one query a table."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from banzhuang.core.months import month_ends_until, month_of, shift_month
from banzhuang.core.scoping import in_scope

from .indicator import Indicator, Period, count_rows


@dataclass
class Figures:
    """Values by indicator, period and division code (village 12 digits, township 9)."""

    cells: dict[tuple[str, Period], dict[str, int]] = field(default_factory=lambda: defaultdict(dict))

    def of(self, indicator: Indicator, period: Period):
        """The figure of the whole: the sum over its places."""
        return sum(self._computed(indicator, period).values())

    def value(self, indicator: Indicator, day: datetime.date):
        """As it stands on `day`; a flow is the year up to `day`."""
        return self.of(indicator, indicator.period(day))

    def month_value(self, indicator: Indicator, month: datetime.date):
        """What a flow did in the month; a stock as it stands at the month's end."""
        return self.of(indicator, Period.month(month))

    def by_village(self, indicator: Indicator, day: datetime.date) -> dict[str, int]:
        """{12-digit code: value} for villages that have rows; the others have `indicator.absent`."""
        cells = self._computed(indicator, indicator.period(day))
        return {code: value for code, value in cells.items() if len(code) == 12}

    def _computed(self, indicator, period):
        key = (indicator.code, period)
        if key not in self.cells:
            raise KeyError(f"{indicator.code} was not computed for {period}")
        return self.cells[key]


def compute(indicators: Iterable[Indicator], days, user, within=None, months=()) -> Figures:
    """Figures of `indicators` on each of `days` (and over each month in `months`), as `user` may see them.

    One query for each table, whatever the number of days and villages. `within`: division code prefixes.
    """
    figures = Figures()
    by_model = defaultdict(list)
    for indicator in indicators:
        by_model[indicator.model].append(indicator)
    for model, group in by_model.items():
        wanted = {}
        for indicator in group:
            periods = dict.fromkeys([*map(indicator.period, days), *map(Period.month, months)])
            for period in periods:
                wanted[f"value_{len(wanted)}"] = (indicator, period)
                figures.cells[indicator.code, period] = {}
        rows = model.objects.for_user(user)
        if within is not None:
            rows = rows.filter(in_scope(within))
        aggregates = {alias: ind.measure(ind.where(period)) for alias, (ind, period) in wanted.items()}
        aggregates |= {
            f"{alias}_known": count_rows(ind.known(period))
            for alias, (ind, period) in wanted.items()
            if ind.known
        }
        for row in rows.order_by().values("scope_code").annotate(**aggregates):
            for alias, (indicator, period) in wanted.items():
                if row[alias] or row.get(f"{alias}_known"):
                    figures.cells[indicator.code, period][row["scope_code"]] = row[alias]
    return figures


def trend(figures: Figures, indicator: Indicator, day: datetime.date, count: int = 12) -> list:
    """The last `count` months' values, oldest first, the running month up to `day`."""
    return [figures.value(indicator, end) for end in month_ends_until(day, count)]


def change_from_last_month(figures: Figures, indicator: Indicator, day: datetime.date):
    """Difference to the end of the month before; across New Year a flow starts again at zero."""
    before = month_ends_until(day, 2)[0]
    if indicator.kind == "flow" and month_of(day).month == 1:
        return figures.value(indicator, day)
    return figures.value(indicator, day) - figures.value(indicator, before)


def days_for_trend(day: datetime.date, count: int = 12) -> list[datetime.date]:
    return month_ends_until(day, count)


def same_month_last_year(day: datetime.date) -> datetime.date:
    return shift_month(month_of(day), -12)
