"""From a workbook to a plan: which ledger it is, what each row says, what is wrong, what would be written.

Nothing is written here. The same functions run for the preview, for the command, and again at commit.
"""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from banzhuang.core.access import may

from .grid import Refused
from .header import Table, recognise
from .ledger import Fact, Ledger, Setting, Write, registry
from .parsers import FORMULA_WITHOUT_VALUE
from .reader import read_workbook

CHUNK = 500


@dataclass
class Planned:
    """A fact, the rows it would write, and what that makes of it: new, changed, same or invalid.

    read: how many of the fact's problems were found reading its cells; the rest is the rules', and found again at commit.
    """

    fact: Fact
    read: int = 0
    writes: list[Write] = field(default_factory=list)
    outcome: str = "invalid"

    def fingerprint(self) -> str:
        """Changes when what would be written, or the version of a row it would be written over, changes."""
        content = [
            [
                w.model._meta.label,
                w.instance.pk if w.instance else None,
                getattr(w.instance, "version", None),
                sorted(w.changes()),
            ]
            for w in self.writes
        ]
        return hashlib.sha256(json.dumps([self.outcome, content]).encode()).hexdigest()[:16]


@dataclass
class Plan:
    """A whole ledger understood: facts in file order, and what was found around them."""

    ledger: Ledger
    setting: Setting
    tables: list[Table]
    planned: list[Planned]

    @property
    def counts(self) -> dict[str, int]:
        """rows = new + changed + same + invalid; errors and warnings are cells."""
        outcomes = Counter(item.outcome for item in self.planned)
        severities = Counter(problem.severity for item in self.planned for _, problem in item.fact.problems)
        return {
            "rows": len(self.planned),
            **{name: outcomes[name] for name in ("new", "changed", "same", "invalid")},
            "errors": severities["error"],
            "warnings": severities["warning"],
        }


def make_plan(path, file_name: str, user, day, kind: str = "", sheet: str = "") -> Plan:
    """Read the file and plan it; raises Refused with one Chinese sentence when it cannot be used at all.

    `kind` and `sheet` narrow the search; only ledgers whose table the user may import are tried.
    """
    workbook = read_workbook(path, file_name)
    ledgers = [ledger for ledger in registry if kind in {"", ledger.kind} and may_import(user, ledger)]
    if not ledgers:
        raise Refused(
            "没有导入这种台账的权限。" if kind in registry or not kind else f"没有“{kind}”这种台账。"
        )
    if sheet and sheet not in [grid.name for grid in workbook.sheets]:
        names = "、".join(grid.name for grid in workbook.sheets[:10])
        raise Refused(f"文件里没有工作表“{sheet}”，只有：{names}。")
    ledger, tables = choose(recognise(workbook, ledgers, file_name), sheet)
    metadata = {key: value for table in tables for key, value in table.metadata.items()}
    setting = Setting(user, day, metadata)
    context = ledger.prepare(setting)
    facts = [fact for table in tables for fact in parse_table(ledger, table, context)]
    return Plan(ledger, setting, tables, plan_facts(ledger, facts, context, setting))


def may_import(user, ledger: Ledger) -> bool:
    return may(user, "import", ledger.model)


def choose(found, sheet: str):
    """The ledger that fits best, with its tables of all sheets (or the wanted one); Refused when nothing fits."""
    found = [match for match in found if sheet in {"", match[1].name}]
    if not found:
        labels = "、".join(ledger.label for ledger in registry)
        raise Refused(f"没有认出表头。表头应有“村、姓名”这样的列名；能导入的台账有：{labels}。")
    best = found[0][0]
    return best, [table for ledger, _, table in found if ledger is best]


def parse_table(ledger: Ledger, table: Table, context) -> list[Fact]:
    """Facts of one table: every cell through its column's parser, problems kept with their key."""
    present = frozenset(column.key for column in table.columns if column.key)
    parsers = {column.key: column.parser.in_unit(table.unit_of(column.key)) for column in ledger.columns}
    above = said_above(table)
    around = {
        column.key: parsers[column.key].around(above, context) for column in ledger.columns if column.around
    }
    facts = []
    for row in table.rows:
        fact = Fact(table.sheet, row.number, {}, present, dict(row.cells), dict(row.values))
        for column in ledger.columns:
            if column.key in row.unvalued:
                fact.problems.append((column.key, FORMULA_WITHOUT_VALUE))
            elif column.key in present or column.around:
                parse_cell(column, parsers[column.key], fact, context, around.get(column.key))
            elif column.required:
                fact.add(column.key, f"表里没有“{column.label}”这一列。", f"加上“{column.label}”列再导入。")
        facts.append(fact)
    return facts


def said_above(table: Table) -> list[str]:
    """Where a table says what holds for all of its rows: the sheet's name, the title, whose table it is."""
    lines = [table.metadata.get(name, "") for name in ("行政村", "村名", "村", "填报单位")]
    return [text for text in (table.sheet, table.title, *lines) if text]


def parse_cell(column, parser, fact: Fact, context, around=None) -> None:
    """A cell in error or doubt leaves no value: what the database knows then stays as it is.

    around: what stands around the table for this column.
    """
    parsed = parser.parse(fact.raw.get(column.key), context)
    if around is not None:
        parsed = parser.together(parsed, around)
    if parsed.problem is not None:
        fact.problems.append((column.key, parsed.problem))
        if parsed.value is None and not (column.required and parsed.problem.severity == "warning"):
            return
    if column.required and parsed.value is None:
        if column.key in fact.present:
            fact.add(column.key, f"“{column.label}”没有填。", "补上后再导入。")
        else:
            wrong = f"表里没有“{column.label}”这一列，工作表名和标题里也没有写明。"
            fact.add(column.key, wrong, f"加上“{column.label}”列，或在标题里写明。")
        return
    fact.values[column.key] = parsed.value


def plan_facts(ledger: Ledger, facts: list[Fact], context: Any, setting: Setting) -> list[Planned]:
    """Judge and plan facts chunk by chunk: look-ups are a fixed number of queries a chunk."""
    planned, seen = [], {}
    ledger.survey(facts, context)
    for start in range(0, len(facts), CHUNK):
        chunk = facts[start : start + CHUNK]
        ledger.load(chunk, context, setting)
        for fact in chunk:
            item = Planned(fact, len(fact.problems))
            refuse_twice(ledger, fact, seen)
            ledger.judge(fact, context, setting)
            if fact.valid:
                item.writes = ledger.plan(fact, context, setting)
                item.outcome = outcome_of(item.writes)
            planned.append(item)
    return planned


def refuse_twice(ledger: Ledger, fact: Fact, seen: dict) -> None:
    """The same row twice in a file: the second is in error and says where the first is."""
    identity = ledger.identity(fact)
    if identity is None:
        return
    first = seen.setdefault(identity, fact)
    if first is not fact:
        key = next(iter(fact.values), ledger.columns[0].key)
        where = (
            f"第 {first.number} 行"
            if first.sheet == fact.sheet
            else f"工作表“{first.sheet}”第 {first.number} 行"
        )
        fact.add(key, f"与{where}重复（{ledger.name(fact)}）。", "删去重复的一行。")


def outcome_of(writes: list[Write]) -> str:
    if any(write.main and write.instance is None for write in writes):
        return "new"
    return "changed" if any(write.instance is None or write.changes() for write in writes) else "same"
