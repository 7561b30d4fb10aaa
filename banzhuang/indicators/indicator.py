"""An indicator: one figure of the report, counted in one way, everywhere.

Number, trend, village board, sheet cell and sentence all come from its declaration, and so do the rows behind it.
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Model, Q
from django.db.models.aggregates import Aggregate

from banzhuang.core.access import Sight, may, sight
from banzhuang.core.mechanisms import MECHANISMS
from banzhuang.core.months import month_end, month_of, year_start
from banzhuang.core.registry import Registry
from banzhuang.core.scoping import in_scope


@dataclass(frozen=True)
class Period:
    """Days since–until, both inside. A stock is counted at `until`; a flow over the whole period."""

    since: datetime.date
    until: datetime.date

    @classmethod
    def to_date(cls, day: datetime.date) -> "Period":
        """The year up to `day`."""
        return cls(year_start(day), day)

    @classmethod
    def month(cls, day: datetime.date) -> "Period":
        """The whole month of `day`."""
        return cls(month_of(day), month_end(day))


def count_rows(condition: Q) -> Aggregate:
    return Count("pk", filter=condition)


@dataclass(frozen=True)
class Indicator:
    """`where(period)` is the condition under which a row of `model` counts.

    kind       "stock": as it stands at the period's end; "flow": what happened in the period (year to date on pages)
    counting   the counting rule in words, as it stands in 口径说明
    columns    (label, path) pairs for the page that lists the rows; a path may be a method
    judge      value of one village → "" | "near" | "bad" | "none", the state of its board cell
    board      whether it is a column of the village board; board_label its short head, board_words the words that
               stand for values there, where 0 and 1 would say less: {0: "在任", 1: "空缺"}; None: no data
    known      the condition under which a row says something, where not every row does: a village without a row of
               which it holds has no data, not 0
    behind     other tables of which the number tells: of cadres whose visits are short, it tells of visits
    measure    the aggregate over the rows that count, the number of rows unless said otherwise
    """

    code: str
    mechanism: str
    label: str
    unit: str
    counting: str
    model: type[Model]
    where: Callable[[Period], Q]
    kind: str = "stock"
    columns: tuple[tuple[str, str], ...] = ()
    related: tuple[str, ...] = ()
    board: bool = False
    board_label: str = ""
    board_words: dict[int | None, str] = field(default_factory=dict)
    known: Callable[[Period], Q] | None = None
    judge: Callable[[int], str] = field(default=lambda value: "")
    behind: tuple[type[Model], ...] = ()
    measure: Callable[[Q], Aggregate] = count_rows
    number_format: str = "0"

    @property
    def office(self) -> str:
        return MECHANISMS[self.mechanism].office

    def visible_to(self, user) -> bool:
        """Whether `user` sees all rows of the scope: for whoever sees only some, the number would be a false one."""
        return all(
            sight(user, model) == Sight.SCOPE and may(user, "view", model)
            for model in (self.model, *self.behind)
        )

    def period(self, day: datetime.date) -> Period:
        return Period.to_date(day)

    def state(self, value) -> str:
        """State of a village's value; no data is never a number."""
        return "none" if value is None else self.judge(value)

    @property
    def absent(self) -> int | None:
        """The value of a village that `Figures.by_village` does not name."""
        return None if self.known else 0

    def board_text(self, value) -> str:
        """What a village's cell says."""
        return self.board_words.get(value, "未报" if value is None else str(value))

    def rows(self, day: datetime.date, user, within=None):
        """The rows behind the figure of `day` that `user` may see; `within` narrows to division code prefixes."""
        rows = self.model.objects.for_user(user).filter(self.where(self.period(day)))
        if within is not None:
            rows = rows.filter(in_scope(within))
        return rows.select_related(*self.related)


registry: Registry[Indicator] = Registry()


def visible(user, indicators: Iterable[Indicator] = registry) -> list[Indicator]:
    """Those of `indicators` that `user` is shown, in their order."""
    return [indicator for indicator in indicators if indicator.visible_to(user)]
