"""Sheets of the monthly workbook: one object a sheet, declared by the apps in their sheets.py, collected in fixed order.

    SHEETS = [
        MechanismSheet("M1", indicators=(...), highlight=…),
        TableSheet("M1", title="书记基本情况", table=secretaries_table, highlight=…),
    ]
    sheets.registry.register(*SHEETS)          # in AppConfig.ready()

What an app's function is asked with is the `Edition`: the month, the day as of which figures are taken, for whom.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from banzhuang.core.mechanisms import MECHANISMS
from banzhuang.core.months import month_end, month_of, shift_month
from banzhuang.core.places import Place
from banzhuang.core.registry import Registry
from banzhuang.duties.duty import Duty, State
from banzhuang.indicators.figures import Figures

from .contents import NORMAL, Entry
from .official import sheet_name
from .tables import BAD, NEAR, OfficialTable

TREND_MONTHS = 12


@dataclass(frozen=True)
class Edition:
    """One month of one township as it is being made.

    month: first day. as_of: its last day, or today while it runs. user: in whose name rows are counted, one that sees
    all of the township. figures: of all declared indicators on the days of `days_of` and over `months_of`.
    duties: as of the same day, overdue first. villages: of that day, in the order of the board.
    """

    month: datetime.date
    as_of: datetime.date
    made_on: datetime.date
    township_code: str
    township_name: str
    reporting_unit: str
    figures: Figures
    user: object = None
    duties: tuple[Duty, ...] = ()
    villages: tuple[Place, ...] = ()

    @property
    def last_year(self) -> datetime.date:
        """First day of the same month last year."""
        return shift_month(self.month, -12)

    @property
    def label(self) -> str:
        return f"{self.month.year}年{self.month.month}月"

    @property
    def running(self) -> bool:
        """Whether the month had not ended when the figures were taken."""
        return self.as_of < month_end(self.month)

    def day_of(self, month: datetime.date) -> datetime.date:
        """The day as of which a month's stock is taken: its end, and for this month `as_of`."""
        return self.as_of if month == self.month else month_end(month)

    def trend_months(self) -> list[datetime.date]:
        """First days of the twelve months that end with this one."""
        return months_of(self.month)[1:]

    def duties_of(self, mechanism: str) -> list[Duty]:
        return [duty for duty in self.duties if duty.rule.mechanism == mechanism]


def months_of(month: datetime.date) -> list[datetime.date]:
    """First days of the months a workbook shows: the same month last year and the twelve since."""
    return [shift_month(month, -back) for back in range(TREND_MONTHS, -1, -1)]


def days_of(as_of: datetime.date) -> list[datetime.date]:
    """The days whose stocks a workbook shows: the ends of those months, `as_of` for the last."""
    return [*map(month_end, months_of(month_of(as_of))[:-1]), as_of]


def no_words(edition: Edition) -> str:
    return ""


@dataclass(frozen=True)
class Sheet:
    """A sheet and its line in the contents. `code` is the mechanism's; title and office are its own unless given."""

    code: str
    title: str = ""
    office: str = ""
    highlight: Callable[[Edition], str] = no_words
    state: Callable[[Edition], str] | None = None

    @property
    def heading(self) -> str:
        return self.title or MECHANISMS[self.code].title

    @property
    def responsible(self) -> str:
        return self.office or MECHANISMS[self.code].office

    @property
    def name(self) -> str:
        return sheet_name(f"{self.code} {self.heading}")

    def build(self, edition: Edition) -> OfficialTable:
        raise NotImplementedError

    def judged(self, edition: Edition) -> str:
        """State in the contents: "ok", "near", "bad", "none", or "" where a state has no meaning."""
        return self.state(edition) if self.state else state_of_duties(edition.duties_of(self.code))

    def entry(self, edition: Edition) -> Entry:
        """The sheet as it is kept and written. One without words says how many rows it has."""
        table = self.build(edition)
        highlight = self.highlight(edition) or f"共 {len(table.rows)} 条"
        return Entry(self.name, self.responsible, highlight, self.judged(edition), table)


@dataclass(frozen=True)
class TableSheet(Sheet):
    """A further table of a mechanism, such as 书记基本情况: any official table. Its state is the mechanism's alone."""

    table: Callable[[Edition], OfficialTable] | None = None

    def build(self, edition: Edition) -> OfficialTable:
        return self.table(edition)

    def judged(self, edition: Edition) -> str:
        return self.state(edition) if self.state else ""


def state_of_duties(duties: list[Duty]) -> str:
    """逾期 when one is overdue, 临近 when one is near, else 正常."""
    states = {duty.state for duty in duties}
    if State.OVERDUE in states:
        return BAD
    return NEAR if State.NEAR in states else NORMAL


registry: Registry[Sheet] = Registry("name")


def in_order() -> list[Sheet]:
    """The declared sheets: by mechanism M1–M17, within one as registered."""
    places = {code: place for place, code in enumerate(MECHANISMS)}
    return sorted(registry, key=lambda sheet: places[sheet.code])
