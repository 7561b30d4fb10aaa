"""Looking up whom a row of a ledger speaks of: the household in the register, the cadre in the roster."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from django.db.models import Q

from banzhuang.core.fields import keyed_hash
from banzhuang.ledgers.ledger import Column, Fact
from banzhuang.ledgers.parsers import IdNumber, PersonName
from cadres.models import Cadre
from villages.ledgers import VILLAGE
from villages.models import Village

from ..models import Household

VILLAGE_OF_TABLE = replace(VILLAGE, around=True)
ID_NUMBER = Column(
    "id_number",
    "身份证号",
    IdNumber(),
    synonyms=("身份证号码", "公民身份号码", "身份证", "户主身份证号", "户主身份证号码", "证件号码"),
    sensitive=True,
    width=22,
)


def columns_of_household(key: str, *synonyms: str) -> tuple[Column, Column, Column]:
    """村, 户主 and 身份证号 in a ledger whose rows refer to a household. key: of the head; synonyms: beside the usual."""
    usual = ("户主姓名", "困难户", "贫困户", "困难户户主", "贫困户户主", "困难户姓名", "贫困户姓名")
    head = Column(
        key, "户主", PersonName(), synonyms=(*usual, *synonyms), required=True, path="household__head"
    )
    return (
        replace(VILLAGE_OF_TABLE, path="household__village"),
        head,
        replace(ID_NUMBER, path="household__id_number"),
    )


class Households:
    """Finds the households that a chunk of facts speaks of: by the head's identity number, else by village and head.

    wanted: (village code, head, identity number), each None where the row does not say it. One query.
    """

    def __init__(self, wanted: Iterable[tuple[str | None, str | None, str | None]], user):
        wanted = list(wanted)
        hashes = {keyed_hash(number) for _, _, number in wanted if number}
        codes, heads = {code for code, _, _ in wanted if code}, {head for _, head, _ in wanted if head}
        rows = Household.objects.for_user(user).select_related("village")
        self.by_number, self.by_head = defaultdict(list), defaultdict(list)
        for row in rows.filter(Q(id_number_hash__in=hashes) | Q(village__code__in=codes, head__in=heads)):
            self.by_head[row.village.code, row.head].append(row)
            if row.id_number_hash:
                self.by_number[row.id_number_hash].append(row)

    @property
    def all(self) -> list[Household]:
        return [row for rows in self.by_head.values() for row in rows]

    def owners(self, number: str | None) -> list[Household]:
        """Households whose head has this identity number."""
        return self.by_number.get(keyed_hash(number), []) if number and self.by_number else []

    def candidates(self, code, head, number, day: datetime.date) -> list[Household]:
        """Whom a row may mean, those in the register on `day` if there are any. One is the answer; several cannot be told.

        A namesake with another number is another household.
        """
        rows = self.owners(number) or [
            row for row in self.by_head.get((code, head), ()) if not (number and row.id_number_hash)
        ]
        return [row for row in rows if stands_on(row, day)] or rows


def stands_on(household: Household, day: datetime.date) -> bool:
    begun = household.registered_on is None or household.registered_on <= day
    return begun and (household.removed_on is None or household.removed_on > day)


def household_of(fact: Fact, context, village: Village, key: str, day: datetime.date) -> Household | None:
    """The household of a row that only refers to it; None with the problem noted. key: the column of the head."""
    head, number = fact.values.get(key), fact.values.get("id_number")
    found = context.households.candidates(village.code, head, number, day)
    if not head:
        return None
    if not found:
        fact.add(key, f"{village}的困难户名册里没有户主“{head}”。", "先导入困难户台账，或核对户主姓名。")
    elif len(found) > 1:
        fact.add(key, f"{village}有多户户主叫“{head}”，分不清是哪一户。", "补上户主的身份证号。")
    elif (found[0].village_id, found[0].head) != (village.pk, head):
        row = found[0]
        fact.add("id_number", f"这个身份证号登记的是{row.village}的户主{row.head}。", "核对村、户主和号码。")
    else:
        return found[0]
    return None


def is_household(fact: Fact, household: Household, keys: Iterable[str]) -> bool:
    """Whether a row with a 系统编号 still speaks of the household of that row; else the problem is noted.

    keys: of the columns that name a household.
    """
    others = [key for key in keys if key in fact.told]
    for key in others:
        wrong = f"这一行的系统编号登记的是{household.village}户主{household.head}，这一格说的不是这一户。"
        fact.add(key, wrong, "改回来；户的资料在困难户台账里改。是另一户的，另起一行，系统编号留空。")
    return not others


def with_known(households: Iterable[Household], facts: Iterable[Fact]) -> list[Household]:
    """These, and those of the rows that facts name by their 系统编号."""
    known = [fact.known.household for fact in facts if fact.known]
    return list({row.pk: row for row in [*households, *known]}.values())


class Leaders:
    """Finds by name who looks after households and visits them: leaders first, else any cadre. One query."""

    def __init__(self, names: Iterable[str | None], user):
        self.by_name = defaultdict(list)
        for cadre in Cadre.objects.for_user(user).filter(name__in={name for name in names if name}):
            self.by_name[cadre.name].append(cadre)

    def candidates(self, name: str, day: datetime.date, position: str | None = None) -> list[Cadre]:
        """Those at work on `day`. Of namesakes the one of this position, where the row says it."""
        at_work = [c for c in self.by_name.get(name, ()) if c.left_on is None or c.left_on > day]
        found = [cadre for cadre in at_work if cadre.category == Cadre.Category.LEADER] or at_work
        same = [cadre for cadre in found if position and cadre.position == position]
        return same if len(same) == 1 else found


def leader_of(fact: Fact, context, key: str, day: datetime.date) -> Cadre | None:
    """The cadre that a cell names; None with the problem noted."""
    name = fact.values.get(key)
    if not name:
        return None
    found = context.leaders.candidates(name, day, fact.values.get("position"))
    if len(found) == 1:
        return found[0]
    if found:
        remedy = "补上“职务”列，按干部名册里的写法填。"
        fact.add(key, f"有多名叫“{name}”的干部，分不清是哪一位。", remedy)
    elif left := context.leaders.by_name.get(name):
        wrong = f"{name} {left[0].left.iso()} 已离岗，{day.isoformat()} 不在岗。"
        fact.add(key, wrong, "核对姓名和日期。")
    else:
        remedy = "一人一行。" if "、" in name else "先导入干部名册，或核对姓名。"
        fact.add(key, f"干部名册里没有“{name}”。", remedy)
    return None
