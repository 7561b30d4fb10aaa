"""Files for the tests of the reader, made byte by byte: what a library would never write is what matters here."""

import io
import struct
import zipfile
from xml.sax.saxutils import escape

import openpyxl

from banzhuang.ledgers.grid import cell_address

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def book(*rows) -> bytes:
    """The bytes of an .xlsx of one sheet with these rows, as Excel would write it."""
    content, workbook = io.BytesIO(), openpyxl.Workbook()
    for values in rows:
        workbook.active.append(values)
    workbook.save(content)
    return content.getvalue()


# --- .xlsx ---------------------------------------------------------------------------------------------------
def xlsx(path, *sheets: str, names=(), states=(), parts=None, compresslevel=1):
    """A workbook of these sheets' XML (see `sheet`); parts: further or other parts by name."""
    names = names or [f"表{number}" for number in range(1, len(sheets) + 1)]
    entries, links = [], []
    for number, name in enumerate(names, 1):
        state = f' state="{states[number - 1]}"' if states else ""
        entries.append(f'<sheet name="{escape(name)}" sheetId="{number}"{state} r:id="rId{number}"/>')
        links.append(
            f'<Relationship Id="rId{number}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        )
    content = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": relations(
            f'<Relationship Id="r" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
        ),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{"".join(entries)}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations("".join(links)),
        **{f"xl/worksheets/sheet{number}.xml": xml for number, xml in enumerate(sheets, 1)},
        **(parts or {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=compresslevel) as archive:
        for name, text in content.items():
            archive.writestr(name, text)
    return path


def relations(links: str) -> str:
    return f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'


def sheet(rows: str = "", before: str = "", after: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def row(number: int, *values, attributes: str = "") -> str:
    """A row of plain values; None is a formatted blank cell, a tuple (attributes, inner XML) stands as it is."""
    cells = []
    for column, value in enumerate(values):
        address = f'r="{cell_address(number - 1, column)}"'
        if isinstance(value, tuple):
            cells.append(f"<c {address}{value[0]}>{value[1]}</c>")
        elif value is None:
            cells.append(f"<c {address}/>")
        elif isinstance(value, str):
            cells.append(f'<c {address} t="inlineStr"><is><t>{escape(value)}</t></is></c>')
        else:
            cells.append(f"<c {address}><v>{value}</v></c>")
    return f'<row r="{number}"{attributes}>{"".join(cells)}</row>'


def table(*rows) -> str:
    """A sheet of these rows of values, from row 1."""
    return sheet("".join(row(number, *values) for number, values in enumerate(rows, 1)))


def styles(*formats: str) -> str:
    """styles.xml whose style n (from 1) has the n-th of these number formats."""
    codes = "".join(
        f'<numFmt numFmtId="{164 + n}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>'
        for n, code in enumerate(formats)
    )
    uses = "".join(f'<xf numFmtId="{164 + n}" applyNumberFormat="1"/>' for n in range(len(formats)))
    styles = f'<numFmts>{codes}</numFmts><cellXfs><xf numFmtId="0"/>{uses}</cellXfs>'
    return f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>'


# --- OLE and .xls ----------------------------------------------------------------------------------------------
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
SECTOR = 512


def compound(path, **streams: bytes):
    """An OLE file with these streams; each is filled up to 4 096 bytes, below which they would be stored otherwise."""
    filled = {
        name: data.ljust(max(4096, -(-len(data) // SECTOR) * SECTOR), b"\0") for name, data in streams.items()
    }
    directory_sectors = -(-(1 + len(filled)) // 4)
    allocation = [FAT, *range(2, 1 + directory_sectors), END]
    entries = [directory_entry("Root Entry", 5, child=1 if filled else FREE)]
    for place, (name, data) in enumerate(filled.items(), 1):
        start, sectors = len(allocation), len(data) // SECTOR
        allocation += [*range(start + 1, start + sectors), END]
        right = place + 1 if place < len(filled) else FREE
        entries.append(directory_entry(name, 2, right=right, start=start, size=len(data)))
    assert len(allocation) <= SECTOR // 4
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, END, 0, END, 0)
    header += struct.pack("<109I", 0, *[FREE] * 108)
    table_sector = struct.pack(f"<{SECTOR // 4}I", *allocation, *[FREE] * (SECTOR // 4 - len(allocation)))
    directory = b"".join(entries).ljust(directory_sectors * SECTOR, b"\0")
    path.write_bytes(header + table_sector + directory + b"".join(filled.values()))
    return path


def directory_entry(name, kind, child=FREE, right=FREE, start=END, size=0) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    tree = struct.pack("<BBIII", kind, 1, FREE, right, child)
    return (
        text.ljust(64, b"\0")
        + struct.pack("<H", len(text))
        + tree
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


def record(number: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", number, len(content)) + content


def xls(path, rows, merged=(), hidden=False, mode_1904=False, encrypted=False):
    """A BIFF8 workbook of one sheet 台账; a tuple (number,) is a number in a cell with a date format."""
    name = "台账".encode("utf-16-le")
    start_of_file = struct.pack("<HHHHII", 0x0600, 5, 0x0DBB, 0x07CC, 0, 6)
    opening = record(0x0809, start_of_file)
    opening += record(0x002F, struct.pack("<HHH", 1, 1, 1) + bytes(48)) if encrypted else b""
    opening += record(0x0042, struct.pack("<H", 1200)) + record(0x0022, struct.pack("<H", mode_1904))
    opening += b"".join(record(0x00E0, struct.pack("<HH16x", 0, form)) for form in (0, 14))
    bound = struct.pack("<BBBB", int(hidden), 0, len(name) // 2, 1) + name
    position = len(opening) + 4 + 4 + len(bound) + 4
    opening += record(0x0085, struct.pack("<I", position) + bound) + record(0x000A)
    content = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0x0DBB, 0x07CC, 0, 6))
    width = max(map(len, rows))
    content += record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    for number, values in enumerate(rows):
        for column, value in enumerate(values):
            content += xls_cell(number, column, value)
    ranges = b"".join(struct.pack("<HHHH", top, bottom, left, right) for top, left, bottom, right in merged)
    content += record(0x00E5, struct.pack("<H", len(merged)) + ranges) + record(0x000A)
    return compound(path, Workbook=opening + content)


def xls_cell(row, column, value) -> bytes:
    if value is None:
        return b""
    if isinstance(value, str):
        text = value.encode("utf-16-le")
        return record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text) // 2, 1) + text)
    style, number = (1, value[0]) if isinstance(value, tuple) else (0, value)
    return record(0x0203, struct.pack("<HHHd", row, column, style, number))


# --- .ods ------------------------------------------------------------------------------------------------------
OASIS = "urn:oasis:names:tc:opendocument:xmlns"


def ods(path, *tables: str, mimetype="application/vnd.oasis.opendocument.spreadsheet", parts=None):
    """An OpenDocument spreadsheet of these <table:table> elements."""
    names = "".join(f' xmlns:{name}="{OASIS}:{name}:1.0"' for name in ("office", "table", "text", "style"))
    body = f"<office:body><office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body>"
    content = f"<office:document-content{names}>{body}</office:document-content>"
    manifest = f'<manifest:manifest xmlns:manifest="{OASIS}:manifest:1.0"/>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", mimetype, zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
        for name, text in {"META-INF/manifest.xml": manifest, **(parts or {})}.items():
            archive.writestr(name, text)
    return path


def ods_cell(value, attributes: str = "") -> str:
    if value is None:
        return f"<table:table-cell{attributes}/>"
    if isinstance(value, str):
        return f'<table:table-cell office:value-type="string"{attributes}><text:p>{escape(value)}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{value}"{attributes}/>'
