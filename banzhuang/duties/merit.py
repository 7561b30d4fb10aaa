"""Merits and vetoes of the year-end list (年底评先创优), each with its evidence."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from banzhuang.core.registry import Registry


@dataclass(frozen=True)
class Evidence:
    """One row that speaks for or against a person: what it says, and where it can be read."""

    text: str
    url: str


@dataclass(frozen=True)
class Merit:
    """`find(person, day, user)` → evidence of the year of `day` that `user` may see; none means it does not apply."""

    code: str
    mechanism: str
    label: str
    words: str
    veto: bool
    find: Callable[[object, datetime.date, object], list[Evidence]]


registry: Registry[Merit] = Registry()


def standing(person, day: datetime.date, user) -> list[tuple[Merit, list[Evidence]]]:
    """The merits and vetoes that apply to `person`, vetoes first."""
    found = [(merit, merit.find(person, day, user)) for merit in registry]
    return sorted([pair for pair in found if pair[1]], key=lambda pair: not pair[0].veto)
