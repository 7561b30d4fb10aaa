"""Hostile and broken files, made by code: what is sent by mistake, and what is sent to do harm.

READ, REFUSED and EITHER are {file name: maker(path)}; HEAVY ones cost seconds and belong to tests.drills.corpus.
"""

import struct
import zipfile
import zlib
from pathlib import Path

from .workbooks import (
    MAIN,
    RELATIONS,
    SECTOR,
    compound,
    ods,
    ods_cell,
    relations,
    row,
    sheet,
    styles,
    table,
    xls,
    xlsx,
)

ROWS = [["村", "姓名", "性别", "联系电话"], ["班庄", "王海英", "女", "13900001062"]]
GOOD = table(*ROWS)
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = f'<sst xmlns="{MAIN}"{{counts}}>{{items}}</sst>'
ENTITIES = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
BIDI = "工作表\u202egnp.xslx\u202c\u200b"


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def with_size(path: Path, name: str, size: int) -> Path:
    """Let the directory and the header of a part declare a size that is not true."""
    content = bytearray(path.read_bytes())
    central = content.rindex(name.encode()) - 46
    local = content.index(name.encode()) - 30
    content[central + 24 : central + 28] = content[local + 22 : local + 26] = struct.pack("<I", size)
    return written(path, bytes(content))


def cell(attributes: str, inner: str) -> str:
    return f"<c {attributes}>{inner}</c>"


def shared(path, items: str, counts: str = "", index: int = 0):
    """A workbook whose A1 is a shared string of these."""
    attributes = 'r="A1" t="s"'
    body = sheet(f'<row r="1">{cell(attributes, f"<v>{index}</v>")}</row>')
    link = f'<Relationship Id="s" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
    sheet_link = f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    parts = {
        "xl/sharedStrings.xml": STRINGS.format(items=items, counts=counts),
        "xl/_rels/workbook.xml.rels": relations(sheet_link + link),
    }
    return xlsx(path, body, parts=parts)


# --- What must be read -----------------------------------------------------------------------------------------
def sparse_giant(path):
    last = '<row r="1048576"><c r="XFD1048576"><v>7</v></c></row>'
    return xlsx(path, sheet(row(1, *ROWS[0]) + row(2, *ROWS[1]) + last))


def all_merged(path):
    after = '<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    return xlsx(path, sheet(row(1, *ROWS[0]) + row(2, *ROWS[1]), after=after))


def two_thousand_sheets(path):
    return xlsx(path, *[GOOD] * 2_000)


def external_links(path):
    outside = (
        f'<Relationship Id="e" Type="{RELATIONS}/externalLink" Target="externalLinks/externalLink1.xml"/>'
    )
    inside = f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    target = '<Relationship Id="r" Type="x" Target="http://127.0.0.1:9/evil.xlsx" TargetMode="External"/>'
    parts = {
        "xl/_rels/workbook.xml.rels": relations(inside + outside),
        "xl/externalLinks/externalLink1.xml": f'<externalLink xmlns="{MAIN}"/>',
        "xl/externalLinks/_rels/externalLink1.xml.rels": relations(target),
    }
    return xlsx(path, GOOD, parts=parts)


def wicked_names(path):
    names = ["<script>alert(1)</script>", BIDI, "=cmd|' /C calc'!A0", "../../etc/passwd", " "]
    return xlsx(path, *[GOOD] * 5, names=names)


def wrong_dimension(path):
    before = '<dimension ref="A1:A1"/>'
    return xlsx(path, sheet(row(1, *ROWS[0]) + row(2, *ROWS[1]), before=before))


def giant_dimension(path):
    before = '<dimension ref="A1:XFD1048576"/>'
    return xlsx(path, sheet(row(1, *ROWS[0]) + row(2, *ROWS[1]), before=before))


def widest(path):
    return xlsx(path, table(*ROWS, [f"列{number}" for number in range(16_384)]))


def dde(path):
    formulas = [
        "=cmd|' /C calc'!A0",
        "@SUM(1+1)*cmd",
        "+1-1",
        "-2+3",
        "\t=1",
        '=HYPERLINK("http://127.0.0.1:9")',
    ]
    lines = [",".join(ROWS[0]), *[f"班庄,{text.replace(',', ' ')},女," for text in formulas]]
    return written(path, "\n".join(lines).encode("gb18030"))


def columns_of_one_line(path):
    return written(path, ("村,姓名\n" + "," * 100_000 + "\n班庄,王海英\n").encode())


def utf16_sheet(path):
    xml = ('<?xml version="1.0" encoding="utf-16"?>' + GOOD).encode("utf-16")
    return xlsx(path, "", parts={SHEET: xml})


def rows_out_of_order(path):
    return xlsx(path, sheet(row(5, "班庄") + row(2, "古城") + row(1, *ROWS[0]) + row(2, "马圩")))


def numbers_beyond(path):
    values = [
        cell('r="A1"', "<v>1e999</v>"),
        cell('r="B1"', "<v>NaN</v>"),
        cell('r="C1" s="1"', "<v>1e12</v>"),
    ]
    values.append(cell('r="D1" s="1"', "<v>-70000</v>"))
    return xlsx(
        path, sheet(f'<row r="1">{"".join(values)}</row>'), parts={"xl/styles.xml": styles("yyyy-mm-dd")}
    )


def repeated_blank_ods(path):
    cell = '<table:table-cell table:number-columns-repeated="16384"/>'
    blank = f'<table:table-row table:number-rows-repeated="1048570">{cell}</table:table-row>'
    rows = [f"<table:table-row>{''.join(map(ods_cell, values))}</table:table-row>" for values in ROWS]
    return ods(path, f'<table:table table:name="甲">{"".join(rows)}{blank}</table:table>')


# --- What must be refused --------------------------------------------------------------------------------------
def bomb(path):
    return xlsx(path, GOOD, parts={"xl/media/a.bin": bytes(25 * 2**20)})


def bomb_that_lies(path):
    return with_size(bomb(path), "xl/media/a.bin", 1_000)


def sheet_that_lies(path):
    return with_size(xlsx(path, table(*ROWS * 200)), SHEET, 60)


def overlapping(path):
    """Many names for one piece of data: small in the file, large unpacked."""
    data = zlib.compress(b" " * 2**20, 9)[2:-4]
    sum_of = zlib.crc32(b" " * 2**20)
    head = (
        struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 33, sum_of, len(data), 2**20, 1, 0) + b"a" + data
    )
    central = b"".join(
        struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, 0, 8, 0, 33, sum_of, len(data), 2**20, 8, 0, 0, 0, 0, 0, 0)
        + f"a{number:07}".encode()
        for number in range(2_500)
    )  # fmt: skip
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 2_500, 2_500, len(central), len(head), 0)
    return written(path, head + central + end)


def many_parts(path):
    return xlsx(path, GOOD, parts={f"xl/media/{number}": b"" for number in range(3_000)})


def entities(path):
    return xlsx(path, "", parts={SHEET: ENTITIES + GOOD.replace("班庄", "&b;")})


def entities_in_ods(path):
    ods(path, "")
    with zipfile.ZipFile(path) as archive:
        content = archive.read("content.xml").decode()
    return ods_with(path, ENTITIES + content)


def ods_with(path, content: str):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return path


def repeated_ods(path):
    full = ods_cell("满", ' table:number-columns-repeated="16384"')
    body = f'<table:table-row table:number-rows-repeated="1048576">{full}</table:table-row>'
    return ods(path, f'<table:table table:name="甲">{body}</table:table>')


def encrypted(path):
    return compound(path, EncryptionInfo=b"x", EncryptedPackage=b"x")


def document(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
    return path


def page(path):
    rows = "".join(f"<tr>{''.join(f'<td>{value}</td>' for value in values)}</tr>" for values in ROWS)
    return written(
        path, f"<html><head><script>alert(1)</script></head><table>{rows}</table></html>".encode("gbk")
    )


def cut_zip(path):
    content = xlsx(path, table(*ROWS * 500)).read_bytes()
    return written(path, content[: len(content) // 2])


def cut_xls(path):
    content = xls(path, ROWS * 20).read_bytes()
    return written(path, content[: SECTOR * 3])


def empty(path):
    return written(path, b"")


def empty_sheet(path):
    return xlsx(path, "")


def torn_sheet(path):
    return xlsx(path, GOOD[: len(GOOD) // 2])


def noise(path):
    return written(path, bytes(zlib.crc32(bytes([n % 256])) >> (n % 24) & 255 for n in range(20_000)))


def zip_of_noise(path):
    content = bytearray(xlsx(path, table(*ROWS * 300)).read_bytes())
    for place in range(200, len(content) // 2, 7):
        content[place] ^= 0x5A
    return written(path, bytes(content))


def circle_of_sectors(path):
    """An OLE file whose allocation table leads back to where it began."""
    content = bytearray(xls(path, ROWS).read_bytes())
    content[SECTOR : SECTOR + 4 * 128] = struct.pack("<128I", *[2] * 128)
    return written(path, bytes(content))


def open_quote(path):
    return written(path, ('村,姓名\n班庄,"' + "王海英\n" * 60_000).encode())


# --- What may be read or refused, as long as it is quick and said -----------------------------------------------
def deep(path):
    return xlsx(path, sheet(row(1, *ROWS[0]), after="<a>" * 100_000 + "</a>" * 100_000))


def deep_styles(path):
    return xlsx(path, GOOD, parts={"xl/styles.xml": "<a>" * 100_000 + "</a>" * 100_000})


def deep_ods(path):
    ods(path, "")
    with zipfile.ZipFile(path) as archive:
        content = archive.read("content.xml").decode()
    nested = "<table:table-row>" * 20_000 + "</table:table-row>" * 20_000
    spot = "<office:spreadsheet>"
    return ods_with(path, content.replace(spot, f'{spot}<table:table table:name="甲">{nested}</table:table>'))


def lying_strings(path):
    return shared(path, "<si><t>村</t></si>", ' count="4294967295" uniqueCount="4294967295"')


def missing_string(path):
    return shared(path, "<si><t>村</t></si>", index=4_000_000_000)


def long_string(path):
    text = "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(400_000))
    return shared(path, f"<si><t>{text}</t></si>")


def addresses_beyond(path):
    cells = "".join(
        cell(f'r="{address}"', "<v>1</v>") for address in ("A0", "ZZZZ1", "XFE1", "A99999999999999999999")
    )
    return xlsx(path, sheet(row(1, *ROWS[0]) + f'<row r="99999999999">{cells}</row>'))


def no_links(path):
    return xlsx(path, GOOD, parts={"xl/_rels/workbook.xml.rels": "<Relationships/>"})


def links_to_nowhere(path):
    far = f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="http://127.0.0.1:9/s.xml" TargetMode="External"/>'
    return xlsx(path, GOOD, parts={"xl/_rels/workbook.xml.rels": relations(far)})


def links_out_of_the_archive(path):
    far = f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="../../../../etc/passwd"/>'
    return xlsx(path, GOOD, parts={"xl/_rels/workbook.xml.rels": relations(far)})


def far_rows_on_many_sheets(path):
    """Each sheet costs little; together their blank rows would fill the memory of the one who reads them."""
    far = '<row r="1048576"><c r="A1048576"><v>7</v></c></row>'
    return xlsx(path, *[sheet(row(1, *ROWS[0]) + far)] * 60)


def same_names(path):
    return xlsx(path, GOOD, GOOD, names=["甲", "甲"])


# --- Heavy -----------------------------------------------------------------------------------------------------
def blank_rows(path):
    blank = "".join(
        f'<row r="{n}" s="1" ht="20"><c r="A{n}" s="1"/><c r="B{n}" s="1"/></row>'
        for n in range(3, 1_048_577)
    )
    return xlsx(path, sheet(row(1, *ROWS[0]) + row(2, *ROWS[1]) + blank))


def too_many_rows(path):
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 200_002))
    return xlsx(path, sheet(rows))


def too_many_merged(path):
    ranges = "".join(f'<mergeCell ref="A{n}:B{n}"/>' for n in range(1, 500_002))
    return xlsx(path, sheet(row(1, *ROWS[0]), after=f"<mergeCells>{ranges}</mergeCells>"))


def million_strings(path):
    return shared(path, "".join(f"<si><t>文字{number}</t></si>" for number in range(1_000_000)))


def two_hundred_megabytes(path):
    filler = "".join(f"<si><t>{number:0100}</t></si>" for number in range(1_600_000))
    return shared(path, filler)


def csv_of_everything(path):
    return written(path, b"1," * (9 * 2**20) + b"\n")


READ = {
    "稀疏.xlsx": sparse_giant, "全部合并.xlsx": all_merged,
    "外部链接.xlsx": external_links, "表名.xlsx": wicked_names, "范围写小.xlsx": wrong_dimension,
    "范围写大.xlsx": giant_dimension, "最宽.xlsx": widest, "公式注入.csv": dde, "十万列.csv": columns_of_one_line,
    "谎报炸弹.xlsx": bomb_that_lies, "行序乱.xlsx": rows_out_of_order, "数字越界.xlsx": numbers_beyond,
    "空白重复.ods": repeated_blank_ods,
}  # fmt: skip
REFUSED = {
    "炸弹.xlsx": bomb, "谎报.xlsx": sheet_that_lies, "重叠.xlsx": overlapping,
    "部件太多.xlsx": many_parts, "实体.xlsx": entities, "实体.ods": entities_in_ods, "重复.ods": repeated_ods,
    "加密.xlsx": encrypted, "文档.xlsx": document, "网页.xls": page, "截断.xlsx": cut_zip, "截断.xls": cut_xls,
    "空.xlsx": empty, "空表.xlsx": empty_sheet, "地址越界.xlsx": addresses_beyond, "撕裂.xlsx": torn_sheet,
    "噪声.xls": noise, "压缩噪声.xlsx": zip_of_noise, "扇区成环.xls": circle_of_sectors,
    "引号不闭合.csv": open_quote, "远处.xlsx": far_rows_on_many_sheets,
}  # fmt: skip
EITHER = {
    "深层.xlsx": deep, "深层样式.xlsx": deep_styles, "深层.ods": deep_ods, "谎报字符串.xlsx": lying_strings,
    "缺字符串.xlsx": missing_string, "长字符串.xlsx": long_string,
    "没有链接.xlsx": no_links, "链接到外面.xlsx": links_to_nowhere, "链接出包.xlsx": links_out_of_the_archive,
    "同名表.xlsx": same_names, "UTF-16.xlsx": utf16_sheet,
}  # fmt: skip
HEAVY = {
    "两千个表.xlsx": two_thousand_sheets, "百万空行.xlsx": blank_rows, "二十万零一行.xlsx": too_many_rows,
    "合并太多.xlsx": too_many_merged, "百万字符串.xlsx": million_strings, "二百兆字符串.xlsx": two_hundred_megabytes,
    "九百万列.csv": csv_of_everything,
}  # fmt: skip
