"""The first two ledgers of the township, in their shapes, from the file to the parsed cells."""

import datetime
from types import SimpleNamespace

import openpyxl
import pytest

from banzhuang.ledgers.header import recognise
from banzhuang.ledgers.reader import read_workbook

from .columns import LEDGERS

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
VILLAGES = [
    f"{first}{second}"
    for first in "东西南北前后上下"
    for second in ("洪爽", "净埠", "庄", "响石", "坡", "河")
][:44]


def id_number(day: datetime.date, serial: int) -> str:
    """Of area 710000, which was never issued."""
    body = f"710000{day:%Y%m%d}{serial:03}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]


@pytest.fixture
def leaders(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["班庄镇领导班子成员名册"])
    sheet.merge_cells("A1:H1")
    sheet.append(["序号", "姓名", "性别", "出生年月", "职务", "政治面貌", "身份证号", "联系电话"])
    for number in range(1, 14):
        born = datetime.date(1965 + number, 1 + number % 12, 5)
        sheet.append(
            [
                number,
                f"张{number}",
                "男",
                f"{born:%Y.%m}",
                "党委委员",
                "中共党员",
                id_number(born, 2 * number + 1),
                f"1390000{number:04}",
            ]
        )
    book.save(tmp_path / "镇领导名册.xlsx")
    return tmp_path / "镇领导名册.xlsx"


UPPER = [
    "序号", "村名", "姓名", "性别", "民族", "出生\n年月", "入党\n时间", "文化程度", None, "工作经历", None,
    "任现职 时间", "是否 一肩挑", "产生方式", "身份证号", "手机", "近三年考核", "备注",
]  # fmt: skip
LOWER = [None] * 7 + ["全日制", "在职", "参加工作时间", "原身份"] + [None] * 7
SHAPES = [
    "{:%Y-%m-%d}",
    "{0.year}/{0.month}/{0.day}",
    "{:%Y%m%d}",
    None,
    "{:%Y.%m}",
    "{0.year}.{0.month}",
    "{0.year}年{0.month}月",
]
LONG_NAMES = ["", "村", "村委会"]


@pytest.fixture
def secretaries(tmp_path):
    """44 rows, village names in three forms, dates in seven, a number 2018.1 in L16, a wrong digit in O38."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "村书记"
    sheet.append(["班庄镇村（社区）党组织书记信息表"])
    sheet.append(["填报单位（盖章）：中共班庄镇委员会                填报日期：2022年3月31日"])
    sheet.append(UPPER)
    sheet.append(LOWER)
    for place, village in enumerate(VILLAGES):
        born = datetime.date(1960 + place % 25, 1 + place % 12, 1 + place % 28)
        start = datetime.date(2012 + place % 9, 1 + place * 5 % 12, 1 + place % 28)
        shape, other = SHAPES[place % 7], SHAPES[(place + 3) % 7]
        number = id_number(born, 2 * place + 1)
        if place == 33:
            number = number[:-1] + ("1" if number[-1] != "1" else "2")
        sheet.append([
            place + 1, village + LONG_NAMES[place % 3], f"王{place}",
            "男 " if place % 5 == 4 else "男", "汉" if place % 2 else "汉族",
            shape.format(born) if shape else born, f"{start.year - 9}.{start.month}",
            "高中", "大专" if place % 2 else None, f"{start.year - 20}年8月", "返乡",
            2018.1 if place == 11 else other.format(start) if other else start,
            "是否√"[place % 3], "两推一选", number,
            13900000000 + place if place % 4 == 3 else f"1390000{place:04}", "优秀、称职、称职", None,
        ])  # fmt: skip
    sheet.append(["合计", None, "44人"])
    sheet["A51"] = "单位负责人：            审核人：            填表人：            联系电话："
    for area in ("A1:R1", "A2:R2", "H3:I3", "J3:K3", "A51:R51"):
        sheet.merge_cells(area)
    for letter in "ABCDEFGLMNOPQR":
        sheet.merge_cells(f"{letter}3:{letter}4")
    book.save(tmp_path / "村党组织书记信息表.xlsx")
    return tmp_path / "村党组织书记信息表.xlsx"


def read(path):
    [(ledger, _, table)] = recognise(read_workbook(path, path.name), LEDGERS, path.name)
    villages = {
        name: f"3207071092{place:02}"
        for place, village in enumerate(VILLAGES)
        for name in (village, f"{village}村")
    }
    context = SimpleNamespace(villages=villages, townships={"班庄镇"})
    parsed = {
        (row.number, column.key): column.parser.in_unit(table.unit_of(column.key)).parse(
            row.values[column.key], context
        )
        for row in table.rows
        for column in ledger.columns
        if column.key in row.values
    }
    return ledger, table, parsed


def test_the_roster_of_leaders(leaders):
    ledger, table, parsed = read(leaders)
    assert ledger.kind == "cadres"
    assert (table.header_rows, len(table.rows), table.dropped) == ([2], 13, [])
    assert [column.header for column in table.columns if column.key is None] == ["序号"]
    assert all(found.problem is None for found in parsed.values())
    assert parsed[3, "born"].value.iso() == "1966-02"


def test_the_secretaries(secretaries):
    ledger, table, parsed = read(secretaries)
    assert ledger.kind == "secretaries"
    assert table.header_rows == [3, 4]
    assert table.metadata == {"填报单位": "中共班庄镇委员会", "填报日期": "2022年3月31日"}
    assert [column.header for column in table.columns if column.key is None] == ["序号", "近三年考核"]
    assert [row.number for row in table.rows] == list(range(5, 49))
    assert [(entry.row, entry.reason) for entry in table.dropped] == [(49, "合计“44人”"), (51, "签字栏")]
    problems = {cell: found.problem.severity for cell, found in parsed.items() if found.problem}
    assert problems == {(16, "start"): "warning", (38, "id_number"): "error"}
    assert {parsed[row, "village"].value for row in range(5, 49)} == {
        f"3207071092{place:02}" for place in range(44)
    }
    assert parsed[5, "born"].value.iso() == "1960-01-01"
    assert {parsed[row, "born"].value.precision for row in range(5, 49)} == {"day", "month"}
