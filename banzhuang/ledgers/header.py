"""Finding the table in a sheet: its header of one to three rows, its columns, and the kind of ledger it is. Pure.

Every block of one to three rows near the top is a candidate; the one whose headers name most columns of the
ledger wins. Merged cells say how deep a header is, but nothing depends on a form having merged them rightly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from banzhuang.core.text import compact

from .body import read_body
from .grid import Range, SheetGrid, Value, WorkbookGrid
from .ledger import Column, Ledger
from .matching import Header, Names, is_unit
from .metadata import is_metadata, read_metadata
from .spread import Spread
from .table import Dropped, MatchedColumn, Table, TableRow

__all__ = ["Dropped", "MatchedColumn", "Table", "TableRow", "find_table", "recognise"]

ROWS_SEARCHED = 40  # rows with content from the top
WIDEST = 500  # columns
DEEPEST = 3
LONGEST_HEADER = 40
FEWEST_MATCHES = 2
LEAST_SCORE = 0.2
TITLE_BONUS = 0.3
WHOLE = 0.8  # of the columns: a merged cell over so many is a title, over fewer a group
MONTHS_BELOW = {"月份", "月", "各月", "分月"}


def find_table(
    sheet: SheetGrid,
    columns: Sequence[Column],
    corrections: Mapping[str, str | None] | None = None,
    spread: Spread | None = None,
    rows: tuple[int, ...] = (),
) -> Table | None:
    """The table of a ledger in a sheet, or None when no row names enough of its columns.

    corrections: header as joined → key, or None for a header that is not to be imported: chosen by hand.
    spread: how the ledger's tables may be spread over their columns.
    rows: the first and the last row of the header as Excel shows them, when a person said which they are.
    """
    return Finder(sheet, rows).find(Names(columns, corrections, spread))


def recognise(
    workbook: WorkbookGrid, ledgers: Sequence[Ledger], file_name: str = ""
) -> list[tuple[Ledger, SheetGrid, Table]]:
    """The best ledger for each visible sheet that has one, best fit first.

    Words of a ledger's title in the title, the sheet's or the file's name count for it; a table spread over its
    columns needs one of them, for 村, 1月, 2月 … say of nothing what it is, unless it is the only kind asked for.
    """
    names = {ledger.kind: Names(ledger.columns, spread=ledger.spread) for ledger in ledgers}
    found = []
    for sheet in workbook.sheets:
        if sheet.hidden:
            continue
        finder = Finder(sheet)
        offers = []
        for place, ledger in enumerate(ledgers):
            block, score = finder.best_block(names[ledger.kind])
            if block is not None and score >= LEAST_SCORE:
                title, _ = read_metadata(sheet, block.first)
                written = compact(title + sheet.name + file_name)
                named = any(word in written for word in ledger.title_words)
                if named or len(ledgers) == 1 or not block.is_spread(names[ledger.kind]):
                    offers.append((score + TITLE_BONUS * named, -place, ledger))
        if offers:
            fit, _, ledger = max(offers)
            found.append((fit, ledger, sheet, finder.find(names[ledger.kind])))
    found.sort(key=lambda item: -item[0])
    return [(ledger, sheet, table) for _, ledger, sheet, table in found]


@dataclass
class Block:
    """A candidate for the header: its rows from 0, and a Header for every column that has one.

    ends_in_units: its last row holds nothing but units of the columns above.
    """

    first: int
    last: int
    headers: dict[int, Header]
    ends_in_units: bool

    @property
    def rows(self) -> tuple[int, int]:
        """Its first and last row, as Excel shows them."""
        return self.first + 1, self.last + 1

    def is_spread(self, names: Names) -> bool:
        headers = list(self.headers.values())
        return names.spread is not None and any(names.spread_of(headers, names.match(headers)))


class Finder:
    """Looks for headers in one sheet; what it learns of the sheet serves any number of ledgers.

    rows: the first and the last row of the header as Excel shows them, when a person said which they are; nothing
    else is a candidate then.
    """

    def __init__(self, sheet: SheetGrid, rows: tuple[int, ...] = ()):
        self.sheet = sheet
        self.top = [number for number, row in enumerate(sheet.rows) if has_content(row)][:ROWS_SEARCHED]
        said = range(rows[0] - 1, min(rows[-1], len(sheet.rows))) if rows else range(0)
        self.top = sorted({*self.top, *said})
        self.width = min(WIDEST, max((len(sheet.rows[number]) for number in self.top), default=0))
        lowest = self.top[-1] if self.top else -1
        self.merged: list[Range] = [merged for merged in sheet.merged if merged[0] <= lowest]
        self.anchors = self._find_anchors()
        self.texts: dict[tuple[int, int], str] = {}
        self.left = self._first_column()
        self.group_rows = {row: self._groups(row) for row in self.top}
        self.header_like = {row for row in self.top if self._is_header_like(row)}
        if rows:
            self.blocks = [self._block(said)] if said else []
            return
        candidates = [block for first in self.top for block in self._blocks_from(first)]
        self.blocks = [block for block in candidates if self._is_whole(block)] or candidates

    # --- Cells, merged ones filled ---------------------------------------------------------------------------
    def _find_anchors(self) -> dict[tuple[int, int], tuple[int, int]]:
        """Cell → top left cell of the merged range it lies in, near the top of the sheet."""
        anchors = {}
        for top, left, bottom, right in self.merged:
            for row in self.top:
                if top <= row <= bottom:
                    for column in range(left, min(right + 1, self.width)):
                        anchors[row, column] = (top, left)
        return anchors

    def _first_column(self) -> int:
        """The first column that holds anything near the top: forms often begin at column B."""
        return next(
            (column for column in range(self.width) if any(self.text(row, column) for row in self.top)), 0
        )

    def text(self, row: int, column: int) -> str:
        """Text shown at a cell, compact; a merged cell shows the text of its range."""
        place = self.anchors.get((row, column), (row, column))
        if place not in self.texts:
            value = self.sheet.value(*place)
            self.texts[place] = "" if value is None else compact(str(value))
        return self.texts[place]

    def _is_own(self, row: int, column: int) -> bool:
        """Whether the text shown at a cell stands in this row, not in a merged cell from above."""
        return self.anchors.get((row, column), (row, column))[0] == row

    def _groups(self, row: int) -> list[tuple[int, int]]:
        """(left, right) of the cells of this row that are merged over some columns, but not over all."""
        return [
            (left, right)
            for top, left, bottom, right in self.merged
            if top <= row == bottom and left < right and right - left + 1 < WHOLE * (self.width - self.left)
            if self.text(row, left)
        ]

    # --- Candidates ------------------------------------------------------------------------------------------
    def _is_header_like(self, row: int) -> bool:
        """At least two short texts, none of them 填报单位：… and none of them a number but for years.

        Months may stand there as dates or as numbers below 月份, two at least.
        """
        shown = {}
        for column in range(self.width):
            anchor = self.anchors.get((row, column), (row, column))
            value = self.sheet.value(*anchor)
            if value is not None and str(value).strip():
                shown[anchor] = value
        if len(shown) < 2 and not (shown and any(left > self.left for left, _ in self.group_rows[row])):
            return False
        others = [(place[1], value) for place, value in shown.items() if not is_header_text(value)]
        return len(others) != 1 and all(
            (isinstance(value, date) and value.day == 1)
            or (isinstance(value, int) and 1 <= value <= 12 and self.text(row - 1, column) in MONTHS_BELOW)
            for column, value in others
        )

    def _blocks_from(self, first: int):
        for depth in range(DEEPEST):
            rows = range(first, first + depth + 1)
            if not self.header_like.issuperset(rows):
                return
            if self._cuts_merged(rows):
                continue
            block = self._block(rows)
            if block.headers:
                yield block

    def _block(self, rows: range) -> Block:
        headers = self._headers(rows)
        own = [self.text(rows[-1], column) for column in headers if self._is_own(rows[-1], column)]
        return Block(rows[0], rows[-1], headers, all(is_unit(text) for text in own if text))

    def _cuts_merged(self, rows: range) -> bool:
        """Whether a merged cell reaches beyond the block, above or below."""
        return any(
            (top < rows[0] <= bottom or top <= rows[-1] < bottom) and left < self.width
            for top, left, bottom, _ in self.merged
        )

    def _headers(self, rows: range) -> dict[int, Header]:
        headers = {}
        for column in range(self.width):
            parts: list[str] = []
            for row in rows:
                text = self.text(row, column) or self._group_to_the_left(rows, row, column)
                if text and (not parts or parts[-1] != text):
                    parts.append(text)
            if parts:
                headers[column] = Header(tuple(parts))
        return headers

    def _group_to_the_left(self, rows: range, row: int, column: int) -> str:
        """Name of a group that stands in its first cell only, for the columns to the right that have a header
        below it: 文化程度 over 全日制 and 在职, not merged."""
        if row == rows[-1] or not self._has_own_below(rows, row, column):
            return ""
        for left in range(column - 1, -1, -1):
            if self.text(row, left):
                merged = (row, left) in self.anchors
                return "" if merged or not self._has_own_below(rows, row, left) else self.text(row, left)
            if not self._has_own_below(rows, row, left):
                return ""
        return ""

    def _has_own_below(self, rows: range, row: int, column: int) -> bool:
        return any(self.text(below, column) and self._is_own(below, column) for below in rows if below > row)

    # --- Whether a candidate leaves out a part of the header --------------------------------------------------
    def _is_whole(self, block: Block) -> bool:
        if block.last - block.first + 1 == DEEPEST:
            return True
        return not self._has_groups_above(block) and not self._has_parts_below(block)

    def _has_groups_above(self, block: Block) -> bool:
        above = block.first - 1
        if above not in self.header_like:
            return False
        return any(
            self._is_own(block.first, column) and self.text(block.first, column)
            for left, right in self.group_rows[above]
            if right - left + 1 < WHOLE * len(block.headers)  # else it is a title
            for column in range(left, min(right + 1, self.width))
        )

    def _has_parts_below(self, block: Block) -> bool:
        """Whether the row below fills nothing but the columns under groups: then it belongs to the header."""
        below = block.last + 1
        if below not in self.header_like:
            return False
        groups = [*self.group_rows[block.last], *self._unmerged_groups(block)]
        under = {column for left, right in groups for column in range(left, right + 1)}
        own = {
            column for column in range(self.width) if self.text(below, column) and self._is_own(below, column)
        }
        return bool(own) and own <= under

    def _unmerged_groups(self, block: Block) -> list[tuple[int, int]]:
        """(left, right) of the headers with columns to their right that have none: 文化程度 over 全日制 and 在职."""
        named = list(block.headers)
        ends = [column - 1 for column in named[1:]] + [self.width - 1]
        return [(left, right) for left, right in zip(named, ends, strict=False) if right > left]

    # --- The best one ------------------------------------------------------------------------------------------
    def best_block(self, names: Names) -> tuple[Block | None, float]:
        """The block that names most of the columns, and its score; the first and the shallowest of equals."""
        best, best_worth = None, 0.0
        for block in self.blocks:
            matches = [match for match in names.match(list(block.headers.values())) if match]
            worth = sum(quality for _, quality in matches) + 0.01 * block.ends_in_units
            if len(matches) >= min(FEWEST_MATCHES, len(names.columns)) and worth > best_worth + 1e-9:
                best, best_worth = block, worth
        if best is None:
            return None, 0.0
        headers = list(best.headers.values())
        return best, names.score(headers, names.match(headers))

    def find(self, names: Names) -> Table | None:
        """The whole table below the best block."""
        block, score = self.best_block(names)
        if block is None:
            return None
        headers = list(block.headers.values())
        matches = names.match(headers)
        said, rivals = names.spread_of(headers, matches), names.rivals(headers, matches)
        keys = [names.columns[match[0]].key if match else None for match in matches]
        columns = [
            MatchedColumn(index, header.joined, key, header.unit, spread, place in rivals)
            for place, ((index, header), key, spread) in enumerate(
                zip(block.headers.items(), keys, said, strict=True)
            )
        ]
        title, metadata = read_metadata(self.sheet, block.first)
        unit = metadata.get("单位", "")
        units = list(dict.fromkeys(column.unit for column in columns if column.unit.endswith("元")))
        if "单位" not in metadata and len(units) == 1:
            metadata["单位"] = units[0]
        header_rows = list(range(block.first + 1, block.last + 2))
        spread = names.spread if any(said) else None
        table = Table(
            self.sheet.name, header_rows, columns, metadata, [], [], score, title, self.sheet, spread, unit
        )
        read_body(table, block.headers, names)
        return table


def has_content(row: Sequence[Value]) -> bool:
    return any(value is not None and str(value).strip() for value in row)


def is_header_text(value: Value) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        return 1900 <= value <= 2100
    return isinstance(value, str) and len(compact(value)) <= LONGEST_HEADER and not is_metadata(value)
