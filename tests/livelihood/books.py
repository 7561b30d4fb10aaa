"""Ledgers of households in the shapes of the township's own, with invented people."""

import csv
import datetime

import openpyxl

from banzhuang.ledgers.plan import make_plan
from banzhuang.ledgers.staging import commit, stage
from tests.factories import id_number

DAY = datetime.date(2026, 6, 30)
HEADER = [
    "序号", "户主", "与户主关系", "身份证号码", "家庭人口", "劳动力人数", "致贫原因", "享受政策", "帮扶责任人", "备注",
]  # fmt: skip
VISITS = ["走访日期", "走访干部", "职务", "村", "户主", "反映情况", "帮扶措施", "解决情况"]


def number(place: int) -> str:
    """The identity number of the head in this place of a list; 100 a year of birth."""
    return id_number(place, birth=datetime.date(1940 + place // 100, 5, 7))


def household(place: int, **changes) -> dict:
    """A row of the register; `changes` by header."""
    row = {
        "序号": place + 1,
        "户主": f"朱{'甲乙丙丁戊己庚辛'[place % 8]}{'东南西北'[place // 8 % 4]}",
        "与户主关系": "户主",
        "身份证号码": number(place),
        "家庭人口": 4,
        "劳动力人数": 1,
        "致贫原因": "因病",
        "享受政策": "低保",
        "帮扶责任人": None,
        "备注": None,
    }
    return row | changes


def register(path, sheets: dict[str, list[dict]], title="班庄镇{}建档立卡户台账", header=HEADER):
    """建档立卡户台账: a sheet a village, its name only there and in the title; a row 小计 below."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        sheet.append([title.format(name)])
        sheet.append(["填报人：          联系电话："])
        sheet.append(header)
        for row in rows:
            sheet.append([row.get(label) for label in header])
        sheet.append(["小计"])
        for line in (1, 2):
            sheet.merge_cells(start_row=line, start_column=1, end_row=line, end_column=len(header))
    book.save(path)
    return path


def visit(**changes) -> dict:
    row = dict(
        zip(
            VISITS,
            ["2026年5月25日", "何金", "党委委员", "马圩", "朱甲东", "=房屋漏雨", "联系施工队", "已解决"],
            strict=True,
        )
    )
    return row | changes


def visits(path, rows, header=VISITS, title="班庄镇领导干部走访贫困户记录（第21周）"):
    """走访记录 as a .csv in GB18030, title first."""
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([title])
        writer.writerow(header)
        writer.writerows([row.get(label) for label in header] for row in rows)
    return path


def plan_of(path, user, day=DAY, kind=""):
    return make_plan(path, path.name, user, day, kind)


def write(path, user, day=DAY, kind=""):
    """Import the file as `user`; → the plan, and the batch that was committed."""
    plan = plan_of(path, user, day, kind)
    batch = stage(plan, path.name, path.read_bytes())
    commit(batch, day)
    batch.refresh_from_db()
    return plan, batch


def problems(plan, place=0):
    """(key, severity, message) of a fact."""
    return [(key, problem.severity, problem.message) for key, problem in plan.planned[place].fact.problems]


def said(plan, place=0):
    return [sentence for write in plan.planned[place].writes for sentence in write.said]
