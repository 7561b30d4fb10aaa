"""The standard sheet of a mechanism: this month, year to date, same month last year, change, and a line of 12 months."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from banzhuang.indicators.indicator import Indicator

from .formats import number_sections
from .sheets import Edition, Sheet
from .tables import MECHANISM, NO_DATA, NOT_APPLICABLE, Flag, OfficialTable, TableColumn, TrendChart, Value

FLOW = "flow"
RATE_FORMAT = "+0.0%;-0.0%;0.0%;@"


@dataclass(frozen=True)
class MechanismSheet(Sheet):
    """A mechanism's figures, row by row, from its indicators.

    indicators: in the order of the rows. trend: the one drawn over twelve months; the first unless given.
    remarks: 备注 by indicator code. notes: below the table.
    """

    indicators: tuple[Indicator, ...] = ()
    trend: Indicator | None = None
    remarks: Callable[[Edition], Mapping[str, str]] | None = None
    notes: tuple[str, ...] = ()

    def build(self, edition: Edition) -> OfficialTable:
        remarks = self.remarks(edition) if self.remarks else {}
        drawn = self.trend or next(iter(self.indicators), None)
        return OfficialTable(
            title=f"{self.heading}情况月报表",
            columns=columns(edition.month.year),
            rows=tuple(
                figure_row(number, indicator, edition, remarks.get(indicator.code, ""))
                for number, indicator in enumerate(self.indicators, start=1)
            ),
            layout=MECHANISM,
            reporting_unit=self.responsible,
            period=edition.label,
            filled_on=edition.made_on,
            notes=self.notes,
            chart=trend_chart(drawn, edition) if drawn else None,
        )


def columns(year: int) -> tuple[TableColumn, ...]:
    """The nine columns of the monthly form."""
    return (
        TableColumn("序号", width=52),
        TableColumn("指标", width=192, align="left"),
        TableColumn("单位", width=66),
        TableColumn("本月", group=f"{year}年", width=101, align="right"),
        TableColumn("本年累计", group=f"{year}年", width=101, align="right"),
        TableColumn("上年同月", width=101, align="right"),
        TableColumn("数量", group="增减", width=101, align="right"),
        TableColumn("幅度", group="增减", width=94, align="right", number_format=RATE_FORMAT),
        TableColumn("备注", width=178, align="left", size=10),
    )


def figure_row(number: int, indicator: Indicator, edition: Edition, remark: str) -> tuple[Value | Flag, ...]:
    """序号 指标 单位 本月 本年累计 上年同月 数量 幅度 备注 of one indicator.

    A stock has no year to date. Change needs both months; its rate needs something to divide by, and says nothing
    of a figure that is itself a percentage.
    """
    flow = indicator.kind == FLOW
    now = month_figure(indicator, edition, edition.month)
    before = month_figure(indicator, edition, edition.last_year)
    pattern, change = figure_format(indicator.number_format), None
    if now is not None and before is not None:
        change = now - before
    rate = change / before if change is not None and before and "%" not in pattern else None
    return (
        number,
        indicator.label,
        indicator.unit,
        _figure(now, pattern),
        _figure(edition.figures.value(indicator, edition.as_of), pattern)
        if flow
        else Flag(None, NOT_APPLICABLE),
        _figure(before, pattern),
        Flag(None, NOT_APPLICABLE) if change is None else Flag(change, number_format=change_format(pattern)),
        Flag(None, NOT_APPLICABLE) if rate is None else rate,
        remark,
    )


def _figure(value: Value, pattern: str) -> Flag:
    return Flag(None, NO_DATA) if value is None else Flag(value, number_format=pattern)


def month_figure(indicator: Indicator, edition: Edition, month: datetime.date) -> Value:
    """The town's figure of one month: what happened in it (flow), or what stood at its end (stock); None = no data."""
    if indicator.kind == FLOW:
        return edition.figures.month_value(indicator, month)
    return edition.figures.value(indicator, edition.day_of(month))


def figure_format(number_format: str) -> str:
    """An indicator's number format with thousands, a plain zero, and words (／) in the same column."""
    plain = number_sections(number_format or "0")[0]
    if "%" in plain:
        plain = "0.0%"
    elif "," not in plain:
        plain = "#,##" + plain
    return f"{plain};-{plain};0;@"


def change_format(pattern: str) -> str:
    """The format of a difference: its sign always written, except before zero."""
    plain = number_sections(pattern)[0]
    return f"+{plain};-{plain};0"


def trend_chart(indicator: Indicator, edition: Edition) -> TrendChart | None:
    """Twelve months of one indicator; None when no month has a figure."""
    months = edition.trend_months()
    values = tuple(month_figure(indicator, edition, month) for month in months)
    known = [(month, value) for month, value in zip(months, values, strict=True) if value is not None]
    if not known:
        return None
    (first, from_value), (last, to_value) = known[0], known[-1]
    return TrendChart(
        title=f"近12个月{indicator.label}（{indicator.unit}）",
        name=indicator.label,
        labels=tuple(f"{month.month}月" for month in months),
        values=values,
        number_format=number_sections(indicator.number_format or "0")[0],
        described=f"{indicator.label}：{first.year}年{first.month}月 {from_value}{indicator.unit}，"
        f"{last.year}年{last.month}月 {to_value}{indicator.unit}。",
    )
