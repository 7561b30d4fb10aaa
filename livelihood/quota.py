"""走访要求: the weeks of leaders as the settings count them, and households by the day of their last visit."""

import datetime
from dataclasses import dataclass

from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from banzhuang.core.access import Sight, sight
from banzhuang.core.workdays import calendar_of, week_of
from banzhuang.duties.duty import State
from cadres.models import Leave

from .models import Contact, Household, Visit
from .parameters import AVAILABLE_DAYS, BY_HOUSEHOLD, HOUSEHOLD_DAYS, MAKE_UP_WEEKS, QUOTA, WEEKLY_VISITS
from .weeks import ONE, Away, Facts, Held, Rule, Week, weeks_of

TOWNSHIP_DIGITS = 9
# 久未走访 is announced a week before.
NEAR_DAYS = 7
# Read by whoever asks for them, not with a list of hundreds.
ENCRYPTED = (
    "household__id_number",
    "household__phone",
    "household__health",
    "cadre__id_number",
    "cadre__phone",
)


def rule_on(monday: datetime.date) -> Rule:
    """The settings that hold on the Sunday of the week."""
    sunday = monday + 6 * ONE
    return Rule(
        by_household=QUOTA.on(sunday) == BY_HOUSEHOLD,
        visits=WEEKLY_VISITS.on(sunday),
        interval=HOUSEHOLD_DAYS.on(sunday),
        threshold=AVAILABLE_DAYS.on(sunday),
        make_up=MAKE_UP_WEEKS.on(sunday),
    )


def sees_weeks(user) -> bool:
    """Whether `user` sees the visits of a whole township: from one village's a leader's week cannot be told."""
    return sight(user, Visit) == Sight.SCOPE and len(user.scope) <= TOWNSHIP_DIGITS


def load(user, mondays: list[datetime.date], day: datetime.date) -> dict[int, list[Week]]:
    """weeks_of the leaders whose contacts `user` sees, by key of the cadre; four queries, whatever their number.

    Only who sees all of a leader's households is told the truth (sees_weeks).
    """
    return load_from(Contact.objects.for_user(user), Leave.objects.for_user(user), mondays, day)


def load_from(contacts, leaves, mondays, day) -> dict[int, list[Week]]:
    """As load(), from the contacts and leaves given.

    The visits are those of the households, whoever made them: one may see the household and not the other's visit.
    """
    rules = [rule_on(monday) for monday in mondays]
    first, end = min(mondays), day + ONE
    contacts = contacts.filter(
        Q(end__isnull=True) | Q(end__gt=first), Q(start__isnull=True) | Q(start__lt=end)
    )
    longest = max((rule.interval for rule in rules if rule.by_household), default=0)
    visits = Visit.objects.between(first - longest * ONE, end).filter(
        household__in=contacts.order_by().values("household")
    )
    facts = Facts(
        [held_by(row) for row in contacts.order_by().values(*CONTACT_FACTS)],
        list(visits.order_by().values_list("visitor", "household", "date")),
        [Away(*row) for row in leaves.touching(first, end).order_by().values_list("cadre", "start", "end")],
    )
    return weeks_of(facts, calendar_of(first, week_of(day)[1]), mondays, day, rule_on)


# Dates only: households have columns that are decrypted when they are read.
CONTACT_FACTS = (
    "cadre",
    "household",
    "start",
    "end",
    "created_at",
    "household__registered_on",
    "household__removed_on",
    "cadre__left_on",
)


def held_by(row: dict) -> Held:
    """A contact within the time in which the household stands in the register and the leader is at his post."""
    ends = [date for date in (row["end"], row["household__removed_on"], row["cadre__left_on"]) if date]
    starts = [date for date in (row["start"], row["household__registered_on"]) if date]
    start = max(starts, default=None)
    return Held(
        row["cadre"],
        row["household"],
        start,
        min(ends, default=None),
        start or timezone.localdate(row["created_at"]),
    )


@dataclass(frozen=True)
class DueHousehold:
    """A household with its contact, and how long nobody was there.

    last    the last visit up to the day, whoever made it; None when there was none
    days    since then; without a visit since the contact began (or the household was registered, if later)
    state   OVERDUE after more than HOUSEHOLD_DAYS, NEAR in the seven days before that, else NORMAL
    """

    household: Household
    contact: Contact
    last: datetime.date | None
    days: int
    state: State


def households_due(user, day: datetime.date, cadre=None) -> list[DueHousehold]:
    """The households held on `day`, of all leaders or of `cadre`, the longest unseen first. One query."""
    contacts = with_last_visit(Contact.objects.for_user(user).live(day), day)
    contacts = contacts.select_related("household__village", "cadre").defer(*ENCRYPTED)
    if cadre is not None:
        contacts = contacts.filter(cadre=cadre)
    return due_of(contacts, day)


def with_last_visit(contacts, day: datetime.date):
    """`contacts` with `last_visit`: of the household, up to `day`. Only the date is read, so whoever sees the
    household learns when somebody was there, also where the visit itself is another's."""
    visits = Visit.objects.filter(household=OuterRef("household"), date__lte=day)
    return contacts.annotate(last_visit=Subquery(visits.order_by("-date").values("date")[:1]))


def due_of(contacts, day: datetime.date) -> list[DueHousehold]:
    """`contacts` come from `with_last_visit`, with their households."""
    limit = HOUSEHOLD_DAYS.on(day)
    found = []
    for contact in contacts:
        days = (day - (contact.last_visit or counted_from(contact))).days
        found.append(
            DueHousehold(contact.household, contact, contact.last_visit, days, state_after(days, limit))
        )
    return sorted(found, key=lambda due: (-due.days, due.household.scope_code, due.household.pk))


def counted_from(contact: Contact) -> datetime.date:
    """From when a household that nobody visited counts: the contact's start, its registration if that is later.

    With neither known, the day on which the contact was entered.
    """
    known = [date for date in (contact.start, contact.household.registered_on) if date]
    return max(known) if known else timezone.localdate(contact.created_at)


def state_after(days: int, limit: int) -> State:
    """How a household stands that was not visited for `days`, when `limit` are allowed."""
    if days > limit:
        return State.OVERDUE
    return State.NEAR if days >= limit - NEAR_DAYS else State.NORMAL
