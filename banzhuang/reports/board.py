"""44村总表: every village against every indicator of the board; a flagged cell stays a number."""

from collections.abc import Sequence

from banzhuang.indicators.indicator import Indicator

from .contents import Entry
from .official import sheet_name
from .sheets import Edition
from .tables import (
    BAD,
    BOARD,
    LONG_BOARD,
    NEAR,
    NO_DATA,
    Flag,
    OfficialTable,
    TableColumn,
    Total,
    Value,
)

ONE_PAGE_VILLAGES = 60
NOT_REPORTED = "未报"
OFFICE = "党建办"
NOTE = "■ 不达标，▲ 关注；“未报”“未考核”为无数据，不计为零；／ 不适用。"


def board_entry(edition: Edition, indicators: Sequence[Indicator]) -> Entry:
    """The village table as a sheet, from the indicators that are columns of the board."""
    table, villages = board_table(edition, indicators), edition.villages
    flags = [value for row in table.rows for value in row if isinstance(value, Flag)]
    bad, near = (sum(flag.state == state for flag in flags) for state in (BAD, NEAR))
    highlight = f"{len(villages)} 村 × {len(indicators)} 项，不达标 {bad} 格、关注 {near} 格"
    return Entry(sheet_name(f"{len(villages)}村总表"), OFFICE, highlight, "", table)


def board_table(edition: Edition, indicators: Sequence[Indicator]) -> OfficialTable:
    """Rows villages, columns indicators under their offices, 全镇 below."""
    villages, by_office = edition.villages, sorted(indicators, key=_office_order(indicators))
    figures = [(indicator, edition.figures.by_village(indicator, edition.as_of)) for indicator in by_office]
    rows = tuple(
        (
            number,
            village.short_name,
            *[village_cell(indicator, values, village.code) for indicator, values in figures],
        )
        for number, village in enumerate(villages, start=1)
    )
    return OfficialTable(
        title=f"{edition.township_name}{len(villages)}村情况总表",
        columns=(TableColumn("序号"), TableColumn("村", align="left"), *map(board_column, by_office)),
        rows=rows,
        layout=BOARD if len(villages) <= ONE_PAGE_VILLAGES else LONG_BOARD,
        reporting_unit=edition.reporting_unit,
        as_of=edition.as_of,
        totals=(Total("全镇", span=2), *[town_cell(indicator, edition) for indicator in by_office]),
        notes=(NOTE,),
        signature=False,
    )


def _office_order(indicators: Sequence[Indicator]):
    """Offices in the order in which they first appear, indicators within one as declared."""
    offices = list(dict.fromkeys(indicator.office for indicator in indicators))
    return lambda indicator: offices.index(indicator.office)


def board_column(indicator: Indicator) -> TableColumn:
    """Head: the indicator over its unit, below its office. A short head that only words explain (任期：将满) is not
    for numbers."""
    label = indicator.label if indicator.board_words else indicator.board_label or indicator.label
    unit = f"\n（{indicator.unit}）" if indicator.unit else ""
    return TableColumn(
        f"{label}{unit}",
        group=indicator.office,
        number_format=indicator.number_format,
        align="right",
    )


def village_cell(indicator: Indicator, values: dict[str, Value], code: str) -> Flag | Value:
    """A village's cell: its figure with its state; a village without rows has 0, one without data 未报."""
    value = values.get(code, indicator.absent)
    state = indicator.state(value)
    if value is None:
        return Flag(NOT_REPORTED, NO_DATA)
    return Flag(value, state) if state else value


def town_cell(indicator: Indicator, edition: Edition) -> Total:
    return Total(edition.figures.value(indicator, edition.as_of), number_format=indicator.number_format)
