"""What an app declares of an Excel ledger: its columns, how its facts are judged, what they would write.

One declaration serves template, export and import alike. Apps subclass Ledger and register instances.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from banzhuang.core.dates import PartialDate
from banzhuang.core.registry import Registry

from .numbering import SystemNumber
from .parsers import Parser, Problem
from .spread import Spread

SYSTEM_NUMBER = "system_number"


@dataclass(frozen=True)
class Column:
    """One column of a ledger.

    key: stable English name, the same for the same thing in all kinds (village, name, id_number, phone)
    label: header in templates and exports; synonyms: other headers people write for it, deep ones with "/"
    parser: reads a cell; required: a fact without it is invalid; width: in characters of a sheet
    sensitive: shown masked; number_format: of exported cells; total: summed up in exports
    check_only: compared with what is known, never written
    path: the way from a row of the ledger's model to what the column shows, as in a look-up; for a village the way to it,
    "." when it is the row itself; "" for what an export looks up beside (Ledger.looked_up) or leaves out
    around: what the cell does not say, the sheet's name, its title or the lines above may (the village of its sheet)
    read_as: key of the column this one is in a table that lacks that: 户主, without 姓名, is the person of the row
    """

    key: str
    label: str
    parser: Parser
    synonyms: tuple[str, ...] = ()
    required: bool = False
    width: int = 10
    sensitive: bool = False
    number_format: str = ""
    total: bool = False
    check_only: bool = False
    path: str = ""
    around: bool = False
    read_as: str = ""


def system_number(ledger: Any) -> Column:
    """The column that says which row of the register a row of a template or export is."""
    return Column(SYSTEM_NUMBER, "系统编号", SystemNumber(ledger), width=16, path="pk")


@dataclass
class Setting:
    """Who imports, as of which day, and what stood above the tables (填报单位, 期间, 单位 …).

    parts: the same for each table, while the file is read.
    """

    user: Any
    day: date
    metadata: dict[str, str] = field(default_factory=dict)
    parts: Sequence[dict[str, str]] = ()


@dataclass
class Fact:
    """One row understood, or one cell of a table spread over its columns: then several facts share their row.

    `sheet`, `number`: where it stands (number as Excel shows it).

    values: parsed, by column key; present: keys of the columns the table has; cells: key → column from 0;
    raw: cells as they stand in the file; problems: (key, Problem).
    known: the row that the fact's 系统编号 names; unchanged: keys of which the file says what that row says, or nothing;
    their values are the row's own. None: not compared yet.
    """

    sheet: str
    number: int
    values: dict[str, Any]
    present: frozenset[str] = frozenset()
    cells: dict[str, int] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)
    problems: list[tuple[str, Problem]] = field(default_factory=list)
    known: Any = None
    unchanged: frozenset[str] | None = None

    def add(self, key: str, message: str, remedy: str = "", severity: str = "error") -> None:
        """Note a problem at the cell of a column."""
        self.problems.append((key, Problem(severity, message, remedy)))

    def is_of_cell(self, spread: Spread) -> bool:
        """Whether it is one cell of a table spread over its columns."""
        return spread.over in self.cells and self.cells[spread.over] == self.cells.get(spread.value)

    @property
    def told(self) -> dict[str, Any]:
        """The values that the file tells, without those of cells that say what is known: what may be written."""
        if not self.unchanged:
            return self.values
        return {key: value for key, value in self.values.items() if key not in self.unchanged}

    @property
    def stands(self) -> bool:
        """Whether the row with the fact's 系统编号 says in every column what the file says."""
        filled = (key for key in self.cells if self.raw.get(key) not in (None, ""))
        return self.known is not None and all(key in self.unchanged or key == SYSTEM_NUMBER for key in filled)

    @property
    def valid(self) -> bool:
        """Without an error; a warning alone does not make a fact invalid."""
        return all(problem.severity != "error" for _, problem in self.problems)


@dataclass
class Write:
    """A row to be made (instance None) or changed, with the values it shall have.

    A value may itself be a Write: the row it makes or stands for. main: the row the fact is about.
    said: sentences on what else follows, shown below the row of the preview.
    """

    model: Any
    instance: Any
    values: dict[str, Any]
    main: bool = False
    said: Sequence[str] = ()

    def changes(self) -> dict[str, tuple[Any, Any]]:
        """{attribute: (old, new)} of what differs from the row as it stands; all of it for a new row.

        A date that says less and contains the one that stands (2018.08 for 2018-08-05) is the same fact: no change.
        """
        if self.instance is None:
            return {name: (None, value) for name, value in self.values.items()}
        found = {}
        for name, value in self.values.items():
            old = getattr(self.instance, name)
            to_be_made = isinstance(value, Write) and value.instance is None
            new = value.instance if isinstance(value, Write) else value
            if to_be_made or (old != new and not says_less(new, old)):
                found[name] = (old, value)
        return found


def says_less(new: Any, old: Any) -> bool:
    """Whether `new` is a coarser date that contains `old`."""
    if not (isinstance(new, PartialDate) and isinstance(old, PartialDate)):
        return False
    return new.first <= old.first and old.last <= new.last


class Ledger:
    """One kind of ledger.

    kind: word for the command line; label: its Chinese name; mechanism: the M1–M17 it belongs to
    model: the main table, whose import right decides; writes: all models written, in the order of writing
    columns: in official order; title_words: words that titles, sheets and files of this kind carry
    key_columns: keys of the columns that name a fact
    spread: how the columns of a table that is spread over them (villages × months) are read; None: it never is
    filling: sentences for who fills in the template, beside those of its columns
    looked_up: keys of the columns that `beside` knows; sensitive_of: the model whose right to reveal decides about the
    sensitive columns, when it is not `model`; related: what a known row is read with, as of select_related
    """

    kind: str = ""
    label: str = ""
    mechanism: str = ""
    model: Any = None
    writes: Sequence[Any] = ()
    columns: Sequence[Column] = ()
    title_words: Sequence[str] = ()
    key_columns: Sequence[str] = ()
    spread: Spread | None = None
    filling: Sequence[str] = ()
    looked_up: Sequence[str] = ()
    sensitive_of: Any = None
    related: Sequence[str] = ()

    def __init_subclass__(cls, **options):
        """系统编号 is the last column of every ledger."""
        super().__init_subclass__(**options)
        if cls.kind and cls.columns and cls.columns[-1].key != SYSTEM_NUMBER:
            cls.columns = (*cls.columns, system_number(cls))

    def column(self, key: str) -> Column | None:
        return self.by_key.get(key)

    @cached_property
    def by_key(self) -> dict[str, Column]:
        return {column.key: column for column in self.columns}

    @cached_property
    def sensitive(self) -> frozenset[str]:
        """Keys of the columns that are shown masked."""
        return frozenset(column.key for column in self.columns if column.sensitive)

    def prepare(self, setting: Setting) -> Any:
        """What parsers and rules need for the whole file, looked up once; handed to everything below."""
        raise NotImplementedError

    def survey(self, facts: Sequence[Fact], context: Any) -> None:
        """Look over all facts of the file, in file order and without a query, before the first is judged."""

    def load(self, facts: Sequence[Fact], context: Any, setting: Setting) -> None:
        """Look up into the context, in few queries, what a chunk of facts needs."""

    def identity(self, fact: Fact) -> Any:
        """What makes two rows of a file the same; None when the fact does not say it."""
        return None

    def name(self, fact: Fact) -> str:
        """How messages name the fact."""
        return ""

    def judge(self, fact: Fact, context: Any, setting: Setting) -> None:
        """Add the problems of a fact beyond its single cells."""

    def plan(self, fact: Fact, context: Any, setting: Setting) -> list[Write]:
        """The writes that make the register agree with a valid fact."""
        raise NotImplementedError

    def unchanged(self, fact: Fact, context: Any) -> None:
        """In place of judging and planning: the register says all that the fact says."""

    def rows(self, user: Any, day: date) -> Any:
        """A queryset of `model`: what the register holds on the day, in the user's scope, in official order."""
        raise NotImplementedError

    def beside(self, pks: Sequence[int], user: Any, day: date) -> dict[str, dict[int, Any]]:
        """Values of the columns in `looked_up` for rows of `model`, {column key: {pk: value}}; in few queries."""
        return {}

    def column_of(self, model: Any, name: str) -> str:
        """Key of the column that an attribute of a written model comes from; "" when none."""
        return ""


registry: Registry[Ledger] = Registry("kind")
