"""A table found in a sheet: its columns, its rows of data, and what was left out. Pure."""

from dataclasses import dataclass, field

from .grid import SheetGrid, Value
from .spread import Spread


@dataclass
class MatchedColumn:
    """A column of the table: its place from 0, its header as joined, the ledger's key or None, its own unit.

    spread: what its header says of the field that the table is spread over ("3月"); "" for other columns.
    doubtful: another header could be the same column.
    """

    index: int
    header: str
    key: str | None = None
    unit: str = ""
    spread: str = ""
    doubtful: bool = False


@dataclass
class TableRow:
    """A row of data, or a cell of a table spread over its columns, with what its row and header say.

    number: as Excel shows it; values and cells (column from 0): by key.
    unvalued: keys whose cell is a formula that was never computed; shared: keys whose cell is merged with others
    that should have a value of their own, as every figure should. section: the line across the table that it stands
    below (二、山西村).
    """

    number: int
    values: dict[str, Value]
    cells: dict[str, int]
    unvalued: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    section: str = ""


@dataclass
class Dropped:
    """A row below the header that is no data, and why; for a blank stretch its first and last row."""

    row: int
    reason: str
    last_row: int | None = None


@dataclass
class Table:
    """A table found in a sheet. `sheet` is the sheet's name, `grid` the sheet itself; rows as Excel shows them.

    unit: of the line above it; metadata has one under 单位 also where only a header names it.
    """

    sheet: str
    header_rows: list[int]
    columns: list[MatchedColumn]
    metadata: dict[str, str]
    rows: list[TableRow]
    dropped: list[Dropped]
    score: float
    title: str = ""
    grid: SheetGrid | None = field(default=None, repr=False)
    spread: Spread | None = None
    unit: str = ""

    @property
    def keys(self) -> frozenset[str]:
        """Keys of the columns the table has, be it as headers of others."""
        keys = {column.key for column in self.columns if column.key}
        return frozenset(keys | {self.spread.over} if self.spread else keys)

    def unit_of(self, key: str) -> str:
        """Units for a column: of its own headers, else of the line above the table (may be several: 万元、亩)."""
        own = dict.fromkeys(column.unit for column in self.columns if column.key == key and column.unit)
        return "、".join(own) or self.unit

    @property
    def units(self) -> list[str]:
        """What the headers of all its columns name: what one says puts one that is silent in doubt."""
        return [column.unit for column in self.columns if column.key and column.unit]
