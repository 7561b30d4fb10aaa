"""Files that are not read: one Chinese sentence each, quickly, and no process is left behind."""

import re
import struct
import subprocess
import sys
import zipfile

import pytest

from banzhuang.ledgers import reader
from banzhuang.ledgers.reader import Refused, read_workbook
from banzhuang.ledgers.sealing import seal

from .workbooks import compound, ods, row, sheet, table, xls, xlsx


def refusal(path, name="台账.xlsx") -> str:
    with pytest.raises(Refused) as caught:
        read_workbook(path, name)
    sentence = str(caught.value)
    assert re.fullmatch(r"[^。]+。", sentence), "one sentence"
    assert "请您" not in sentence and "抱歉" not in sentence and "！" not in sentence
    return sentence


def written(path, content: bytes):
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空的"),
        (b"%PDF-1.7\n", "PDF 文件"),
        (b"\x89PNG\r\n\x1a\n\0\0", "图片"),
        (b"{\\rtf1 hello}", "RTF 文档"),
        (b"PK\x05\x06" + bytes(18), "压缩包"),
        (b"PK\x03\x04broken", "已损坏"),
        (b"MZ\x90\0", "程序"),
        ("<html><body><table><tr><td>村</td></tr></table></body></html>".encode("gbk"), "网页"),
        ("\ufeff\n<!DOCTYPE html><html></html>".encode(), "网页"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related", "网页"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
            "XML 表格 2003",
        ),
        (b'<?xml version="1.0"?><other/>', "网页"),
        (bytes(range(256)) * 8, "认不出"),
        ("村,姓名\n".encode() + b"\xff\xff\xff", "认不出"),
        (b"\x01\x02\x03\x04\x05\x06\x07" * 20, "认不出"),
    ],
)
def test_what_is_no_table(tmp_path, content, words):
    assert words in refusal(written(tmp_path / "a.xls", content))


@pytest.mark.parametrize(
    ("part", "words"),
    [("word/document.xml", "Word 文档"), ("ppt/slides.xml", "演示文稿"), ("a.txt", "压缩包")],
)
def test_renamed_archives(tmp_path, part, words):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(part, "x")
    assert words in refusal(tmp_path / "a.xlsx")


def test_renamed_documents(tmp_path):
    assert "Word 文档" in refusal(compound(tmp_path / "a.xls", WordDocument=b"x"))
    assert "已损坏" in refusal(compound(tmp_path / "b.xls", Contents=b"x"))
    assert "不是表格" in refusal(ods(tmp_path / "c.ods", mimetype="application/vnd.oasis.opendocument.text"))


def sealed(path):
    """As Excel and WPS seal a workbook."""
    seal(xlsx(path, table(["村", "姓名"])), "K7MQ-3XWR-H2PD")
    return path


def sealed_before_2010(path):
    return compound(path, EncryptionInfo=b"x", EncryptedPackage=b"x")


def sealed_xls(path):
    return xls(path, [["村"]], encrypted=True)


def sealed_xls_of_excel_95(path):
    """Write-protected besides."""
    opening = struct.pack("<HHHHHH", 0x0809, 8, 0x0500, 5, 0x0DBB, 0x07CC)
    return compound(path, Book=opening + struct.pack("<HHHHHH", 0x0086, 0, 0x002F, 4, 1, 2))


def sealed_ods(path):
    manifest = "<manifest><file-entry><encryption-data/></file-entry></manifest>"
    return ods(path, parts={"META-INF/manifest.xml": manifest})


def sealed_ods_as_a_whole(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("encrypted-package", b"\x01\x02")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return path


def sealed_zip(path):
    """Parts under the password of the archive itself: a bit of each says so, here and in the directory."""
    content = bytearray(xlsx(path, table(["村"])).read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := content.find(mark, at + 1)) >= 0:
            content[at + flags] |= 1
    return written(path, bytes(content))


SEALED = [
    sealed,
    sealed_before_2010,
    sealed_xls,
    sealed_xls_of_excel_95,
    sealed_ods,
    sealed_ods_as_a_whole,
    sealed_zip,
]


@pytest.mark.parametrize("name", ["台账.xlsx", "台账.xls", "台账.csv"])
@pytest.mark.parametrize("make", SEALED)
def test_sealed_files(tmp_path, make, name):
    """By what they are, whatever they are called."""
    said = refusal(make(tmp_path / "tmpx.upload"), name)
    assert said.startswith("这个文件设有打开密码，去掉密码后再导入：")
    assert "文档加密" in said and "用密码进行加密" in said


def test_too_large_a_file(tmp_path):
    with open(tmp_path / "a.xlsx", "wb") as file:
        file.truncate(20 * 2**20 + 1)
    assert "超过 20 MB" in refusal(tmp_path / "a.xlsx")


def test_a_bomb_by_its_ratio(tmp_path):
    assert "展开后" in refusal(
        xlsx(tmp_path / "a.xlsx", table([1]), parts={"xl/media/a.bin": bytes(30 * 2**20)})
    )


def test_a_bomb_by_its_parts(tmp_path):
    parts = {f"xl/media/{number}.bin": "" for number in range(3_001)}
    assert "展开后" in refusal(xlsx(tmp_path / "a.xlsx", table([1]), parts=parts))


def with_declared_size(path, size: int):
    """The file with another unpacked size declared for its first sheet."""
    content = bytearray(path.read_bytes())
    name = b"xl/worksheets/sheet1.xml"
    in_directory = content.rindex(name) - 46
    assert content[in_directory : in_directory + 4] == b"PK\x01\x02"
    content[in_directory + 24 : in_directory + 28] = struct.pack("<I", size)
    local = content.index(name) - 30
    content[local + 22 : local + 26] = struct.pack("<I", size)
    return written(path, bytes(content))


def test_a_bomb_by_what_it_declares(tmp_path):
    path = xlsx(tmp_path / "a.xlsx", table([1]))
    assert "展开后" in refusal(with_declared_size(path, 201 * 2**20))


def test_a_part_longer_than_it_says(tmp_path):
    path = xlsx(tmp_path / "a.xlsx", table(["村"] * 100))
    assert "已损坏" in refusal(with_declared_size(path, 50))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_entities(tmp_path, encoding):
    head = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    xml = (head + table(["村"])).encode(encoding)
    assert "XML 实体" in refusal(xlsx(tmp_path / "a.xlsx", "", parts={"xl/worksheets/sheet1.xml": xml}))


def test_more_rows_than_anybody_keeps(tmp_path):
    rows = "".join(f'<row r="{number}"><c r="A{number}"><v>1</v></c></row>' for number in range(1, 200_002))
    assert "超过 20 万行" in refusal(xlsx(tmp_path / "a.xlsx", sheet(rows)))


def test_values_spread_too_far(tmp_path):
    cells = "".join(row(number, 1) for number in range(1, 401))
    far = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(1_001, 1_401))
    assert "散得太开" in refusal(xlsx(tmp_path / "a.xlsx", sheet(cells + far)))


def test_more_merged_cells_than_anybody_sees(tmp_path):
    ranges = "".join(f'<mergeCell ref="A{number}:B{number}"/>' for number in range(1, 500_002))
    after = f"<mergeCells>{ranges}</mergeCells>"
    assert "合并" in refusal(xlsx(tmp_path / "a.xlsx", sheet(row(1, "村"), after=after)))


@pytest.mark.parametrize("broken", ["<worksheet><sheetData><row", "no xml at all", ""])
def test_broken_sheets(tmp_path, broken):
    assert "已损坏" in refusal(xlsx(tmp_path / "a.xlsx", broken))


# --- The child -------------------------------------------------------------------------------------------------
@pytest.fixture
def workbook(tmp_path):
    return xlsx(tmp_path / "a.xlsx", table(["村"]))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import os; os.abort()", "用尽了内存"),
        (
            "from ledgers.reading.limits import limit_this_process as limit; limit(); bytearray(600 * 2**20)",
            "用尽了内存",
        ),
        ("import sys; sys.stdout.buffer.write(b'\\x7f\\xff\\xff\\xff')", "用尽了内存"),
        ("import sys; sys.stdout.buffer.write(b'\\0\\0\\1\\0half')", "用尽了内存"),
        ("pass", "用尽了内存"),
    ],
)
def test_a_child_that_dies(monkeypatch, workbook, code, words):
    monkeypatch.setattr(reader, "CHILD", "import sys; sys.path.append(sys.argv[1]);" + code)
    assert words in refusal(workbook)


def test_a_child_that_hangs_is_stopped(monkeypatch, workbook):
    children = []
    monkeypatch.setattr(reader, "SECONDS", 0.2)
    monkeypatch.setattr(reader, "CHILD", "import time; time.sleep(60)")
    start = reader.Child.__enter__
    monkeypatch.setattr(reader.Child, "__enter__", lambda child: children.append(child) or start(child))
    assert "秒" in refusal(workbook)
    assert children[0].process.poll() is not None


def test_a_message_that_is_no_plain_value_is_not_loaded(monkeypatch, workbook, tmp_path):
    code = (
        "import os, pickle, sys\n"
        "class Evil:\n    def __reduce__(self): return os.mkdir, (sys.argv[2] + '.evil',)\n"
        "data = pickle.dumps(('rows', Evil()))\nsys.stdout.buffer.write(len(data).to_bytes(4, 'big') + data)"
    )
    monkeypatch.setattr(reader, "CHILD", code)
    refusal(workbook)
    assert not list(tmp_path.glob("*.evil"))


def test_the_child_knows_neither_django_nor_our_keys(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "must not be inherited")
    code = (
        "import sys, os; sys.path.append(sys.argv[1]); import ledgers.reading.child;"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'django', 'celery', 'banzhuang', 'settings'}))"
    )
    found = subprocess.run(
        [sys.executable, "-I", "-c", code, reader.FRAME], capture_output=True, text=True, check=True, env={}
    )
    assert found.stdout == "[]\n"
    assert "SECRET_KEY" not in reader.ENVIRONMENT
