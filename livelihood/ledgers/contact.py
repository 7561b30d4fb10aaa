"""结对联系名册: which leader looks after which household, from when to when."""

from dataclasses import replace

from banzhuang.ledgers.ledger import Column, Ledger
from banzhuang.ledgers.parsers import PartialDateParser, PersonName, Text
from villages.ledgers import judge_village, village_context

from ..models import Contact
from .claim import Claim, contacts_of
from .register import (
    HOUSEHOLD_HEAD,
    ID_NUMBER,
    VILLAGE_OF_TABLE,
    Households,
    Leaders,
    household_of,
    leader_of,
)


class ContactsLedger(Ledger):
    """结对联系名册: a household in the register and the cadre who looks after it.

    Another cadre than the one in the register takes the household over: the former's contact ends on 联系起.
    """

    kind = "contacts"
    label = "结对联系名册"
    mechanism = "M14"
    model = Contact
    writes = (Contact,)
    title_words = ("结对", "联系户", "联系名册", "帮扶责任人名册", "包保")
    columns = (
        VILLAGE_OF_TABLE,
        Column("name", "户主", PersonName(), synonyms=(*HOUSEHOLD_HEAD, "联系户", "姓名"), required=True),
        ID_NUMBER,
        Column(
            "contact",
            "联系领导",
            PersonName(),
            synonyms=("联系干部", "帮扶责任人", "帮扶干部", "帮扶人", "结对帮扶人", "结对干部", "领导姓名", "责任人"),
            required=True,
        ),
        Column("position", "职务", Text(60), synonyms=("领导职务", "干部职务", "单位及职务"), width=16, check_only=True),
        Column("start", "联系起", PartialDateParser(), synonyms=("联系时间", "结对时间", "结对日期", "帮扶时间"), width=12),
        Column("end", "联系止", PartialDateParser(), synonyms=("结束时间",), width=12),
    )  # fmt: skip
    ATTRIBUTES = {"cadre": "contact", "started": "start", "ended": "end"}

    def prepare(self, setting):
        context = village_context(setting)
        context.planned = {}
        return context

    def load(self, facts, context, setting):
        values = [fact.values for fact in facts]
        wanted = [(row.get("village"), row.get("name"), row.get("id_number")) for row in values]
        context.households = Households(wanted, setting.user)
        context.leaders = Leaders([row.get("contact") for row in values], setting.user)
        context.contacts = contacts_of(context.households.all)
        context.claims = {}

    def identity(self, fact):
        values = fact.values
        return tuple(values.get(key) for key in ("village", "name", "id_number", "contact", "start"))

    def name(self, fact):
        return f"{fact.values.get('name') or ''} {fact.values.get('contact') or ''}".strip()

    def judge(self, fact, context, setting):
        village = judge_village(fact, context)
        household = household_of(fact, context, village, "name", setting.day) if village else None
        end = fact.values.get("end")
        held_until = min(setting.day, end.first) if end else setting.day
        cadre = leader_of(fact, context, "contact", held_until)
        if household is None or cadre is None:
            return
        planned = context.planned.setdefault(household.pk, [])
        contacts = context.contacts.get(household.pk, [])
        claim = Claim(contacts, cadre, fact.values.get("start"), end, list(planned))
        context.claims[fact.sheet, fact.number] = (household, claim)
        for key, wrong, remedy in claim.lacks_start() or claim.problems(setting.day):
            fact.add(key if key in fact.present else "contact", wrong, remedy)
        if fact.valid:
            planned.append((f"{cadre.name}的联系", claim.start, claim.end))

    def plan(self, fact, context, setting):
        household, claim = context.claims[fact.sheet, fact.number]
        *former, own = claim.writes(household)
        return [*former, replace(own, main=True)]

    def column_of(self, model, name):
        return self.ATTRIBUTES.get(name, "")
