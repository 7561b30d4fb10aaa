"""What M14 puts on the portal's pages."""

import datetime
from collections import Counter

from django.db.models import Q

from banzhuang.core.access import Sight, may, sight
from banzhuang.core.dates import PartialDate
from banzhuang.core.months import month_of
from banzhuang.core.workdays import week_of
from banzhuang.dashboards.panels import (
    Event,
    Figure,
    HeadFact,
    Hit,
    NavigationItem,
    Page,
    Place,
    SearchSource,
    Section,
    Timeline,
    View,
)
from banzhuang.duties.duty import State

from . import indicators
from .home import my_households
from .models import Contact, Household, HouseholdLabel, Need, Visit
from .parameters import POOR_HOUSEHOLD
from .plan import own_cadre
from .quota import due_of, households_due, load, sees_weeks, with_last_visit
from .views.quota import SIGNS, said
from .weeks import WeekState

SOURCE = "助贫帮困"
WEEK = datetime.timedelta(days=7)
# So many weeks and visits stand on a cadre's page, so many needs on a village's timeline.
WEEKS, VISITS, NEEDS = 8, 5, 10

FIGURES = [
    Figure(
        "m14.contacted",
        indicators.CONTACTED,
        label="结对困难户",
        beside=(("未结对", indicators.UNCONTACTED), ("联系领导", indicators.LEADERS)),
    ),
    Figure("m14.visited", indicators.VISITED, label="本年走访户数", beside=(("走访", indicators.VISITS),)),
    Figure(
        "m14.needs_open",
        indicators.NEEDS_OPEN,
        label="未答复诉求",
        beside=(("逾期", indicators.NEEDS_OVERDUE),),
    ),
]


def sees_all(user) -> bool:
    """Whether the user sees all households of the scope with their contacts: who sees some cannot count them."""
    return all(sight(user, model) == Sight.SCOPE for model in (Household, Contact, Visit, Need))


# --- The village ----------------------------------------------------------------------------------------


def village_households(view: View):
    """困难户与走访: by contact leader how many, how often visited this month, who waits; and what they count as."""
    if not sees_all(view.user):
        return None
    households = Household.objects.for_user(view.user).as_of(view.day).filter(village=view.subject)
    registered = set(households.values_list("pk", flat=True))
    contacts = Contact.objects.for_user(view.user).live(view.day).filter(household__village=view.subject)
    contacts = with_last_visit(contacts, view.day).select_related("household", "cadre")
    visited = of_month(view)
    open_needs = Counter(
        Need.objects.for_user(view.user)
        .open(view.day)
        .filter(household__village=view.subject)
        .order_by()
        .values_list("household", flat=True)
    )
    groups: dict[int, dict] = {}
    for due in due_of(contacts, view.day):
        group = groups.setdefault(due.contact.cadre_id, {"cadre": due.contact.cadre, **empty_group()})
        add_to(group, due.household.pk, visited, open_needs)
        group["overdue"] += due.state == State.OVERDUE
        registered.discard(due.household.pk)
    alone = {"cadre": None, **empty_group()}
    for household in registered:
        add_to(alone, household, visited, open_needs)
    rows = sorted(groups.values(), key=lambda group: -group["households"])
    return {
        "village": view.subject,
        "rows": [*rows, alone] if registered else rows,
        "households": sum(group["households"] for group in [*rows, alone]),
        "visits": sum(visited.values()),
        "month": view.day,
        "labels": labels_of(view),
        "word": POOR_HOUSEHOLD.on(view.day),
    }


def empty_group() -> dict:
    return {"households": 0, "visits": 0, "overdue": 0, "needs": 0}


def add_to(group, household, visited, open_needs) -> None:
    group["households"] += 1
    group["visits"] += visited[household]
    group["needs"] += open_needs[household]


def of_month(view: View) -> Counter:
    """Visits of the running month up to the day, by household."""
    visits = Visit.objects.for_user(view.user).between(
        month_of(view.day), view.day + datetime.timedelta(days=1)
    )
    return Counter(
        visits.filter(household__village=view.subject).order_by().values_list("household", flat=True)
    )


def labels_of(view: View) -> list[tuple[str, int]]:
    """建档立卡户 3, 低保 5 …, in the order of the kinds."""
    labels = HouseholdLabel.objects.for_user(view.user).live(view.day)
    labels = labels.filter(indicators.registered_on(view.day, "household__"), household__village=view.subject)
    counts = Counter(labels.order_by().values_list("kind", flat=True))
    return [(kind.label, counts[kind]) for kind in HouseholdLabel.Kind if counts[kind]]


def village_count(view: View):
    """困难户 14 户."""
    if not indicators.HOUSEHOLDS.visible_to(view.user):
        return None
    households = Household.objects.for_user(view.user).as_of(view.day).filter(village=view.subject)
    return f"{households.count()} 户", ""


def village_needs(view: View):
    """The last needs, each once: when it was raised, or when it was answered. Not the visits: there are too many."""
    if not indicators.NEEDS_RAISED.visible_to(view.user):
        return None
    needs = Need.objects.for_user(view.user).filter(household__village=view.subject, raised_on__lte=view.day)
    latest = needs.select_related("household").order_by("-raised_on", "-pk")[:NEEDS]
    return [need_event(need, view.day) for need in latest]


def need_event(need, day) -> Event:
    if need.closed_on and need.closed_on <= day:
        what = f"{need.get_outcome_display()}：{need.content}。{need.reply}"
        return Event(
            need.closed_on,
            chinese(need.closed_on),
            f"{need.household}户的诉求{what}",
            SOURCE,
            need.get_absolute_url(),
            "done",
        )
    late = (day - need.due).days
    what = f"诉求“{need.content}”{f'超期 {late} 天' if late > 0 else '待答复'}"
    return Event(
        need.raised_on,
        chinese(need.raised_on),
        f"{need.household}户{what}",
        SOURCE,
        need.get_absolute_url(),
        "bad" if late > 0 else "near",
    )


def chinese(day: datetime.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


# --- The cadre ------------------------------------------------------------------------------------------


def sees_contacts_of(user, cadre) -> bool:
    """All of the cadre's households, or one's own."""
    if not may(user, "view", Contact):
        return False
    return sight(user, Contact) == Sight.SCOPE or own_cadre(user) == cadre


def cadre_households(view: View):
    """联系户与走访: how many households, the last weeks, the latest visits."""
    if not sees_contacts_of(view.user, view.subject):
        return None
    dues = households_due(view.user, view.day, view.subject)
    visits = Visit.objects.for_user(view.user).filter(visitor=view.subject, date__lte=view.day)
    latest = list(visits.select_related("household__village")[:VISITS])
    if not dues and not latest:
        return None
    return {
        "cadre": view.subject,
        "load": len(dues),
        "overdue": sum(due.state == State.OVERDUE for due in dues),
        "weeks": weeks_of_cadre(view),
        "latest": latest,
        "word": POOR_HOUSEHOLD.on(view.day),
    }


def weeks_of_cadre(view: View) -> list[tuple]:
    """(week, state, words) of the last weeks in which the cadre was a contact, the newest first."""
    if not sees_weeks(view.user) and own_cadre(view.user) != view.subject:
        return []
    monday = week_of(view.day)[0]
    mondays = [monday - number * WEEK for number in range(WEEKS)]
    found = load(view.user, sorted(mondays), view.day).get(view.subject.pk, [])
    held = [week for week in reversed(found) if week.state != WeekState.NONE]
    return [(week, SIGNS.get(week.state, ("", ""))[0], said(week)) for week in held]


def cadre_load(view: View):
    """联系 20 户."""
    if not sees_contacts_of(view.user, view.subject):
        return None
    count = Contact.objects.for_user(view.user).live(view.day).filter(cadre=view.subject).count()
    return (f"{count} 户", "") if count else None


def cadre_handovers(view: View):
    """Days on which households came to the cadre or left; many on one day are one event."""
    if not sees_contacts_of(view.user, view.subject):
        return None
    contacts = Contact.objects.for_user(view.user).filter(cadre=view.subject)
    dates = list(contacts.order_by().values_list("start", "start_precision", "end", "end_precision"))
    begun = Counter((start, precision) for start, precision, _, _ in dates if start and start <= view.day)
    ended = Counter((end, precision) for _, _, end, precision in dates if end and end <= view.day)
    return [
        Event(day, PartialDate(day, precision).chinese(), f"{what} {count} 户", SOURCE)
        for counted, what in ((begun, "开始联系"), (ended, "不再联系"))
        for (day, precision), count in counted.items()
    ]


# --- Search ---------------------------------------------------------------------------------------------


def find_households(user, text):
    found = (
        Household.objects.for_user(user)
        .filter(Q(head__contains=text) | Q(initials__startswith=text.lower()))
        .select_related("village")
    )
    return [Hit(household.head, household.place, household.get_absolute_url()) for household in found[:20]]


SECTIONS = [
    Section(
        "m14.my_households", Page.HOME, "livelihood/_my_households.html", my_households, column=0, order=10
    ),
    Section("m14.village", Page.VILLAGE, "livelihood/_village.html", village_households, column=1, order=20),
    Section("m14.cadre", Page.CADRE, "livelihood/_cadre.html", cadre_households, column=0, order=20),
]
HEAD_FACTS = [
    HeadFact("m14.households", Page.VILLAGE, "困难户", village_count, order=10),
    HeadFact("m14.load", Page.CADRE, "联系困难户", cadre_load, order=10),
]
NAVIGATION = [NavigationItem("M14", "households", lambda user: may(user, "view", Household))]
PLACES = [Place("走访", "visit_plan", "visit", lambda user: may(user, "add", Visit))]
TIMELINES = [
    Timeline("m14.village", Page.VILLAGE, village_needs),
    Timeline("m14.cadre", Page.CADRE, cadre_handovers),
]
SEARCH_SOURCES = [SearchSource("households", "困难户", find_households)]
