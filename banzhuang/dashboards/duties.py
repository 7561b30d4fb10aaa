"""待办: all duties one may see, by how they stand; of whom, of which mechanism and state is chosen in the address."""

from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.shortcuts import render

from banzhuang.core.mechanisms import MECHANISMS
from banzhuang.duties.duty import ORDER, Duty, State, is_owed_by, pressing
from banzhuang.duties.notices import may_urge, urged_on
from banzhuang.duties.owing import names_of

from .context import all_duties, for_reader, sees_all_duties
from .scope import chosen_scope, seen_places

PER_PAGE = 30
MINE, ALL = "mine", "all"


@dataclass(frozen=True)
class Row:
    """A duty as the page shows it. key: by which it is urged (催办). who: the name of who owes it.

    way: its button does it ("act"), opens its place ("look"), reminds who owes it ("urge"), which was done today
    ("urged"); "" nothing is left to do.
    """

    duty: Duty
    key: str
    who: str
    way: str

    @property
    def who_and_when(self) -> str:
        """民政帮扶办 · 应办日期 2026年7月12日; not again whose it is where the detail begins with it."""
        due = self.duty.due
        known = [
            "" if self.duty.detail.startswith(self.who) else self.who,
            f"应办日期 {due.year}年{due.month}月{due.day}日" if due else "",
        ]
        return " · ".join(filter(None, known))


class Filter:
    """Choices of the address; an unknown value counts as none. Whose: one's own, for whom owes something."""

    def __init__(self, request):
        within = chosen_scope(request).within
        self.seen = [duty for duty in all_duties(request) if within is None or duty.scope_code[:12] in within]
        self.mine = [duty for duty in self.seen if is_owed_by(request.user, duty)]
        self.query = {key: request.GET[key] for key in ("on", "in") if key in request.GET}
        asked = request.GET.get("whose")
        self.whose = asked if asked in {MINE, ALL} else MINE if pressing(self.mine) else ALL
        among = self.mine if self.whose == MINE else self.seen
        codes = {duty.rule.mechanism for duty in self.seen}
        self.mechanisms = [mechanism for code, mechanism in MECHANISMS.items() if code in codes]
        asked = request.GET.get("mechanism")
        self.mechanism = asked if asked in codes else ""
        self.among = [duty for duty in among if self.mechanism in {"", duty.rule.mechanism}]
        asked = request.GET.get("state")
        self.state = asked if asked in set(State) else ""

    @property
    def chosen(self) -> list[Duty]:
        """By state as everywhere; within it those of one rule together, the rule with the most pressing one first."""
        found = [duty for duty in self.among if self.state in {"", duty.state}]
        places = {}
        for duty in found:
            places.setdefault((duty.state, duty.rule.code), len(places))
        return sorted(found, key=lambda duty: places[duty.state, duty.rule.code])

    def address(self, **changes) -> str:
        """The query with other choices; the page number does not go along."""
        choices = {"whose": self.whose, "mechanism": self.mechanism, "state": self.state} | changes
        return urlencode(self.query | {key: value for key, value in choices.items() if value})

    def whose_choices(self) -> list[dict]:
        return [
            {
                "label": label,
                "url": f"?{self.address(whose=code, state='')}",
                "active": code == self.whose,
            }
            for code, label in [(MINE, "我要办的"), (ALL, "我能看到的")]
        ]

    def counters(self) -> list[dict]:
        """How many stand how, each a link to those alone."""
        states = [duty.state for duty in self.among]
        counted = [(state, state.label, states.count(state)) for state in ORDER]
        return [
            {
                "label": label,
                "count": count,
                "state": state,
                "url": f"?{self.address(state=state)}",
                "active": state == self.state,
            }
            for state, label, count in [("", "全部", len(states)), *counted]
            if count or state in {"", State.OVERDUE, State.NEAR, self.state}
        ]


def duties(request):
    """A page of the duties chosen, grouped by state and rule."""
    choice = Filter(request)
    page = Paginator(choice.chosen, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "dashboards/duties.html",
        {
            "filter": choice,
            "page": page,
            "groups": [list(rows) for _, rows in groupby(rows_of(request, list(page)), state_and_rule)],
            "query": f"{choice.address()}&",
            "complete": sees_all_duties(request),
        },
    )


def state_and_rule(row: Row) -> tuple[State, str]:
    return row.duty.state, row.duty.rule.code


def rows_of(request, shown: list[Duty]) -> list[Row]:
    """What is urged is the duty of today: of an earlier day nothing can be."""
    names = names_of(shown, seen_places(request))
    urged = set() if request.as_of_chosen else urged_on(request.as_of, shown)
    rows = []
    for duty, readable in zip(shown, for_reader(request, shown), strict=True):
        way = "act" if is_owed_by(request.user, duty) else "look"
        if duty.state in {State.DONE, State.EXCUSED}:
            way = ""
        elif not request.as_of_chosen and may_urge(request.user, duty):
            way = "urged" if duty.key in urged else "urge"
        rows.append(Row(readable, duty.key, names.of(duty), way))
    return rows
