"""Empty ledgers to be filled in by hand: official head, drop-down lists, validation, and a sheet that explains it.

Sheets: the ledger, 填表说明, and, hidden, 可选值 with the lists that are too long for a validation's 255 characters.
"""

import datetime
import math
from collections.abc import Sequence
from copy import copy
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from banzhuang.core import places
from banzhuang.core.fonts import BODY_FONT, HEAD_FONT, TITLE_FONT

from .entry import Entry, entry_of
from .ledger import SYSTEM_NUMBER, Column, Ledger
from .parsers import IN_YUAN, Amount
from .sheet_writer import paper_for

HELP_SHEET, CHOICES_SHEET = "填表说明", "可选值"
TITLE_ROW, UNIT_ROW, HEAD_ROW, FIRST_ROW, ROWS = 1, 2, 3, 4, 500
HEIGHTS = {TITLE_ROW: 36, UNIT_ROW: 20.25, HEAD_ROW: 31}
ROW_HEIGHT = 20.25
MOST_FROZEN = 4
WIDTHS = {"A": 22, "B": 12, "C": 78, "D": 22}  # of 填表说明
LONGEST_LIST, LONGEST_PROMPT, LONGEST_PROMPT_TITLE = 255, 255, 32
ERRORS = {
    "list": "只能选列表里的一项。",
    "whole": "应填整数。",
    "decimal": "应填数字，不写单位。",
    "date": "应填日期，写到日。",
    "textLength": "字数不对。",
}

THIN = Side(style="thin")
BORDER = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
LEFT = Alignment(vertical="center", wrap_text=True)
GREY = PatternFill("solid", fgColor="E3E6EA")
TITLE, HEAD, BODY, LINE = Font(TITLE_FONT, 20), Font(HEAD_FONT, 11), Font(BODY_FONT, 12), Font(BODY_FONT, 11)

UPLOADING = (
    "带 * 的列必填，其余有就填，没有的空着；空着的格不会改动已登记的内容。",
    "不要改表头，不要合并单元格；用不着的列可以删去，列的次序可以换。",
    "填好后保存，在平台“导入”页上传；核对页列出新增、修改和错误，提交以后才写入，写入以后可以整批撤销。",
    "同一份表再传一次不会重复；有错的行照提示改好，再传一次即可。",
    f"格式已设到第 {FIRST_ROW + ROWS - 1} 行，不够时接着往下填，照样能导入。",
)


def write_template(ledger: Ledger, out: Path, user, day: datetime.date) -> None:
    """Write the empty ledger to `out` (.xlsx). Its lists hold the villages in the scope of `user` on `day`."""
    villages = [place.name for place in places.villages(user, day)]
    entries = [entry_of(column.parser, villages) for column in ledger.columns]
    workbook = Workbook()
    form = workbook.active
    form.title = ledger.label
    explanation, choices = workbook.create_sheet(HELP_SHEET), workbook.create_sheet(CHOICES_SHEET)
    choices.sheet_state = "hidden"
    write_head(form, ledger, f"{places.township_name(user.scope[:9])}{ledger.label}")
    for index, (column, entry) in enumerate(zip(ledger.columns, entries, strict=True), 1):
        format_column(form, index, column, entry)
        validate(form, index, column, entry, list_of(choices, column, entry))
    set_up_page(form)
    form.freeze_panes = f"{get_column_letter(frozen_columns(ledger.columns) + 1)}{FIRST_ROW}"
    explain(explanation, ledger, entries)
    if not workbook.defined_names:
        workbook.remove(choices)
    workbook.save(out)


def heading(column: Column) -> str:
    """What stands over a column: a star before what must be filled in, the unit of money after it."""
    parser = column.parser
    unit = f"（{parser.unit}）" if isinstance(parser, Amount) and parser.unit in IN_YUAN else ""
    return f"{'*' if column.required else ''}{column.label}{unit}"


def put(sheet: Worksheet, row: int, column: int, text: str, font: Font, alignment: Alignment) -> None:
    """A text is always text, whatever it begins with."""
    cell = sheet.cell(row, column)
    cell.value = text
    cell.data_type = "s"
    cell.font, cell.alignment = font, alignment


# --- The ledger's sheet -----------------------------------------------------------------------------------------
def write_head(sheet: Worksheet, ledger: Ledger, title: str) -> None:
    """Title, the line of unit and date, the head."""
    last = len(ledger.columns)
    half = max(1, last // 2)
    put(sheet, TITLE_ROW, 1, title, TITLE, CENTRE)
    put(sheet, UNIT_ROW, 1, "填报单位（盖章）：", LINE, Alignment(vertical="center"))
    put(sheet, UNIT_ROW, half + 1, "填报日期：", LINE, Alignment("right", "center"))
    for row, first, end in ((TITLE_ROW, 1, last), (UNIT_ROW, 1, half), (UNIT_ROW, half + 1, last)):
        if end > first:
            sheet.merge_cells(start_row=row, end_row=row, start_column=first, end_column=end)
    for index, column in enumerate(ledger.columns, 1):
        put(sheet, HEAD_ROW, index, heading(column), HEAD, CENTRE)
        cell = sheet.cell(HEAD_ROW, index)
        cell.border = BORDER
        if column.key == SYSTEM_NUMBER:
            cell.fill = GREY
    for row, height in HEIGHTS.items():
        sheet.row_dimensions[row].height = height


def format_column(sheet: Worksheet, index: int, column: Column, entry: Entry) -> None:
    """Width, and the format of its empty cells."""
    sheet.column_dimensions[get_column_letter(index)].width = width_of(column)
    pattern = sheet.cell(FIRST_ROW, index)
    pattern.border, pattern.font, pattern.number_format = BORDER, BODY, entry.number_format
    pattern.alignment = Alignment(horizontal="center", vertical="center")
    if column.key == SYSTEM_NUMBER:
        pattern.fill = GREY
    for row in range(FIRST_ROW, FIRST_ROW + ROWS):
        sheet.cell(row, index)._style = copy(pattern._style)  # part by part it takes ten times as long
        if index == 1:
            sheet.row_dimensions[row].height = ROW_HEIGHT


def set_up_page(sheet: Worksheet) -> None:
    """Across, one page wide, the head on every page, the footer with its section code."""
    width = sum(found.width for found in sheet.column_dimensions.values())
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", paper_for(width)
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.print_options.horizontalCentered = True
    sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"


def width_of(column: Column) -> int:
    """In characters: as wide as its values, and as its header in two lines."""
    return max(column.width, 2 * math.ceil(len(column.label) / 2) + 3)


def frozen_columns(columns: Sequence[Column]) -> int:
    """Columns up to the person's name, which stay in sight; the first alone where no name stands near it."""
    names = [place for place, column in enumerate(columns[:MOST_FROZEN], 1) if column.key in {"name", "head"}]
    return max(names, default=1)


# --- What may be written ----------------------------------------------------------------------------------------
def validate(sheet: Worksheet, index: int, column: Column, entry: Entry, words: str) -> None:
    """Drop-down list, bounds, and what is said beside the cell. words: formula of the list, "" for none."""
    if column.key == SYSTEM_NUMBER:
        rule = DataValidation(type="custom", formula1="FALSE", error="系统编号由系统填写，不要改。")
    elif words:
        rule = DataValidation(type="list", formula1=words)
    elif entry.check:
        kind, least, most = entry.check
        rule = DataValidation(type=kind, operator="between", formula1=bound(least), formula2=bound(most))
    else:
        rule = DataValidation()
    rule.allow_blank = True
    rule.error = (rule.error or f"{ERRORS.get(rule.type, '')}{entry.how}")[:LONGEST_PROMPT]
    rule.errorTitle = rule.promptTitle = column.label[:LONGEST_PROMPT_TITLE]
    rule.prompt = prompt(column, entry)[:LONGEST_PROMPT]
    rule.showInputMessage, rule.showErrorMessage = True, entry.closed
    letter = get_column_letter(index)
    rule.add(f"{letter}{FIRST_ROW}:{letter}{FIRST_ROW + ROWS - 1}")
    sheet.add_data_validation(rule)


def prompt(column: Column, entry: Entry) -> str:
    if column.key == SYSTEM_NUMBER:
        return "由系统填写，勿改。新增的行空着。"
    return f"{'必填。' if column.required else ''}{entry.how}"


def bound(value: object) -> str:
    """A bound as a formula holds it; days in the form that every language of a spreadsheet reads alike."""
    if isinstance(value, datetime.date):
        return f"DATE({value.year},{value.month},{value.day})"
    return str(value)


def list_of(choices: Worksheet, column: Column, entry: Entry) -> str:
    """The formula of a drop-down list: the words themselves, or the name of their range on the sheet of choices."""
    if not entry.words:
        return ""
    joined = ",".join(entry.words)
    separable = not any(mark in word for word in entry.words for mark in ',"')
    if separable and len(joined) <= LONGEST_LIST:
        return f'"{joined}"'
    place = choices.max_column + 1 if choices["A1"].value else 1
    put(choices, 1, place, f"“{column.label}”可以填的", HEAD, LEFT)
    for row, word in enumerate(entry.words, 2):
        put(choices, row, place, word, LINE, LEFT)
    letter, name = get_column_letter(place), f"可选_{column.key}"
    area = f"'{CHOICES_SHEET}'!${letter}$2:${letter}${len(entry.words) + 1}"
    choices.parent.defined_names[name] = DefinedName(name, attr_text=area)
    return name


# --- 填表说明 ---------------------------------------------------------------------------------------------------
def explain(sheet: Worksheet, ledger: Ledger, entries: Sequence[Entry]) -> None:
    """How each column is filled in, and how the file is brought to the portal."""
    put(sheet, 1, 1, f"{ledger.label}填表说明", TITLE, CENTRE)
    sheet.merge_cells("A1:D1")
    sheet.row_dimensions[1].height = HEIGHTS[TITLE_ROW]
    sentences = [*UPLOADING, *ledger.filling]
    for row, text in enumerate(sentences, 2):
        put(sheet, row, 1, f"{row - 1}. {text}", LINE, LEFT)
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=4)
        sheet.row_dimensions[row].height = ROW_HEIGHT
    head = len(sentences) + 3
    rows = [("列名", "是否必填", "填写要求", "示例")]
    for column, entry in zip(ledger.columns, entries, strict=True):
        example = "" if column.key == SYSTEM_NUMBER else entry.example
        rows.append((column.label, wanted(column), told(column, entry), example))
    for row, texts in enumerate(rows, head):
        for index, text in enumerate(texts, 1):
            put(sheet, row, index, text, HEAD if row == head else LINE, CENTRE if row == head else LEFT)
            sheet.cell(row, index).border = BORDER
        lines = math.ceil(2 * len(texts[2]) / WIDTHS["C"])
        sheet.row_dimensions[row].height = max(1, lines) * ROW_HEIGHT
    for letter, width in WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    set_up_page(sheet)
    sheet.print_title_rows = f"{head}:{head}"


def wanted(column: Column) -> str:
    if column.key == SYSTEM_NUMBER:
        return "勿改"
    return "必填" if column.required else "选填"


def told(column: Column, entry: Entry) -> str:
    """How to fill in; what is only compared says so."""
    if column.key == SYSTEM_NUMBER:
        return prompt(column, entry)
    return f"{entry.how}{'只用来核对，不写入。' if column.check_only else ''}"
