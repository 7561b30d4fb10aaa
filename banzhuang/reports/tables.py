"""Declarations of official tables: what stands in them, not how a program writes it.

Pure: no Django, no XlsxWriter. `official.py` writes them, `frozen.py` keeps them, `differences.py` compares them.
"""

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from banzhuang.core.dates import PartialDate

Value = str | int | float | Decimal | datetime.date | PartialDate | bool | None

NEAR, BAD, NO_DATA, NOT_APPLICABLE = "near", "bad", "none", "na"
NOT_APPLICABLE_MARK, NO_DATA_WORD = "／", "无数据"


@dataclass(frozen=True)
class Flag:
    """A value that differs from its column: by a state, or by a number format of its own.

    state: "near" (关注), "bad" (不达标), "none" (无数据, 未报), "na" (不适用) or "". The value stays what it is,
    a number stays a number; an empty one shows its word (无数据, ／).
    """

    value: Value
    state: str = ""
    number_format: str = ""

    @property
    def shown(self) -> Value:
        if self.value is None or self.value == "":
            return {NO_DATA: NO_DATA_WORD, NOT_APPLICABLE: NOT_APPLICABLE_MARK}.get(self.state)
        return self.value


@dataclass(frozen=True)
class Margins:
    """Inches, as spreadsheets keep them."""

    left: float
    right: float
    top: float
    bottom: float
    footer: float = 0.6


# GB/T 9704: 37 mm above, 28 mm at the binding edge, 26 mm outside; tables keep 25 mm on all sides.
DOCUMENT_MARGINS = Margins(left=1.1, right=1.02, top=1.46, bottom=1.38)
TABLE_MARGINS = Margins(left=0.98, right=0.98, top=1.0, bottom=0.95)
BOARD_MARGINS = Margins(left=0.8, right=0.8, top=1.0, bottom=0.9)


@dataclass(frozen=True)
class Layout:
    """How a kind of table stands on A4. Sizes and heights in points."""

    name: str
    orientation: str = "landscape"
    one_page: bool = False
    margins: Margins = TABLE_MARGINS
    title_height: float = 36
    info_height: float = 20.25
    head_heights: tuple[float, float] = (18.75, 30.75)
    row_height: float = 20.25
    total_height: float = 21.75
    body_size: float = 12
    head_size: float = 11
    total_size: float = 11
    total_align: str = "center"
    signature_after: tuple[int, ...] = ()


# 村党组织书记基本情况表 and its like: any length, the head repeated.
REGISTER = Layout("register")
UPRIGHT_REGISTER = Layout("upright register", orientation="portrait")
# 44村总表: one upright page.
BOARD = Layout(
    "board",
    orientation="portrait",
    one_page=True,
    margins=BOARD_MARGINS,
    head_heights=(20.25, 33.75),
    row_height=17.25,
    total_height=18.75,
    body_size=11.5,
    total_size=10.5,
    total_align="right",
)
# The village table of a district, which no page holds.
LONG_BOARD = Layout(
    "long board",
    orientation="portrait",
    margins=BOARD_MARGINS,
    head_heights=(20.25, 33.75),
    row_height=17.25,
    total_height=18.75,
    body_size=11.5,
    total_size=10.5,
    total_align="right",
)
# 选准带头人情况月报表: figures, a chart, the signatures.
MECHANISM = Layout(
    "mechanism",
    one_page=True,
    title_height=38.25,
    info_height=21.75,
    head_heights=(21.75, 21.75),
    row_height=23.25,
    body_size=11,
    signature_after=(3, 5, 7),
)
LAYOUTS = {layout.name: layout for layout in [REGISTER, UPRIGHT_REGISTER, BOARD, LONG_BOARD, MECHANISM]}


@dataclass(frozen=True)
class TableColumn:
    """One column. `read` takes its value from a row object, where rows are not given as tuples.

    label: may hold line breaks. group: the upper head over neighbouring columns of the same group.
    width: pixels; without it the longest value decides. total: sum the column in the row 合计.
    align: left, center or right; numbers that are compared stand right.
    size: of the text in points, where it differs from the table's.
    """

    label: str
    read: Callable[[object], Value] | None = field(default=None, compare=False)
    group: str = ""
    width: int | None = None
    number_format: str = ""
    total: bool = False
    align: str = "center"
    size: float | None = None


@dataclass(frozen=True)
class Total:
    """One cell of the row 合计, over `span` columns."""

    value: Value = None
    span: int = 1
    number_format: str = ""


@dataclass(frozen=True)
class TrendChart:
    """One line over months; a month without data is a gap. `described` is its text for those who hear it."""

    title: str
    name: str
    labels: tuple[str, ...]
    values: tuple[int | float | Decimal | None, ...]
    number_format: str = "0"
    described: str = ""


@dataclass(frozen=True)
class OfficialTable:
    """A table as an office prints, stamps and sends it.

    rows: one sequence of values a row, in the order of the columns. unit: "万元", said once at the right above.
    filled_on gives 填报日期, as_of gives 截至, period stands before them. totals: the row 合计, cell by cell;
    without it the columns marked `total` are summed. identified_by: the columns (from 0) that name a row,
    by which two issues of the table are compared.
    """

    title: str
    columns: tuple[TableColumn, ...]
    rows: Sequence[Sequence[Value | Flag]]
    layout: Layout = REGISTER
    reporting_unit: str = ""
    filled_on: datetime.date | None = None
    as_of: datetime.date | None = None
    period: str = ""
    unit: str = ""
    totals: tuple[Total, ...] = ()
    total_label: str = "合计"
    notes: tuple[str, ...] = ()
    signature: bool = True
    filled_by: str = ""
    frozen_columns: int = 2
    left_columns: int = 0
    rows_per_page: int = 0
    identified_by: tuple[int, ...] = (1,)
    chart: TrendChart | None = None

    def unit_line(self) -> str:
        """Left below the title."""
        return f"填报单位（盖章）：{self.reporting_unit}" if self.reporting_unit else ""

    def date_line(self) -> str:
        """Right below the title: period, 截至, 填报日期, 单位."""
        parts = [self.period]
        if self.as_of:
            parts.append(f"截至：{chinese_date(self.as_of)}")
        if self.filled_on:
            parts.append(f"填报日期：{chinese_date(self.filled_on)}")
        if self.unit:
            parts.append(f"单位：{self.unit}")
        return "　".join(part for part in parts if part)

    def total_cells(self) -> tuple[Total, ...]:
        """The row 合计 from left to right; empty when the table has none."""
        if self.totals:
            return self.totals
        summed = [index for index, column in enumerate(self.columns) if column.total]
        if not summed:
            return ()
        lead = max(1, min(2, summed[0]))
        cells = [Total(self.total_label, span=lead)]
        for index, column in enumerate(self.columns[lead:], start=lead):
            value = column_sum(row[index] for row in self.rows) if column.total else None
            cells.append(Total(value, number_format=column.number_format if column.total else ""))
        return tuple(cells)


def column_sum(values: Iterable[Value | Flag]) -> int | float | Decimal:
    """The sum of the numbers among the values; words (未报, ／) and empty cells add nothing."""
    bare = (value.value if isinstance(value, Flag) else value for value in values)
    numbers = [
        value for value in bare if isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    ]
    if any(isinstance(number, Decimal) for number in numbers):
        return sum((Decimal(str(number)) for number in numbers), Decimal(0))
    return sum(numbers)


def rows_from(columns: Sequence[TableColumn], objects: Iterable[object]) -> list[tuple[Value | Flag, ...]]:
    """Rows of a table whose columns say how they read an object; a column without `read` is the 序号."""
    return [
        tuple(column.read(item) if column.read else number for column in columns)
        for number, item in enumerate(objects, start=1)
    ]


def chinese_date(day: datetime.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
