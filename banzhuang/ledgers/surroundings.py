"""What stands around the rows that are read: sheets that are not, hidden rows and columns, what cannot be known. Pure."""

from collections.abc import Iterable, Sequence

from .body import ANOTHER_TABLE
from .grid import SheetGrid, WorkbookGrid, column_letters
from .table import Table

MOST_NAMED = 12
OTHER_LEDGER = "不是这种台账，或没有选它"
EMPTY = "是空的"
HIDDEN = "是隐藏的"


def surroundings(workbook: WorkbookGrid, tables: Sequence[Table]) -> dict:
    """As JSON: all_sheets [{name, hidden, read}], notes [a sentence each, the most surprising first]."""
    read = {table.sheet for table in tables}
    return {
        "all_sheets": [
            {"name": sheet.name, "hidden": sheet.hidden, "read": sheet.name in read}
            for sheet in workbook.sheets
        ],
        "notes": [*notes_on_sheets(workbook, read), *notes_on_tables(tables)],
    }


def notes_on_sheets(workbook: WorkbookGrid, read: set[str]) -> Iterable[str]:
    left = [sheet for sheet in workbook.sheets if sheet.name not in read]
    for sheet in left[:MOST_NAMED]:
        yield f"工作表“{sheet.name}”没有读：{why_left(sheet)}。"
    if len(left) > MOST_NAMED:
        yield f"另有 {len(left) - MOST_NAMED} 个工作表没有读。"
    for sheet in workbook.sheets:
        if sheet.hidden and sheet.name in read:
            yield f"工作表“{sheet.name}”在文件里是隐藏的，照样读了。"


def why_left(sheet: SheetGrid) -> str:
    if not any(sheet.rows):
        return EMPTY
    return HIDDEN if sheet.hidden else OTHER_LEDGER


def notes_on_tables(tables: Sequence[Table]) -> Iterable[str]:
    said = set()
    for table in tables:
        where = f"工作表“{table.sheet}”" if len(tables) > 1 else ""
        rows = sorted(row + 1 for row in table.grid.hidden_rows)
        hidden_data = [number for number in rows if number > table.header_rows[-1]]
        if hidden_data:
            yield f"{where}隐藏的行也读了：第 {stretches(hidden_data)} 行。"
        other = next((dropped.row for dropped in table.dropped if dropped.reason == ANOTHER_TABLE), None)
        if other:
            yield f"{where}第 {other} 行起是列不同的另一张表，没有读；把它放到单独的工作表再导入。"
        used = {column.index for column in table.columns}
        columns = [column_letters(column) for column in sorted(table.grid.hidden_columns & used)]
        if columns:
            named = "、".join(columns[:MOST_NAMED]) + (" 等" if len(columns) > MOST_NAMED else "")
            yield f"{where}隐藏的列也读了：{named}。"
        for note in table.grid.notes:
            if note not in said:
                said.add(note)
                yield note


def stretches(numbers: Sequence[int]) -> str:
    """5–8、11."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    named = [f"{first}–{last}" if last > first else str(first) for first, last in found[:MOST_NAMED]]
    return "、".join(named) + (" 等" if len(found) > MOST_NAMED else "")
