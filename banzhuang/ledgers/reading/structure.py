"""What calamine does not tell of an .xlsx: a light pass over the sheets' XML.

It works on bytes: in well-formed XML a "<" begins a tag and nothing else, so that rows and values can be found
without a parser (an expat pass alone takes longer than calamine). A sheet that is odd enough to mislead it,
with a commented-out row say, loses some of this knowledge, never a value: those come from calamine.
"""

import posixpath
import re
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import dataclass, field

from ..grid import Range, Refused, column_number
from .filetype import DAMAGED
from .limits import MAX_CELLS, MAX_ROWS

TOO_MANY_ROWS = f"表里有数据的行超过 {MAX_ROWS // 10_000} 万行；分成几个文件，再上传。"

Cell = tuple[int, int]


@dataclass
class SheetStructure:
    """Rows and columns count from 0. `coarse`: cells whose format shows a date to the "month" or "year" only.
    `width`, `height`: of the rectangle from A1 around the rows that hold something."""

    merged: list[Range] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    formulas_without_value: set[Cell] = field(default_factory=set)
    errors: dict[Cell, str] = field(default_factory=dict)
    coarse: dict[Cell, str] = field(default_factory=dict)
    rows: int = 0
    width: int = 0
    height: int = 0

    size: int = 0  # bytes of XML

    @property
    def is_sparse(self) -> bool:
        """Whether calamine would hold too much, or work far longer than is worth it: blank rows cost it time."""
        held = self.width * self.height
        worth = 20 * self.rows + 10_000
        return held > MAX_CELLS or self.height > worth or self.size > 100 * max(1, self.width) * worth

    def known(self) -> dict:
        """What of it a SheetGrid has fields for."""
        return {
            "merged": self.merged,
            "hidden_rows": self.hidden_rows,
            "hidden_columns": self.hidden_columns,
            "formulas_without_value": self.formulas_without_value,
        }


# --- The workbook's own parts --------------------------------------------------------------------------------
def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name → name of its part in the archive."""
    names = {name.lower(): name for name in archive.namelist()}
    links = names.get("xl/_rels/workbook.xml.rels")
    if not links:
        return {}
    targets = {link.get("Id"): link.get("Target", "") for link in ET.fromstring(archive.read(links))}
    parts = {}
    for element in ET.fromstring(archive.read(names["xl/workbook.xml"])).iter():
        if _local(element.tag) != "sheet":
            continue
        link = next((value for key, value in element.attrib.items() if _local(key) == "id"), None)
        path = posixpath.normpath(posixpath.join("/xl", targets.get(link, ""))).lstrip("/")
        if path.lower() in names:
            parts[element.get("name", "")] = names[path.lower()]
    return parts


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


# Formats that Chinese Excel knows by number alone.
MONTH_FORMATS = {17, 27, 36, 50, 52, 57}


def coarse_styles(archive: zipfile.ZipFile) -> dict[bytes, str]:
    """Style number → "month" or "year", for the styles that show no more of a date.

    2018年6月 typed into Excel is stored as 2018-06-01, and our own exports write months that way.
    """
    name = next((name for name in archive.namelist() if name.lower() == "xl/styles.xml"), None)
    if name is None:
        return {}
    codes, styles = {}, {}
    for element in ET.fromstring(archive.read(name)).iter():
        if _local(element.tag) == "numFmt":
            codes[element.get("numFmtId")] = element.get("formatCode", "")
        elif _local(element.tag) == "cellXfs":
            for number, style in enumerate(element):
                shown = _shown(style.get("numFmtId", "0"), codes)
                if shown:
                    styles[str(number).encode()] = shown
    return styles


def _shown(number: str, codes: dict[str, str]) -> str:
    if number not in codes:
        return "month" if number.isdigit() and int(number) in MONTH_FORMATS else ""
    letters = re.sub(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]', "", codes[number].partition(";")[0]).lower()
    if not re.fullmatch(r"[^a-z0#?]*y[^a-z0#?]*(?:y|m|[^a-z0#?])*", letters) and not re.fullmatch(
        r"[^a-z0#?]*m+[^a-z0#?]*y+[^a-z0#?]*", letters
    ):
        return ""
    return "month" if "m" in letters else "year"


# --- The sheets ------------------------------------------------------------------------------------------------
QUOTED = rb"\s*=\s*[\"']([^\"']*)[\"']"
ROW_NUMBER = re.compile(rb"\sr\s*=\s*[\"'](\d+)")
HIDDEN = re.compile(rb"\shidden\s*=\s*[\"'](?:1|true)[\"']")
CELL_COLUMN = re.compile(rb"\sr\s*=\s*[\"']([A-Z]{1,3})\d")
CELL_TYPE = re.compile(rb"\st" + QUOTED)
CELL_STYLE = re.compile(rb"\ss" + QUOTED)
COLUMN_SPAN = re.compile(rb"\s(min|max)" + QUOTED)
MERGED = re.compile(rb"mergeCell\s[^<>]*?\bref\s*=\s*[\"']\$?([A-Z]+)\$?(\d+):\$?([A-Z]+)\$?(\d+)[\"']")
LAST_COLUMN = 16_384


class SheetXml:
    """The XML of one sheet: its rows that hold something, and their cells."""

    def __init__(self, content: bytearray):
        self.content = content
        root = re.search(
            rb"<(?:([\w.-]+):)?(?:worksheet|dialogsheet|macrosheet|chartsheet)\b", content[:100_000]
        )
        prefix = root[1] + b":" if root and root[1] else b""
        tag = b"<" + re.escape(prefix)
        self.prefix = prefix
        self.value_tag = re.compile(tag + rb"(?:v|is|f)[\s/>]")
        self.cell = re.compile(
            tag + rb"c(?=[\s/>])([^<>]*?)(?:/>|>(.*?)</" + re.escape(prefix) + rb"c>)", re.S
        )
        self.computed = re.compile(tag + rb"v(?:\s[^<>]*)?>([^<]+)<")
        self.column_tag = re.compile(tag + rb"col\s([^<>]*)")
        self.row_mark = b"<" + prefix + b"row"
        self.cell_mark = b"<" + prefix + b"c "
        self.formula_mark = b"<" + prefix + b"f"
        start = content.find(b"<" + prefix + b"sheetData")
        end = content.rfind(b"</" + prefix + b"sheetData")
        opened = start >= 0 and not content[start : content.find(b">", start)].endswith(b"/")
        if opened and end < 0:
            raise Refused(DAMAGED)  # calamine would take what is left for the whole
        self.start = start if opened else len(content)
        self.end = end if opened else len(content)

    def filled_rows(self):
        """(row from 0, attributes, inner XML) of every row with a value or a formula, in order.

        Goes from value to value, not from row to row: a million blank rows cost nothing.
        """
        number = -1
        position = self.start
        while value := self.value_tag.search(self.content, position, self.end):
            begin = self.content.rfind(self.row_mark, position, value.start())
            if begin < 0:
                return
            stop = self.content.find(self.row_mark, value.start(), self.end)
            stop = self.end if stop < 0 else stop
            inside = self.content.find(b"<", begin + 1, stop)
            attributes = self.content[begin:inside]
            given = ROW_NUMBER.search(attributes)
            skipped = 0 if given else self.content.count(self.row_mark, position, begin)
            number = int(given[1]) - 1 if given else number + 1 + skipped
            yield number, attributes, bytes(self.content[inside:stop])
            position = stop

    def cells(self, inner: bytes):
        """(column from 0, attributes, inner XML) of the cells of a row; those without value too."""
        column = -1
        for match in self.cell.finditer(inner):
            attributes, content = match.groups()
            given = CELL_COLUMN.search(attributes)
            column = column_number(given[1].decode()) if given else column + 1
            yield column, attributes, content or b""

    def last_column(self, inner: bytes) -> int:
        """Number of columns up to the last cell of a row, be it blank."""
        position = inner.rfind(self.cell_mark)
        given = CELL_COLUMN.search(inner, position) if position >= 0 else None
        return column_number(given[1].decode()) + 1 if given else len(self.cell.findall(inner))

    def structure(self, styles: dict[bytes, str]) -> SheetStructure:
        """The structure; raises Refused when too many rows hold something."""
        found = SheetStructure(
            merged=self._merged(), hidden_columns=self._hidden_columns(), size=len(self.content)
        )
        for row, attributes, inner in self.filled_rows():
            found.rows += 1
            if found.rows > MAX_ROWS:
                raise Refused(TOO_MANY_ROWS)
            if HIDDEN.search(attributes):
                found.hidden_rows.add(row)
            found.height = max(found.height, row + 1)
            found.width = max(found.width, self.last_column(inner))
            if styles or self.formula_mark in inner or b'"e"' in inner or b"'e'" in inner:
                self._note_cells(found, row, inner, styles)
        return found

    def _note_cells(self, found: SheetStructure, row: int, inner: bytes, styles: dict[bytes, str]) -> None:
        for column, attributes, content in self.cells(inner):
            kind = CELL_TYPE.search(attributes)
            style = CELL_STYLE.search(attributes)
            value = self.computed.search(content)
            if kind and kind[1] == b"e" and value:
                found.errors[row, column] = value[1].decode("utf-8", "replace")
            if self.formula_mark in content and not value and not (kind and kind[1] == b"str"):
                found.formulas_without_value.add((row, column))
            if value and style and style[1] in styles:
                found.coarse[row, column] = styles[style[1]]

    def _merged(self) -> list[Range]:
        ranges = []
        for left, top, right, bottom in MERGED.findall(self.content, self.end):
            columns = column_number(left.decode()), column_number(right.decode())
            ranges.append((int(top) - 1, columns[0], int(bottom) - 1, columns[1]))
        return ranges

    def _hidden_columns(self) -> set[int]:
        hidden = set()
        for attributes in self.column_tag.findall(self.content, 0, self.start):
            span = {
                name: int(value) for name, value in COLUMN_SPAN.findall(b" " + attributes) if value.isdigit()
            }
            if HIDDEN.search(b" " + attributes) and len(span) == 2:
                hidden.update(range(span[b"min"] - 1, min(span[b"max"], LAST_COLUMN)))
        return hidden


def read_part(archive: zipfile.ZipFile, name: str) -> bytearray:
    """A part, unpacked into one block: read() would hold it twice."""
    content = bytearray(archive.getinfo(name).file_size)
    with archive.open(name) as part, memoryview(content) as view:
        filled = 0
        while count := part.readinto(view[filled : filled + 2**20]):
            filled += count
    return content
