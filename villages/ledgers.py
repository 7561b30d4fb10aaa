"""Ledgers of villages, and what every ledger with a village column needs: the names a village goes by."""

import re
from dataclasses import replace
from types import SimpleNamespace

from banzhuang.core.dates import years_in_digits
from banzhuang.core.text import compact
from banzhuang.ledgers.entry import Entry, entry_of
from banzhuang.ledgers.grid import Refused
from banzhuang.ledgers.ledger import Column, Fact, Ledger, Setting, Write
from banzhuang.ledgers.parsers import Integer, Parsed, Text, YesNo, as_text, refused
from banzhuang.ledgers.village_names import VillageName

from .models import Area, Township, Village, VillageYear

VILLAGE = Column(
    "village",
    "村",
    VillageName(),
    synonyms=("村名", "所在村", "村别", "行政村", "村（社区）", "单位"),
    required=True,
    width=14,
)


def village_context(setting: Setting) -> SimpleNamespace:
    """villages: {name as written, without white space: code} of the villages the user may see; by_code: {code: Village};
    townships: names of those they lie in.

    A village outside the scope is not known here, so that a row of it is an error and nothing is given away.
    """
    rows = Village.objects.for_user(setting.user).as_of(setting.day).select_related("township", "area")
    context = SimpleNamespace(villages={}, by_code={}, townships=set())
    for village in rows:
        context.townships.add(compact(village.township.name))
        context.by_code[village.code] = village
        for name in [village.name, village.short_name, *village.aliases]:
            context.villages.setdefault(compact(name), village.code)
    return context


def judge_village(fact: Fact, context: SimpleNamespace) -> Village | None:
    """The village of a row; one that has left the scope since its cell was read is an error."""
    code = fact.values.get("village")
    village = context.by_code.get(code)
    if code and village is None:
        fact.add("village", "没有这个村，或不在账号的范围内。", "按村名改正，如西响石村。")
    return village


class KnownOrNewVillage(VillageName):
    """The code of a known village, or the name of one that is not known yet."""

    def read(self, value, context):
        parsed = super().read(value, context)
        return Parsed(compact(as_text(value))) if parsed.problem else parsed


class VillageCode(Text):
    """A division code of 12 digits."""

    def read(self, value, context):
        code = compact(as_text(value))
        if not re.fullmatch("[0-9]{12}", code):
            return refused(f"区划代码应为 12 位数字，这里是 {len(code)} 位。", "照统计用区划代码填写。")
        return Parsed(code)


@entry_of.register
def _(parser: KnownOrNewVillage, villages):
    return Entry(
        "从下拉列表里选村；新设的村自己写全名，并写区划代码。",
        next(iter(villages), ""),
        words=villages,
        closed=False,
    )


@entry_of.register
def _(parser: VillageCode, villages):
    return Entry("12 位统计用区划代码。", "320707000201", check=("textLength", 12, 12))


class VillagesLedger(Ledger):
    """村庄基本情况: names, aliases, area, and the population of the year in the table's head.

    A village that is not known yet is made when its row has the division code.
    """

    kind = "villages"
    label = "村庄基本情况"
    model = Village
    writes = (Area, Village, VillageYear)
    title_words = ("村庄", "行政村", "村基本情况", "村情")
    filling = ("人口、户数和是否经济薄弱村记在填报日期的那一年；没有写填报日期的，记在导入的那一年。",)
    columns = (
        replace(VILLAGE, parser=KnownOrNewVillage(), path="."),
        Column(
            "code",
            "区划代码",
            VillageCode(),
            synonyms=("行政区划代码", "统计用区划代码", "村代码", "代码"),
            width=16,
            path="code",
        ),
        Column("area", "片区", Text(30), synonyms=("所属片区", "工作片"), width=12, path="area__name"),
        Column("aliases", "别名", Text(100), synonyms=("原村名", "曾用名"), width=16, path="aliases"),
        Column("is_resettled", "移民村", YesNo(), synonyms=("是否移民村",), path="is_resettled"),
        Column(
            "population",
            "人口",
            Integer(),
            synonyms=("人口数", "总人口", "户籍人口", "人口（人）"),
            total=True,
        ),
        Column("households", "户数", Integer(), synonyms=("总户数", "户数（户）"), total=True),
        Column("is_weak", "经济薄弱村", YesNo(), synonyms=("是否经济薄弱村",)),
    )
    looked_up = ("population", "households", "is_weak")
    related = ("township", "area")
    ATTRIBUTES = {
        Village: {"name": "village", "area": "area", "aliases": "aliases", "is_resettled": "is_resettled"},
        VillageYear: {"population": "population", "households": "households", "is_weak": "is_weak"},
    }

    def prepare(self, setting):
        context = village_context(setting)
        context.township = Township.objects.for_user(setting.user).filter(code=setting.user.scope[:9]).first()
        areas = Area.objects.for_user(setting.user)
        context.areas = {(area.township_id, area.name): area for area in areas}
        context.new_codes, context.new_names = {}, {}
        return context

    def load(self, facts, context, setting):
        context.year = year_of(setting)
        codes = [fact.known.code if fact.known else fact.values.get("village") for fact in facts]
        years = VillageYear.objects.filter(village__code__in=codes, year=context.year)
        context.years = {row.village.code: row for row in years.select_related("village")}

    def identity(self, fact):
        return fact.values.get("village")

    def name(self, fact):
        return str(fact.raw.get("village", ""))

    def judge(self, fact: Fact, context, setting):
        if fact.known:
            self.judge_known(fact, fact.known, context)
            return
        known, code = context.by_code.get(fact.values.get("village")), fact.values.get("code")
        if known and code and code != known.code:
            fact.add("code", f"{known}的区划代码是 {known.code}，与表里的 {code} 不符。", "核对村名和代码。")
        if known or "village" not in fact.values:
            return
        if not code:
            fact.add("village", "没有这个村，或不在账号的范围内。", "按村名改正；新设的村要写区划代码。")
        elif code in context.by_code:
            fact.add("code", f"代码 {code} 是{context.by_code[code]}的。", "核对村名和代码。")
        elif not setting.user.covers(code) or context.township is None:
            fact.add("code", f"代码 {code} 不在账号的范围内。", "由所在镇的账号导入。")
        elif (first := context.new_codes.setdefault(code, fact)) is not fact:
            fact.add("code", f"代码 {code} 与第 {first.number} 行相同。", "核对村名和代码。")

    def judge_known(self, fact: Fact, village: Village, context):
        """A village may get another name, not another's name, nor another code."""
        told = fact.told
        if told.get("code"):
            wrong = f"{village}的区划代码是 {village.code}，与表里的 {told['code']} 不符。"
            fact.add("code", wrong, "改回原来的代码；代码有变动的，由系统管理员办理。")
        other = context.by_code.get(told.get("village"))
        if other and other.pk != village.pk:
            wrong = f"这一行的系统编号是{village}的，村名写的是{other}。"
            fact.add("village", wrong, "改回原来的村名；改名的，写还没有用过的村名。")
        elif (first := context.new_names.setdefault(told.get("village") or village.code, fact)) is not fact:
            fact.add("village", f"村名与第 {first.number} 行相同。", "核对村名。")

    def plan(self, fact: Fact, context, setting):
        told = fact.told
        village = fact.known or context.by_code.get(fact.values["village"])
        values = {} if told.get("is_resettled") is None else {"is_resettled": told["is_resettled"]}
        if fact.known and told.get("village") not in {None, village.code}:
            values["name"] = told["village"]
        if village is None:
            values |= {
                "township": context.township,
                "code": fact.values["code"],
                "name": fact.values["village"],
            }
        if told.get("aliases"):
            found = [part for part in re.split("[、,，;； ]+", told["aliases"]) if part]
            values["aliases"] = (
                found if fact.known else sorted({*(village.aliases if village else []), *found})
            )
        writes = []
        if told.get("area"):
            township = village.township if village else context.township
            values["area"] = self.area(told["area"], township, context, writes)
        main = Write(Village, village, values, main=True)
        writes.append(main)
        figures = {
            key: told[key] for key in ("population", "households", "is_weak") if told.get(key) is not None
        }
        if figures:
            year = context.years.get(village.code if village else None)
            new = {} if year else {"village": village or main, "year": context.year}
            writes.append(Write(VillageYear, year, {**new, **figures}))
        return writes

    def area(self, name, township: Township, context, writes):
        """The area of this name, made when it is new; made once for all rows that name it."""
        key = (township.pk, name)
        if key not in context.areas:
            context.areas[key] = Write(Area, None, {"township": township, "name": name})
        found = context.areas[key]
        if isinstance(found, Write):
            writes.append(found)
        return found

    def rows(self, user, day):
        return Village.objects.for_user(user).as_of(day).order_by("code")

    def beside(self, pks, user, day):
        years = VillageYear.objects.for_user(user).filter(village__in=pks, year=day.year)
        return {key: dict(years.values_list("village", key)) for key in self.looked_up}

    def column_of(self, model, name):
        return self.ATTRIBUTES.get(model, {}).get(name, "")


def year_of(setting: Setting) -> int:
    """The year that the figures are of: of the period above the table, else of its date, else this year.

    Raises Refused where that says several: figures of 2025 kept as those of 2014 would look like any others.
    """
    named = {year for part in setting.parts or [setting.metadata] if (year := year_named(part))}
    if len(named) > 1:
        years = "、".join(map(str, sorted(named)))
        raise Refused(f"各工作表的年份不同（{years}），数字分年记载；一年存成一个文件，分别导入。")
    return named.pop() if named else setting.day.year


def year_named(metadata: dict[str, str]) -> int | None:
    """The year that stands above a table. A ledger is filled in the year that it is of, or in the next."""
    said, closed, filled = (years_in(metadata.get(name, "")) for name in ("期间", "截止日期", "填报日期"))
    by = filled or closed
    likely = {year for year in said if not by or max(by) - 1 <= year <= max(by)}
    if said and len(likely) != 1:
        years = "、".join(map(str, sorted(said)))
        when = f"，填报日期是 {max(by)} 年" if by else ""
        raise Refused(
            f"表上方的年份是 {years}{when}，看不出数字是哪一年的；在标题里只写数字的那一年，再导入。"
        )
    return next(iter(likely or closed or filled), None)


def years_in(text: str) -> set[int]:
    """2025 of 2025年12月, 2025.12, 20251231, 二〇二五年."""
    found = re.findall(
        r"(?<![0-9])((?:19|20)[0-9]{2})(?:(?=[0-9]{2}(?:[0-9]{2})?(?![0-9]))|(?![0-9]))",
        years_in_digits(text),
    )
    return set(map(int, found))


LEDGERS = [VillagesLedger()]
