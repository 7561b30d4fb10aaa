"""Sequences of attempts to log in, judged: what is let through and what is not, whatever the order."""

import datetime
import threading
from dataclasses import dataclass, field
from itertools import product

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from banzhuang.accounts import attempts, parameters
from banzhuang.accounts.limits import By, Limit, counts_in, ends, judge
from banzhuang.core.models import ParameterValue
from tests import factories

START = datetime.datetime(2026, 7, 1, 1, 0, tzinfo=datetime.UTC)
MINUTES = 15
LIMITS = {By.PAIR: Limit(3, MINUTES), By.ACCOUNT: Limit(5, MINUTES), By.ADDRESS: Limit(6, MINUTES)}
ACCOUNTS, ADDRESSES = ["ma", "zhou", "wu"], ["10.1.0.1", "10.1.0.2", "10.1.0.3"]


def at(minutes) -> datetime.datetime:
    return START + datetime.timedelta(minutes=minutes)


@dataclass(frozen=True)
class Try:
    minute: float
    account: str
    address: str
    right: bool = False

    @property
    def pair(self):
        return (self.account, self.address)


@dataclass
class Guard:
    """The portal's log-in without the portal: what `judge` says of one attempt after the other."""

    failures: list = field(default_factory=list)  # (the attempt, by what it counts)
    known: set = field(default_factory=set)

    def past(self, attempt):
        same = {
            By.PAIR: lambda other: other.pair == attempt.pair,
            By.ACCOUNT: lambda other: other.account == attempt.account,
            By.ADDRESS: lambda other: other.address == attempt.address,
        }
        return {
            by: [at(other.minute) for other, counting in self.failures if by in counting and same[by](other)]
            for by in By
        }

    def answer(self, attempt) -> str:
        past, now = self.past(attempt), at(attempt.minute)
        if judge(past, LIMITS, now, attempt.pair in self.known):
            return "refused"
        if not attempt.right:
            self.failures.append((attempt, counts_in(past, LIMITS, now)))
            return "failed"
        self.failures = [row for row in self.failures if row[0].pair != attempt.pair]
        self.known.add(attempt.pair)
        return "in"


def answers(tries, known=()) -> list[str]:
    guard = Guard(known=set(known))
    return [guard.answer(attempt) for attempt in tries]


def in_order(parts) -> list[Try]:
    """Attempts from (minutes since the one before, account, address, right)."""
    minute, tries = 0.0, []
    for wait, *rest in parts:
        minute += wait
        tries.append(Try(minute, *rest))
    return tries


# Mostly one upon the other: limits are reached, locks begin, hold and end.
WAIT = st.sampled_from([0.01, 0.1, 0.5] * 4 + [1.0, 4.0, 7.5, 14.99, 15.0, 20.0])
ACCOUNT, ADDRESS = st.sampled_from(ACCOUNTS), st.sampled_from(ADDRESSES)
RIGHT = st.sampled_from([False] * 5 + [True])
SEQUENCES = st.lists(st.tuples(WAIT, ACCOUNT, ADDRESS, RIGHT), min_size=15, max_size=40).map(in_order)
GUESSES = st.lists(st.tuples(WAIT, ACCOUNT, ADDRESS, st.just(False)), min_size=15, max_size=40).map(in_order)


some = settings(max_examples=60, deadline=None)


# --- Nobody is locked out by others ------------------------------------------------------------------------
@some
@given(SEQUENCES)
def test_where_an_account_is_known_nobody_else_matters(tries):
    """The leader at the own desk: as if nobody else had tried anything, anywhere."""
    desk = ("ma", ADDRESSES[0])
    all_of_them = zip(tries, answers(tries, [desk]), strict=True)
    alone = [attempt for attempt in tries if attempt.pair == desk]
    assert [answer for attempt, answer in all_of_them if attempt.pair == desk] == answers(alone, [desk])


@some
@given(SEQUENCES)
def test_trying_on_lengthens_no_lock(tries):
    """Attempts that were refused might as well not have been made."""
    told = list(zip(tries, answers(tries), strict=True))
    let_through = [attempt for attempt, answer in told if answer != "refused"]
    assert answers(let_through) == [answer for _, answer in told if answer != "refused"]


@some
@given(SEQUENCES)
def test_the_end_of_a_lock_stands(tries):
    """Nor do failures of those whom it does not bind lengthen it; a success may only take it away."""
    guard, known = Guard(), {}
    for attempt in tries:
        now, found = at(attempt.minute), {}
        for pair in product(ACCOUNTS, ADDRESSES):
            other = Try(attempt.minute, *pair)
            found |= {
                (by, getattr(other, by)): end for by, end in ends(guard.past(other), LIMITS, now).items()
            }
        still = {key: end for key, end in known.items() if now < end and key in found}
        assert still == {key: found[key] for key in still}
        known |= found
        guard.answer(attempt)


@some
@given(SEQUENCES)
def test_every_lock_ends(tries):
    """A quarter of an hour after the last attempt that was let through anybody may try again."""
    guard = Guard()
    told = [guard.answer(attempt) for attempt in tries]
    last = max((t.minute for t, answer in zip(tries, told, strict=True) if answer != "refused"), default=0)
    for account in ACCOUNTS:
        for address in ADDRESSES:
            attempt = Try(last + MINUTES, account, address)
            assert judge(guard.past(attempt), LIMITS, at(attempt.minute), familiar=False) is None


# --- Nobody guesses much -----------------------------------------------------------------------------------
def most_in_a_span(minutes) -> int:
    return max((sum(0 <= start - other < MINUTES for other in minutes) for start in minutes), default=0)


@some
@given(GUESSES)
def test_no_limit_is_passed_by_guessing(tries):
    told = [t for t, answer in zip(tries, answers(tries), strict=True) if answer == "failed"]
    for by, name in ((By.PAIR, "pair"), (By.ACCOUNT, "account"), (By.ADDRESS, "address")):
        for value in {getattr(attempt, name) for attempt in told}:
            minutes = [attempt.minute for attempt in told if getattr(attempt, name) == value]
            assert most_in_a_span(minutes) <= LIMITS[by].failures, (by, value)


OWN = st.tuples(WAIT, st.just("attacker"), ADDRESS, st.booleans())


@some
@given(st.lists(st.tuples(WAIT, ACCOUNT, ADDRESS, st.just(False)) | OWN, max_size=40).map(in_order))
def test_an_own_account_gives_no_further_guesses(tries):
    """Who can log in somewhere takes back own failures with it, not those at others' accounts."""
    told = [t for t, answer in zip(tries, answers(tries), strict=True) if answer == "failed"]
    for address in ADDRESSES:
        minutes = [t.minute for t in told if t.address == address and t.account != "attacker"]
        assert most_in_a_span(minutes) <= LIMITS[By.ADDRESS].failures


@some
@given(SEQUENCES)
def test_a_right_password_opens_no_lock(tries):
    """Refused is refused before the password is looked at."""
    turned = [Try(t.minute, t.account, t.address, True) for t in tries]
    guard = Guard()
    for attempt, opposite in zip(tries, turned, strict=True):
        refused = judge(guard.past(attempt), LIMITS, at(attempt.minute), attempt.pair in guard.known)
        told = Guard(list(guard.failures), set(guard.known)).answer(opposite)
        assert (told == "refused") == bool(refused)
        guard.answer(attempt)


# --- Examples ----------------------------------------------------------------------------------------------
def test_many_machines_at_one_account():
    tries = [Try(n / 10, "ma", f"10.9.0.{n}") for n in range(40)]
    assert answers(tries) == ["failed"] * 5 + ["refused"] * 35


def test_one_machine_at_many_accounts():
    tries = [Try(n / 10, f"user{n}", "10.9.0.1") for n in range(51)]
    assert answers(tries) == ["failed"] * 6 + ["refused"] * 45


@pytest.mark.parametrize(("last", "locks"), [(14.99, True), (15, False)])
def test_failures_count_together_for_less_than_the_minutes(last, locks):
    times = [at(0), at(1), at(last)]
    assert (LIMITS[By.PAIR].lock_end(times) == at(last + MINUTES)) == locks


def test_the_lock_ends_on_the_minute():
    past = {By.PAIR: [at(0), at(1), at(2)], By.ACCOUNT: [], By.ADDRESS: []}
    assert judge(past, LIMITS, at(16.99), familiar=True).end == at(17)
    assert judge(past, LIMITS, at(17), familiar=True) is None


# --- The database says the same ----------------------------------------------------------------------------
@pytest.mark.django_db
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SEQUENCES)
def test_counted_in_the_database_it_is_the_same(tries):
    with transaction.atomic():
        for by, limit in LIMITS.items():
            key = parameters.LIMITS[by][0].key
            ParameterValue.objects.create(key=key, value=str(limit.failures), valid_from="2026-01-01")
        users = {name: factories.UserFactory(username=name) for name in ACCOUNTS}
        assert [in_database(attempt, users) for attempt in tries] == answers(tries)
        transaction.set_rollback(True)


def in_database(attempt, users) -> str:
    found = attempts.begin(attempt.account, attempt.address, at(attempt.minute))
    if found.lock:
        return "refused"
    if not attempt.right:
        return "failed"
    attempts.succeeded(found)
    attempts.logged_in(users[attempt.account], attempt.address, at(attempt.minute))
    return "in"


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_no_more_get_through_than_in_turn():
    """Each is counted before its password is looked at."""
    let_through, ready = [], threading.Barrier(12)

    def work():
        try:
            ready.wait(10)
            let_through.append(attempts.begin("ma", "10.1.0.1", START).lock is None)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(let_through) == [False] * 7 + [True] * 5
