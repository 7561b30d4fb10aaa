"""Which column of a ledger a header names: by key, label and synonyms, never one column twice. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from banzhuang.core.text import compact

from .ledger import Column
from .spread import Spread

MONEY = ("元", "百元", "千元", "万元", "百万元", "千万元", "亿元")
UNITS = (
    *MONEY,
    "吨",
    "公斤",
    "千克",
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
UNIT_IN_BRACKETS = re.compile(  # (万元), (单位:万元), (2025年,万元), (万元/户)
    rf"[(\[【](?:[^()\[\]【】]{{0,12}}[,;:])?(?:单位|人民币)?({UNIT})(?:/[年户人])?[)\]】]"
)
UNITS_SAID = re.compile(f"(?:人民币)?{UNIT}(?:[、,/和;]?{UNIT})*")  # in a line above the table
MONEY_UNIT = "(?:" + "|".join(sorted(MONEY, key=len, reverse=True)) + ")"
MONEY_SAID = re.compile(f"单位均?[为是]({MONEY_UNIT})|[以按]({MONEY_UNIT})(?:为单位|计|填)")
NUMBERED = re.compile(r"^\(?\d{1,2}[.、)]\s*")
ROW_NUMBER_HEADERS = {"序号", "顺序号", "顺序", "行号", "项次", "no", "no."}
REMARK_HEADERS = {"备注", "说明", "签字", "签名", "错误说明"}

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
    `spread`: for a ledger whose tables may be spread over their columns.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        corrections: Mapping[str, str | None] | None = None,
        spread: Spread | None = None,
    ):
        self.columns = columns
        self.corrections = corrections or {}
        self.spread = spread
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
        if spread:
            self.over, self.value = places[spread.over], places[spread.value]
            self.value_names = {name for name, found in self.known.items() if self.value in dict(found)}
            self.readings: dict[tuple[str, ...], tuple[str, bool]] = {}

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
        if self.spread and self.over not in taken:
            self._match_spread(headers, found)
        return found

    def rivals(self, headers: Sequence[Header], matches: Sequence[tuple[int, float] | None]) -> set[int]:
        """Headers that left a column to another, and those they left it to: 手机 beside 联系电话. A person decides."""
        taken = {match[0]: index for index, match in enumerate(matches) if match}
        found: set[int] = set()
        for index, header in enumerate(headers):
            if matches[index] or header.joined in self.corrections or header.parts[-1] in REMARK_HEADERS:
                continue
            places = {place for reading in header.readings for place, _ in self.known.get(reading, ())}
            others = {taken[place] for place in places & taken.keys()}
            if others and not any(headers[other].joined in self.corrections for other in others):
                found |= {index, *others}
        return found

    # --- Tables spread over their columns ------------------------------------------------------------------------
    def _match_spread(self, headers: Sequence[Header], found: list[tuple[int, float] | None]) -> None:
        """Give the columns that stand for a value of `over` to the column `value`.

        Where two say the same, the one that names the value (重量/1月, not 车次/1月) counts; where neither does,
        neither counts, unless their headers are the same altogether: then the rows will say that they are double.
        """
        offers: dict[str, list[tuple[bool, int]]] = {}
        for index, header in enumerate(headers):
            match = found[index]
            said, named = self.read_spread(header)
            if said and (match is None or match[0] == self.value):
                by_hand = self.corrections.get(header.joined, "")
                if by_hand is not None:
                    offers.setdefault(said, []).append((named or bool(by_hand), index))
        if not offers:
            return
        for index, match in enumerate(found):
            if match and match[0] == self.value:
                found[index] = None  # 清运量 beside 1月, 2月 …: their total
        for same in offers.values():
            best = [index for named, index in same if named == max(same)[0]]
            if len({headers[index].joined for index in best}) == 1:
                for index in best:
                    found[index] = (self.value, EXACT)

    def read_spread(self, header: Header) -> tuple[str, bool]:
        """What a header says of `over`, and whether it names the value too: 1月清运量(吨), 清运量/1月."""
        if header.parts not in self.readings:
            parts, named = [], False
            for part in header.parts:
                name = without_additions(as_name(part))
                for known in self.value_names:
                    if name.startswith(known) or name.endswith(known):
                        name, named = name.removeprefix(known).removesuffix(known), True
                if name and not is_unit(name):
                    parts.append(name)
            self.readings[header.parts] = (self.spread.reads(tuple(parts)) if parts else "", named)
        return self.readings[header.parts]

    def spread_of(self, headers: Sequence[Header], matches: Sequence[tuple[int, float] | None]) -> list[str]:
        """For each header what it says of `over`, "" for the columns that the table is not spread over."""
        places = {match[0] for match in matches if match}
        if not self.spread or self.over in places:
            return [""] * len(headers)
        return [
            self.read_spread(header)[0] if match and match[0] == self.value else ""
            for header, match in zip(headers, matches, strict=True)
        ]

    def score(self, headers: Sequence[Header], matches: Sequence[tuple[int, float] | None]) -> float:
        """How well the columns fit the table, 0 to 1: what of the ledger is there, and what of the table is known.

        A required column counts three times; one that is missing halves the score.
        """
        found = [match for match in matches if match]
        matched = dict(found)
        if self.spread and self.over not in matched and any(self.spread_of(headers, matches)):
            matched[self.over] = EXACT
        weights = [3 if column.required else 1 for column in self.columns]
        recall = sum(weights[place] * quality for place, quality in matched.items()) / (sum(weights) or 1)
        others = [
            header
            for header in headers
            if not header.is_row_number and header.parts[-1] not in REMARK_HEADERS
        ]
        precision = min(1, len(found) / max(1, len(others)))
        missing = any(
            column.required and not column.around and place not in matched
            for place, column in enumerate(self.columns)
        )
        return (recall + precision) / (4 if missing else 2)
