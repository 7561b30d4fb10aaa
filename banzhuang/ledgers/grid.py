"""What a workbook looks like once read: plain values by row and column. Knows no Django and no file format."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

Value = str | int | float | Decimal | date | datetime | bool | None  # an empty cell is None
Range = tuple[int, int, int, int]  # top, left, bottom, right; 0-based, inclusive


class Refused(Exception):
    """A file that is not read. Its text is one sentence for the user."""


@dataclass
class SheetGrid:
    """One sheet. Rows and columns count from 0; rows end at their last value, blank rows are empty lists.

    `formulas_without_value`: cells (row, column) whose formula was never computed; they read as None.
    `notes`: what cannot be known of this sheet, sentences for the user.
    """

    name: str
    rows: list[list[Value]]
    merged: list[Range] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    hidden: bool = False
    formulas_without_value: set[tuple[int, int]] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def value(self, row: int, column: int) -> Value:
        """Value of a cell; None beyond the end."""
        if row < len(self.rows) and column < len(self.rows[row]):
            return self.rows[row][column]
        return None


@dataclass
class WorkbookGrid:
    """All sheets of a file, in order. `format`: xlsx, xlsb, xls, ods or csv, by content, not by name."""

    sheets: list[SheetGrid]
    format: str


def column_letters(column: int) -> str:
    """0 → A, 26 → AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """The inverse of column_letters."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def cell_address(row: int, column: int) -> str:
    """Address as a spreadsheet shows it, from 0-based row and column: (11, 5) → F12."""
    return f"{column_letters(column)}{row + 1}"
