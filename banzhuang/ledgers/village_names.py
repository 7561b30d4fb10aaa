"""Villages as ledgers name them: in a cell, in a sheet's name, in a title. Pure."""

import re
from collections.abc import Iterable, Mapping

from banzhuang.core.text import compact

from .parsers import Parsed, Parser, as_text, refused

VILLAGE_ENDINGS = ("村民委员会", "村党支部", "村党总支", "村委会", "村支部", "社区", "村委", "村")


class VillageName(Parser):
    """A village by any of its names, or its code of 12 digits, as its code.

    The context's `villages` is {name as written, compact: code}: full names, short names and aliases of the
    villages the user may see; its `townships` the names of those they lie in: another township's may stand before
    the name of a village of its own.
    """

    def read(self, value, context):
        villages: Mapping[str, str] = context.villages
        whole = compact(as_text(value))
        name = without_township(whole, context.townships)
        if re.fullmatch("[0-9]{12}", whole) and whole in set(villages.values()):
            return Parsed(whole)
        for candidate in (*village_readings(whole), *village_readings(name)):
            if candidate in villages:
                return Parsed(villages[candidate])
        return refused("没有这个村，或不在账号的范围内。", self.remedy(name, villages))

    def around(self, texts, context):
        named = {
            code: text
            for text in texts
            for code in villages_named(compact(text), context.villages, context.townships)
        }
        if len(named) > 1:
            first, second = list(named.values())[:2]
            return refused(f"“{first}”和“{second}”说的不是同一个村。", "改成一致，或加上“村”列。")
        return Parsed(next(iter(named), None))

    def remedy(self, name: str, villages: Iterable[str]) -> str:
        within = [known for known in villages if known and known in name]
        close = (
            max(within, key=len) if within else min((k for k in villages if name in k), key=len, default="")
        )
        return f"是不是{close}？按村名改正。" if close and len(name) > 1 else "按村名改正，如西响石村。"


def without_township(name: str, townships: Iterable[str]) -> str:
    """赣榆区班庄镇西响石村 → 西响石村; with the name of another township before it, it stays as it is."""
    for township in townships:
        district, found, village = name.partition(township)
        if found and village and (not district or district.endswith(("省", "市", "区", "县"))):
            return village
    return name


def village_readings(name: str) -> list[str]:
    """西响石村委会 → the name itself, 西响石村, 西响石."""
    readings = [name]
    for ending in VILLAGE_ENDINGS:
        if name.endswith(ending) and len(name) > len(ending):
            bare = name.removesuffix(ending)
            return [name, f"{bare}村", bare, f"{bare}社区"]
    return [*readings, f"{name}村", f"{name}社区"]


# What may stand before a village's name in a title; after any other character it is the end of a longer name.
BEFORE_VILLAGE = re.compile(r"(?:^|[^\u4e00-\u9fff]|[省市区县乡镇年月日度在对于关和与及的各账表册])$")
TOWNSHIP_BEFORE = re.compile(r"[\u4e00-\u9fff]{2,4}[乡镇]$")


def villages_named(text: str, villages: Mapping[str, str], townships: Iterable[str]) -> set[str]:
    """Codes of the villages that a sheet's name or a title names: as a whole, or by a full name within it.

    赵班庄村 is not 班庄村, be it that only the latter is known, nor is 城头镇班庄村.
    """
    for candidate in village_readings(without_township(text, townships)):
        if candidate in villages:
            return {villages[candidate]}
    found = [
        name
        for name in villages
        if name.endswith(("村", "社区"))
        and any(begins_name(text[: match.start()], townships) for match in re.finditer(re.escape(name), text))
    ]
    return {villages[name] for name in found if not any(name in other and name != other for other in found)}


def begins_name(before: str, townships: Iterable[str]) -> bool:
    """Whether a village's name begins where this text ends, and is one of these townships."""
    if not BEFORE_VILLAGE.search(before):
        return False
    return not TOWNSHIP_BEFORE.search(before) or before.endswith(("我镇", "本镇", "全镇", *townships))
