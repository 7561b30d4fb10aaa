"""The plan of one leader's visits: households by village, how long unseen, and the week so far. Pages draw it."""

import datetime
from dataclasses import dataclass, field

from banzhuang.core.access import may, writes
from banzhuang.core.intervals import held_on
from banzhuang.core.workdays import week_of
from banzhuang.duties.duty import State
from cadres.models import Cadre, Leave

from .models import Contact, HouseholdLabel, HouseholdYear, Visit
from .parameters import HOUSEHOLD_DAYS
from .quota import DueHousehold, households_due, load_from
from .weeks import Week, WeekState


@dataclass(frozen=True)
class Family:
    """What is known of a household for who goes there: 4 口人, 因病, 低保."""

    members: int | None = None
    cause: str = ""
    labels: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        people = f"{self.members} 口人" if self.members else ""
        return " · ".join(filter(None, [people, self.cause, *self.labels]))


@dataclass(frozen=True)
class Line:
    """A household of the plan; `words`: 41 天未访."""

    due: DueHousehold
    family: Family
    day: datetime.date
    visit: int | None = None  # the leader's own of the day

    @property
    def today(self) -> bool:
        return self.due.last == self.day

    @property
    def words(self) -> str:
        if self.today:
            return "今天已访"
        return f"{self.due.days} 天未访" if self.due.last else f"联系以来未访，{self.due.days} 天"


@dataclass(frozen=True)
class Group:
    village: object
    lines: list[Line]


def own_cadre(user) -> Cadre | None:
    """The cadre that `user` is."""
    return getattr(user, "cadre", None)


def may_record(user) -> bool:
    """Whether `user` may record visits: the welfare office for any leader, who is a cadre for oneself."""
    return may(user, "add", Visit) and (writes(user, Visit) or own_cadre(user) is not None)


def may_hand_over(user) -> bool:
    """A handover ends contacts and makes others, of all leaders."""
    return writes(user, Contact) and may(user, "change", Contact) and may(user, "add", Contact)


def families(user, households, day: datetime.date) -> dict[int, Family]:
    """By key of the household, from its newest year up to `day` and its labels of that day; two queries."""
    years = HouseholdYear.objects.for_user(user).filter(household__in=households, year__lte=day.year)
    latest = {row.household_id: row for row in years.order_by("year")}
    labels: dict[int, list[str]] = {}
    for label in HouseholdLabel.objects.for_user(user).live(day).filter(household__in=households):
        labels.setdefault(label.household_id, []).append(label.get_kind_display())
    found = {}
    for household in households:
        year = latest.get(household.pk)
        cause = year.get_cause_display() if year else ""
        found[household.pk] = Family(year and year.members, cause, labels.get(household.pk, []))
    return found


def lines_of(user, dues: list[DueHousehold], day: datetime.date, recorded=None) -> list[Line]:
    """`recorded`: {household: visit} of the day, by their keys."""
    known, recorded = families(user, [due.household for due in dues], day), recorded or {}
    return [Line(due, known[due.household.pk], day, recorded.get(due.household.pk)) for due in dues]


def recorded_by(user, cadre: Cadre, day: datetime.date) -> dict[int, int]:
    """{household: visit} that `cadre` made on `day`."""
    visits = Visit.objects.for_user(user).filter(visitor=cadre, date=day)
    return dict(visits.order_by().values_list("household", "pk"))


def by_village(lines: list[Line]) -> list[Group]:
    """In the order in which the villages come up: the one with the longest unseen household first."""
    groups: dict[int, Group] = {}
    for line in lines:
        village = line.due.household.village
        groups.setdefault(village.pk, Group(village, [])).lines.append(line)
    return list(groups.values())


def week_so_far(cadre: Cadre, day: datetime.date) -> Week | None:
    """The week of `day` as the quota counts it; None for who looks after no household in it."""
    contacts, leaves = Contact.objects.filter(cadre=cadre), Leave.objects.filter(cadre=cadre)
    found = load_from(contacts, leaves, [week_of(day)[0]], day).get(cadre.pk)
    return found[0] if found else None


def week_words(week: Week | None) -> str:
    """本周已走访 1 次，至少 1 次."""
    if week is None or week.state == WeekState.NONE:
        return ""
    done = f"本周已走访 {week.visits} 次"
    if week.required:
        return f"{done}，至少 {week.required} 次"
    return f"{done}，本周免走访" if week.state in {WeekState.EXCUSED, WeekState.HOLIDAY} else done


def after_visit(cadre: Cadre, household, day: datetime.date) -> str:
    """What a visit of `day` to `household` brings `cadre`: 提交后本周走访 1 次，任务完成."""
    if not Contact.objects.filter(held_on(day), cadre=cadre, household=household).exists():
        return f"这户不由{cadre.name}联系，不计入{cadre.name}的本周走访"
    week = week_so_far(cadre, day)
    if week is None:
        return ""
    done = week.visits + 1
    if not week.required:
        following = day + datetime.timedelta(days=HOUSEHOLD_DAYS.on(day))
        return f"提交后本周走访 {done} 次，这户下次走访在 {month_day(following)} 前"
    left = week.required - done
    return f"提交后本周走访 {done} 次，{'任务完成' if left <= 0 else f'还差 {left} 次'}"


@dataclass(frozen=True)
class Plan:
    """A leader's households: all of them, and those that wait."""

    cadre: Cadre
    dues: list[DueHousehold]

    @property
    def waiting(self) -> list[DueHousehold]:
        return [due for due in self.dues if due.state != State.NORMAL]

    @property
    def words(self) -> str:
        return f"联系 {len(self.dues)} 户，该访 {len(self.waiting)} 户"


def plan_of(user, day: datetime.date, cadre: Cadre) -> Plan:
    return Plan(cadre, households_due(user, day, cadre))


# --- The day's visits as the work log says them -----------------------------------------------------------


def log_sentences(cadre: Cadre, day: datetime.date) -> list[str]:
    """One sentence for each visit of the day that goes into the log, in the order of the day."""
    visits = Visit.objects.filter(visitor=cadre, date=day, in_log=True)
    visits = visits.select_related("household__village", "need")
    order = ["", *Visit.HalfDay.values]
    return [sentence(visit) for visit in sorted(visits, key=lambda v: (order.index(v.half_day), v.pk))]


def sentence(visit: Visit) -> str:
    """上午到西响石村走访张福永户，反映屋面漏雨；帮扶：联系施工队；待村建环卫办答复，期限 7月8日。"""
    household = visit.household
    where = f"{visit.get_half_day_display()}到{household.village.name}走访{household.head}户"
    parts = [f"{where}，{heard_and_done(visit)}"]
    if visit.result == Visit.Result.SOLVED:
        parts.append("当场解决")
    elif visit.need and visit.need.closed_on is None:
        parts.append(f"待{visit.need.get_handler_display()}答复，期限 {month_day(visit.need.due)}")
    return "；".join(parts) + "。"


def heard_and_done(visit: Visit) -> str:
    """反映屋面漏雨；帮扶：联系施工队."""
    heard = one_line(visit.heard) or "、".join(visit.topic_words)
    done = one_line(visit.measures)
    return (f"反映{heard}" if heard else "没有反映困难") + (f"；帮扶：{done}" if done else "")


def month_day(date: datetime.date) -> str:
    """7月1日."""
    return f"{date.month}月{date.day}日"


def one_line(text: str) -> str:
    return text.replace("\n", " ").strip().rstrip("。；;，, ")
