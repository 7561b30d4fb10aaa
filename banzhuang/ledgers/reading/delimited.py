"""Text tables: .csv in UTF-8 (with or without mark), GBK, GB18030 or UTF-16, with comma, semicolon or tab."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from ..grid import Refused
from .filetype import DAMAGED, FORMATS, RENAMED_PAGE, XML_2003

MARKS = {  # longest first
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
DELIMITERS = ",;\t"
CONTROL_SIGNS = [chr(code) for code in range(32) if chr(code) not in "\t\n\v\f\r\x1a"]
SAMPLE_ROWS = 50
LONGEST_CELL = 100_000


def read_delimited(path: str) -> Iterator[list[str]]:
    """The rows of a text table; a blank line is an empty row. All cells are text, as they stand."""
    with open(path, "rb") as file:
        text = decode(file.read())
    refuse_other_texts(text)
    csv.field_size_limit(LONGEST_CELL)
    delimiter = find_delimiter(text)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error:
        raise Refused(DAMAGED) from None


def decode(content: bytes) -> str:
    """Text of a file in one of the encodings people have; GB18030 includes GBK and GB2312."""
    for mark, encoding in MARKS.items():
        if content.startswith(mark):
            return _decode_as(content, [encoding])
    zeros = content[:4096].count(0)
    if not zeros:
        return _decode_as(content, ["utf-8", "gb18030"])
    # UTF-16 without its mark: in each pair of a comma, digit or line end one byte is zero, always on one side; 一
    # (4E00) has one on the other.
    little = 2 * content[1:4096:2].count(0) > zeros
    return _decode_as(content, ["utf-16-le" if little else "utf-16-be"])


def _decode_as(content: bytes, encodings: list[str]) -> str:
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if sum(text.count(sign) for sign in CONTROL_SIGNS) <= len(text) / 100:
            return text
    raise Refused(f"文件不是表格，或文字的编码认不出；{FORMATS}。")


def refuse_other_texts(text: str) -> None:
    start = text[:4096].lstrip().lower()
    if start.startswith("mime-version") or (
        start.startswith("<") and ("<html" in start or "<table" in start)
    ):
        raise Refused(RENAMED_PAGE)
    if start.startswith("<?xml") and "urn:schemas-microsoft-com:office:spreadsheet" in start:
        raise Refused(XML_2003)
    if start.startswith(("<!", "<?", "<html", "<table", "<div", "<style", "<meta")):
        raise Refused(RENAMED_PAGE)


def find_delimiter(text: str) -> str:
    """The one that cuts most rows into the same number of cells, more than one; a comma where none does."""

    def agreement(delimiter):
        lines = islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), SAMPLE_ROWS)
        try:
            widths = Counter(len(line) for line in lines if len(line) > 1)
        except csv.Error:
            return (0, 0)
        width, rows = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        return rows, width

    return max(DELIMITERS, key=agreement)
