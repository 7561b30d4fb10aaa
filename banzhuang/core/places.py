"""Places the frame can speak of without knowing the table of villages: the villages app provides them."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A village as boards, maps and headers need it."""

    code: str
    name: str
    short_name: str
    area: str
    url: str


@dataclass(frozen=True)
class PlaceProvider:
    """What the villages app registers.

    villages(user, day) → the villages `user` may see that exist on `day`, in order of code;
    township_name(code) → the name of a township, "" when unknown;
    names() → what places here are called, from the province down to villages, whoever asks.
    """

    villages: Callable[[object, datetime.date], list[Place]]
    township_name: Callable[[str], str]
    names: Callable[[], list[str]]


_provider: list[PlaceProvider] = []


def provide(provider: PlaceProvider) -> None:
    _provider[:] = [provider]


def villages(user, day: datetime.date) -> list[Place]:
    return _provider[0].villages(user, day)


def township_name(code: str) -> str:
    """Name of the township with this 9-digit code; "" when there is none."""
    return _provider[0].township_name(code)


def names() -> list[str]:
    """Names of the places here: no secret, but what somebody from here thinks of first."""
    return _provider[0].names()
