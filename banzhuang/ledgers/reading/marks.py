"""Marks on a sheet of openpyxl: bad cells in colour with a comment, and what is wrong at the end of each row."""

import re
from copy import copy

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.dimensions import ColumnDimension
from openpyxl.worksheet.worksheet import Worksheet

NOTE_HEADER = "错误说明"
AUTHOR = "导入核对"
MARKED = " 标注，供改正后再导入"  # what a mark of ours ends in
MARK_LABEL = "标注说明："
MARK_SIZE = 9
LONGEST_HEADER = 255  # characters: Excel calls a longer one damage
FILLS = {
    "error": PatternFill("solid", fgColor="FFFFC7CE"),
    "warning": PatternFill("solid", fgColor="FFFFEB9C"),
}
RED = "FF9C0006"
NOTE_WIDTH = 48
MOST_COMMENTS = 5_000  # each is a drawing: more of them and Excel hardly opens the file
LAST_COLUMN = 16_384
ADDRESS = re.compile(r"([A-Z]{1,3})(\d+)")


def mark_sheet(sheet: Worksheet, problems: list[dict], header_rows: list[int], mark: str = "") -> None:
    """problems: as `staging.problems_of` gives them, all of this sheet; header_rows: as Excel shows them; mark: who has
    it made, or ""."""
    header_rows = header_rows or guessed_header(sheet, min(problem["row"] for problem in problems))
    rows = range(header_rows[0], max(problem["row"] for problem in problems) + 1)
    anchors = merged_anchors(sheet, rows)
    take_off(sheet, header_rows)
    column = note_column(sheet, header_rows, anchors)
    by_cell: dict[tuple[int, int], list[dict]] = {}
    by_row: dict[int, list[dict]] = {}
    for problem in problems:
        by_row.setdefault(problem["row"], []).append(problem)
        if match := ADDRESS.fullmatch(problem["cell"]):
            place = int(match[2]), column_index_from_string(match[1])
            by_cell.setdefault(anchors.get(place, place), []).append(problem)
    for number, ((row, place), found) in enumerate(by_cell.items()):
        mark_cell(sheet.cell(row, place), found, commented=number < MOST_COMMENTS)
    write_notes(sheet, column, header_rows, by_row)
    if mark:
        write_mark(sheet, header_rows[0], column, f"{MARK_LABEL}{mark}{MARKED}")


def write_mark(sheet, header_row: int, column: int, text: str) -> None:
    """Above the header of the explanations, or, where no cell is free there, as a comment on it."""
    above = sheet.cell(header_row - 1, column) if header_row > 1 else None
    if (
        above is None
        or isinstance(above, MergedCell)
        or not str(above.value or MARK_LABEL).startswith(MARK_LABEL)
    ):
        sheet.cell(header_row, column).comment = Comment(printable(text), AUTHOR, width=260, height=60)
        return
    above.value = printable(text)
    above.data_type = "s"
    above.font = Font(size=MARK_SIZE, color=RED)
    above.alignment = Alignment(vertical="center")


def mark_page(sheet: Worksheet, mark: str) -> None:
    """The same at the head of every page, at the right, below what stands there; in place of an earlier mark."""
    if not mark:
        return
    heads = [sheet.oddHeader]
    heads += [sheet.evenHeader] if sheet.HeaderFooter.differentOddEven else []
    heads += [sheet.firstHeader] if sheet.HeaderFooter.differentFirst else []
    for head in heads:
        before = [line for line in (head.right.text or "").split("\n") if line and not line.endswith(MARKED)]
        head.right.text = "\n".join([*before, printable(mark).replace("&", "＆") + MARKED])
        head.right.size = head.right.size or MARK_SIZE
        if len(str(head)) > LONGEST_HEADER:
            head.left.text = head.center.text = None
            head.right.text = head.right.text.splitlines()[-1]


def mark_cell(cell, problems: list[dict], commented: bool) -> None:
    cell.fill = FILLS[worst(problems)]
    if commented:
        before = f"\n\n原批注：{cell.comment.text}" if cell.comment else ""
        lines = list(dict.fromkeys(f"{found['message']}{found['remedy']}" for found in problems))
        text = printable("\n".join(lines) + before)
        cell.comment = Comment(text, AUTHOR, width=260, height=40 + 20 * (len(text) // 18 + text.count("\n")))
    if cell.number_format == "General" and len(str(cell.value)) > 15:
        cell.number_format = "@"  # an identity number typed over it keeps its last digits


def write_notes(sheet, column: int, header_rows: list[int], by_row: dict[int, list[dict]]) -> None:
    """The column of explanations: its header looks like the one beside it."""
    first, last = header_rows[0], header_rows[-1]
    header = sheet.cell(first, column)
    if column > 1:
        header._style = copy(sheet.cell(first, column - 1)._style)
    header.value = NOTE_HEADER
    header.font = Font(name=header.font.name, size=header.font.size, bold=True, color=RED)
    for row, problems in by_row.items():
        cell = sheet.cell(row, column)
        if isinstance(cell, MergedCell):
            continue
        cell.value = printable(explanation(problems))
        cell.data_type = "s"
        cell.fill = FILLS[worst(problems)]
        cell.alignment = Alignment(vertical="center", wrap_text=True)
    if last > first and not any(isinstance(sheet.cell(row, column), MergedCell) for row in header_rows):
        sheet.merge_cells(start_row=first, start_column=column, end_row=last, end_column=column)
    own_column(sheet, column).width = NOTE_WIDTH


def explanation(problems: list[dict]) -> str:
    """身份证号：校验位不对。核对后改正；手机：…。"""
    parts = [f"{found['column']}：{found['message']}{found['remedy']}".rstrip("。") for found in problems]
    return "；".join(dict.fromkeys(parts)) + "。"


def worst(problems: list[dict]) -> str:
    return "error" if any(found["severity"] == "error" for found in problems) else "warning"


def printable(text: str) -> str:
    return ILLEGAL_CHARACTERS_RE.sub("", text)


# --- Where ---------------------------------------------------------------------------------------------------
def filled_cells(sheet):
    """Cells that hold a value; going through the rows would make a cell of every blank in between."""
    return [cell for cell in list(sheet._cells.values()) if cell.value is not None]


def merged_anchors(sheet, rows: range) -> dict[tuple[int, int], tuple[int, int]]:
    """Cell → the first cell of the merged range it lies in, for ranges that touch the rows of the table."""
    anchors = {}
    for area in sheet.merged_cells.ranges:
        for row in range(max(area.min_row, rows.start), min(area.max_row + 1, rows.stop)):
            for column in range(area.min_col, area.max_col + 1):
                anchors[row, column] = area.min_row, area.min_col
    return anchors


def note_column(sheet, header_rows: list[int], anchors) -> int:
    """The column right of all that stands in the table or below; the same again in a file that was marked before."""
    found = old_note_column(sheet, header_rows)
    if found:
        return found
    used = [(cell.row, cell.column) for cell in filled_cells(sheet) if cell.row >= header_rows[0]]
    used += [place for place in anchors if place[0] in header_rows]
    right = max(column for _, column in used)
    if right == LAST_COLUMN:  # something lost at the end of the sheet
        right = max((column for row, column in used if row in header_rows), default=0)
    return right + 1


def old_note_column(sheet, header_rows: list[int]) -> int | None:
    cells = (cell for cell in filled_cells(sheet) if cell.row in header_rows and cell.value == NOTE_HEADER)
    return next((cell.column for cell in cells), None)


def guessed_header(sheet, before: int) -> list[int]:
    """The first row that is filled for more than half of the sheet's columns."""
    filled: dict[int, set[int]] = {}
    for cell in filled_cells(sheet):
        filled.setdefault(cell.row, set()).add(cell.column)
    width = max((max(columns) for columns in filled.values()), default=0)
    return [next((row for row in sorted(filled) if 2 * len(filled[row]) > width and row < before), 1)]


def take_off(sheet, header_rows: list[int]) -> None:
    """Remove the marks of an earlier time: what was mended since must not stay red."""
    column = old_note_column(sheet, header_rows)
    if column is None:
        return
    for cell in list(sheet._cells.values()):
        if cell.row > header_rows[-1] and cell.column == column and not isinstance(cell, MergedCell):
            cell.value, cell.fill = None, PatternFill()
        if cell.comment and cell.comment.author == AUTHOR:
            text = cell.comment.text.partition("原批注：")[2]
            cell.comment, cell.fill = Comment(text, AUTHOR) if text else None, PatternFill()


def own_column(sheet, column: int) -> ColumnDimension:
    """The column's own width: Excel keeps one entry for a stretch of columns, up to the last of the sheet."""
    dimensions = sheet.column_dimensions
    for letter, found in list(dimensions.items()):
        first, last = found.min or column_index_from_string(letter), found.max or 0
        if first <= column <= last and first != last:
            if column < last:
                rest = copy(found)
                rest.index, rest.min, rest.max = get_column_letter(column + 1), column + 1, last
                dimensions[rest.index] = rest
            if first < column:
                found.max = column - 1
            else:
                del dimensions[letter]
    letter = get_column_letter(column)
    dimensions[letter] = ColumnDimension(sheet, index=letter)
    return dimensions[letter]
