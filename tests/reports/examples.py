"""Small tables, stand-in indicators and figures for the tests of reports, and a way to look into what was written."""

import datetime
import io
from dataclasses import dataclass, field
from decimal import Decimal

from openpyxl import load_workbook

from banzhuang.core.places import Place
from banzhuang.reports.official import write_official_workbook
from banzhuang.reports.sheets import Edition
from banzhuang.reports.tables import OfficialTable, TableColumn

JUNE = datetime.date(2026, 6, 1)
JUNE_END = datetime.date(2026, 6, 30)
JULY_FIRST = datetime.date(2026, 7, 1)
VILLAGES = (
    Place("320707109200", "班庄村", "班庄", "班庄片", ""),
    Place("320707109201", "曹顶村", "曹顶", "山西片", ""),
    Place("320707109216", "西响石村", "西响石", "山西片", ""),
)


def register(**changes) -> OfficialTable:
    """A table with a two-row head, months, a number to sum, and every closing line."""
    columns = (
        TableColumn("序号"),
        TableColumn("村", align="left"),
        TableColumn("姓名"),
        TableColumn("任现职\n时间", group="任现职情况", number_format="yyyy.mm"),
        TableColumn("产生方式", group="任现职情况"),
        TableColumn("补贴", number_format="#,##0.00", align="right", total=True),
        TableColumn("备注", width=120, align="left"),
    )
    rows = (
        (1, "班庄村", "王海英", datetime.date(2013, 5, 1), "两推一选", Decimal("1200.50"), ""),
        (2, "横山官庄村", "黄金凤", datetime.date(2018, 8, 1), "提前离岗回村", 900, None),
    )
    fields = {
        "title": "班庄镇村党组织书记基本情况表",
        "columns": columns,
        "rows": rows,
        "reporting_unit": "中共班庄镇委员会",
        "filled_on": JUNE_END,
        "unit": "元",
        "notes": ("身份证号不在本表。", "补贴按月计。"),
        "filled_by": "周敏",
    }
    return OfficialTable(**{**fields, **changes})


def written(table: OfficialTable, name: str = "表"):
    """The table's worksheet as openpyxl reads it."""
    stream = io.BytesIO()
    write_official_workbook(stream, [(name, table)])
    return load_workbook(stream)[name]


@dataclass(frozen=True)
class StandIn:
    """An indicator without a table behind it."""

    code: str
    label: str = "在任书记"
    unit: str = "人"
    kind: str = "stock"
    mechanism: str = "M1"
    office: str = "组织办"
    counting: str = "截至当日在任的。"
    number_format: str = "0"
    board: bool = True
    board_label: str = ""
    board_words: dict = field(default_factory=dict)
    states: dict = field(default_factory=dict, hash=False)
    absent: int | None = 0

    def state(self, value):
        return self.states.get(value, "")


class StandInFigures:
    """Figures from a dictionary: {(code, day or month): {village code: value}}."""

    def __init__(self, cells):
        self.cells = cells

    def value(self, indicator, day):
        return self._sum(indicator, day)

    def month_value(self, indicator, month):
        return self._sum(indicator, month)

    def by_village(self, indicator, day):
        return self.cells.get((indicator.code, day), {})

    def _sum(self, indicator, when):
        values = self.cells.get((indicator.code, when))
        return None if values is None else sum(values.values())


def edition(cells=None, **changes) -> Edition:
    """June 2026 of 班庄镇, made on 1 July."""
    fields = {
        "month": JUNE,
        "as_of": JUNE_END,
        "made_on": JULY_FIRST,
        "township_code": "320707109",
        "township_name": "班庄镇",
        "reporting_unit": "中共班庄镇委员会",
        "figures": StandInFigures(cells or {}),
        "villages": VILLAGES,
    }
    return Edition(**{**fields, **changes})
