"""Obligations of M14: each week a visit, enough households, none that waits too long, needs answered."""

import datetime
from collections import defaultdict

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse

from banzhuang.core.intervals import held_on
from banzhuang.core.workdays import week_of
from banzhuang.duties.duty import Duty, DutyRule, State, state_by_due
from cadres.duties import lateness
from cadres.models import Cadre, Leave

from .models import Contact, Household, Need, Visit
from .models.household import registered_on
from .parameters import HOUSEHOLD_DAYS, LOAD, MAKE_UP_WEEKS
from .quota import ENCRYPTED, due_of, load_from, rule_on, with_last_visit
from .weeks import ONE, WEEK, Rule, Week, WeekState

OFFICE, WELFARE = "民政帮扶办", "welfare"
# 临近: at most so many working days of the week are left after the day; a need is due within so many days.
WORKING_DAYS_LEFT = 2
NEED_NEAR_DAYS = 2


def account_of(cadre: Cadre, day: datetime.date) -> tuple[int | None, str]:
    """(the account that owes what `cadre` owes, his name). Without one the welfare office does, and the name says why."""
    if cadre.left_on and cadre.left_on <= day:
        return None, f"{cadre.name}（已离岗）"
    if cadre.user is None or not cadre.user.is_active:
        return None, f"{cadre.name}（没有账号）"
    return cadre.user_id, cadre.name


def plan_url(cadre: Cadre | None) -> str:
    """The plan of `cadre`, for the office that stands in for him; without one everybody's own."""
    return f"{reverse('visit_plan')}?leader={cadre.pk}" if cadre else reverse("visit_plan")


# --- Each week ---------------------------------------------------------------------------------------------


def weeks_back(day: datetime.date) -> list[datetime.date]:
    """Mondays of the weeks that may press on `day`: those that can be made up, at least the last one, and its own."""
    monday = week_of(day)[0]
    return [monday - count * WEEK for count in range(max(1, MAKE_UP_WEEKS.on(day)), -1, -1)]


def holders(day):
    """Cadres at their posts who looked after a household in one of the weeks that may press on `day`.

    `holds`: whether they do on the day itself.
    """
    first = weeks_back(day)[0]
    held = Contact.objects.filter(
        Q(end__isnull=True) | Q(end__gt=first),
        Q(start__isnull=True) | Q(start__lte=day),
        cadre=OuterRef("pk"),
    )
    holds = Contact.objects.live(day).filter(cadre=OuterRef("pk"))
    cadres = Cadre.objects.at_work(day).filter(Exists(held)).annotate(holds=Exists(holds))
    return cadres.select_related("user").order_by("initials", "pk")


def describe_weeks(rows, day):
    """Who sees a leader's duty sees it whole: his contacts and visits are not narrowed again."""
    cadres = {cadre.pk: cadre for cadre in rows.defer("id_number", "phone")}
    if not cadres:
        return
    contacts, leaves = Contact.objects.filter(cadre__in=cadres), Leave.objects.filter(cadre__in=cadres)
    for pk, weeks in load_from(contacts, leaves, weeks_back(day), day).items():
        for week in weeks:
            if state := pressing_state(week, day):
                yield week_duty(cadres[pk], week, day, state)


def pressing_state(week: Week, day) -> State | None:
    """None: nothing is owed of it any more, or never was."""
    monday = week_of(day)[0]
    if week.monday < monday:
        still = week.monday + max(1, rule_on(week.monday).make_up) * WEEK >= monday
        return State.OVERDUE if week.state == WeekState.SHORT and still else None
    match week.state:
        case WeekState.PENDING:
            return State.NEAR if week.left <= WORKING_DAYS_LEFT else State.NORMAL
        case WeekState.MET:
            return State.DONE
        case WeekState.EXCUSED | WeekState.HOLIDAY:
            return State.EXCUSED
    return None


def week_duty(cadre: Cadre, week: Week, day, state: State) -> Duty:
    owner, name = account_of(cadre, day)
    return Duty(
        rule=WEEKLY,
        about=f"{week_words(week, day)}走访",
        detail=f"{name} · {' · '.join(said_of(week, day))}",
        due=week.sunday,
        state=state,
        scope_code=cadre.scope_code,
        url=plan_url(None if owner or not cadre.holds else cadre),
        act="记走访",
        owner=owner,
        person=cadre.name,
    )


def week_words(week: Week, day) -> str:
    """本周, 上周, or its days."""
    back = (week_of(day)[0] - week.monday) // WEEK
    return {0: "本周", 1: "上周"}.get(back) or week.days


def said_of(week: Week, day) -> list[str]:
    """How the week stands, and until when something can be done."""
    rule = rule_on(week.monday)
    if week.state == WeekState.HOLIDAY:
        return ["假期周，免走访"]
    if week.state == WeekState.EXCUSED:
        return [f"{week.excuse}，本周免走访"]
    if week.state == WeekState.MET:
        return [count_words(week, rule, "本周")]
    if week.state == WeekState.PENDING:
        return [count_words(week, rule, "本周"), "周日前"]
    until = week.sunday + rule.make_up * WEEK
    can_be_made_up = rule.make_up and not rule.by_household
    return [
        count_words(week, rule, week.days),
        *([f"{until.month}月{until.day}日前可补"] if can_be_made_up else []),
    ]


def count_words(week: Week, rule: Rule, when: str) -> str:
    """本周 0 次，至少 1 次."""
    if not rule.by_household:
        return f"{when} {week.visits} 次，至少 {rule.visits} 次"
    if week.over:
        return f"{when}有 {week.over} 户超过 {rule.interval} 天未走访"
    return f"{when}没有超过 {rule.interval} 天未走访的户"


# --- Households --------------------------------------------------------------------------------------------


def with_load(cadres, day):
    """`cadres` with `load`: the households held on `day`."""
    held = held_on(day, "contacts__") & registered_on(day, "contacts__household__")
    return cadres.annotate(load=Count("contacts", filter=held, distinct=True))


def leaders_short_of_households(day):
    """Leaders in office, and others who hold households, with fewer than they must have.

    Nobody where the register has no household yet.
    """
    registered = Household.objects.as_of(day).filter(village__township=OuterRef("township"))
    cadres = with_load(Cadre.objects.at_work(day).filter(Exists(registered)), day)
    cadres = cadres.filter(Q(category=Cadre.Category.LEADER) | Q(load__gt=0))
    return cadres.filter(load__lt=LOAD.on(day)).order_by("load", "initials", "pk")


def describe_loads(rows, day):
    least = LOAD.on(day)
    for cadre in rows.defer("id_number", "phone"):
        yield Duty(
            rule=LOADED,
            about=f"给{cadre.name}分配联系户",
            detail=f"{OFFICE} · 联系 {cadre.load} 户，至少 {least} 户，少 {least - cadre.load} 户",
            due=None,
            state=State.OVERDUE,
            scope_code=cadre.scope_code,
            url=f"{reverse('households')}?state=uncontacted",
            act="分配联系户",
        )


def contacts_long_unseen(day):
    """Contacts whose households nobody visited lately, or ever: which of them wait too long, `due_of` says."""
    contacts = with_last_visit(Contact.objects.live(day), day)
    lately = day - HOUSEHOLD_DAYS.on(day) * ONE
    contacts = contacts.filter(Q(last_visit__isnull=True) | Q(last_visit__lt=lately))
    return contacts.select_related("household__village", "cadre__user").order_by("cadre__initials", "cadre")


def describe_unseen(rows, day):
    """One duty a leader, for those of his households that the user sees; it names the one unseen longest."""
    limit = HOUSEHOLD_DAYS.on(day)
    overdue = defaultdict(list)
    for due in due_of(rows.defer(*ENCRYPTED), day):
        if due.state == State.OVERDUE:
            overdue[due.contact.cadre].append(due)
    for cadre, dues in overdue.items():
        owner, name = account_of(cadre, day)
        longest, codes = dues[0], {due.contact.scope_code for due in dues}
        where = f"{longest.household.village.name}{longest.household.head}"
        yield Duty(
            rule=UNSEEN,
            about=f"{len(dues)} 户超过 {limit} 天未走访",
            detail=f"{name} · 最久的{where} {longest.days} 天",
            published=f"{name} · 最久的 {longest.days} 天",
            due=day - (longest.days - limit) * ONE,
            state=State.OVERDUE,
            scope_code=codes.pop() if len(codes) == 1 else cadre.scope_code,
            url=plan_url(None if owner else cadre),
            act="看走访计划",
            owner=owner,
            person=cadre.name,
        )


def households_without_leader(day):
    """In the register, and nobody who is at his post looks after them. `left`: whether one who has left still should."""
    live = Contact.objects.live(day).filter(household=OuterRef("pk"))
    at_work = Q(cadre__left_on__isnull=True) | Q(cadre__left_on__gt=day)
    rows = Household.objects.as_of(day).exclude(Exists(live.filter(at_work)))
    return rows.annotate(left=Exists(live)).select_related("village").order_by("scope_code", "pk")


def describe_uncontacted(rows, day):
    """One duty a village."""
    villages = defaultdict(list)
    for household in rows.defer("id_number", "phone", "health"):
        villages[household.village].append(household)
    for village, households in villages.items():
        left = sum(household.left for household in households)
        none = len(households) - left
        words = [f"{none} 户没有联系领导"] if none else []
        words += [f"{left} 户的联系领导已离岗"] if left else []
        yield Duty(
            rule=UNCONTACTED,
            about=f"给{village.name}的户分配联系领导",
            detail=" · ".join([OFFICE, *words]),
            due=None,
            state=State.NEAR,
            scope_code=village.code,
            url=f"{reverse('households')}?village={village.code}&state=uncontacted",
            act="分配联系领导",
        )


# --- Needs -------------------------------------------------------------------------------------------------


def open_needs(day):
    return Need.objects.open(day).select_related("household__village").order_by("due", "pk")


def describe_needs(rows, day):
    needs = list(rows.defer("household__id_number", "household__phone", "household__health"))
    contacts = Contact.objects.live(day).filter(household__in={need.household_id for need in needs})
    contacts = contacts.select_related("cadre__user").defer("cadre__id_number", "cadre__phone")
    holder = {contact.household_id: contact.cadre for contact in contacts}
    for need in needs:
        contact = holder.get(need.household_id)
        owner, owes, name = answerer(need, contact, day)
        household = need.household
        words = [f"{household.village.name} {household.head}", name, lateness(need.due, day)]
        yield Duty(
            rule=NEED,
            about=f"答复诉求：{need.content[:20]}",
            detail=" · ".join(filter(None, words)),
            published=" · ".join(filter(None, [household.village.name, *words[1:]])),
            due=need.due,
            state=state_by_due(need.due, day, NEED_NEAR_DAYS),
            scope_code=need.scope_code,
            url=reverse("need", args=[need.pk]),
            act="去答复",
            owner=owner,
            owes=owes,
            person=contact.name if contact and need.handler == Need.Handler.CONTACT else "",
        )


def answerer(need: Need, contact: Cadre | None, day) -> tuple[int | None, str, str]:
    """(account, role code, words) of who owes the answer: the contact himself, or the role that the handler names."""
    if need.handler != Need.Handler.CONTACT:
        return None, need.handler, ""
    if contact is None:
        return None, WELFARE, f"没有联系领导，由{OFFICE}答复"
    owner, name = account_of(contact, day)
    return owner, WELFARE, "" if owner else name


# --- The rules ---------------------------------------------------------------------------------------------

VISITS = "每个领导干部至少联系20个贫困户，每周至少走访一次"
WEEKLY = DutyRule(
    code="m14.week",
    mechanism="M14",
    label="每周走访",
    words=VISITS,
    owes=WELFARE,
    rows=holders,
    describe=describe_weeks,
    fact=lambda count, state: f"漏访 {count} 次" if state == State.OVERDUE else f"{count} 人本周未访够",
    behind=(Visit,),
)
LOADED = DutyRule(
    code="m14.load",
    mechanism="M14",
    label="联系户数",
    words=VISITS,
    owes=WELFARE,
    rows=leaders_short_of_households,
    describe=describe_loads,
    fact=lambda count, state: f"{count} 人联系户不足",
    behind=(Contact,),
)
UNSEEN = DutyRule(
    code="m14.unseen",
    mechanism="M14",
    label="久未走访",
    words=VISITS,
    owes=WELFARE,
    rows=contacts_long_unseen,
    describe=describe_unseen,
    fact=lambda count, state: f"{count} 人有户久未访",
)
NEED = DutyRule(
    code="m14.need",
    mechanism="M14",
    label="答复诉求",
    words="积极为困难户解决生产生活中的实际困难",
    owes=WELFARE,
    rows=open_needs,
    describe=describe_needs,
    fact=lambda count, state: f"{count} 件诉求{'超期' if state == State.OVERDUE else '将到期'}",
)
UNCONTACTED = DutyRule(
    code="m14.uncontacted",
    mechanism="M14",
    label="没有联系领导的户",
    words=VISITS,
    owes=WELFARE,
    rows=households_without_leader,
    describe=describe_uncontacted,
    fact=lambda count, state: f"{count} 村有户未结对",
)
RULES = [WEEKLY, UNSEEN, NEED, LOADED, UNCONTACTED]
