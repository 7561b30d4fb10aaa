"""Duty rules and the list they make. A rule is given the day; it never reads the clock."""

import datetime
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from django.db.models import Model, QuerySet

from banzhuang.accounts.roles import NAMES
from banzhuang.core.access import Sight, sight
from banzhuang.core.mechanisms import MECHANISMS
from banzhuang.core.registry import Registry
from banzhuang.core.scoping import in_scope

# Who owes where it is no office: the villages themselves, each its own.
VILLAGE, VILLAGES = "village", "各村"


class State(StrEnum):
    """Values are the names of the shapes that show them."""

    NORMAL = "ok"
    NEAR = "near"
    OVERDUE = "bad"
    DONE = "done"
    EXCUSED = "exempt"

    @property
    def label(self) -> str:
        return {"ok": "正常", "near": "临近", "bad": "逾期", "done": "已完成", "exempt": "免除"}[self]


@dataclass(frozen=True)
class Duty:
    """One obligation: about what, due when, how it stands, where it is done.

    `detail` says who, and how late; `act` is the word on the button; `owner` is the account that owes it, where
    it is one person's and not an office's. `person` is that person's name where there is no account, so that the
    office looks after it. `owes` is the role code that owes this one where it is not the rule's. `published` stands
    in the place of `detail` in the monthly workbook, which all offices read, where `detail` names a household.
    """

    rule: "DutyRule"
    about: str
    detail: str
    due: datetime.date | None
    state: State
    scope_code: str
    url: str
    act: str
    owner: int | None = None
    owes: str = ""
    person: str = ""
    published: str | None = None

    @property
    def title(self) -> str:
        return self.about

    @property
    def owing(self) -> str:
        """The role code that owes it; of a person's duty the one that looks after it."""
        return self.owes or self.rule.owes

    @property
    def office(self) -> str:
        """The office that owes it, in words; 各村 for what the villages owe themselves."""
        if self.owing == VILLAGE:
            return VILLAGES
        return NAMES[self.owes] if self.owes else self.rule.office

    @property
    def key(self) -> str:
        """The same for the same duty, however it stands today."""
        said = "\n".join([self.scope_code, self.about, str(self.due), self.url, str(self.owner)])
        return f"{self.rule.code}:{hashlib.sha256(said.encode()).hexdigest()[:24]}"

    def seen_at(self, url: str) -> "Duty":
        """The same duty for somebody who does not owe it: the button opens the place instead of doing it."""
        return replace(self, url=url, act="看情况")


def state_by_due(due: datetime.date, day: datetime.date, near_days: int) -> State:
    """逾期 after the due day, 临近 within `near_days` before it (the due day included), else 正常."""
    if day > due:
        return State.OVERDUE
    return State.NEAR if (due - day).days <= near_days else State.NORMAL


@dataclass(frozen=True)
class DutyRule:
    """`rows(day)` are the rows that may owe something; `describe(rows, day)` yields the Duty of each.

    words   the sentence of the report that the rule comes from
    owes    role code that owes it (banzhuang.core.access.ROLES); "village": the village in which it lies
    fact    the one fact for the mechanism's light: (number of duties, State.OVERDUE or State.NEAR) → words
    behind  further tables that its duties tell of: whoever sees nothing of one of them does not see the duties
    """

    code: str
    mechanism: str
    label: str
    words: str
    owes: str
    rows: Callable[[datetime.date], QuerySet]
    describe: Callable[[QuerySet, datetime.date], Iterable[Duty]]
    fact: Callable[[int, State], str]
    behind: tuple[type[Model], ...] = ()

    @property
    def office(self) -> str:
        return MECHANISMS[self.mechanism].office


registry: Registry[DutyRule] = Registry()
# What presses stands first, what is over last.
ORDER = [State.OVERDUE, State.NEAR, State.NORMAL, State.DONE, State.EXCUSED]


def duties_seen_by(user, day: datetime.date, within=None) -> list[Duty]:
    """What `user` may see of all duties on `day`: overdue first, what is done last, then by due day."""
    found = []
    for rule in registry:
        if any(sight(user, model) == Sight.NONE for model in rule.behind):
            continue
        rows = rule.rows(day).for_user(user)
        if within is not None:
            rows = rows.filter(in_scope(within))
        found += rule.describe(rows, day)
    return sorted(found, key=lambda duty: (ORDER.index(duty.state), duty.due or day, duty.scope_code))


def owed_by(user, duties: Iterable[Duty]) -> list[Duty]:
    """Those of `duties` that `user` owes: as a person, through the office's role, or as the village itself."""
    return [duty for duty in duties if is_owed_by(user, duty)]


def is_owed_by(user, duty: Duty) -> bool:
    if duty.owner is not None:
        return duty.owner == user.pk
    if duty.owing not in user.role_codes():
        return False
    return duty.owing != VILLAGE or user.covers(duty.scope_code)


def pressing(duties: Iterable[Duty]) -> list[Duty]:
    """Overdue and near."""
    return [duty for duty in duties if duty.state in {State.OVERDUE, State.NEAR}]


def by_mechanism(duties: Iterable[Duty]) -> dict[str, list[Duty]]:
    grouped = defaultdict(list)
    for duty in duties:
        grouped[duty.rule.mechanism].append(duty)
    return grouped


def by_office(duties: Iterable[Duty]) -> list[tuple[str, int, int]]:
    """(office, overdue, near), most overdue first."""
    counts = defaultdict(lambda: [0, 0])
    for duty in pressing(duties):
        counts[duty.office][duty.state == State.NEAR] += 1
    return sorted(
        ((office, *pair) for office, pair in counts.items()), key=lambda row: (-row[1], -row[2], row[0])
    )
