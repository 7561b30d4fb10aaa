"""Sheets with few values far apart (A1 and XFD1048576): calamine would hold the whole rectangle in memory.

The few cells are moved together in a copy of the file, read there, and put back into their places.
"""

import io
import re
import zipfile
from dataclasses import dataclass

from ..grid import Refused, column_letters
from .limits import MAX_CELLS
from .structure import SheetXml

BLANK = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'
)
TOO_SPREAD = "表里的内容散得太开，最远的单元格在几万行、几千列以外；删去远处的内容，再上传。"


@dataclass
class Squeezed:
    """A sheet moved together: the XML to read instead, and the places its rows and columns came from."""

    xml: bytes
    rows: list[int]
    columns: list[int]


def squeeze(sheet: SheetXml) -> Squeezed:
    """Leave out the rows, columns and cells without a value. Raises Refused when too much remains."""
    kept: list[tuple[int, list]] = []
    columns: set[int] = set()
    width = 0
    for row, _, inner in sheet.filled_rows():
        cells = [cell for cell in sheet.cells(inner) if sheet.value_tag.search(cell[2])]
        columns.update(column for column, _, _ in cells)
        kept.append((row, cells))
        width += max((column + 1 for column, _, _ in cells), default=0)
        if max(len(kept) * len(columns), width) > MAX_CELLS:
            raise Refused(TOO_SPREAD)
    if not kept:
        return Squeezed(BLANK, [], [])
    order = sorted(columns)
    places = {column: column_letters(place) for place, column in enumerate(order)}
    prefix = sheet.prefix
    lines = [
        re.sub(rb"<[\w.:-]*dimension\b[^<>]*>", b"", bytes(sheet.content[: sheet.start])),
        b"<%bsheetData>" % prefix,
    ]
    for number, (_, cells) in enumerate(kept, 1):
        lines.append(b'<%brow r="%d">' % (prefix, number))
        for column, attributes, content in cells:
            rest = re.sub(rb"\sr\s*=\s*[\"'][^\"']*[\"']", b"", attributes)
            address = f"{places[column]}{number}".encode()
            lines.append(b'<%bc r="%b"%b>%b</%bc>' % (prefix, address, rest, content, prefix))
        lines.append(b"</%brow>" % prefix)
    lines.append(b"</%bsheetData></%bworksheet>" % (prefix, prefix))
    return Squeezed(b"".join(lines), [row for row, _ in kept], order)


def copy_with(archive: zipfile.ZipFile, parts: dict[str, bytes]) -> io.BytesIO:
    """A copy of the file with these parts in place of its own."""
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name in archive.namelist():
            target.writestr(name, parts[name] if name in parts else archive.read(name))
    copy.seek(0)
    return copy
