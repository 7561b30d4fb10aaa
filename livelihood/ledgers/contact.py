"""结对联系名册: which leader looks after which household, from when to when."""

from dataclasses import replace

from banzhuang.ledgers.ledger import Column, Ledger
from banzhuang.ledgers.parsers import PartialDateParser, PersonName, Text
from villages.ledgers import judge_village, village_context

from ..models import Contact, Household
from .claim import Claim, contacts_of
from .register import (
    Households,
    Leaders,
    columns_of_household,
    household_of,
    is_household,
    leader_of,
    with_known,
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
        *columns_of_household("name", "联系户", "姓名"),
        Column(
            "contact",
            "联系领导",
            PersonName(),
            synonyms=(
                "联系干部",
                "帮扶责任人",
                "帮扶干部",
                "帮扶人",
                "结对帮扶人",
                "结对干部",
                "领导姓名",
                "责任人",
            ),
            required=True,
            path="cadre__name",
        ),
        Column(
            "position",
            "职务",
            Text(60),
            synonyms=("领导职务", "干部职务", "单位及职务"),
            width=16,
            check_only=True,
            path="cadre__position",
        ),
        Column(
            "start",
            "联系起",
            PartialDateParser(),
            synonyms=("联系时间", "结对时间", "结对日期", "帮扶时间"),
            width=12,
            path="started",
        ),
        Column("end", "联系止", PartialDateParser(), synonyms=("结束时间",), width=12, path="ended"),
    )
    sensitive_of = Household
    related = ("household__village", "cadre")
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
        context.contacts = contacts_of(with_known(context.households.all, facts))
        context.claims = {}

    def identity(self, fact):
        values = fact.values
        return tuple(values.get(key) for key in ("village", "name", "id_number", "contact", "start"))

    def name(self, fact):
        return f"{fact.values.get('name') or ''} {fact.values.get('contact') or ''}".strip()

    def judge(self, fact, context, setting):
        village = judge_village(fact, context)
        household = self.household(fact, context, village, setting)
        start, end = fact.values.get("start"), fact.values.get("end")
        held_until = min(setting.day, end.first) if end else setting.day
        cadre = fact.known.cadre if fact.known else None
        if cadre is None or "contact" in fact.told:
            cadre = leader_of(fact, context, "contact", held_until)
        if household is None or cadre is None:
            return
        if fact.known and fact.known.cadre_id != cadre.pk and "start" not in fact.told:
            start = None  # the former's
        planned = context.planned.setdefault(household.pk, [])
        contacts = context.contacts.get(household.pk, [])
        claim = Claim(contacts, cadre, start, end, list(planned), fact.known)
        context.claims[fact.sheet, fact.number] = (household, claim)
        for key, wrong, remedy in claim.lacks_start() or claim.problems(setting.day):
            fact.add(key if key in fact.present else "contact", wrong, remedy)
        if fact.valid:
            planned.append((f"{cadre.name}的联系", claim.start, claim.end))

    def household(self, fact, context, village, setting) -> Household | None:
        if fact.known:
            household = fact.known.household
            return household if is_household(fact, household, ("village", "name", "id_number")) else None
        return household_of(fact, context, village, "name", setting.day) if village else None

    def plan(self, fact, context, setting):
        household, claim = context.claims[fact.sheet, fact.number]
        *former, own = claim.writes(household)
        return [*former, replace(own, main=True)]

    def rows(self, user, day):
        return Contact.objects.for_user(user).live(day).order_by("scope_code", "household__initials", "pk")

    def column_of(self, model, name):
        return self.ATTRIBUTES.get(name, "")
