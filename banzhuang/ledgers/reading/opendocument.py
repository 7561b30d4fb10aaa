"""What calamine does not tell of an .ods: merged cells, hidden rows and columns, formulas never computed."""

import zipfile
from xml.parsers import expat

from .limits import LAST_ROW
from .structure import LAST_COLUMN, SheetStructure

TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
HIDDEN = {"collapse", "filter"}
MOST_REPEATED = 10_000  # hidden rows noted for one repeated row: more are the blank rest of the sheet


def read_structures(archive: zipfile.ZipFile) -> dict[str, SheetStructure]:
    """Sheet name → structure, in one pass over content.xml. Repeated cells are counted, never laid out."""
    reader = ContentReader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reader.start
    with archive.open("content.xml") as content:
        parser.ParseFile(content)
    return reader.sheets


class ContentReader:
    """Follows the place of the cell that is read."""

    def __init__(self):
        self.sheets: dict[str, SheetStructure] = {}
        self.sheet = SheetStructure()
        self.row = self.next_row = self.column = self.table_column = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not name.startswith(TABLE):
            return
        element = name.removeprefix(TABLE)
        if element == "table":
            self.sheet = self.sheets.setdefault(attributes.get(TABLE + "name", ""), SheetStructure())
            self.row = self.next_row = self.column = self.table_column = 0
        elif element == "table-column":
            self.start_column(attributes)
        elif element == "table-row":
            self.start_row(attributes)
        elif element in {"table-cell", "covered-table-cell"}:
            self.start_cell(attributes)

    def start_column(self, attributes) -> None:
        count = number(attributes, "number-columns-repeated")
        if attributes.get(TABLE + "visibility") in HIDDEN:
            self.sheet.hidden_columns.update(
                range(self.table_column, min(self.table_column + count, LAST_COLUMN))
            )
        self.table_column += count

    def start_row(self, attributes) -> None:
        self.row, self.column = self.next_row, 0
        count = number(attributes, "number-rows-repeated")
        self.next_row = min(self.row + count, LAST_ROW)
        if attributes.get(TABLE + "visibility") in HIDDEN and count <= MOST_REPEATED:
            self.sheet.hidden_rows.update(range(self.row, self.next_row))

    def start_cell(self, attributes) -> None:
        width = number(attributes, "number-columns-spanned")
        height = number(attributes, "number-rows-spanned")
        if width > 1 or height > 1:
            self.sheet.merged.append((self.row, self.column, self.row + height - 1, self.column + width - 1))
        if TABLE + "formula" in attributes and OFFICE + "value-type" not in attributes:
            self.sheet.formulas_without_value.add((self.row, self.column))
        self.column += number(attributes, "number-columns-repeated")


def number(attributes: dict[str, str], name: str) -> int:
    value = attributes.get(TABLE + name, "1")
    return max(1, int(value)) if value.isdigit() else 1
