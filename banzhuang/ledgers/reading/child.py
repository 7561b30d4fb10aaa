"""The reading process: detects, measures, reads, and sends plain values to the one who started it."""

import pickle
import sys
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from ..grid import Refused
from . import opendocument
from .delimited import read_delimited
from .filetype import DAMAGED, LOCKED, detect, open_archive
from .limits import LAST_ROW, MAX_CELLS, MAX_HEIGHT, MAX_MARKS, MAX_ROWS, limit_this_process
from .sparse import TOO_SPREAD, Squeezed, copy_with, squeeze
from .structure import TOO_MANY_ROWS, SheetStructure, SheetXml, coarse_styles, read_part, sheet_parts

TOO_MANY_MARKS = "表里合并、隐藏的单元格或没有结果的公式太多，没有读取；另存一份只留数值的表，再上传。"
TOO_MUCH = "读这个文件用尽了内存，已停下；删去空白的行列和图片，或分成几个文件，再上传。"
DATES_IN_FULL = "只显示年月的日期按当月 1 日读取。"
UNKNOWN = {
    "xls": f".xls 格式看不出隐藏的行和列；没有算出结果的公式、结果出错的公式按空白读取；{DATES_IN_FULL}",
    "xlsb": f".xlsb 格式看不出隐藏的行和列；没有算出结果的公式、结果出错的公式按空白读取；{DATES_IN_FULL}",
    "ods": f".ods 格式里结果出错的公式按空白读取；{DATES_IN_FULL}",
}
CHUNK = 2_000

Send = Callable[[tuple], None]


def main(path: str, title: str) -> None:
    """Read the file at `path` and write messages to standard output: 4 bytes of length, then a pickled tuple.

    ("workbook", format), ("sheet", fields of SheetGrid), ("rows", [(row from 0, values), …]), ("end",), or
    ("refused", sentence) at any time. `title`: name of the sheet of a text table.
    """
    limit_this_process()
    answer(lambda send: read(path, title, send))


def answer(act: Callable[[Send], None]) -> None:
    """Do what was asked, with a way to send messages, and say how it ended."""

    def send(message: tuple) -> None:
        data = pickle.dumps(message, protocol=5)
        sys.stdout.buffer.write(len(data).to_bytes(4, "big") + data)
        sys.stdout.buffer.flush()

    try:
        act(send)
        send(("end",))
    except Refused as refusal:
        send(("refused", str(refusal)))
    except MemoryError:
        send(("refused", TOO_MUCH))
    except BaseException:  # a panic in calamine is no Exception
        send(("refused", DAMAGED))


def read(path: str, title: str, send: Send) -> None:
    kind = detect(path)
    send(("workbook", "csv" if kind == "text" else kind))
    budget = Budget()
    if kind == "text":
        send(("sheet", {"name": title}))
        send_rows(enumerate(read_delimited(path)), send, budget)
    elif kind == "xlsx":
        read_xlsx(path, send, budget)
    else:
        structures = {}
        if kind == "ods":
            with open_archive(path) as archive:
                structures = opendocument.read_structures(archive)
        for sheet, fields in open_sheets(path):
            merged = [(*first, *last) for first, last in sheet.merged_cell_ranges or ()]
            structure = structures.get(sheet.name, SheetStructure(merged=merged))
            send(("sheet", {**fields, **budget.spend_marks(structure.known()), "notes": [UNKNOWN[kind]]}))
            send_rows(placed_rows(sheet), send, budget)


class Budget:
    """Counts what is sent, over all sheets: the one who started this process must be able to hold it."""

    def __init__(self):
        self.rows = 0
        self.height = 0
        self.cells = 0
        self.marks = 0

    def spend_marks(self, known: dict) -> dict:
        """What is known of a sheet, handed on unless it is too much."""
        self.marks += sum(map(len, known.values()))
        if self.marks > MAX_MARKS:
            raise Refused(TOO_MANY_MARKS)
        return known

    def spend(self, cells: int, rows: int) -> None:
        """One row of so many cells, so many rows below the last one."""
        self.rows += 1
        self.height += rows
        self.cells += cells
        if self.rows > MAX_ROWS:
            raise Refused(TOO_MANY_ROWS)
        if self.cells > MAX_CELLS or self.height > MAX_HEIGHT:
            raise Refused(TOO_SPREAD)


def open_sheets(source) -> Iterable[tuple]:
    """(calamine's sheet, fields known of it) for every sheet with cells."""
    try:
        workbook = CalamineWorkbook.from_object(source)
    except PasswordError:
        raise Refused(LOCKED) from None
    for about in workbook.sheets_metadata:
        if about.typ == SheetTypeEnum.WorkSheet:
            fields = {"name": about.name, "hidden": about.visible != SheetVisibleEnum.Visible}
            yield workbook.get_sheet_by_name(about.name), fields


def read_xlsx(path: str, send: Send, budget: Budget) -> None:
    structures: dict[str, SheetStructure] = {}
    squeezed: dict[str, Squeezed] = {}
    with open_archive(path) as archive:
        styles = coarse_styles(archive)
        parts = sheet_parts(archive)
        for name, part in parts.items():
            xml = SheetXml(read_part(archive, part))
            structures[name] = xml.structure(styles)
            if structures[name].is_sparse:
                squeezed[name] = squeeze(xml)
        source = (
            copy_with(archive, {parts[name]: sheet.xml for name, sheet in squeezed.items()})
            if squeezed
            else path
        )
    for sheet, fields in open_sheets(source):
        structure = structures.get(sheet.name, SheetStructure())
        send(("sheet", {**fields, **budget.spend_marks(structure.known())}))
        rows = (
            put_back(placed_rows(sheet), squeezed[sheet.name])
            if sheet.name in squeezed
            else placed_rows(sheet)
        )
        send_rows(patched(rows, structure), send, budget)


def placed_rows(sheet) -> Iterable[tuple[int, list]]:
    """(row from 0, values from column A on) of a sheet; calamine begins at the first column that is used."""
    if sheet.start is None:
        return
    before = [None] * sheet.start[1]
    for number, values in enumerate(sheet.iter_rows()):
        yield number, before + values


def put_back(rows: Iterable, squeezed: Squeezed) -> Iterable[tuple[int, list]]:
    """The rows of a sheet that was moved together, in their own places."""
    for number, values in rows:
        cells = {
            squeezed.columns[place]: value for place, value in enumerate(values) if value not in ("", None)
        }
        yield squeezed.rows[number], [cells.get(column) for column in range(max(cells, default=-1) + 1)]


def patched(rows: Iterable, structure: SheetStructure) -> Iterable[tuple[int, list]]:
    """Errors as text (calamine reads them as nothing), dates as far as their cells show them."""
    errors: dict[int, dict[int, str]] = {}
    coarse: dict[int, dict[int, str]] = {}
    for (row, column), text in structure.errors.items():
        errors.setdefault(row, {})[column] = text
    for (row, column), shown in structure.coarse.items():
        coarse.setdefault(row, {})[column] = shown
    for number, values in rows:
        for column, shown in coarse.get(number, {}).items():
            if column < len(values):
                values[column] = as_shown(values[column], shown)
        yield number, with_errors(values, errors.pop(number, {}))
    for number, cells in errors.items():
        yield number, with_errors([], cells)


def as_shown(value, shown: str):
    """The first of a month in a cell that shows the month only is that month: 2018-06."""
    if isinstance(value, date) and value.day == 1 and (shown == "month" or value.month == 1):
        return value.isoformat()[: 7 if shown == "month" else 4]
    return value


def with_errors(values: list, cells: dict[int, str]) -> list:
    for column, text in cells.items():
        values.extend([None] * (column + 1 - len(values)))
        values[column] = text
    return values


def send_rows(rows: Iterable[tuple[int, list]], send: Send, budget: Budget) -> None:
    """Tidy the rows, leave out blank ones, and send the rest in chunks."""
    chunk: list[tuple[int, list]] = []
    reached = -1
    seen: dict[str, str] = {}  # equal texts of a chunk travel, and are kept, once
    for number, values in rows:
        tidy = [
            seen.setdefault(value, value) or None if type(value) is str else plain(value) for value in values
        ]
        while tidy and tidy[-1] is None:
            tidy.pop()
        if not tidy:
            continue
        if number >= LAST_ROW:
            raise Refused(DAMAGED)
        budget.spend(len(tidy), max(0, number - reached))
        reached = max(reached, number)
        chunk.append((number, tidy))
        if len(chunk) == CHUNK:
            send(("rows", chunk))
            chunk = []
            seen.clear()
    if chunk:
        send(("rows", chunk))


def plain(value):
    """A value as the grid holds it: whole floats as int, times and durations as text."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e20 else value
    if isinstance(value, time):
        return value.strftime("%H:%M:%S")
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    if isinstance(value, datetime) and value.time() == time():
        return value.date()
    return value
