"""What a new township is given: apps declare loaders, `manage.py setup_township` runs them in order."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from .months import month_end
from .registry import Registry


@dataclass(frozen=True)
class Loader:
    """`base()` loads what every township has; then either `empty()` what only a real one needs, or `demo(day)` the
    invented township, alive up to the day before. `filled()` says whether what it loads is already there."""

    code: str
    filled: Callable[[], bool] | None = None
    base: Callable[[], None] | None = None
    empty: Callable[[], None] | None = None
    demo: Callable[[datetime.date], None] | None = None


registry: Registry[Loader] = Registry()


def report_day(day: datetime.date) -> datetime.date:
    """The last 30 June that has passed on `day`: the demo shows the report's figures as of then."""
    this_year = month_end(day.replace(month=6, day=1))
    return this_year if this_year < day else this_year.replace(year=day.year - 1)
