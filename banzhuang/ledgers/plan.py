"""From a workbook to a plan: which ledger it is, what each row says, what is wrong, what would be written.

Nothing is written here. The same functions run for the preview, for the command, and again at commit.
"""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from banzhuang.core.access import may_write

from .choosing import Chosen, choose
from .grid import Refused, WorkbookGrid, cell_address
from .known import recognise_known
from .ledger import Fact, Ledger, Setting, Write, registry
from .models import FormMatch
from .parsers import FORMULA_WITHOUT_VALUE, MERGED_VALUE, Parsed, Parser
from .reader import read_workbook
from .rights import Rights
from .table import Table, TableRow

CHUNK = 500


@dataclass
class Planned:
    """A fact, the rows it would write, and what that makes of it: new, changed, same or invalid.

    read: how many of the fact's problems were found reading its cells; the rest is the rules', and found again at commit.
    refusal: why the user may not write it, "" otherwise.
    """

    fact: Fact
    read: int = 0
    writes: list[Write] = field(default_factory=list)
    outcome: str = "invalid"
    refusal: str = ""

    def fingerprint(self) -> str:
        """Changes when what would be written, or the version of a row it would be written over, changes."""
        content = [
            [
                w.model._meta.label,
                w.instance.pk if w.instance else None,
                getattr(w.instance, "version", None),
                sorted(w.values if w.instance is None else w.changes()),
            ]
            for w in self.writes
        ]
        return hashlib.sha256(repr([self.outcome, content]).encode()).hexdigest()[:16]


AfterChunk = Callable[[list[Planned]], None]


@dataclass
class Plan:
    """A whole ledger understood: facts in file order, and what was found around them."""

    ledger: Ledger
    setting: Setting
    tables: list[Table]
    planned: list[Planned]
    facts: list[Fact] = field(default_factory=list)
    context: Any = None
    workbook: WorkbookGrid | None = None
    remembered: FormMatch | None = None

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


def make_plan(
    path, file_name: str, user, day, kind: str = "", sheet: str = "", chosen: Chosen | None = None
) -> Plan:
    """Read the file and plan it; raises Refused with one Chinese sentence when it cannot be used at all.

    `kind` and `sheet` narrow the search; only ledgers whose table the user may import are tried.
    chosen: what a person said of the file, in place of both.
    """
    workbook = read_workbook(path, file_name)
    chosen = chosen or Chosen(kind, (sheet,) if sheet else ())
    plan = understand(workbook, file_name, user, day, chosen)
    plan.planned = plan_facts(plan.ledger, plan.facts, plan.context, plan.setting)
    return plan


def understand(workbook: WorkbookGrid, file_name: str, user, day, chosen: Chosen) -> Plan:
    """A plan that has its facts but has not judged them yet. Raises Refused, also (Unmatched) when no table is found."""
    kind = chosen.kind
    ledgers = [ledger for ledger in registry if kind in {"", ledger.kind} and may_import(user, ledger)]
    if not ledgers:
        raise Refused(
            "没有导入这种台账的权限。" if kind in registry or not kind else f"没有“{kind}”这种台账。"
        )
    for sheet in chosen.sheets:
        if sheet not in [grid.name for grid in workbook.sheets]:
            names = "、".join(grid.name for grid in workbook.sheets[:10])
            raise Refused(f"文件里没有工作表“{sheet}”，只有：{names}。")
    choice = choose(workbook, ledgers, file_name, user, chosen)
    ledger, tables = choice.ledger, list(choice.tables.values())
    metadata = {key: value for table in tables for key, value in table.metadata.items()}
    setting = Setting(user, day, metadata, [table.metadata for table in tables])
    context = ledger.prepare(setting)
    facts = [fact for table in tables for fact in parse_table(ledger, table, context)]
    return Plan(ledger, setting, tables, [], facts, context, workbook, choice.remembered)


def may_import(user, ledger: Ledger) -> bool:
    return may_write(user, "import", ledger.model)


def parse_table(ledger: Ledger, table: Table, context) -> list[Fact]:
    """Facts of one table: every cell through its column's parser, problems kept with their key."""
    present = table.keys
    parsers = {
        column.key: column.parser.in_unit(table.unit_of(column.key), table.units) for column in ledger.columns
    }
    around = said_around(ledger, table, parsers, context)
    read = {key: Reading(parser, context) for key, parser in parsers.items()}
    facts = []
    for row in table.rows:
        if table.spread and says_nothing(row, table.spread.value, parsers, context):
            continue
        fact = Fact(table.sheet, row.number, {}, present, row.cells, row.values)
        for column in ledger.columns:
            if column.key in row.unvalued:
                fact.problems.append((column.key, FORMULA_WITHOUT_VALUE))
            elif column.key in present or column.around:
                parse_cell(column, read[column.key], fact, around[row.section].get(column.key))
            elif column.required:
                fact.add(column.key, f"表里没有“{column.label}”这一列。", f"加上“{column.label}”列再导入。")
        fact.problems += [(key, MERGED_VALUE) for key in row.shared]
        facts.append(fact)
    return facts


def says_nothing(row: TableRow, key: str, parsers: dict[str, Parser], context) -> bool:
    """Whether a cell of a table spread over its columns is no fact: a dash or 无 is no more than a blank."""
    return key not in row.unvalued and parsers[key].parse(row.values[key], context) == Parsed(None)


def said_around(
    ledger: Ledger, table: Table, parsers: dict[str, Parser], context
) -> dict[str, dict[str, Parsed]]:
    """By section of the table: column key → what it says of the column, else what stands above the table."""
    above = said_above(table)
    columns = [column.key for column in ledger.columns if column.around]
    whole = {key: parsers[key].around(above, context) for key in columns}
    sections = {row.section for row in table.rows}
    said = {
        section: {key: parsers[key].around([section], context) for key in columns} for section in sections
    }
    return {
        section: {key: whole[key] if found[key] == Parsed(None) else found[key] for key in columns}
        for section, found in said.items()
    }


def said_above(table: Table) -> list[str]:
    """Where a table says what holds for all of its rows: the sheet's name, the title, whose and when it is."""
    lines = [table.metadata.get(name, "") for name in ("行政村", "村名", "村", "填报单位", "期间")]
    return [text for text in (table.sheet, table.title, *lines) if text]


class Reading:
    """Reads the cells of one column. Villages, words and amounts are the same again and again: each is read once."""

    MOST = 2_000  # kept; in a column of numbers none comes twice

    def __init__(self, parser: Parser, context):
        self.parser, self.context = parser, context
        self.known: dict[tuple, Parsed] = {}

    def parse(self, value) -> Parsed:
        cell = type(value), value
        found = self.known.get(cell)
        if found is None:
            if len(self.known) == self.MOST:
                self.known.clear()
            found = self.known[cell] = self.parser.parse(value, self.context)
        return found


def parse_cell(column, reading: Reading, fact: Fact, around=None) -> None:
    """A cell in error or doubt leaves no value: what the database knows then stays as it is.

    around: what stands around the table for this column.
    """
    parsed = reading.parse(fact.raw.get(column.key))
    if around is not None:
        parsed = reading.parser.together(parsed, around)
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


def plan_facts(
    ledger: Ledger, facts: list[Fact], context: Any, setting: Setting, after_chunk: AfterChunk | None = None
) -> list[Planned]:
    """Judge and plan facts chunk by chunk: look-ups are a fixed number of queries a chunk.

    after_chunk: called with what became of each chunk as soon as it is planned.
    """
    planned, seen, numbers, rights = [], {}, {}, Rights(setting.user)
    ledger.survey(facts, context)
    for start in range(0, len(facts), CHUNK):
        chunk = facts[start : start + CHUNK]
        read = recognise_known(ledger, chunk, setting, numbers)
        if others := [fact for fact in chunk if not fact.stands]:
            ledger.load(others, context, setting)
        for fact, problems in zip(chunk, read, strict=True):
            item = Planned(fact, problems)
            refuse_twice(ledger, fact, seen)
            plan_fact(ledger, item, context, setting, rights)
            planned.append(item)
        if after_chunk:
            after_chunk(planned[start:])
    return planned


def plan_fact(ledger: Ledger, item: Planned, context: Any, setting: Setting, rights: Rights) -> None:
    """What a fact would write; nothing, and nothing is judged, where the register says the same already."""
    fact = item.fact
    if fact.stands:
        ledger.unchanged(fact, context)
        item.outcome = "same" if fact.valid else "invalid"
        return
    ledger.judge(fact, context, setting)
    if fact.valid:
        writes = ledger.plan(fact, context, setting)
        item.refusal = rights.refuse(ledger, fact, writes)
        if not item.refusal:
            item.writes, item.outcome = writes, outcome_of(writes)


def refuse_twice(ledger: Ledger, fact: Fact, seen: dict) -> None:
    """The same row twice in a file: the second is in error and says where the first is.

    Two rows with a 系统编号 each are two, whatever else they have in common.
    """
    identity = ledger.identity(fact)
    if identity is None:
        return
    first = seen.setdefault(identity, fact)
    if first is not fact and not (fact.known and first.known):
        key = next(iter(fact.values), ledger.columns[0].key)
        place, remedy = f"第 {first.number} 行", "删去重复的一行。"
        if ledger.spread and fact.is_of_cell(ledger.spread):
            key, remedy = ledger.spread.value, "只留一处。"
            place = f" {cell_address(first.number - 1, first.cells[key])} " if key in first.cells else place
        where = place if first.sheet == fact.sheet else f"工作表“{first.sheet}”{place}"
        fact.add(key, f"与{where}重复（{ledger.name(fact)}）。", remedy)


def outcome_of(writes: list[Write]) -> str:
    if any(write.main and write.instance is None for write in writes):
        return "new"
    return "changed" if any(write.instance is None or write.changes() for write in writes) else "same"
