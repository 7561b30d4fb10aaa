"""Rows of members below their 户主."""

import datetime
from collections import defaultdict

from django.db.models import Q

from banzhuang.core.fields import keyed_hash
from banzhuang.ledgers.ledger import Write

from ..models import Member
from .words import HEAD

ATTRIBUTES = ("name", "relation", "id_number", "sex", "born", "health", "skill", "school")


class Members:
    """The members of these households, also of earlier times, and whoever has an identity number of the facts.
    One query."""

    def __init__(self, facts, households, day: datetime.date):
        self.day = day
        hashes = [keyed_hash(fact.values["id_number"]) for fact in facts if fact.values.get("id_number")]
        rows = Member.objects.filter(Q(household__in=households) | Q(id_number_hash__in=hashes))
        self.by_number, self.by_name = defaultdict(list), defaultdict(list)
        for row in rows.select_related("household__village"):
            self.by_name[row.household_id, row.name].append(row)
            if row.id_number_hash:
                self.by_number[row.id_number_hash].append(row)

    def owners(self, number: str | None) -> list[Member]:
        return self.by_number.get(keyed_hash(number), []) if number and self.by_number else []

    def lives(self, row: Member) -> bool:
        return row.end is None or row.end > self.day

    def candidates(self, household, fact) -> list[Member]:
        """Whom a row may mean, those who live there if there are any: by identity number, else by name in the household."""
        number = fact.values.get("id_number")
        by_number = [row for row in self.owners(number) if row.household_id == household.pk]
        found = by_number or [
            row
            for row in self.by_name.get((household.pk, fact.values["name"]), ())
            if not (number and row.id_number_hash)
        ]
        return [row for row in found if self.lives(row)] or found


def judge_member(fact, family, village, context, setting) -> None:
    """A member's household is known or made by a row above, and the person belongs to no other one."""
    judge_relation(fact)
    if family.head is None and family.known is None:
        find_household(fact, family, village, context, setting)
    elif family.household is None and family.known is None:
        wrong = f"户主{family.name}（第 {family.head.number} 行）没有通过核对，这一行也不能写入。"
        fact.add("name", wrong, f"先改正第 {family.head.number} 行。")
    judge_elsewhere(fact, family.known, context)
    found = context.members.candidates(family.known, fact) if family.known else []
    if len(found) > 1:
        fact.add("name", f"这户有多名叫“{fact.values['name']}”的成员，分不清是哪一位。", "补上身份证号。")
    elif found and not context.members.lives(found[0]):
        left = f"{found[0].ended.iso()} 已离户" + (
            f"（{found[0].end_reason}）" if found[0].end_reason else ""
        )
        remedy = "台账是旧的，删去这一行；又回户的，先在户的资料里登记。"
        fact.add("name", f"{found[0].name} {left}。", remedy)


def judge_relation(fact) -> None:
    """A row of a member says how the person is related to the head."""
    if fact.values.get("relation") not in {None, HEAD}:
        return
    if "relation" not in fact.present:
        fact.add("relation", "表里没有“与户主关系”这一列。", "加上这一列，或只留户主的行。")
    elif not any(key == "relation" for key, _ in fact.problems):
        fact.add("relation", "与户主关系没有填。", "按户口簿填写，如 配偶、长子。")


def judge_elsewhere(fact, known, context) -> None:
    """A person is the head or a member of one household only."""
    number = fact.values.get("id_number")
    for owner in context.households.owners(number):
        wrong = f"这个身份证号登记的是{owner.village}的户主{owner.head}。"
        fact.add("id_number", wrong, "核对号码；已并户的，先登记原来的户出册。")
    for row in context.members.owners(number):
        if context.members.lives(row) and (known is None or row.household_id != known.pk):
            wrong = f"这个身份证号登记的是{row.household.village}{row.household}户的{row.name}。"
            fact.add("id_number", wrong, "核对号码；已离开那一户的，先登记离户。")


def find_household(fact, family, village, context, setting) -> None:
    """The household of members whose 户主 has no row in the file."""
    if not family.name:
        fact.add("name", "这一行上面没有户主。", "加上“户主”列，或把户主的行放在最前。")
        return
    found = context.households.candidates(village.code, family.name, None, setting.day)
    if len(found) == 1:
        family.known = found[0]
    elif found:
        fact.add(
            "head", f"{village}有多户户主叫“{family.name}”，分不清是哪一户。", "补上户主的行和身份证号。"
        )
    else:
        fact.add("head", f"{village}的困难户名册里没有户主“{family.name}”。", "补上户主的行。")


def member_write(fact, family, context) -> Write:
    household = family.known or family.household
    found = context.members.candidates(family.known, fact) if family.known else []
    values = {key: fact.values[key] for key in ATTRIBUTES if fact.values.get(key) not in (None, "")}
    if not found:
        values["household"] = household
    return Write(Member, found[0] if found else None, values, main=True)
