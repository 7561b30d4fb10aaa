"""Which of the daily backups are kept: of so many last days, weeks and months the newest each."""

import datetime
from collections.abc import Callable, Iterable
from pathlib import Path

from ..parameters import BACKUP_DAYS, BACKUP_MONTHS, BACKUP_WEEKS
from .making import SUFFIX

PREFIX = "daily-"
FORMAT = "%Y%m%d-%H%M%S"


def kept(moments: Iterable[datetime.datetime], days: int, weeks: int, months: int) -> set[datetime.datetime]:
    """Those of `moments` that stay. A period without a backup does not count, so that a portal that stood still for
    months loses nothing; and what goes once would go later too, so that it does not matter how often this is asked."""
    newest_first = sorted(set(moments), reverse=True)
    return (
        newest_of(newest_first, days, lambda moment: moment.date())
        | newest_of(newest_first, weeks, lambda moment: moment.isocalendar()[:2])
        | newest_of(newest_first, months, lambda moment: (moment.year, moment.month))
    )


def newest_of(newest_first: list[datetime.datetime], count: int, period: Callable) -> set[datetime.datetime]:
    found = {}
    for moment in newest_first:
        found.setdefault(period(moment), moment)
    return set(list(found.values())[:count])


def moment_of(path: Path) -> datetime.datetime | None:
    """When a daily backup was made, by its name; None for any other file."""
    try:
        return datetime.datetime.strptime(path.name, f"{PREFIX}{FORMAT}{SUFFIX}")
    except ValueError:
        return None


def rotate(folder: Path, day: datetime.date) -> list[str]:
    """Delete the daily backups of `folder` that need not stay by the parameters of `day`, and nothing else → their
    names."""
    found = {path: moment for path in folder.iterdir() if (moment := moment_of(path))}
    stays = kept(found.values(), BACKUP_DAYS.on(day), BACKUP_WEEKS.on(day), BACKUP_MONTHS.on(day))
    going = [path for path, moment in found.items() if moment not in stays]
    for path in going:
        path.unlink(missing_ok=True)
    return sorted(path.name for path in going)
