"""What a file is, by its first bytes and its directory, never by its name."""

import re
import zipfile

from ..grid import Refused
from .limits import MAX_PARTS, MAX_RATIO, MAX_UNPACKED, SMALL_PART

FORMATS = "可以上传 .xlsx、.xls、.et、.ods 或 .csv 表格"
LOCKED = (
    "这个文件设有打开密码，去掉密码后再导入：打开文件，在 WPS 里点“文件—文档加密—密码加密”，"
    "在 Excel 里点“文件—信息—保护工作簿—用密码进行加密”，把打开密码删空，确定后保存，再上传。"
)
DAMAGED = "文件已损坏，或不是标准的表格；用 Excel 或 WPS 打开后另存为 .xlsx，再上传。"
RENAMED_PAGE = "文件是网页改名成的表格；用 Excel 或 WPS 打开后另存为 .xlsx，再上传。"
XML_2003 = "文件是“XML 表格 2003”格式；用 Excel 或 WPS 打开后另存为 .xlsx，再上传。"
BOMB = "文件展开后大得不正常，没有读取；用 Excel 或 WPS 打开后另存为 .xlsx，再上传。"
ENTITIES = "文件里有自定义的 XML 实体或文档类型，没有读取；用 Excel 或 WPS 打开后另存为 .xlsx，再上传。"

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# In an .xls the record FilePass follows the first one, BOF of BIFF8 or BIFF5, or a WriteProtect between them.
BEGINNING = rb"\x09\x08(?:\x10\x00\x00\x06\x05\x00.{12}|\x08\x00\x00\x05\x05\x00.{4})"
FILE_PASS = re.compile(BEGINNING + rb"(?:\x86\x00\x00\x00)?\x2f\x00", re.DOTALL)
OTHERS = {  # first bytes → what it is
    b"%PDF": "PDF 文件",
    b"{\\rtf": "RTF 文档",
    b"\x89PNG": "图片",
    b"\xff\xd8\xff": "图片",
    b"GIF8": "图片",
    b"BM": "图片",
    b"PK\x05\x06": "空的压缩包",
    b"Rar!": "压缩包",
    b"7z\xbc\xaf": "压缩包",
    b"\x1f\x8b": "压缩包",
    b"MZ": "程序",
    b"\x7fELF": "程序",
}
ZIPPED_OTHERS = {"word/": "Word 文档", "ppt/": "演示文稿", "visio/": "Visio 图", "index/": "Numbers 表格"}
OLE_OTHERS = {"WordDocument": "Word 文档", "PowerPoint Document": "演示文稿", "VisioDocument": "Visio 图"}


def not_a_table(what: str) -> Refused:
    gap = " " if what[0].isascii() else ""
    return Refused(f"这是{gap}{what}，不是表格；{FORMATS}。")


def detect(path: str) -> str:
    """xlsx, xlsb, xls, ods or text. Archives are measured first. Raises Refused for anything else."""
    with open(path, "rb") as file:
        start = file.read(8)
    if start.startswith(ZIP):
        return _detect_archive(path)
    if start == OLE:
        return _detect_compound(path)
    for magic, what in OTHERS.items():
        if start.startswith(magic):
            raise not_a_table(what)
    return "text"


def open_archive(path: str) -> zipfile.ZipFile:
    """The zip archive, after its directory has been measured. Nothing is unpacked yet."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError):
        raise Refused(DAMAGED) from None
    parts = archive.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise Refused(BOMB)
    for part in parts:
        if part.file_size > max(SMALL_PART, MAX_RATIO * part.compress_size):
            raise Refused(BOMB)
        if part.flag_bits & 1:
            raise Refused(LOCKED)
    return archive


def _detect_archive(path: str) -> str:
    with open_archive(path) as archive:
        names = {name.lower(): name for name in archive.namelist()}
        if "xl/workbook.bin" in names:
            return "xlsb"
        if "xl/workbook.xml" in names:
            _refuse_entities(archive, [name for name in names.values() if name.endswith((".xml", ".rels"))])
            return "xlsx"
        if (
            "encrypted-package" in names
        ):  # an OpenDocument file sealed as a whole, as LibreOffice does since 24.8
            raise Refused(LOCKED)
        if "mimetype" in names and "content.xml" in names:
            return _detect_opendocument(archive)
    for folder, what in ZIPPED_OTHERS.items():
        if any(name.startswith(folder) for name in names):
            raise not_a_table(what)
    raise not_a_table("压缩包")


def _detect_opendocument(archive: zipfile.ZipFile) -> str:
    if not archive.read("mimetype").startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        raise not_a_table("文档")
    manifest = "META-INF/manifest.xml"
    if manifest in archive.namelist() and b"encryption-data" in archive.read(manifest):
        raise Refused(LOCKED)
    _refuse_entities(archive, ["content.xml"])
    return "ods"


def _refuse_entities(archive: zipfile.ZipFile, names: list[str]) -> None:
    """Also reads every part to its end, so that one longer than it said, or damaged, is found out here."""
    marks = [
        mark.encode(code)
        for mark in ("<!DOCTYPE", "<!ENTITY")
        for code in ("utf-8", "utf-16-le", "utf-16-be")
    ]
    for name in names:
        with archive.open(name) as part:
            before = b""
            while piece := part.read(2**20):
                if any(mark in before + piece for mark in marks):
                    raise Refused(ENTITIES)
                before = piece[-32:]


def _detect_compound(path: str) -> str:
    """An OLE file: its directory names its streams in UTF-16, each in a field that is filled up with zeros."""
    with open(path, "rb") as file:
        content = file.read()

    def has(stream):
        return (stream + "\0").encode("utf-16-le") in content

    if has("EncryptedPackage"):
        raise Refused(LOCKED)
    if has("Workbook") or has("Book"):
        if FILE_PASS.search(content):
            raise Refused(LOCKED)
        return "xls"
    for stream, what in OLE_OTHERS.items():
        if has(stream):
            raise not_a_table(what)
    raise Refused(DAMAGED)
