"""What the register says in the columns of a ledger, read set-wise: as values of facts, and as cells of an export."""

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Expression, ExpressionWrapper, F, TextField

from banzhuang.core.dates import EXCEL_DAY_ZERO, FIRST_SURE_DAY, FIRST_YEAR, LAST_YEAR, PartialDate
from banzhuang.core.fields import EncryptedTextField, MaskField, Partial

from .ledger import Column, Ledger
from .lists import Several
from .numbering import SystemNumber
from .parsers import Choice, IdNumber, PartialDateParser, Text
from .values import masked as mask_of
from .village_names import VillageName

YEAR_NUMBERS = tuple(
    EXCEL_DAY_ZERO + datetime.timedelta(days=year) for year in (FIRST_YEAR, LAST_YEAR)
)  # a date cell between them may be a year that somebody wrote as a number


@dataclass(frozen=True)
class Reading:
    """What is asked of the database of a column, and what is made of it.

    asked: names or expressions for values_list, () for a value that the ledger looks up beside; made: of what was
    asked, None: as it stands.
    """

    asked: tuple[str | Expression, ...] = ()
    made: Callable[..., Any] | None = None


@dataclass(frozen=True)
class Source:
    """A column that exports have. key: of the facts that it gives; whole, masked: its cell."""

    key: str
    column: Column
    value: Reading
    whole: Reading
    masked: Reading


@dataclass(frozen=True)
class Standing:
    """What a row says: values by key; whole, masked: the cells that an export of it has."""

    values: Mapping[str, Any]
    whole: Mapping[str, Any]
    masked: Mapping[str, Any]


@cache
def sources(ledger: Ledger) -> tuple[Source, ...]:
    """The columns of an export, in official order."""
    exported = [column for column in ledger.columns if column.path or column.key in ledger.looked_up]
    keys = {column.key for column in exported}
    return tuple(
        source_of(ledger, column, column.read_as if column.read_as not in keys | {""} else column.key)
        for column in exported
    )


def source_of(ledger: Ledger, column: Column, key: str) -> Source:
    parser, looked_up = column.parser, column.key in ledger.looked_up
    if isinstance(parser, VillageName):
        way = "" if column.path == "." else f"{column.path}__"
        value, whole = Reading((f"{way}code",)), Reading((f"{way}name",))
    elif isinstance(parser, SystemNumber):
        value, whole = Reading(("pk",)), Reading(("pk",), parser.label)
    elif isinstance(parser, PartialDateParser):
        names = () if looked_up else date_names(ledger.model, column.path)
        value = Reading(names, date_value if names else None)
        whole = Reading(
            names, date_cell if names else lambda day: day and date_cell(day.first, day.precision)
        )
    else:
        names = () if looked_up else (column.path,)
        value = Reading(names, joined if isinstance(parser, Text) else None)
        whole = Reading(names, cell_maker(parser))
    return Source(key, column, value, whole, masked_reading(ledger, column, whole))


def cell_maker(parser) -> Callable[[Any], Any] | None:
    if isinstance(parser, Choice):
        return parser.labels.get
    if isinstance(parser, Several):
        return lambda values: "、".join(map(parser.label, values or ())) or None
    return text_cell if isinstance(parser, Text | IdNumber) or hasattr(parser, "check") else None


def masked_reading(ledger: Ledger, column: Column, whole: Reading) -> Reading:
    """The cell with its middle starred; an encrypted one is not even decrypted for it."""
    if not column.sensitive:
        return whole
    model, way, name = last_step(ledger.model, column.path)
    mask = next((f for f in model._meta.fields if isinstance(f, MaskField) and f.source == name), None)
    if mask is not None:
        return Reading((way + mask.name,), text_cell)
    asked = whole.asked
    if isinstance(model._meta.get_field(name), EncryptedTextField):
        asked = (ExpressionWrapper(F(column.path), output_field=TextField()),)
    return Reading(asked, lambda text: mask_of(column, text) if text else None)


def last_step(model: Any, path: str) -> tuple[Any, str, str]:
    """cadre__born from Post → (Cadre, "cadre__", "born")."""
    *steps, name = path.split("__")
    for step in steps:
        model = model._meta.get_field(step).related_model
    return model, "".join(f"{step}__" for step in steps), name


def date_names(model: Any, path: str) -> tuple[str, ...]:
    """The columns of the database that a date is made of: born → born_on, born_on_precision."""
    model, way, name = last_step(model, path)
    partial = getattr(model, name)
    if isinstance(partial, Partial):
        return f"{way}{partial.column}", f"{way}{partial.column}_precision"
    return (path,)


# --- Cells -----------------------------------------------------------------------------------------------------
def text_cell(text: str | list | None) -> str | None:
    """Text as a workbook can hold it; None when there is none."""
    if not text:
        return None
    text = joined(text)
    return text if text.isprintable() else "".join(filter(may_stand, text.replace("\r\n", "\n")))


def may_stand(character: str) -> bool:
    """XML has no place for other control characters."""
    return (character >= " " and character not in "\ufffe\uffff") or character in "\t\n"


def joined(text: str | list | None) -> str | None:
    return "、".join(text) if isinstance(text, list) else text


def date_value(first: datetime.date | None, precision: str = "day") -> PartialDate | None:
    return first and PartialDate(first, precision)


def date_cell(first: datetime.date | None, precision: str = "day") -> datetime.date | str | None:
    """A day as a true date, except where spreadsheets are not sure of it; a month or a year as text: 2018.08, 2018."""
    if first is None:
        return None
    if precision == "day":
        sure = first >= FIRST_SURE_DAY and not YEAR_NUMBERS[0] <= first <= YEAR_NUMBERS[1]
        return first if sure else first.isoformat()
    return f"{first.year}.{first.month:02}" if precision == "month" else str(first.year)


# --- Reading ----------------------------------------------------------------------------------------------------
def asked_of(readings: Sequence[Reading]) -> list[str | Expression]:
    """What to ask values_list for: the key of the row, then all that the readings ask."""
    return ["pk", *(name for reading in readings for name in reading.asked)]


def columns_of(
    readings: Sequence[tuple[str, Reading]], rows: Sequence[tuple], beside: Mapping[str, Mapping[int, Any]]
) -> Iterable[Sequence[Any]]:
    """For each reading (with the key of its column) its values for all rows; rows as asked by `asked_of`."""
    pks, *asked = zip(*rows, strict=True)
    place = 0
    for key, reading in readings:
        count = len(reading.asked)
        found = asked[place : place + count] if count else [list(map(beside.get(key, {}).get, pks))]
        place += count
        yield found[0] if reading.made is None else list(map(reading.made, *found))


def standing(ledger: Ledger, queryset, user, day: datetime.date) -> dict[int, Standing]:
    """What the rows say on the day, by key; two queries and those of Ledger.beside."""
    found = sources(ledger)
    parts = [[(s.column.key, getattr(s, part)) for s in found] for part in ("value", "whole", "masked")]
    readings = [reading for part in parts for reading in part]
    rows = list(queryset.values_list(*asked_of([reading for _, reading in readings])))
    if not rows:
        return {}
    beside = ledger.beside([row[0] for row in rows], user, day)
    columns = list(columns_of(readings, rows, beside))
    keys, size = [source.key for source in found], len(found)
    by_row = list(zip(*columns, strict=True))
    return {
        row[0]: Standing(
            *(dict(zip(keys, cells[start : start + size], strict=True)) for start in range(0, 3 * size, size))
        )
        for row, cells in zip(rows, by_row, strict=True)
    }
