"""Which tables of a workbook are read, and as which ledger: as found, as remembered for the form, or as said by hand."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .grid import Refused, SheetGrid, WorkbookGrid
from .header import Block, Finder, find_table, recognise
from .ledger import Ledger
from .models import FormMatch
from .table import Table

Columns = Mapping[str, str | None]  # header as joined → key, or None for one that is not to be imported


@dataclass(frozen=True)
class Chosen:
    """What a person said of a file.

    kind: "" when it is to be recognised; sheets: their names, () for all that fit; header: its first and last row as
    Excel shows them, () when it is to be found; remember: for the next file of this form.
    """

    kind: str = ""
    sheets: tuple[str, ...] = ()
    columns: Columns = field(default_factory=dict)
    remember: bool = False
    header: tuple[int, ...] = ()

    @classmethod
    def from_json(cls, found: dict) -> "Chosen":
        return cls(
            found.get("kind", ""),
            tuple(found.get("sheets", ())),
            found.get("columns", {}),
            found.get("remember", False),
            tuple(found.get("header", ())),
        )

    def as_json(self) -> dict:
        return {
            "kind": self.kind,
            "sheets": list(self.sheets),
            "columns": dict(self.columns),
            "remember": self.remember,
            "header": list(self.header),
        }


@dataclass
class Choice:
    """What came of it: a ledger, its tables by sheet, and the match by hand that was remembered for the form."""

    ledger: Ledger | None = None
    tables: dict[str, Table] = field(default_factory=dict)
    remembered: FormMatch | None = None


class Unmatched(Refused):
    """A workbook that was read, but in which no table of a ledger was found; it can still be matched by hand."""

    def __init__(self, sentence: str, workbook: WorkbookGrid):
        super().__init__(sentence)
        self.workbook = workbook


def choose(workbook: WorkbookGrid, ledgers: Sequence[Ledger], file_name: str, user, chosen: Chosen) -> Choice:
    """ledgers: those that come into question, one when the kind was said. Raises Unmatched with one sentence."""
    part = WorkbookGrid(wanted(workbook, chosen), workbook.format)
    found, by_hand = Choice(), bool(chosen.columns or chosen.header)
    if not by_hand:
        found = as_remembered(part, ledgers, file_name, user) or as_found(part, ledgers, file_name)
    if by_hand or (chosen.kind and chosen.sheets):
        found = Choice(ledgers[0], as_said(part, ledgers[0], chosen) | found.tables, found.remembered)
    if not found.tables:
        raise Unmatched(nothing_found(ledgers, chosen), workbook)
    in_order = [sheet.name for sheet in part.sheets if sheet.name in found.tables]
    return Choice(found.ledger, {name: found.tables[name] for name in in_order}, found.remembered)


def as_said(workbook: WorkbookGrid, ledger: Ledger, chosen: Chosen) -> dict[str, Table]:
    """The sheets read as the named ledger, also one that does not look like it or is hidden."""
    found = {sheet.name: read_as(sheet, ledger, chosen.columns, chosen.header) for sheet in workbook.sheets}
    return {name: table for name, table in found.items() if table is not None}


def as_found(workbook: WorkbookGrid, ledgers: Sequence[Ledger], file_name: str) -> Choice:
    """The ledger that fits best, with its tables of all sheets that are not hidden."""
    found = recognise(workbook, ledgers, file_name)
    best = found[0][0] if found else None
    return Choice(best, {sheet.name: table for ledger, sheet, table in found if ledger is best})


def as_remembered(workbook: WorkbookGrid, ledgers: Sequence[Ledger], file_name: str, user) -> Choice | None:
    """As somebody of the township matched a form with the same headers before; None when nobody did."""
    matches = matches_of(workbook, ledgers, user)
    if not matches:
        return None
    kind = Counter(match.kind for match, _ in matches.values()).most_common(1)[0][0]
    ledger = next(ledger for ledger in ledgers if ledger.kind == kind)
    choice = Choice(ledger, as_found(workbook, [ledger], file_name).tables)
    for sheet in workbook.sheets:
        match, header = matches.get(sheet.name, (None, ()))
        table = read_as(sheet, ledger, match.columns, header) if match and match.kind == kind else None
        if table is not None:
            choice.tables[sheet.name], choice.remembered = table, match
    return choice


def matches_of(
    workbook: WorkbookGrid, ledgers: Sequence[Ledger], user
) -> dict[str, tuple[FormMatch, tuple[int, int]]]:
    """Remembered matches by the name of the sheet that has their headers, and the rows where; one query."""
    places = defaultdict(list)
    for sheet in workbook.sheets:
        if not sheet.hidden:
            for block in Finder(sheet).blocks:
                places[fingerprint(names(block).values())].append((sheet.name, block.rows))
    found = FormMatch.objects.for_user(user).filter(
        kind__in=[ledger.kind for ledger in ledgers], fingerprint__in=list(places)
    )
    return {
        name: (match, rows)
        for match in found.select_related("made_by")
        for name, rows in reversed(places[match.fingerprint])  # of a header that stands twice the upper one
    }


def read_as(sheet: SheetGrid, ledger: Ledger, columns: Columns, header: tuple[int, ...]) -> Table | None:
    return find_table(sheet, ledger.columns, columns, ledger.spread, header)


def wanted(workbook: WorkbookGrid, chosen: Chosen) -> list[SheetGrid]:
    """The sheets that were named; without a name all that are not hidden."""
    if chosen.sheets:
        return [sheet for sheet in workbook.sheets if sheet.name in chosen.sheets]
    return [sheet for sheet in workbook.sheets if not sheet.hidden]


# --- Forms -------------------------------------------------------------------------------------------------
def likeliest_header(sheet: SheetGrid, header: tuple[int, ...] = ()) -> dict[int, str]:
    """The widest candidate, the first of equals, as column from 0 → header as joined: for a person to match by hand
    where no ledger was found. header: the rows, when they were said."""
    return max(map(names, Finder(sheet, header).blocks), key=len, default={})


def names(block: Block) -> dict[int, str]:
    return {index: header.joined for index, header in block.headers.items()}


def fingerprint(headers: Iterable[str]) -> str:
    """The same for two forms with the same headers, in whatever order."""
    return hashlib.sha256("\n".join(sorted(set(headers))).encode()).hexdigest()


def remember(user, ledger: Ledger, tables: Sequence[Table]) -> FormMatch:
    """Read the forms of these tables so from now on; what is chosen later replaces what was chosen earlier."""
    for table in tables:
        columns = {column.header: column.key for column in table.columns}
        form = {"scope_code": user.scope[:9], "fingerprint": fingerprint(columns)}
        FormMatch.objects.filter(**form).exclude(kind=ledger.kind).delete()
        match, _ = FormMatch.objects.update_or_create(
            **form,
            kind=ledger.kind,
            defaults={"columns": columns, "made_by": user},
        )
    return match


def nothing_found(ledgers: Sequence[Ledger], chosen: Chosen) -> str:
    if chosen.kind:
        where = f"第 {'-'.join(map(str, dict.fromkeys(chosen.header)))} 行" if chosen.header else ""
        wanted_columns = "、".join(column.label for column in ledgers[0].columns if column.required)
        return f"{where}没有找到“{ledgers[0].label}”的表头，至少要有这些列：{wanted_columns}。"
    labels = "、".join(ledger.label for ledger in ledgers)
    return f"没有认出表头。表头应有“村、姓名”这样的列名；能导入的台账有：{labels}。"
