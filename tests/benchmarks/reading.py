"""Reading a workbook: ours (child process, checks, structure, values) against openpyxl's read-only mode.

    python -m tests.benchmarks.reading

Goal: at least 8 times faster on 20 000 rows of 18 columns.
"""

import datetime
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import openpyxl

from tests.environment import SETTINGS

ROWS, ROUNDS, GOAL = 20_000, 3, 8
HEADER = [
    "序号", "村名", "姓名", "性别", "民族", "出生年月", "入党时间", "全日制学历", "在职学历", "参加工作时间", "原身份",
    "任现职时间", "是否一肩挑", "产生方式", "身份证号", "手机", "近三年考核", "备注",
]  # fmt: skip


def make(path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("村书记")
    sheet.append(HEADER)
    for row in range(ROWS):
        born = datetime.date(1960, 1, 1) + datetime.timedelta(days=row % 12_000)
        number = f"710000{born:%Y%m%d}{row % 10_000:04}"
        sheet.append([
            row, f"村{row % 44}", f"张{row % 977}", "男", "汉族", born, "2010.9", "高中", None, "1999年8月", "返乡",
            2013.05, "否", "两推一选", number, 13900000000 + row, "优秀、称职、称职", f"备注{row}",
        ])  # fmt: skip
    book.save(path)


def openpyxl_read_only(path: Path) -> None:
    book = openpyxl.load_workbook(path, read_only=True)
    for sheet in book:
        for _ in sheet.iter_rows(values_only=True):
            pass


def seconds(act) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        act()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def start_child() -> None:
    from banzhuang.ledgers import reader

    code = "import sys; sys.path.append(sys.argv[1]); import ledgers.reading.child"
    subprocess.run([sys.executable, "-I", "-c", code, reader.FRAME], env={}, check=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(SETTINGS, BANZHUANG_DATA=folder)
        from banzhuang.ledgers.header import find_table
        from banzhuang.ledgers.reader import read_workbook
        from tests.ledgers.columns import SECRETARIES

        path = Path(folder, "台账.xlsx")
        make(path)
        theirs = seconds(lambda: openpyxl_read_only(path))
        ours = seconds(lambda: read_workbook(path, path.name))
        [sheet] = read_workbook(path, path.name).sheets
        table = seconds(lambda: find_table(sheet, SECRETARIES))
    print(f"start of the child        {seconds(start_child) * 1000:7.0f} ms")
    print(f"openpyxl, read only       {theirs:7.2f} s")
    print(f"read_workbook             {ours:7.2f} s")
    print(f"find_table                {table:7.2f} s")
    print(f"ratio                     {theirs / ours:7.1f}  (goal {GOAL})")


if __name__ == "__main__":
    main()
