"""Workbooks in the shapes of the township's own ledgers, with invented people, for the tests of the engine."""

import openpyxl

from tests.factories import id_number

UPPER = [
    "序号", "村名", "姓名", "性别", "民族", "出生\n年月", "入党\n时间", "文化程度", None, "工作经历", None,
    "任现职 时间", "是否 一肩挑", "产生方式", "身份证号", "手机", "近三年考核", "备注",
]  # fmt: skip
LOWER = [None] * 7 + ["全日制", "在职", "参加工作时间", "原身份"] + [None] * 7
MERGED = ["H3:I3", "J3:K3", *(f"{letter}3:{letter}4" for letter in "ABCDEFGLMNOPQR")]
KEYS = (
    "village", "name", "sex", "ethnic", "born", "joined", "full", "serving", "worked", "origin", "start", "both",
    "way", "number", "phone", "grades", "note",
)  # fmt: skip


def person(place: int, **changes) -> dict:
    """A row of the register as people write it; `changes` by the keys of KEYS."""
    row = {
        "village": "西响石",
        "name": f"张建{'甲乙丙丁戊己庚辛'[place % 8]}",
        "sex": "男 ",
        "ethnic": "汉",
        "born": "1975.3",
        "joined": "2004.8",
        "full": "高中",
        "serving": "大专",
        "worked": "1996年3月",
        "origin": "返乡",
        "start": "2019.2",
        "both": "否",
        "way": "两推一选",
        "number": id_number(place),
        "phone": 13900000000 + place,
        "grades": "优秀、称职、称职",
        "note": None,
    }
    return row | changes


def register(path, rows):
    """村党组织书记信息表: title, unit and date in one cell, a head two deep, the rows, 合计, signatures."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "村书记"
    sheet.append(["班庄镇村（社区）党组织书记信息表"])
    sheet.append(["填报单位（盖章）：中共班庄镇委员会                填报日期：2022年3月31日"])
    sheet.append(UPPER)
    sheet.append(LOWER)
    for number, row in enumerate(rows, 1):
        sheet.append([number, *(row[key] for key in KEYS)])
    sheet.append(["合计", None, f"{len(rows)}人"])
    sheet.append([])
    sheet.append(["单位负责人：            审核人：            填表人：            联系电话："])
    for area in ["A1:R1", "A2:R2", *MERGED, f"A{sheet.max_row}:R{sheet.max_row}"]:
        sheet.merge_cells(area)
    book.save(path)
    return path


def roster(path, people):
    """镇领导班子成员名册: (name, position, identity number) a row, head in row 2."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["班庄镇领导班子成员名册"])
    sheet.append(["序号", "姓名", "性别", "出生年月", "职务", "政治面貌", "身份证号", "联系电话"])
    for number, (name, position, identity) in enumerate(people, 1):
        sheet.append([number, name, "男", "1975.03", position, "中共党员", identity, f"1390000{number:04}"])
    sheet.merge_cells("A1:H1")
    book.save(path)
    return path
