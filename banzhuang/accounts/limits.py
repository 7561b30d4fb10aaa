"""Which attempts to log in are let through: pure functions of the failures before.

Three limits refuse. By account and address: somebody guesses. By account over all addresses: many machines guess
together. By address over all accounts: one machine tries one password everywhere. From an address where the account is
used to logging in (`familiar`) only the first holds, so that nobody locks a leader out from elsewhere. A fourth limit,
over everything, slows and warns: a refusal would be a switch by which anybody turns the log-in off for all.

A failure counts where no lock holds at that time: trying on does not lengthen a lock. A success takes back the failures
of its account at its address wherever they counted: it was mistyping.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class By(StrEnum):
    """What failures are counted by."""

    PAIR = "pair"
    ACCOUNT = "account"
    ADDRESS = "address"


Times = Sequence[datetime.datetime]  # of the failures that count, in order


@dataclass(frozen=True)
class Limit:
    """So many failures within so many minutes lock for as many minutes."""

    failures: int
    minutes: int

    @property
    def span(self) -> datetime.timedelta:
        return datetime.timedelta(minutes=self.minutes)

    def lock_end(self, times: Times) -> datetime.datetime | None:
        """When the lock ends that was reached last; None when the limit was never reached."""
        reached = [
            last
            for first, last in zip(times, times[self.failures - 1 :], strict=False)
            if last - first < self.span
        ]
        return reached[-1] + self.span if reached else None

    def left(self, times: Times, now: datetime.datetime) -> int:
        """How many failures are left before it locks."""
        return self.failures - sum(now - time < self.span for time in times)


@dataclass(frozen=True)
class Lock:
    by: By
    limit: Limit
    end: datetime.datetime


Limits = Mapping[By, Limit]
Past = Mapping[By, Times]


def binding(familiar: bool) -> list[By]:
    """The limits that hold for the attempt."""
    return [By.PAIR] if familiar else list(By)


def judge(past: Past, limits: Limits, now: datetime.datetime, familiar: bool) -> Lock | None:
    """The lock that refuses an attempt made now, of several the one that ends last; None when it is let through."""
    locks = [
        Lock(by, limits[by], end) for by, end in ends(past, limits, now).items() if by in binding(familiar)
    ]
    return max(locks, key=lambda lock: lock.end, default=None)


def ends(past: Past, limits: Limits, now: datetime.datetime) -> dict[By, datetime.datetime]:
    """When the locks end that hold now, whomever they bind."""
    found = {by: limits[by].lock_end(times) for by, times in past.items()}
    return {by: end for by, end in found.items() if end and now < end}


def counts_in(past: Past, limits: Limits, now: datetime.datetime) -> set[By]:
    """Where a failure now counts."""
    return set(By) - set(ends(past, limits, now))


def with_failure(past: Past, limits: Limits, now: datetime.datetime) -> dict[By, Times]:
    counting = counts_in(past, limits, now)
    return {by: [*times, now] if by in counting else times for by, times in past.items()}


def nearest(past: Past, limits: Limits, now: datetime.datetime, familiar: bool) -> tuple[int, Limit]:
    """How many failures are left before the first limit is reached, and which that is."""
    return min(
        ((limits[by].left(past[by], now), limits[by]) for by in binding(familiar)), key=lambda found: found[0]
    )
