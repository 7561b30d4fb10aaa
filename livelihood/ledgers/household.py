"""困难户台账: one household a row, or one person a row below the row of 户主."""

from dataclasses import replace

from banzhuang.ledgers.ledger import Column, Ledger, Write
from banzhuang.ledgers.parsers import (
    MERGED_VALUE,
    Amount,
    Integer,
    PartialDateParser,
    PersonName,
    Phone,
    Text,
)
from cadres.ledgers.person import choice
from cadres.rules import identity_agrees, life_in_order
from villages.ledgers import judge_village, village_context, year_of

from .. import rules
from ..models import Contact, Household, HouseholdLabel, HouseholdYear, Member
from .beside import beside_households
from .claim import Claim, contacts_of
from .family import Families
from .members import Members, judge_member, member_write
from .register import ID_NUMBER, VILLAGE_OF_TABLE, Households, Leaders, leader_of
from .words import CAUSES, HEALTH, HOUSING, LABELS, RELATION, SKILL

MONEY = "0.00"
LARGEST_INCOME = 10**8  # yuan a year and kind
SEXES = dict(Member.Sex.choices)


class HouseholdsLedger(Ledger):
    """困难户台账: the household, how it stands in the ledger's year, what it counts as, who looks after it.

    Where persons stand below their 户主, each is a fact. Labels, members and contacts that the file does not name
    stay as they are.
    """

    kind = "households"
    label = "困难户台账"
    mechanism = "M14"
    model = Household
    writes = (Household, HouseholdYear, HouseholdLabel, Member, Contact)
    title_words = ("建档立卡", "困难户", "低收入", "贫困户台账", "贫困户花名册", "低保户", "五保户", "特困")
    filling = (
        "一户一行时，“姓名”写户主，“户主”和“与户主关系”可以空着。",
        "一人一行时，每户先写户主的一行（“与户主关系”填户主），家庭成员写在下面各行。",
        "人口、劳动力、致贫原因、住房和收入记在填报日期的那一年；没有写填报日期的，记在导入的那一年。",
    )
    columns = (
        replace(VILLAGE_OF_TABLE, path="village"),
        Column("number", "户编号", Text(30), synonyms=("户号", "户编码", "档案编号"), width=12, path="number"),
        Column("head", "户主", PersonName(), synonyms=("户主姓名", "所属户主"), read_as="name", path="head"),
        Column("name", "姓名", PersonName(), synonyms=("家庭成员姓名", "成员姓名", "家庭成员"), required=True),
        Column("relation", "与户主关系", RELATION, synonyms=("与户主的关系", "家庭关系", "关系"), width=12),
        replace(ID_NUMBER, path="id_number"),
        Column("sex", "性别", choice(Member.Sex), width=6),
        Column("born", "出生日期", PartialDateParser(), synonyms=("出生年月", "出生时间"), width=12),
        Column("group", "村民小组", Text(20), synonyms=("组别", "小组", "所在组", "村组"), width=8, path="group"),
        Column("address", "住址", Text(100), synonyms=("家庭住址", "家庭地址", "地址"), width=20, path="address"),
        Column(
            "phone",
            "联系电话",
            Phone(),
            synonyms=("手机", "电话", "手机号码", "联系方式"),
            sensitive=True,
            width=14,
            path="phone",
        ),
        Column("members", "家庭人口", Integer(1, 30), synonyms=("家庭人口数", "家庭人数", "人口数", "人口"), total=True),
        Column("workers", "劳动力人数", Integer(0, 30), synonyms=("劳动力数", "劳动力", "劳力人数"), total=True),
        Column("causes", "致贫原因", CAUSES, synonyms=("主要致贫原因", "致困原因", "困难原因"), width=14),
        Column("labels", "享受政策", LABELS, synonyms=("困难类别", "户属性", "贫困户属性", "困难类型"), around=True, width=18),
        Column(
            "registered",
            "建档日期",
            PartialDateParser(),
            synonyms=("建档时间", "识别时间", "纳入时间"),
            width=12,
            path="registered",
        ),
        Column("housing", "住房情况", HOUSING, synonyms=("住房", "住房安全情况"), width=12),
        Column("wage_income", "工资性收入", Amount(), width=12, number_format=MONEY),
        Column("business_income", "经营性收入", Amount(), synonyms=("生产经营性收入",), width=12, number_format=MONEY),
        Column("property_income", "财产性收入", Amount(), width=12, number_format=MONEY),
        Column("transfer_income", "转移性收入", Amount(), width=12, number_format=MONEY),
        Column("health", "健康状况", HEALTH, synonyms=("身体状况",), sensitive=True, width=12, path="health"),
        Column("skill", "劳动能力", SKILL, synonyms=("劳动技能",), width=14),
        Column("school", "在读学校及年级", Text(60), synonyms=("在校生情况", "就读学校", "在读学校"), width=16),
        Column("contact", "帮扶责任人", PersonName(), synonyms=("联系领导", "帮扶干部", "帮扶人", "结对帮扶人", "联系人")),
        Column("contact_start", "联系起", PartialDateParser(), synonyms=("帮扶起", "结对时间", "联系时间", "帮扶时间"), width=12),
        Column("note", "备注", Text(200), width=20, path="note"),
    )  # fmt: skip
    looked_up = (
        "members",
        "workers",
        "causes",
        "labels",
        "housing",
        "wage_income",
        "business_income",
        "property_income",
        "transfer_income",
        "contact",
        "contact_start",
    )
    related = ("village",)
    OWN = {"number": "number", "group": "group", "address": "address", "phone": "phone", "health": "health"}
    OWN |= {"head": "name", "id_number": "id_number", "registered": "registered", "note": "note"}
    INCOME = ("wage_income", "business_income", "property_income", "transfer_income")
    YEARLY = {"members": "members", "workers": "workers", "cause_codes": "causes", "housing": "housing"}
    YEARLY |= {name: name for name in INCOME}
    OF_MEMBER = {"name", "relation", "id_number", "sex", "born", "health", "skill", "school"}

    def prepare(self, setting):
        context = village_context(setting)
        context.year = year_of(setting)
        context.families = Families()
        context.first_rows = {}
        return context

    def survey(self, facts, context):
        context.families.read(facts)
        for fact in facts:
            if context.families.of(fact).head is not fact:
                self.keep_to_the_person(fact)
            elif context.families.person_a_row:  # merged down the family's rows it is one household's figure
                fact.problems = [(key, problem) for key, problem in fact.problems if problem != MERGED_VALUE]

    def keep_to_the_person(self, fact):
        """What a cell merged down from the head's row says of the household is said, and faulted, once."""
        kept = self.OF_MEMBER | {"village", "head"}
        fact.values = {key: value for key, value in fact.values.items() if key in kept}
        fact.problems = [(key, problem) for key, problem in fact.problems if key in kept]

    def load(self, facts, context, setting):
        families = [context.families.of(fact) for fact in facts]
        wanted = [
            (fact.values.get("village"), family.name, fact.values.get("id_number"))
            for fact, family in zip(facts, families, strict=True)
        ]
        context.households = Households(wanted, setting.user)
        context.leaders = Leaders([fact.values.get("contact") for fact in facts], setting.user)
        households = {row.pk: row for row in context.households.all}
        households |= {family.known.pk: family.known for family in families if family.known}
        households |= {fact.known.pk: fact.known for fact in facts if fact.known}
        years = HouseholdYear.objects.filter(household__in=households, year=context.year)
        context.years = {row.household_id: row for row in years}
        labels = HouseholdLabel.objects.filter(household__in=households).order_by("end")
        context.labels = {(row.household_id, row.kind): row for row in labels if row.end}
        context.labels |= {(row.household_id, row.kind): row for row in labels if not row.end}
        context.contacts = contacts_of(households.values())
        context.members = Members(facts, households, setting.day)

    def identity(self, fact):
        values = fact.values
        return values.get("id_number") or (
            values.get("village"),
            values.get("head") or values.get("name"),
            values.get("name"),
        )

    def name(self, fact):
        return fact.values.get("name") or ""

    def judge(self, fact, context, setting):
        village = judge_village(fact, context)
        sex = SEXES.get(fact.values.get("sex"), "")
        number = fact.values.get("id_number") or ""
        born = fact.values.get("born")
        for key, wrong, remedy in identity_agrees(number, sex, born) + life_in_order(
            born, None, None, setting.day
        ):
            fact.add(key, wrong, remedy)
        family = context.families.of(fact)
        if village is None or not fact.values.get("name"):
            return
        if family.head is fact:
            known = self.judge_head(fact, family, village, context, setting)
            self.judge_labels(fact, known, context)
            self.judge_contact(fact, known, context, setting)
            in_doubt = {"village", "name", "id_number"} & {
                key for key, problem in fact.problems if problem.severity == "error"
            }
            family.known = None if in_doubt else known
        else:
            judge_member(fact, family, village, context, setting)

    def judge_head(self, fact, family, village, context, setting) -> Household | None:
        """The household in the register, None when it is new; what is wrong with the row as its head's."""
        name, number = family.name, fact.values.get("id_number")
        found = context.households.candidates(village.code, name, number, setting.day)
        if fact.known:
            found = [fact.known]
            self.judge_owner(fact, fact.known, number, context)
        known = found[0] if len(found) == 1 else None
        if len(found) > 1 or not (number or fact.known or not context.families.namesake(fact)):
            fact.add("name", f"{village}有多户户主叫“{name}”，分不清是哪一户。", "补上身份证号。")
        if known:
            self.judge_known(fact, known, village, context, setting)
        elif number and context.households.by_head.get((village.code, name)):
            self.warn_of_namesake(fact, context.households.by_head[village.code, name][0])
        self.judge_figures(fact, family, known, context)
        for key, wrong, remedy in rules.registration_in_order(fact.values.get("registered"), setting.day):
            fact.add(key, wrong, remedy)
        return known

    def judge_owner(self, fact, known, number, context):
        for owner in context.households.owners(number):
            if owner.pk != known.pk and owner.removed_on is None:
                wrong = f"这个身份证号登记的是{owner.village}的户主{owner.head}，这一行的系统编号是{known.head}户的。"
                fact.add("id_number", wrong, "核对号码；是另一户的，系统编号留空。")

    def judge_known(self, fact, known, village, context, setting):
        if known.removed_on and known.removed_on <= setting.day:
            wrong = f"这户 {known.removed.iso()} 已出册（{known.get_removal_reason_display()}）。"
            fact.add("name", wrong, "台账是旧的，删去这一行；重新纳入的，先在困难户里登记。")
        if known.village_id != village.pk:
            which = "系统编号" if fact.known else "身份证号"
            wrong = f"这个{which}的户主登记在{known.village}，不是{village}。"
            fact.add(
                "village" if "village" in fact.cells else "id_number",
                wrong,
                "核对村；迁了村的，先改户的资料。",
            )
        if known.head != fact.values["name"] and not fact.known:
            wrong = f"这个身份证号登记的户主是{known.head}，提交后改为{fact.values['name']}。"
            fact.add("name", wrong, "不是改名的，核对身份证号。", severity="warning")
        first = context.first_rows.setdefault(known.pk, fact)
        if first is not fact:
            where = "" if first.sheet == fact.sheet else f"工作表“{first.sheet}”"
            fact.add("name", f"与{where}第 {first.number} 行是同一户。", "删去一行，或补上两户的身份证号。")

    def warn_of_namesake(self, fact, other):
        wrong = f"{other.village}已有户主{other.head}，登记的身份证号是 {other.id_number_mask}；这一行按另一户新增。"
        fact.add("id_number", wrong, "是同一户的，核对号码，登记有误的先改户的资料。", severity="warning")

    def judge_figures(self, fact, family, known, context):
        """Persons and workers agree, with what the year says where the row is silent, and with the rows below."""
        if not fact.told.keys() & {"members", "workers", *self.INCOME}:
            return
        year = context.years.get(known.pk) if known else None
        members, workers = (
            fact.values.get(key) if fact.values.get(key) is not None else getattr(year, key, None)
            for key in ("members", "workers")
        )
        for key, wrong, remedy in rules.people_agree(members, workers):
            fact.add(key, wrong, remedy)
        for key in self.INCOME:
            if (fact.values.get(key) or 0) >= LARGEST_INCOME:
                fact.add(key, "一户一年的收入大得不合情理。", "核对数字和单位（元、万元）。")
        if context.families.person_a_row and fact.values.get("members") not in {None, family.size}:
            wrong = f"家庭人口 {fact.values['members']}，表里这户有 {family.size} 人。"
            fact.add("members", wrong, "核对家庭人口，或补齐家庭成员。", severity="warning")

    def judge_labels(self, fact, known, context):
        """What has ended does not begin again without a date: an old ledger would bring it back."""
        rows = [context.labels.get((known.pk, kind)) for kind in fact.values.get("labels") or () if known]
        ended = [f"{row.get_kind_display()}（{row.ended.iso()}）" for row in rows if row and row.end]
        if ended:
            wrong = f"这户已退出{'、'.join(ended)}，这一类不导入，其余照常。"
            fact.add("labels", wrong, "又纳入的，在户的资料里登记认定日期。", severity="warning")
        named = fact.told.get("labels")
        if fact.known and named:
            live = [row for (pk, _), row in context.labels.items() if pk == known.pk and not row.end]
            missing = [row.get_kind_display() for row in live if row.kind not in named]
            if missing:
                wrong = f"这户现在还是{'、'.join(missing)}，没有写的不作退出，其余照常。"
                fact.add("labels", wrong, "退出的，在户的资料里登记退出日期。", severity="warning")

    def judge_contact(self, fact, known, context, setting):
        claim = self.claim(fact, known, context, setting)
        if claim is None:
            return
        for _, wrong, _ in claim.lacks_start():
            remedy = "加上“联系起”列，或用“移交联系户”办理。"
            fact.add("contact", f"{wrong}这一格不导入，其余照常。", remedy, severity="warning")
            return
        for key, wrong, remedy in claim.problems(setting.day):
            fact.add("contact_start" if key == "start" else "contact", wrong, remedy)

    def claim(self, fact, known, context, setting) -> Claim | None:
        """Who looks after the household by this row; None without such a cell, or when it is in error."""
        told = fact.told
        if fact.values.get("contact") is None or not told.keys() & {"contact", "contact_start"}:
            return None
        contacts = context.contacts.get(known.pk, []) if known else []
        if "contact" not in told:
            live = next((row for row in contacts if row.end is None), None)
            return live and Claim(contacts, live.cadre, told["contact_start"])
        cadre = leader_of(fact, context, "contact", setting.day)
        return cadre and Claim(contacts, cadre, told.get("contact_start"))

    def plan(self, fact, context, setting):
        family = context.families.of(fact)
        if family.head is not fact:
            return [member_write(fact, family, context)]
        known = family.known
        values = filled(fact, self.OWN)
        if known is None:
            values["village"] = context.by_code[fact.values["village"]]
        main = Write(Household, known, values, main=True)
        family.household = household = known or main
        writes = [main, *self.yearly(fact, household, context), *self.labelled(fact, household, context)]
        return writes + self.contact(fact, household, context, setting)

    def yearly(self, fact, household, context) -> list[Write]:
        values = filled(fact, self.YEARLY)
        if not values:
            return []
        year = context.years.get(household.pk) if isinstance(household, Household) else None
        new = {} if year else {"household": household, "year": context.year}
        return [Write(HouseholdYear, year, {**new, **values})]

    def labelled(self, fact, household, context) -> list[Write]:
        """New labels. One that the file does not name has not ended: many ledgers name some kinds only."""
        stands = isinstance(household, Household)
        kinds = [
            kind
            for kind in fact.told.get("labels") or ()
            if not (stands and (household.pk, kind) in context.labels)
        ]
        return [
            Write(
                HouseholdLabel,
                None,
                {"household": household, "kind": kind},
                said=(f"登记困难类别“{LABELS.label(kind)}”。",) if stands else (),
            )
            for kind in kinds
        ]

    def contact(self, fact, household, context, setting) -> list[Write]:
        claim = self.claim(fact, household if isinstance(household, Household) else None, context, setting)
        return [] if claim is None or claim.lacks_start() else claim.writes(household)

    def unchanged(self, fact, context):
        context.families.of(fact).known = fact.known

    def rows(self, user, day):
        return Household.objects.for_user(user).as_of(day).order_by("scope_code", "initials", "pk")

    def beside(self, pks, user, day):
        return beside_households(pks, user, day)

    def column_of(self, model, name):
        if model is Member:
            return name if name in self.OF_MEMBER else ""
        contact = {"cadre": "contact", "started": "contact_start"}
        return {Household: self.OWN, HouseholdYear: self.YEARLY, Contact: contact}.get(model, {}).get(
            name, ""
        )


def filled(fact, attributes: dict[str, str]) -> dict:
    """{attribute: value} of the filled cells: an empty one never wipes what is known."""
    told = fact.told
    return {name: told[key] for name, key in attributes.items() if told.get(key) not in (None, "", [])}
