"""The weeks of the leaders: whether each visited as often as it must be. Pure rules over facts that were read before.

“每个领导干部至少联系20个贫困户，每周至少走访一次”. Everything is as of a day: what began, ended or was done after it is not
known yet, so that a past day comes out the same later on, unless a fact is corrected.
"""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from banzhuang.core.workdays import Workdays, week_of

WEEK = datetime.timedelta(days=7)
ONE = datetime.timedelta(days=1)


class WeekState(StrEnum):
    """How a leader's week stands. NONE: he was nobody's contact in it."""

    MET = "met"
    SHORT = "short"
    EXCUSED = "excused"
    HOLIDAY = "holiday"
    MADE_UP = "made_up"
    PENDING = "pending"
    NONE = "none"


@dataclass(frozen=True)
class Rule:
    """The settings of one week. interval: days a household may wait; threshold, make_up: days, weeks."""

    by_household: bool
    visits: int
    interval: int
    threshold: int
    make_up: int


@dataclass(frozen=True)
class Held:
    """A leader looks after a household in [start, end); None is open. counted_from: the first day it may wait from."""

    cadre: int
    household: int
    start: datetime.date | None
    end: datetime.date | None
    counted_from: datetime.date

    def on(self, date: datetime.date) -> bool:
        return (self.start is None or self.start <= date) and (self.end is None or date < self.end)


@dataclass(frozen=True)
class Away:
    """A leader is on leave in [start, end); end None: not back yet."""

    cadre: int
    start: datetime.date
    end: datetime.date | None

    def on(self, date: datetime.date) -> bool:
        return self.start <= date and (self.end is None or date < self.end)


@dataclass(frozen=True)
class Facts:
    """visits: (visitor, household, date)."""

    held: Iterable[Held]
    visits: Iterable[tuple[int, int, datetime.date]]
    away: Iterable[Away]

    def as_of(self, day: datetime.date) -> "Facts":
        """What was known on `day`: nothing that began later, and open what ended later."""
        return Facts(
            [
                replace(held, end=None) if held.end and held.end > day else held
                for held in self.held
                if held.start is None or held.start <= day
            ],
            [visit for visit in self.visits if visit[2] <= day],
            [away for away in self.away if away.start <= day],
        )


@dataclass(frozen=True)
class Week:
    """A leader's week.

    visits      counted in it
    required    owed in it: 0 in a week that is excused, a holiday, or without a contact; in the count by household 0
    available   working days on which he held a household and was not on leave
    left        working days of it that come after the day
    over        households that waited too long at its end; counted only where the rule is by household
    made_up_in  Monday of the week in which it was made up
    on_leave    of an excused week: whether leave is why, else a handover
    """

    monday: datetime.date
    state: WeekState
    visits: int = 0
    required: int = 0
    available: int = 0
    left: int = 0
    over: int = 0
    made_up_in: datetime.date | None = None
    on_leave: bool = False

    @property
    def sunday(self) -> datetime.date:
        return self.monday + 6 * ONE

    @property
    def days(self) -> str:
        """6月1日至7日, 6月29日至7月5日."""
        first, last = self.monday, self.sunday
        month = "" if first.month == last.month else f"{last.month}月"
        return f"{first.month}月{first.day}日至{month}{last.day}日"

    @property
    def excuse(self) -> str:
        """Why nothing is owed in an excused week."""
        return "请假" if self.on_leave else "联系户有移交"


@dataclass(frozen=True)
class Measure:
    """What the week from `monday` on is judged by, the same for all leaders: its working days and settings."""

    monday: datetime.date
    working: list[datetime.date]
    rule: Rule


@dataclass
class Leader:
    """The facts of one leader, gathered."""

    held: list[Held] = field(default_factory=list)
    away: list[Away] = field(default_factory=list)
    dates: list[datetime.date] = field(default_factory=list)  # of the visits that count

    def holds_on(self, date: datetime.date) -> bool:
        return any(held.on(date) for held in self.held)

    def away_on(self, date: datetime.date) -> bool:
        return any(away.on(date) for away in self.away)


def weeks_of(
    facts: Facts,
    calendar: Workdays,
    mondays: list[datetime.date],
    day: datetime.date,
    rule_of: Callable[[datetime.date], Rule],
) -> dict[int, list[Week]]:
    """The weeks that begin on `mondays` (none after `day`), as of `day`, of each leader who held a household by then.

    rule_of(monday) gives the settings of the week. Later weeks are looked at too, as far as they may make up for one.
    """
    facts = facts.as_of(day)
    leaders = gather(facts)
    visited = dates_by_household(facts)
    measures = [
        Measure(monday, calendar.between(monday, monday + WEEK), rule_of(monday))
        for monday in with_later_weeks(mondays, day, rule_of)
    ]
    weeks = {}
    for cadre, leader in leaders.items():
        judged = [judge(leader, visited, measure, day) for measure in measures]
        settled = {week.monday: week for week in make_up(judged, [measure.rule for measure in measures])}
        weeks[cadre] = [settled[monday] for monday in mondays]
    return weeks


def gather(facts: Facts) -> dict[int, Leader]:
    """Leaders who held a household; a visit counts for who held the household on its date."""
    leaders: dict[int, Leader] = defaultdict(Leader)
    holders = defaultdict(list)
    for held in facts.held:
        leaders[held.cadre].held.append(held)
        holders[held.cadre, held.household].append(held)
    for away in facts.away:
        if away.cadre in leaders:
            leaders[away.cadre].away.append(away)
    for visitor, household, date in facts.visits:
        if any(held.on(date) for held in holders.get((visitor, household), ())):
            leaders[visitor].dates.append(date)
    return dict(leaders)


def dates_by_household(facts: Facts) -> dict[int, list[datetime.date]]:
    """When each household was visited, by whomever."""
    visited = defaultdict(list)
    for _, household, date in facts.visits:
        visited[household].append(date)
    return visited


def with_later_weeks(mondays, day, rule_of) -> list[datetime.date]:
    """From the first of `mondays` to the last week in which one of them can be made up, at most to the week of `day`."""
    last = max(monday + rule_of(monday).make_up * WEEK for monday in mondays)
    last = min(last, week_of(day)[0])
    first = min(mondays)
    return [first + count * WEEK for count in range((last - first) // WEEK + 1)]


def judge(leader: Leader, visited, measure: Measure, day: datetime.date) -> Week:
    """One week by itself; what a later week makes up for is not looked at yet."""
    monday, working, rule = measure.monday, measure.working, measure.rule
    days = [monday + count * ONE for count in range(7)]
    if not any(leader.holds_on(date) for date in days):
        return Week(monday, WeekState.NONE)
    holding = [date for date in working if leader.holds_on(date)]
    available = [date for date in holding if not leader.away_on(date)]
    owing = len(working) >= rule.threshold and len(available) >= rule.threshold
    counted = Week(
        monday,
        WeekState.MET,
        visits=sum(monday <= date < monday + WEEK for date in leader.dates),
        required=0 if rule.by_household or not owing else rule.visits,
        available=len(available),
        left=sum(date > day for date in working),
        on_leave=len(holding) > len(available),
    )
    if rule.by_household:
        held, counted = held_at_end(leader, visited, counted, day, rule)
        met, owing = held and not counted.over, owing and held
    else:
        met = counted.visits >= rule.visits
    if met:
        return counted
    return replace(counted, state=missing(len(working) < rule.threshold, owing, counted.sunday < day))


def missing(holiday: bool, owing: bool, over: bool) -> WeekState:
    """The state of a week that is not met."""
    if holiday:
        return WeekState.HOLIDAY
    if not owing:
        return WeekState.EXCUSED
    return WeekState.SHORT if over else WeekState.PENDING


def held_at_end(leader, visited, week: Week, day, rule: Rule) -> tuple[bool, Week]:
    """Whether he holds a household at the week's end (on `day` while it runs), and the week with those that waited."""
    end = min(week.sunday, day)
    held = [held for held in leader.held if held.on(end)]
    over = 0
    for row in held:
        dates = [date for date in visited.get(row.household, ()) if date <= end]
        over += (end - max([row.counted_from, *dates])).days > rule.interval
    return bool(held), replace(week, over=over)


def make_up(weeks: list[Week], rules: list[Rule]) -> list[Week]:
    """Consecutive weeks, in which what was visited beyond a week's own quota fills the nearest short weeks before it.

    Nearest first: so a week depends on nothing before itself, and comes out the same however far one looks back.
    """
    lacking = {
        place: week.required - week.visits
        for place, week in enumerate(weeks)
        if week.state == WeekState.SHORT and week.required
    }
    filled = list(weeks)
    for place, week in enumerate(weeks):
        surplus = 0 if rules[place].by_household else max(0, week.visits - week.required)
        for earlier in range(place - 1, -1, -1):
            if not surplus:
                break
            if not lacking.get(earlier) or place - earlier > rules[earlier].make_up:
                continue
            used = min(surplus, lacking[earlier])
            surplus -= used
            lacking[earlier] -= used
            if not lacking[earlier]:
                filled[earlier] = replace(weeks[earlier], state=WeekState.MADE_UP, made_up_in=week.monday)
    return filled
