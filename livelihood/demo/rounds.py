"""The demo's rounds of visits: week by week each leader goes where nobody was for longest, and writes down what was heard."""

import datetime
import random
from collections import defaultdict
from dataclasses import dataclass, field

from banzhuang.core.workdays import Workdays, week_of
from cadres.models import Cadre, Leave
from livelihood.models import Need, Visit
from livelihood.models.need import Topic
from livelihood.parameters import LATE_ENTRY_DAYS, NEED_DAYS

from .families import Family
from .sayings import SAYINGS
from .wishes import WISHES, Wish

ONE = datetime.timedelta(days=1)
WEEK = 7 * ONE
PENDING_SHARE = 0.15
# How many visits a week, and on how many of its days.
LOADS, WEIGHTS = [4, 5, 6, 7], [2, 4, 4, 1]
COMPANIONS_AFTER = 13 * ONE


@dataclass
class Charge:
    """A leader looks after a family in [start, end). stop: the day of the last visit, where the demo wants it so."""

    family: Family
    cadre: Cadre
    start: datetime.date
    end: datetime.date | None = None
    last: datetime.date = datetime.date.min
    stop: datetime.date | None = None

    def open_on(self, date: datetime.date) -> bool:
        """Held on `date`, and nothing speaks against going there."""
        waits = self.stop and date > self.stop - COMPANIONS_AFTER
        return self.start <= date and (self.end is None or date < self.end) and not waits


@dataclass
class Diary:
    """All that is written on the rounds."""

    day: datetime.date
    calendar: Workdays
    chance: random.Random = field(default_factory=lambda: random.Random(20220809))
    visits: list[Visit] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)

    def rounds(self, charges: list[Charge], leave: Leave | None = None, free: tuple = ()) -> None:
        """All visits of one leader up to the day before loading; none on leave, nor in the weeks `free` (Mondays)."""
        monday = week_of(min(charge.start for charge in charges))[0]
        while monday < self.day:
            days = self.calendar.between(monday, min(monday + WEEK, self.day))
            if leave:
                days = [date for date in days if not leave.start <= date < leave.end]
            if days and monday not in free:
                self.week(charges, days)
            monday += WEEK

    def week(self, charges: list[Charge], days: list[datetime.date]) -> None:
        """The visits of a week with these days to go on, fewer where days are lacking."""
        load = self.chance.choices(LOADS, WEIGHTS)[0]
        load = -(-load * len(days) // 5)
        for charge in charges:
            if charge.stop in days:
                self.visit(charge, charge.stop)
                load -= 1
        going = sorted(self.chance.sample(days, min(len(days), (load + 1) // 2))) if load > 0 else []
        for place, date in enumerate(going):
            share = -(-load // (len(going) - place))
            load -= self.trip(charges, date, share)

    def trip(self, charges: list[Charge], date: datetime.date, most: int) -> int:
        """To who waited longest, and to others of the village who wait; → how many."""
        waiting = sorted(
            (charge for charge in charges if charge.open_on(date) and charge.last < date),
            key=lambda charge: charge.last,
        )
        if not waiting:
            return 0
        village = waiting[0].family.household.village
        near = [
            charge
            for charge in waiting
            if charge.family.household.village == village and charge.last <= date - COMPANIONS_AFTER
        ]
        for charge in near[:most]:
            self.visit(charge, date)
        return len(near[:most])

    # --- What is written of a visit ---------------------------------------------------------------------------

    def visit(self, charge: Charge, date: datetime.date) -> None:
        charge.last = date
        visit = Visit(
            household=charge.family.household,
            visitor=charge.cadre,
            date=date,
            half_day=self.chance.choices(["morning", "afternoon", "evening"], [9, 9, 1])[0],
            in_log=self.chance.random() < 0.5,
        )
        self.visits.append(visit)
        pending = self.chance.random() < PENDING_SHARE
        wish = self.draw(WISHES, charge.family, date, memory=50) if pending else None
        closed = self.closing(date) if wish else None
        if wish and closed < self.day:
            need = self.need(charge.family, wish, date)
            self.answer(need, wish, closed)
            self.note(visit, wish, need)
            return
        saying = self.draw(SAYINGS, charge.family, date, memory=8)
        visit.topics = [] if saying.heard.endswith("没有反映困难。") else [saying.topic]
        visit.heard, visit.measures, visit.result = saying.heard, saying.measures, saying.result

    def draw(self, sayings, family: Family, date: datetime.date, memory: int):
        """One that fits the family and the month, and was not said there the last `memory` times; None if none is."""
        fitting = [
            saying
            for saying in sayings
            if saying.who in family.traits
            and (not saying.months or date.month in saying.months)
            and saying.heard not in family.told[-memory:]
        ]
        saying = self.chance.choice(fitting) if fitting else None
        family.told += [saying.heard] if saying else []
        return saying

    def note(self, visit: Visit, wish: Wish, need: Need) -> None:
        visit.topics, visit.heard, visit.measures = [wish.topic], wish.heard, wish.measures
        visit.result, visit.need = Visit.Result.PENDING, need

    def need(self, family: Family, wish: Wish, date: datetime.date) -> Need:
        need = Need(
            household=family.household,
            content=wish.content,
            topic=Topic(wish.topic),
            raised_on=date,
            handler=wish.handler,
            due=date + NEED_DAYS.on(date) * ONE,
        )
        self.needs.append(need)
        return need

    def closing(self, raised: datetime.date) -> datetime.date:
        """The day of the answer: mostly within days, one of ten late."""
        late = self.chance.random() < 0.1
        closed = raised + (self.chance.randint(8, 13) if late else self.chance.randint(1, 6)) * ONE
        while not self.calendar.is_working(closed):
            closed += ONE
        return closed

    def answer(self, need: Need, wish: Wish, closed: datetime.date) -> None:
        need.taken_on = min(closed, need.raised_on + self.chance.randint(0, 2) * ONE)
        need.closed_on = closed
        cannot = wish.cannot and self.chance.random() < 0.3
        need.outcome = Need.Outcome.CANNOT if cannot else Need.Outcome.SOLVED
        need.reply = wish.cannot if cannot else wish.solved

    def working_day(self, ago: int) -> datetime.date:
        """The working day `ago` days before loading, or the last one before it."""
        date = self.day - ago * ONE
        while not self.calendar.is_working(date):
            date -= ONE
        return date

    # --- What is still open -----------------------------------------------------------------------------------

    def leave_open(self, charges: list[Charge], wish: Wish, oldest: int, newest: int) -> None:
        """A need that nobody answered yet, heard on the last visit made `oldest` to `newest` days before loading,
        or told by telephone when there was none."""
        families = {id(charge.family.household): charge.family for charge in charges}
        dated = defaultdict(list)
        for visit in self.visits:
            if id(visit.household) in families and visit.need is None:
                dated[visit.date].append(visit)
        span = [self.day - by * ONE for by in range(newest, oldest + 1)]
        heard = next((visit for date in span for visit in dated[date]), None)
        family = families[id(heard.household)] if heard else charges[0].family
        need = self.need(family, wish, heard.date if heard else self.day - newest * ONE)
        if need.due < self.day:
            need.taken_on = need.raised_on + ONE
        if heard:
            self.note(heard, wish, need)


def entry_date(visit: Visit, day: datetime.date, chance: random.Random) -> datetime.date:
    """When a visit was entered: the same day or soon after, a few late, all before the day of loading."""
    late = LATE_ENTRY_DAYS.on(day) + chance.randint(2, 9)
    days = chance.choices([0, 1, chance.randint(2, 5), late], [400, 140, 50, 4])[0]
    return min(visit.date + days * ONE, day - ONE)
