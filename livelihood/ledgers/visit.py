"""走访记录: who visited which household on which day, what was heard, what came of it."""

import datetime

from banzhuang.ledgers.ledger import Column, Ledger, Write
from banzhuang.ledgers.lists import Several
from banzhuang.ledgers.parsers import PartialDateParser, PersonName, Text
from cadres.ledgers.person import choice
from villages.ledgers import judge_village, village_context

from .. import rules
from ..models import Household, Need, Visit
from ..models.need import Topic
from ..parameters import NEED_DAYS
from .claim import contacts_of, held_on
from .register import (
    Households,
    Leaders,
    columns_of_household,
    household_of,
    is_household,
    leader_of,
    with_known,
)

RESULT = choice(
    Visit.Result,
    solved=("已解决", "解决", "已办结", "办结", "已落实", "已完成", "已答复"),
    pending=("办理中", "正在办理", "正在解决", "未解决", "待解决", "协调中", "未办结", "已上报"),
    none=("无", "无需解决", "不需办理", "无诉求"),
)
TOPICS = Several({label: value for value, label in Topic.choices} | {"其它": Topic.OTHER})
NOTHING = ("", "无", "没有", "无反映", "无诉求", "无困难")
LONGEST_NEED = 300


class VisitsLedger(Ledger):
    """走访记录: a visit. What was not settled on the spot (办理中) is a need of the household from that day on."""

    kind = "visits"
    label = "走访记录"
    mechanism = "M14"
    model = Visit
    writes = (Need, Visit)
    title_words = ("走访",)
    columns = (
        Column(
            "date",
            "走访日期",
            PartialDateParser("day"),
            synonyms=("走访时间", "日期", "时间"),
            required=True,
            width=12,
            path="date",
        ),
        Column("half_day", "时段", choice(Visit.HalfDay), width=8, path="half_day"),
        Column(
            "visitor",
            "走访干部",
            PersonName(),
            synonyms=("走访人", "走访领导", "走访人员", "联系领导", "领导姓名", "帮扶责任人"),
            required=True,
            path="visitor__name",
        ),
        Column(
            "position",
            "职务",
            Text(60),
            synonyms=("领导职务", "干部职务"),
            width=16,
            check_only=True,
            path="visitor__position",
        ),
        *columns_of_household("head", "走访户", "走访对象"),
        Column("topics", "反映类别", TOPICS, synonyms=("诉求类别", "问题类别"), width=12, path="topics"),
        Column(
            "heard",
            "反映情况",
            Text(500),
            synonyms=("反映问题", "存在困难", "困难诉求", "走访情况", "户情"),
            width=30,
            path="heard",
        ),
        Column(
            "measures",
            "帮扶措施",
            Text(500),
            synonyms=("措施", "解决措施", "采取措施"),
            width=30,
            path="measures",
        ),
        Column(
            "result",
            "解决情况",
            RESULT,
            synonyms=("办理结果", "解决结果", "办理情况", "落实情况", "是否解决"),
            width=12,
            path="result",
        ),
    )
    ATTRIBUTES = ("half_day", "topics", "heard", "measures", "result")
    sensitive_of = Household
    related = ("household__village", "visitor", "need")

    def prepare(self, setting):
        context = village_context(setting)
        context.first_rows, context.needs = {}, {}
        return context

    def load(self, facts, context, setting):
        values = [fact.values for fact in facts]
        wanted = [(row.get("village"), row.get("head"), row.get("id_number")) for row in values]
        context.households = Households(wanted, setting.user)
        context.leaders = Leaders([row.get("visitor") for row in values], setting.user)
        households = with_known(context.households.all, facts)
        context.contacts = contacts_of(households)
        dates = {row["date"].first for row in values if row.get("date")}
        visits = Visit.objects.filter(household__in=households, date__in=dates).select_related("visitor")
        context.visits = {(row.household_id, row.visitor_id, row.date): row for row in visits}
        for need in Need.objects.filter(household__in=households, closed_on__isnull=True):
            context.needs.setdefault((need.household_id, need.content), need)
        context.meant = {}

    def name(self, fact):
        return fact.values.get("head") or ""

    def judge(self, fact, context, setting):
        written = fact.values.get("date")
        date = written.first if written else setting.day
        village = judge_village(fact, context)
        household = self.household(fact, context, village, date)
        visitor = fact.known.visitor if fact.known else None
        if visitor is None or "visitor" in fact.told:
            visitor = leader_of(fact, context, "visitor", date)
        registered, removed = (household.registered, household.removed) if household else (None, None)
        if "date" in fact.told:
            for key, wrong, remedy in rules.visit_in_order(date, registered, removed, setting.day):
                fact.add(key, wrong, remedy)
        if not (household and visitor and written):
            return
        key = (household.pk, visitor.pk, date)
        visit = fact.known or context.visits.get(key)
        context.meant[fact.sheet, fact.number] = (household, visitor, date, visit)
        self.judge_result(fact, visit)
        self.judge_alone(fact, context, key)
        contacts = context.contacts.get(household.pk, ())
        of_visitor = [contact for contact in contacts if contact.cadre_id == visitor.pk]
        if {"date", "visitor"} & fact.told.keys() and not any(held_on(row, date) for row in of_visitor):
            wrong = f"{visitor.name}当天不是这户的联系领导，记为走访，不计入每周走访。"
            fact.add("visitor", wrong, "应由其联系的，先登记结对联系。", severity="warning")

    def household(self, fact, context, village, date) -> Household | None:
        if fact.known:
            household = fact.known.household
            return household if is_household(fact, household, ("village", "head", "id_number")) else None
        return household_of(fact, context, village, "head", date) if village else None

    def judge_alone(self, fact, context, key):
        """A household is visited once a day by a cadre, in the register and in the file."""
        stands = context.visits.get(key)
        if fact.known and stands and stands.pk != fact.known.pk:
            wrong = f"{stands.visitor.name} {key[2].isoformat()} 对这户的走访已有一条。"
            fact.add("date", wrong, "核对日期和走访干部。")
        first = context.first_rows.setdefault(key, fact)
        if first is not fact:
            where = "" if first.sheet == fact.sheet else f"工作表“{first.sheet}”"
            wrong = f"与{where}第 {first.number} 行是同一天的同一次走访（{fact.values['head']}）。"
            fact.add("date", wrong, "并成一行，或核对日期。")

    def judge_result(self, fact, visit):
        """A visit says what came of it; what is still to be done says what."""
        if fact.values.get("result") is None and visit is None and says(fact.values.get("heard")):
            key = "result" if "result" in fact.present else "heard"
            fact.add(key, "解决情况没有填。", "填写已解决、办理中或无需办理。")
        if fact.values.get("result") == Visit.Result.PENDING and visit is None and not content_of(fact):
            fact.add("heard", "写的是办理中，反映情况却没有写。", "写明户里反映的情况。")

    def plan(self, fact, context, setting):
        household, visitor, date, visit = context.meant[fact.sheet, fact.number]
        told = fact.told
        values = {key: told[key] for key in self.ATTRIBUTES if told.get(key)}
        if fact.known:
            moved = {"visitor": visitor, "date": date}
            values |= {key: value for key, value in moved.items() if told.get(key)}
        said, writes = (), []
        if visit is None:
            values |= {"household": household, "visitor": visitor, "date": date}
            values.setdefault("result", Visit.Result.NONE)
        if values.get("result") == Visit.Result.PENDING and not (visit and visit.need_id):
            values["need"], said = self.need(fact, household, date, context, setting)
            writes = [values["need"]] if isinstance(values["need"], Write) else []
        return [*writes, Write(Visit, visit, values, main=True, said=said)]

    def need(self, fact, household, date, context, setting):
        """The open need of the household with these words, or the Write that raises it; and what is said of it."""
        content = content_of(fact)
        key = (household.pk, content)
        if key in context.needs:
            return context.needs[key], (f"记入户里已有的诉求“{content[:20]}”。",)
        live = [row for row in context.contacts.get(household.pk, ()) if held_on(row, setting.day)]
        handler = Need.Handler.CONTACT if live else Need.Handler.WELFARE
        who = f"联系领导{live[0].cadre.name}" if live else Need.Handler.WELFARE.label
        due = date + datetime.timedelta(days=NEED_DAYS.on(date))
        context.needs[key] = Write(
            Need,
            None,
            {"household": household, "content": content, "raised_on": date, "handler": handler, "due": due}
            | ({"topic": fact.values["topics"][0]} if fact.values.get("topics") else {}),
        )
        sentence = f"登记诉求“{content[:20]}”，由{who}在 {due.isoformat()} 前答复。"
        return context.needs[key], (sentence,)

    def rows(self, user, day):
        return Visit.objects.for_user(user).filter(date__lte=day).order_by("date", "pk")

    def column_of(self, model, name):
        return name if model is Visit and name in (*self.ATTRIBUTES, "date", "visitor") else ""


def says(text: str | None) -> bool:
    """Whether a cell says anything: 无 does not, neither does -无."""
    return (text or "").strip(" -—=。.") not in NOTHING


def content_of(fact) -> str:
    """What is to be done for the household: what was heard, else what was promised."""
    words = [fact.values.get(key) for key in ("heard", "measures")]
    return next((text[:LONGEST_NEED] for text in words if says(text)), "")
