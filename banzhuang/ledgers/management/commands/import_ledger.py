"""Read a ledger as it is; say what it holds; with --commit write it.

Exit status 0 when the file could be read (also with errors in rows), 2 with one sentence on stderr when not.
"""

import json
import sys
import time
from pathlib import Path

from django.core.management.base import BaseCommand

from banzhuang.accounts.demo import TOWNSHIP
from banzhuang.accounts.models import User
from banzhuang.core.clock import today

from ...apply import ApplyRefused
from ...grid import Refused, cell_address
from ...models import ImportBatch
from ...plan import make_plan
from ...staging import commit, stage, understanding
from ...values import labels, shown, shown_raw

SAMPLE = 20


class Command(BaseCommand):
    help = "导入一个台账：先读懂并列出问题；加 --commit 才写入"

    def add_arguments(self, parser):
        parser.add_argument("file", help="台账文件")
        parser.add_argument("--kind", default="", help="台账种类，不写时自动辨认")
        parser.add_argument("--sheet", default="", help="只读这个工作表")
        parser.add_argument("--commit", action="store_true", help="写入有效的行")
        parser.add_argument("--all-or-nothing", action="store_true", help="有一行错误就都不写")
        parser.add_argument("--user", default="", help="以谁的名义，默认系统")
        parser.add_argument("--json", action="store_true", help="输出一个 JSON 对象")

    def handle(self, *args, file, kind, sheet, user, **options):
        started = time.monotonic()
        path = Path(file)
        try:
            content = read(path)
            owner = owner_of(user)
            plan = make_plan(path, path.name, owner, today(), kind, sheet)
            wanted = options["commit"] and not (options["all_or_nothing"] and plan.counts["invalid"])
            batch = write(plan, path.name, content) if wanted else None
        except (Refused, ApplyRefused) as refused:
            self.stderr.write(str(refused))
            sys.exit(2)
        found = describe(plan) | {
            "batch": batch.pk if batch else None,
            "seconds": round(time.monotonic() - started, 3),
        }
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=1))
        else:
            self.write_words(found)

    def write_words(self, found):
        self.stdout.write(
            f"{found['label']}：{found['rows']} 行，新增 {found['new']}，修改 {found['changed']}，"
            f"不变 {found['same']}，错误 {found['invalid']}。"
        )
        for problem in found["errors"] + found["warnings"]:
            self.stdout.write(f"  {problem['cell']} {problem['message']}")
        self.stdout.write(f"已写入，批次号 {found['batch']}。" if found["batch"] else "没有写入。")


def write(plan, file_name: str, content: bytes) -> ImportBatch:
    """Stage and commit at once; refused, neither is left behind."""
    batch = stage(plan, file_name, content)
    try:
        commit(batch, today())
    except ApplyRefused:
        batch.delete()
        raise
    return batch


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise Refused(f"打不开文件 {path.name}：没有这个文件，或没有读取的权限。") from None


def owner_of(username: str) -> User:
    if not username:
        return User.objects.system(TOWNSHIP)
    owner = User.objects.filter(username=username, is_active=True).first()
    if owner is None:
        raise Refused(f"没有用户“{username}”，或已停用。")
    return owner


def describe(plan) -> dict:
    """The object of `--json`, by the contract: counts, what was found, problems with their cells, a sample."""
    found = understanding(plan)
    headers = {
        (table.sheet, column.index): column.header for table in plan.tables for column in table.columns
    }
    errors, warnings = [], []
    for item in plan.planned:
        for key, problem in item.fact.problems:
            target = errors if problem.severity == "error" else warnings
            target.append(problem_at(plan, item.fact, key, problem, headers))
    sample = [item.fact for item in plan.planned if item.outcome != "invalid"][:SAMPLE]
    return {
        "kind": plan.ledger.kind,
        "label": plan.ledger.label,
        "sheets": found["sheets"],
        "header_rows": found["header_rows"],
        "columns": found["columns"],
        "unmatched": found["unmatched"],
        "metadata": found["metadata"],
        **{name: plan.counts[name] for name in ("rows", "new", "changed", "same", "invalid")},
        "errors": errors,
        "warnings": warnings,
        "dropped": [
            {name: value for name, value in row.items() if value is not None} for row in found["dropped"]
        ],
        "sample": [
            {
                column.key: sampled(column, fact.values[column.key])
                for column in plan.ledger.columns
                if fact.values.get(column.key) not in (None, "", [])
            }
            for fact in sample
        ],
    }


def sampled(column, value):
    several = isinstance(value, list) and not column.sensitive
    return labels(column, value) if several else shown(column, value)


def problem_at(plan, fact, key, problem, headers) -> dict:
    index = fact.cells.get(key)
    return {
        "sheet": fact.sheet,
        "row": fact.number,
        "column": headers.get((fact.sheet, index), ""),
        "cell": cell_address(fact.number - 1, index) if index is not None else "",
        "value": shown_raw(plan.ledger.column(key), fact.raw.get(key)),
        "message": f"{problem.message}{problem.remedy}",
    }
