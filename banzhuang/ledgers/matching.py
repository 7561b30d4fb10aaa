"""Which column of a ledger a header names: by key, label and synonyms, never one column twice. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from banzhuang.core.text import compact

from .ledger import Column

MONEY = ("元", "百元", "千元", "万元", "百万元", "千万元", "亿元")
UNITS = (
    *MONEY,
    "吨",
    "公斤",
    "亩",
    "平方米",
    "平方公里",
    "㎡",
    "m2",
    "公里",
    "千米",
    "米",
    "人",
    "户",
    "个",
    "次",
    "天",
    "%",
)
UNIT = "(?:" + "|".join(map(re.escape, sorted(UNITS, key=len, reverse=True))) + ")"
UNITS_LISTED = re.compile(f"{UNIT}(?:[、,/和]{UNIT})*")
IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
UNIT_IN_BRACKETS = re.compile(rf"[(\[【](?:单位:?)?({UNIT})[)\]】]")
NUMBERED = re.compile(r"^\(?\d{1,2}[.、)]\s*")
ROW_NUMBER_HEADERS = {"序号", "顺序号", "顺序", "行号", "项次", "no", "no."}
REMARK_HEADERS = {"备注", "说明", "签字", "签名"}

EXACT, LAST_PART = 1.0, 0.9
LABEL_OVER_SYNONYM = 0.01
LOOSE = 0.05  # less for a match that leaves out brackets, numbering or the slash
BY_HAND = 2.0


@dataclass(frozen=True)
class Header:
    """A header as joined from its rows: ("文化程度", "全日制")."""

    parts: tuple[str, ...]

    @property
    def joined(self) -> str:
        return "/".join(self.parts)

    @property
    def unit(self) -> str:
        """万元 of "到位资金(万元)" or "到位资金/万元"; "" when it names none."""
        for part in reversed(self.parts):
            if len(self.parts) > 1 and is_unit(part):
                return part.strip("()[]")
            if found := UNIT_IN_BRACKETS.search(part):
                return found[1]
        return ""

    @property
    def is_row_number(self) -> bool:
        return self.parts[-1].casefold() in ROW_NUMBER_HEADERS

    @cached_property
    def readings(self) -> dict[str, float]:
        """The names this header can be read as, each with how well: as a whole, or without its upper parts."""
        parts = self.parts[:-1] if len(self.parts) > 1 and is_unit(self.parts[-1]) else self.parts
        readings: dict[str, float] = {}
        for first in range(len(parts)):
            quality = EXACT if first == 0 else LAST_PART if first == len(parts) - 1 else EXACT - LOOSE
            for separator, loss in (("/", 0.0), ("", LOOSE)):
                name = as_name(separator.join(parts[first:]))
                for reading, more_loss in ((name, 0.0), (without_additions(name), LOOSE)):
                    if reading:
                        readings.setdefault(reading, quality - loss - more_loss)
        return readings


def is_unit(text: str) -> bool:
    """万元, (万元、亩)."""
    return bool(UNITS_LISTED.fullmatch(text.strip("()[]")))


def as_name(text: str) -> str:
    """A header or label for comparison: compact, in lower case, without the star of a required field."""
    return compact(text).casefold().strip("*★:")


def without_additions(name: str) -> str:
    """Without brackets and numbering: "3.到位资金(万元)" → "到位资金"."""
    return NUMBERED.sub("", IN_BRACKETS.sub("", name)).strip("*★:")


class Names:
    """The names of a set of columns, ready for look-up.

    `corrections`: header as joined → key, or None for "not imported"; what a person chose by hand wins.
    """

    def __init__(self, columns: Sequence[Column], corrections: Mapping[str, str | None] | None = None):
        self.columns = columns
        self.corrections = corrections or {}
        self.known: dict[str, list[tuple[int, float]]] = {}
        places = {column.key: place for place, column in enumerate(columns)}
        self.read_as = {
            place: places[column.read_as] for place, column in enumerate(columns) if column.read_as
        }
        for place, column in enumerate(columns):
            names = {as_name(synonym): LABEL_OVER_SYNONYM for synonym in column.synonyms}
            names.update({as_name(column.label): 0.0, as_name(column.key): 0.0})
            for name, loss in names.items():
                self.known.setdefault(name, []).append((place, loss))

    def match(self, headers: Sequence[Header]) -> list[tuple[int, float] | None]:
        """For each header the place of its column and how well it fits, or None.

        Best fit first, then from left to right: of two headers for one column the lesser stays unmatched.
        """
        places = {column.key: place for place, column in enumerate(self.columns)}
        offers = []
        for index, header in enumerate(headers):
            if header.joined in self.corrections:
                key = self.corrections[header.joined]
                offers += [(-BY_HAND, index, places[key])] if key in places else []
                continue
            for reading, quality in header.readings.items():
                offers += [(loss - quality, index, place) for place, loss in self.known.get(reading, ())]
        found: list[tuple[int, float] | None] = [None] * len(headers)
        taken = set()
        for worth, index, place in sorted(offers):
            if found[index] is None and place not in taken:
                found[index] = (place, min(-worth, EXACT))
                taken.add(place)
        for index, match in enumerate(found):
            other = self.read_as.get(match[0]) if match else None
            if other is not None and other not in taken:
                found[index] = (other, match[1])
        return found

    def score(self, headers: Sequence[Header], matches: Iterable[tuple[int, float] | None]) -> float:
        """How well the columns fit the table, 0 to 1: what of the ledger is there, and what of the table is known.

        A required column counts three times; one that is missing halves the score.
        """
        matched = dict(match for match in matches if match)
        weights = [3 if column.required else 1 for column in self.columns]
        recall = sum(weights[place] * quality for place, quality in matched.items()) / (sum(weights) or 1)
        others = [
            header
            for header in headers
            if not header.is_row_number and header.parts[-1] not in REMARK_HEADERS
        ]
        precision = min(1, len(matched) / max(1, len(others)))
        missing = any(
            column.required and not column.around and place not in matched
            for place, column in enumerate(self.columns)
        )
        return (recall + precision) / (4 if missing else 2)
