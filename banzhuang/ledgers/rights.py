"""What an import may write. Who imports also needs the right to add new rows and to change those that stand, in each
table that a row is written to; and some rows are not to be written by the person who imports."""

from copy import copy

from banzhuang.core.access import may_write
from banzhuang.core.models import is_guarded

from .ledger import Fact, Ledger, Write

ACTS = {"add": "新增", "change": "修改", "delete": "删除"}
REMEDY = "由有这项权限的同事导入，或申请这项权限。"


def lacks(act: str, model) -> str:
    """没有修改“干部”的权限."""
    return f"没有{ACTS[act]}“{model._meta.verbose_name}”的权限"


def lost(owner, acts) -> str:
    """Which right to do one of these acts, (act, model), the owner of a batch has not any more; "" when none is missing.

    owner: as just read.
    """
    return next((lacks(act, model) for act, model in acts if not may_write(owner, act, model)), "")


class Rights:
    """What the user of an import may write; each table is asked once, whatever the number of rows.

    refused: by key of a Write the row of the file that it would have come from, whose writing was refused.
    """

    def __init__(self, user):
        self.user = user
        self.known: dict[tuple, bool] = {}
        self.refused: dict[int, tuple[Write, Fact]] = {}

    def may(self, act: str, model) -> bool:
        if (act, model) not in self.known:
            self.known[act, model] = may_write(self.user, act, model)
        return self.known[act, model]

    def refuse(self, ledger: Ledger, fact: Fact, writes: list[Write]) -> str:
        """Note at the fact what stands against its writes; → the first of it, "" when they may be written."""
        found = dict.fromkeys(problem for write in writes if (problem := self.against(write)))
        found |= dict.fromkeys(self.built_on_refused(fact, writes))
        for wrong, remedy in found:
            fact.add(next(iter(fact.values), ledger.columns[0].key), wrong, remedy)
        if found:
            self.refused |= {id(write): (write, fact) for write in writes}
        return next((wrong for wrong, _ in found), "")

    def against(self, write: Write) -> tuple[str, str] | None:
        """What is wrong with writing it, and what to do."""
        act, guarded = "add" if write.instance is None else "change", is_guarded(write.model)
        if self.may(act, write.model) and not guarded:
            return None
        if act == "change" and not write.changes():
            return None
        if not self.may(act, write.model):
            return f"{lacks(act, write.model)}。", REMEDY
        before = write.instance.refused_to(self.user) if write.instance else ""
        said = before or as_written(write).refused_to(self.user)
        return (said, "") if said else None

    def built_on_refused(self, fact: Fact, writes: list[Write]) -> list[tuple[str, str]]:
        """A row that refers to what another row would have made; a Write that both have is made by this one."""
        own = {id(write) for write in writes}
        values = [value for write in writes for value in write.values.values() if isinstance(value, Write)]
        rows = [
            self.refused[id(value)][1]
            for value in values
            if id(value) in self.refused and id(value) not in own
        ]
        return [
            (f"第 {row.number} 行没有通过核对，接在它后面的这一行也不能写入。", f"先改正第 {row.number} 行。")
            for row in rows
        ]


def as_written(write: Write):
    """A copy of the row with its new values, as far as what they refer to exists already."""
    row = copy(write.instance) if write.instance else write.model()
    for name, value in write.values.items():
        known = value.instance if isinstance(value, Write) else value
        if known is not None or not isinstance(value, Write):
            setattr(row, name, known)
    return row
