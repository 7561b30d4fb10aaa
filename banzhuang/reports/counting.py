"""口径说明: from when each figure is and how it is counted."""

from collections.abc import Sequence

from banzhuang.core.mechanisms import MECHANISMS
from banzhuang.indicators.indicator import Indicator

from .contents import Entry
from .mechanism import FLOW
from .sheets import Edition
from .tables import REGISTER, OfficialTable, TableColumn, chinese_date

SHEET_NAME, OFFICE = "口径说明", "党建办"
HIGHLIGHT = "每项数字的计数口径与截止时间"
NOTES = (
    "时点数取截止日当天的数；累计数自当年1月1日起计到截止日，“本月”为当月发生数。",
    "“无数据”“未报”不计为零，不参加排名；／ 表示不适用。",
    "本表数字由台账逐条计数得出；发布后冻结，事后更正另出更正期。",
)


def counting_entry(edition: Edition, indicators: Sequence[Indicator]) -> Entry:
    """One row an indicator that stands anywhere in the workbook."""
    columns = (
        TableColumn("序号"),
        TableColumn("机制", width=170, align="left"),
        TableColumn("指标", width=190, align="left"),
        TableColumn("单位", width=60),
        TableColumn("性质", width=66),
        TableColumn("计数口径", width=430, align="left"),
        TableColumn("截止时间", width=150),
        TableColumn("责任单位", width=108),
    )
    rows = tuple(
        (
            number,
            f"{indicator.mechanism} {MECHANISMS[indicator.mechanism].title}",
            indicator.label,
            indicator.unit,
            "累计数" if indicator.kind == FLOW else "时点数",
            indicator.counting,
            chinese_date(edition.as_of),
            indicator.office,
        )
        for number, indicator in enumerate(indicators, start=1)
    )
    table = OfficialTable(
        title="口径说明",
        columns=columns,
        rows=rows,
        layout=REGISTER,
        reporting_unit=edition.reporting_unit,
        period=edition.label,
        filled_on=edition.made_on,
        notes=NOTES,
        signature=False,
        identified_by=(1, 2),
    )
    return Entry(SHEET_NAME, OFFICE, HIGHLIGHT, "", table)
