"""Ledgers of villages, and what every ledger with a village column needs: the names a village goes by."""

from types import SimpleNamespace

from banzhuang.core.text import compact
from banzhuang.ledgers.ledger import Column, Fact, Ledger, Setting, Write
from banzhuang.ledgers.parsers import Integer, Text, VillageName, YesNo

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
    """villages: {name as written, without white space: code} of the villages the user may see; by_code: {code: Village}.

    A village outside the scope is not known here, so that a row of it is an error and nothing is given away.
    """
    rows = Village.objects.for_user(setting.user).as_of(setting.day).select_related("township", "area")
    context = SimpleNamespace(villages={}, by_code={})
    for village in rows:
        context.by_code[village.code] = village
        for name in [village.name, village.short_name, *village.aliases]:
            context.villages.setdefault(compact(name), village.code)
    return context


class VillagesLedger(Ledger):
    """村庄基本情况: names, aliases, area, and the population of the year in the table's head."""

    kind = "villages"
    label = "村庄基本情况"
    model = Village
    writes = (Area, Village, VillageYear)
    title_words = ("村庄", "行政村", "村基本情况", "村情")
    columns = (
        VILLAGE,
        Column("area", "片区", Text(30), synonyms=("所属片区", "工作片"), width=12),
        Column("aliases", "别名", Text(100), synonyms=("原村名", "曾用名"), width=16),
        Column("is_resettled", "移民村", YesNo(), synonyms=("是否移民村",)),
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
    ATTRIBUTES = {
        Village: {"area": "area", "aliases": "aliases", "is_resettled": "is_resettled"},
        VillageYear: {"population": "population", "households": "households", "is_weak": "is_weak"},
    }

    def prepare(self, setting):
        context = village_context(setting)
        townships = {village.township_id: village.township for village in context.by_code.values()}
        context.areas = {
            (area.township_id, area.name): area for area in Area.objects.filter(township__in=townships)
        }
        return context

    def load(self, facts, context, setting):
        codes = [fact.values.get("village") for fact in facts]
        years = VillageYear.objects.filter(village__code__in=codes, year=setting.day.year).select_related(
            "village"
        )
        context.years = {row.village.code: row for row in years}

    def identity(self, fact):
        return fact.values.get("village")

    def name(self, fact):
        return str(fact.raw.get("village", ""))

    def plan(self, fact: Fact, context, setting):
        village = context.by_code[fact.values["village"]]
        values = {key: fact.values[key] for key in ("is_resettled",) if fact.values.get(key) is not None}
        if fact.values.get("aliases"):
            found = [
                part
                for part in fact.values["aliases"].replace("，", "、").replace(",", "、").split("、")
                if part
            ]
            values["aliases"] = sorted({*village.aliases, *found})
        writes = []
        if fact.values.get("area"):
            values["area"] = self.area(fact.values["area"], village.township, context, writes)
        writes.append(Write(Village, village, values, main=True))
        figures = {
            key: fact.values[key]
            for key in ("population", "households", "is_weak")
            if fact.values.get(key) is not None
        }
        if figures:
            year = context.years.get(village.code)
            new = {} if year else {"village": village, "year": setting.day.year}
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

    def column_of(self, model, name):
        return self.ATTRIBUTES.get(model, {}).get(name, "")


LEDGERS = [VillagesLedger()]
