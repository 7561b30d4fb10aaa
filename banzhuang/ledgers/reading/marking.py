"""The marking process: opens the file with openpyxl, marks its bad cells, and saves it as .xlsx.

openpyxl holds what it is told to hold: like the reader it only ever runs in a process with limits.
"""

import io
import json
import re
import sys
import tempfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from ..grid import Refused, SheetGrid, WorkbookGrid, column_letters
from ..reader import assemble
from .child import Send, answer, read
from .filetype import detect, open_archive
from .limits import MAX_UNPACKED, limit_this_process
from .marks import mark_page, mark_sheet
from .sparse import copy_with
from .structure import SheetXml, read_part, sheet_parts

BLANK_ROWS_KEPT = 1_000  # below the last value: room to add rows; a million of them cost gigabytes
WIDEST, NARROWEST = 40, 6
NOT_IN_A_TITLE = re.compile(r"[\\/*?:\[\]]")
WITHOUT_SECTION = re.compile(rb"<([\w.-]*:?(?:odd|even|first)(?:Header|Footer))(\s[^<>]*)?>([^<]+)</")
SECTION = re.compile(rb"&amp;[LCR]")


def main(path: str, title: str, folder: str, seconds: str) -> None:
    """Mark the file at `path` and save it in `folder` as marked.xlsx. Sends ("step", how many of MARKING_STEPS are done),
    and "end" or "refused" as the reader does.

    title: name of the sheet of a text table; seconds: of the processor that it may take. Standard input: JSON
    {"problems": [...], "header_rows": {sheet: [row]}, "mark": who has it made, on every sheet}.
    """
    limit_this_process(int(seconds), written=MAX_UNPACKED)
    tempfile.tempdir = folder  # openpyxl writes sheets to files; they go when the parent removes the folder
    asked = json.load(sys.stdin.buffer)
    answer(lambda send: mark(path, title, Path(folder, "marked.xlsx"), asked, send))


def mark(path: str, title: str, target: Path, asked: dict, send: Send) -> None:
    workbook, sheets = opened(path, title)
    send(("step", 1))
    by_sheet: dict[str, list[dict]] = {}
    for problem in asked["problems"]:
        by_sheet.setdefault(problem["sheet"], []).append(problem)
    for name, problems in by_sheet.items():
        if name in sheets:
            mark_sheet(sheets[name], problems, asked["header_rows"].get(name) or [], asked["mark"])
    for sheet in workbook.worksheets:
        mark_page(sheet, asked["mark"])
    send(("step", 2))
    workbook.calculation.fullCalcOnLoad = True  # openpyxl keeps formulas, not what they came to
    workbook.save(target)
    send(("step", 3))


def opened(path: str, title: str):
    """(openpyxl's workbook, its sheets by the names the reader gives them).

    What openpyxl cannot open although calamine can (WPS writes such styles) is built anew from its values.
    """
    if detect(path) == "xlsx":
        try:
            workbook = openpyxl.load_workbook(tidied(path), rich_text=True)
            return workbook, {sheet.title: sheet for sheet in workbook.worksheets}
        except (Refused, MemoryError):
            raise
        except Exception:
            pass
    messages = []
    read(path, title, messages.append)
    return built(assemble(iter(messages)))


# --- An .xlsx as it is ---------------------------------------------------------------------------------------
def tidied(path: str) -> io.BytesIO:
    """A copy without what would cost openpyxl its memory, and with footers that it does not empty."""
    with open_archive(path) as archive:
        parts = {}
        for part in sheet_parts(archive).values():
            xml = SheetXml(read_part(archive, part))
            content = lightened(xml)
            parts[part] = WITHOUT_SECTION.sub(centred, content)
        return copy_with(archive, parts)


def centred(match: re.Match) -> bytes:
    """A header or footer that names no section stands in the middle; openpyxl knows sections only."""
    tag, attributes, text = match[1], match[2] or b"", match[3]
    lead = b"" if SECTION.search(text) else b"&amp;C"
    return b"<%b%b>%b%b</" % (tag, attributes, lead, text)


def lightened(xml: SheetXml) -> bytes:
    """The sheet without formatted blank rows far below; of one that is spread out only the cells with a value."""
    if xml.structure({}).is_sparse:
        return only_values(xml)
    position = xml.start
    for _, _, inner in xml.filled_rows():
        position = xml.content.find(inner, position) + len(inner)
    for _ in range(BLANK_ROWS_KEPT):
        found = xml.content.find(xml.row_mark, position + 1, xml.end)
        if found < 0:
            return bytes(xml.content)
        position = found
    return bytes(xml.content[:position] + xml.content[xml.end :])


def only_values(xml: SheetXml) -> bytes:
    prefix = xml.prefix
    lines = [bytes(xml.content[: xml.start]), b"<%bsheetData>" % prefix]
    for row, _, inner in xml.filled_rows():
        lines.append(b'<%brow r="%d">' % (prefix, row + 1))
        for column, attributes, content in xml.cells(inner):
            if xml.value_tag.search(content):
                rest = re.sub(rb"\sr\s*=\s*[\"'][^\"']*[\"']", b"", attributes)
                address = f"{column_letters(column)}{row + 1}".encode()
                lines.append(b'<%bc r="%b"%b>%b</%bc>' % (prefix, address, rest, content, prefix))
        lines.append(b"</%brow>" % prefix)
    return b"".join([*lines, bytes(xml.content[xml.end :])])


# --- Other files, from their values --------------------------------------------------------------------------
def built(grid: WorkbookGrid):
    """(a new workbook with the values, merged cells and hidden parts of the grid, its sheets by the grid's names)."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    sheets = {}
    for found in grid.sheets:
        sheet = workbook.create_sheet(NOT_IN_A_TITLE.sub("_", found.name)[:31] or "表")
        sheet.sheet_state = "hidden" if found.hidden else "visible"
        fill_in(sheet, found, as_text=grid.format == "csv")
        sheets[found.name] = sheet
    if all(found.hidden for found in grid.sheets):
        workbook.worksheets[0].sheet_state = "visible"
    return workbook, sheets


def fill_in(sheet, grid: SheetGrid, as_text: bool) -> None:
    """as_text: of a text table all cells are text, also what will be typed into blank ones."""
    width = max(map(len, grid.rows), default=0)
    widths = [0] * width
    for number, values in enumerate(grid.rows, 1):
        for column in range(width if as_text and values else len(values)):
            value = values[column] if column < len(values) else None
            if value is None and not as_text:
                continue
            cell = sheet.cell(number, column + 1)
            write(cell, value)
            if as_text:
                cell.number_format = "@"
            widths[column] = max(widths[column], display_width(value))
    for top, left, bottom, right in grid.merged:
        sheet.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
    for column, found in enumerate(widths):
        sheet.column_dimensions[column_letters(column)].width = min(max(found + 2, NARROWEST), WIDEST)
    for row in grid.hidden_rows:
        sheet.row_dimensions[row + 1].hidden = True
    for column in grid.hidden_columns:
        sheet.column_dimensions[column_letters(column)].hidden = True


def write(cell, value) -> None:
    """A value as it is: text that looks like a formula stays text, also when the cell is edited."""
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
    cell.data_type = "s"
    cell.quotePrefix = value.startswith("=")
    if value.isdigit() and len(value) > 10:
        cell.number_format = "@"


def display_width(value) -> int:
    """In characters of a sheet; a Chinese one takes two. A long text, a title say, makes no column wide."""
    if isinstance(value, date | datetime):
        return 10
    width = sum(2 if ord(character) > 0x2E80 else 1 for character in str("" if value is None else value))
    return width if width <= WIDEST else 0
