"""Rows of a file that say by their 系统编号 which row of the register they are, and cells that say what it says."""

import datetime
from collections.abc import Sequence

from banzhuang.core.codes import is_starred
from banzhuang.core.dates import DateError, parse_partial_date
from banzhuang.core.text import compact

from .grid import Value
from .ledger import SYSTEM_NUMBER, Fact, Ledger, Setting
from .numbering import REMEDY, UNKNOWN
from .parsers import plain_number
from .standing import Standing, standing

WHOLE = "填写完整的内容；或者不改这一格，连同“系统编号”列一起导入平台导出的台账。"


def recognise_known(ledger: Ledger, facts: Sequence[Fact], setting: Setting, seen: dict) -> list[int]:
    """Give a chunk of facts the rows that their 系统编号 name, and their cells that changed nothing those rows' values.

    seen: {key of a row: fact} of the chunks before. → for each fact how many problems reading its cells has found:
    those that are not found again when it is judged again.
    """
    asked = {id(fact): pk for fact in facts if (pk := number_in(ledger, fact)) is not None}
    known, said = {}, {}
    if asked:
        rows = ledger.model.objects.for_user(setting.user).filter(pk__in=set(asked.values()))
        known = {row.pk: row for row in rows.select_related(*ledger.related)}
        said = standing(ledger, rows, setting.user, day_of(setting))
    counts = []
    for fact in facts:
        pk = asked.get(id(fact))
        fact.known = known.get(pk)
        compare(ledger, fact, said.get(pk))
        counts.append(len(fact.problems))
        if pk is not None:
            refuse_number(fact, pk, seen)
    return counts


def number_in(ledger: Ledger, fact: Fact) -> int | None:
    """The row that a fact says it is. A cell of a table spread over its columns is not the row that it stands in."""
    of_cell = ledger.spread is not None and fact.is_of_cell(ledger.spread)
    return None if of_cell else fact.values.get(SYSTEM_NUMBER)


def refuse_number(fact: Fact, pk: int, seen: dict[int, Fact]) -> None:
    first = seen.setdefault(pk, fact)
    if fact.known is None:
        fact.add(SYSTEM_NUMBER, UNKNOWN, REMEDY)
    elif first is not fact:
        where = "" if first.sheet == fact.sheet else f"工作表“{first.sheet}”"
        wrong = f"与{where}第 {first.number} 行的系统编号相同。"
        fact.add(SYSTEM_NUMBER, wrong, "删去重复的一行；是新增的一行，系统编号留空。")


def day_of(setting: Setting) -> datetime.date:
    """The day that an export shows, written above its table; what has begun or ended since is no change of the file's."""
    try:
        written = parse_partial_date(setting.metadata.get("填报日期", ""))
    except DateError:
        return setting.day
    return min(written.first, setting.day) if written.precision == "day" else setting.day


def compare(ledger: Ledger, fact: Fact, said: Standing | None) -> None:
    """Cells that say what the row says take its values, whole where they were masked; other masked ones are refused.

    A blank cell says nothing: it takes the row's value too. What was compared when the file was read stays so.
    """
    if fact.unchanged is None:
        fact.unchanged = frozenset(
            key for key in (said.whole if said else ()) if key != SYSTEM_NUMBER and agrees(fact, key, said)
        )
        drop_problems(fact, fact.unchanged)
        refuse_starred(ledger, fact, said)
    for key in fact.unchanged if said else ():
        fact.values.pop(key, None)
        if said.values[key] not in (None, "", []):
            fact.values[key] = said.values[key]


def agrees(fact: Fact, key: str, said: Standing) -> bool:
    raw, cells = fact.raw.get(key), (None, said.whole[key], said.masked[key])
    return raw in cells or written(raw) in map(written, cells)


def written(value: Value) -> str:
    """A cell as text, the same whether it is a number or looks like one."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        value = value.date() if value.time() == datetime.time() else value
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, bool):
        return "是" if value else "否"
    return compact(value) if isinstance(value, str) else plain_number(value)


def drop_problems(fact: Fact, keys: frozenset[str] | set[str]) -> None:
    fact.problems = [(key, problem) for key, problem in fact.problems if key not in keys]


def refuse_starred(ledger: Ledger, fact: Fact, said: Standing | None) -> None:
    """A masked cell is no value: it stands for the row's own, or for nothing."""
    starred = {
        column.key
        for column in ledger.columns
        if column.sensitive
        and column.key not in fact.unchanged
        and isinstance(text := fact.raw.get(column.key), str)
        and is_starred(text)
    }
    if not starred:
        return
    drop_problems(fact, starred)
    for key in starred:
        fact.values.pop(key, None)
        fact.add(key, starred_words(key, said), WHOLE)


def starred_words(key: str, said: Standing | None) -> str:
    if said is None:
        return "这一格打了星号，不是完整的内容，这一行也没有系统编号可以核对。"
    stored = said.masked.get(key)
    registered = f"登记的是 {stored}" if stored else "登记的是空白"
    return f"这一格打了星号，与登记的不同（{registered}）。"
