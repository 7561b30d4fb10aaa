"""What changed between two issues of a month: cell by cell, by the names of row and column, not by position."""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from banzhuang.core.dates import PartialDate

from .contents import Entry
from .tables import Flag, OfficialTable, TableColumn, Value, chinese_date
from .widths import shown_text

SERIAL = "序号"


@dataclass(frozen=True)
class Difference:
    """One cell, or one row that came or went: then `column` is empty and one of the two texts is."""

    sheet: str
    row: str
    column: str
    old: str
    new: str


def differences(old: Sequence[Entry], new: Sequence[Entry]) -> list[Difference]:
    """What stands otherwise in `new` than in `old`, sheet by sheet. Dates of filling in do not count."""
    before, after = ({entry.name: entry.table for entry in entries} for entries in (old, new))
    found = []
    for name in dict.fromkeys([*before, *after]):
        if name not in after:
            found.append(Difference(name, "", "", "有此表", "无此表"))
        elif name not in before:
            found.append(Difference(name, "", "", "无此表", "有此表"))
        else:
            found += table_differences(name, before[name], after[name])
    return found


def table_differences(sheet: str, old: OfficialTable, new: OfficialTable) -> list[Difference]:
    """Rows are matched by their identifying columns, columns by their heads."""
    before, after = _by_key(old), _by_key(new)
    found = []
    for key in dict.fromkeys([*before, *after]):
        label = " ".join(part for part in key[:-1] if part)
        if key not in after:
            found.append(Difference(sheet, label, "", "有此行", "无此行"))
        elif key not in before:
            found.append(Difference(sheet, label, "", "无此行", "有此行"))
        else:
            found += _cells(sheet, label, before[key], after[key])
    return found + _cells(sheet, _total_label(new), _totals(old), _totals(new))


def _cells(sheet: str, row: str, old: dict[str, str], new: dict[str, str]) -> list[Difference]:
    return [
        Difference(sheet, row, column, old.get(column, ""), new.get(column, ""))
        for column in dict.fromkeys([*old, *new])
        if old.get(column, "") != new.get(column, "")
    ]


def _by_key(table: OfficialTable) -> dict[tuple[str, ...], dict[str, str]]:
    """{identifying texts and how many rows had the same before: {column head: text}}."""
    heads = [column_name(column) for column in table.columns]
    seen: Counter = Counter()
    rows = {}
    for row in table.rows:
        texts = [
            cell_text(value, column.number_format) for value, column in zip(row, table.columns, strict=True)
        ]
        identity = tuple(texts[index] for index in table.identified_by if index < len(texts))
        seen[identity] += 1
        rows[*identity, str(seen[identity])] = {
            head: text for head, text in zip(heads, texts, strict=True) if head != SERIAL
        }
    return rows


def _totals(table: OfficialTable) -> dict[str, str]:
    """The row 合计 by the head of each cell's first column."""
    texts, at = {}, 0
    for total in table.total_cells():
        if total.value is not None:
            texts[column_name(table.columns[at])] = cell_text(total.value, total.number_format)
        at += total.span
    return texts


def _total_label(table: OfficialTable) -> str:
    cells = table.total_cells()
    return str(cells[0].value) if cells and isinstance(cells[0].value, str) else table.total_label


def column_name(column: TableColumn) -> str:
    """A column's head in one line: 任现职情况/任现职时间."""
    label = column.label.replace("\n", "")
    return f"{column.group}/{label}" if column.group else label


def cell_text(value: Value | Flag, number_format: str = "") -> str:
    """A cell as people read it, without the shape."""
    if isinstance(value, Flag):
        return cell_text(value.shown, value.number_format or number_format)
    if isinstance(value, PartialDate):
        return value.chinese()
    if isinstance(value, datetime.date):
        return chinese_date(value)
    return shown_text(value, number_format)
