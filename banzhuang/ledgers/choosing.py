"""Which tables of a workbook are read, and as which ledger: as found, as remembered for the form, or as said by hand."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .grid import Refused, SheetGrid, WorkbookGrid
from .header import Finder, find_table, recognise
from .ledger import Ledger
from .models import FormMatch
from .table import Table

Columns = Mapping[str, str | None]  # header as joined → key, or None for one that is not to be imported


@dataclass(frozen=True)
class Chosen:
    """What a person said of a file.

    kind: "" when it is to be recognised; sheets: their names, () for all that fit; remember: for the next file of
    this form.
    """

    kind: str = ""
    sheets: tuple[str, ...] = ()
    columns: Columns = field(default_factory=dict)
    remember: bool = False

    @classmethod
    def from_json(cls, found: dict) -> "Chosen":
        return cls(
            found.get("kind", ""),
            tuple(found.get("sheets", ())),
            found.get("columns", {}),
            found.get("remember", False),
        )

    def as_json(self) -> dict:
        return {
            "kind": self.kind,
            "sheets": list(self.sheets),
            "columns": dict(self.columns),
            "remember": self.remember,
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
    found = Choice()
    if not chosen.columns:
        found = as_remembered(part, ledgers, file_name, user) or as_found(part, ledgers, file_name)
    if chosen.columns or (chosen.kind and chosen.sheets):
        found = Choice(ledgers[0], as_said(part, ledgers[0], chosen) | found.tables, found.remembered)
    if not found.tables:
        raise Unmatched(nothing_found(ledgers, chosen), workbook)
    in_order = [sheet.name for sheet in part.sheets if sheet.name in found.tables]
    return Choice(found.ledger, {name: found.tables[name] for name in in_order}, found.remembered)


def as_said(workbook: WorkbookGrid, ledger: Ledger, chosen: Chosen) -> dict[str, Table]:
    """The sheets read as the named ledger, also one that does not look like it or is hidden."""
    found = {sheet.name: read_as(sheet, ledger, chosen.columns) for sheet in workbook.sheets}
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
    kind = Counter(match.kind for match in matches.values()).most_common(1)[0][0]
    ledger = next(ledger for ledger in ledgers if ledger.kind == kind)
    choice = Choice(ledger, as_found(workbook, [ledger], file_name).tables)
    for sheet in workbook.sheets:
        match = matches.get(sheet.name)
        table = read_as(sheet, ledger, match.columns) if match and match.kind == kind else None
        if table is not None:
            choice.tables[sheet.name], choice.remembered = table, match
    return choice


def matches_of(workbook: WorkbookGrid, ledgers: Sequence[Ledger], user) -> dict[str, FormMatch]:
    """Remembered matches by the name of the sheet that has their headers, anywhere near its top; one query."""
    sheets = {}
    for sheet in workbook.sheets:
        if not sheet.hidden:
            sheets |= {fingerprint(headers.values()): sheet.name for headers in candidates(sheet)}
    found = FormMatch.objects.for_user(user).filter(
        kind__in=[ledger.kind for ledger in ledgers], fingerprint__in=list(sheets)
    )
    return {sheets[match.fingerprint]: match for match in found.select_related("made_by")}


def read_as(sheet: SheetGrid, ledger: Ledger, columns: Columns) -> Table | None:
    return find_table(sheet, ledger.columns, columns, ledger.spread)


def wanted(workbook: WorkbookGrid, chosen: Chosen) -> list[SheetGrid]:
    """The sheets that were named; without a name all that are not hidden."""
    if chosen.sheets:
        return [sheet for sheet in workbook.sheets if sheet.name in chosen.sheets]
    return [sheet for sheet in workbook.sheets if not sheet.hidden]


# --- Forms -------------------------------------------------------------------------------------------------
def candidates(sheet: SheetGrid) -> Iterator[dict[int, str]]:
    """What could be the header of a sheet: column from 0 → header as joined."""
    for block in Finder(sheet).blocks:
        yield {index: header.joined for index, header in block.headers.items()}


def likeliest_header(sheet: SheetGrid) -> dict[int, str]:
    """The widest candidate, the first of equals: for a person to match by hand where no ledger was found."""
    return max(candidates(sheet), key=len, default={})


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
        names = "、".join(column.label for column in ledgers[0].columns if column.required)
        return f"没有找到“{ledgers[0].label}”的表头，至少要有这些列：{names}。"
    labels = "、".join(ledger.label for ledger in ledgers)
    return f"没有认出表头。表头应有“村、姓名”这样的列名；能导入的台账有：{labels}。"
