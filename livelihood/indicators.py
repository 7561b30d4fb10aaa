"""Figures of M14 助贫帮困, each counted once, over dated households, contacts, visits and needs."""

import datetime
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery

from banzhuang.core.intervals import held_on
from banzhuang.indicators.indicator import Indicator, Period
from cadres.models import Cadre

from .models import Contact, Household, HouseholdLabel, Need, Visit
from .models.household import registered_on
from .models.need import open_on
from .parameters import HOUSEHOLD_DAYS, LATE_ENTRY_DAYS, LOAD

ONE = datetime.timedelta(days=1)

# --- Conditions -----------------------------------------------------------------------------------------


def registered(period: Period) -> Q:
    """Households in the register at the period's end."""
    return registered_on(period.until)


def contacted_on(day: datetime.date) -> Exists:
    """Whether a leader is the contact of the household on `day`."""
    return Exists(Contact.objects.filter(held_on(day), household=OuterRef("pk")))


def contacted(period: Period) -> Q:
    return registered(period) & Q(contacted_on(period.until))


def uncontacted(period: Period) -> Q:
    return registered(period) & ~Q(contacted_on(period.until))


def visited_between(since: datetime.date | None, until: datetime.date) -> Exists:
    """Whether the household was visited from `since` (None: ever) to `until`, both inside."""
    visits = Visit.objects.filter(household=OuterRef("pk"), date__lte=until)
    return Exists(visits.filter(date__gte=since) if since else visits)


def visited(period: Period) -> Q:
    """Households with a visit in the period, also those removed from the register since."""
    return Q(visited_between(period.since, period.until))


def unseen(period: Period) -> Q:
    """In the register, with a contact, and not visited for more than the days of the setting.

    Of a household that was never visited the days run from its registration or from the start of its contact,
    whichever is later, as in quota.counted_from; with neither known, from the entry of the contact.
    """
    day = period.until
    limit = day - HOUSEHOLD_DAYS.on(day) * ONE
    waiting = Contact.objects.filter(
        Q(start__isnull=True) | Q(start__lt=limit),
        Q(household__registered_on__isnull=True) | Q(household__registered_on__lt=limit),
        Q(start__isnull=False) | Q(household__registered_on__isnull=False) | Q(created_at__date__lt=limit),
        held_on(day),
        household=OuterRef("pk"),
    )
    return (
        contacted(period)
        & ~Q(visited_between(limit, day))
        & (Q(visited_between(None, day)) | Q(Exists(waiting)))
    )


def contacts_of_leader(day: datetime.date):
    """Contacts that the cadre of the outer query holds on `day`."""
    return Contact.objects.live(day).filter(cadre=OuterRef("pk")).order_by()


def holding(period: Period) -> Q:
    """Cadres who are the contact of a household at the period's end."""
    return Q(Exists(contacts_of_leader(period.until)))


def below_load(period: Period) -> Q:
    """Cadres who hold contacts, but fewer than the setting says."""
    loads = contacts_of_leader(period.until).values("cadre").annotate(load=Count("pk"))
    return Q(Exists(loads.filter(load__lt=LOAD.on(period.until))))


def made(period: Period) -> Q:
    return Q(date__gte=period.since, date__lte=period.until)


def late_entry(day: datetime.date) -> Q:
    """Visits entered more days after than the setting of `day` allows."""
    return Q(created_at__date__gt=F("date") + LATE_ENTRY_DAYS.on(day) * ONE)


def entered_late(period: Period) -> Q:
    return made(period) & late_entry(period.until)


def unanswered(period: Period) -> Q:
    return open_on(period.until)


def overdue(period: Period) -> Q:
    return open_on(period.until) & Q(due__lt=period.until)


def raised(period: Period) -> Q:
    return Q(raised_on__gte=period.since, raised_on__lte=period.until)


def answered(period: Period) -> Q:
    return Q(closed_on__gte=period.since, closed_on__lte=period.until)


def solved(period: Period) -> Q:
    return answered(period) & Q(outcome=Need.Outcome.SOLVED)


def labelled(kind):
    """Labels of one kind at the period's end, of households in the register then."""
    return lambda period: held_on(period.until) & registered_on(period.until, "household__") & Q(kind=kind)


# --- What the page of the rows shows ---------------------------------------------------------------------

HOUSEHOLD_COLUMNS = (
    ("村", "village"),
    ("户主", "head"),
    ("村民小组", "group"),
    ("建档日期", "registered"),
    ("联系领导", "contact_name"),
    ("上次走访", "last_visit"),
)
LEADER_COLUMNS = (
    ("职务", "position"),
    ("姓名", "name"),
    ("联系户数", "load"),
)
VISIT_COLUMNS = (
    ("日期", "date"),
    ("户主", "household"),
    ("村、组", "household.place"),
    ("走访干部", "visitor"),
    ("反映情况", "heard"),
    ("帮扶措施", "measures"),
    ("办理结果", "get_result_display"),
)
NEED_COLUMNS = (
    ("村、组", "household.place"),
    ("户主", "household"),
    ("诉求", "content"),
    ("提出日期", "raised_on"),
    ("承办", "get_handler_display"),
    ("答复期限", "due"),
    ("答复日期", "closed_on"),
    ("结果", "get_outcome_display"),
)
LABEL_COLUMNS = (
    ("村、组", "household.place"),
    ("户主", "household"),
    ("类别", "get_kind_display"),
    ("认定日期", "started"),
    ("退出日期", "ended"),
)


@dataclass(frozen=True)
class HouseholdIndicator(Indicator):
    """Its rows say who the contact is on the day, and when the household was visited last before it."""

    def rows(self, day, user, within=None):
        contact = Contact.objects.filter(held_on(day), household=OuterRef("pk"))
        visits = Visit.objects.filter(household=OuterRef("pk"), date__lte=day).order_by("-date")
        return (
            super()
            .rows(day, user, within)
            .annotate(
                contact_name=Subquery(contact.values("cadre__name")[:1]),
                last_visit=Subquery(visits.values("date")[:1]),
            )
        )


@dataclass(frozen=True)
class LeaderIndicator(Indicator):
    """Its rows say how many households each holds on the day."""

    def rows(self, day, user, within=None):
        loads = contacts_of_leader(day).values("cadre").annotate(load=Count("pk"))
        return super().rows(day, user, within).annotate(load=Subquery(loads.values("load")))


def households(code, label, counting, where, **options) -> Indicator:
    defaults = {
        "unit": "户",
        "model": Household,
        "mechanism": "M14",
        "columns": HOUSEHOLD_COLUMNS,
        "related": ("village",),
    }
    return HouseholdIndicator(
        code=code, label=label, counting=counting, where=where, **{**defaults, **options}
    )


def leaders(code, label, counting, where) -> Indicator:
    return LeaderIndicator(
        code=code,
        mechanism="M14",
        label=label,
        unit="人",
        counting=counting,
        model=Cadre,
        behind=(Visit,),
        where=where,
        columns=LEADER_COLUMNS,
    )


def visits(code, label, counting, where) -> Indicator:
    return Indicator(
        code=code,
        mechanism="M14",
        label=label,
        unit="次",
        counting=counting,
        model=Visit,
        where=where,
        kind="flow",
        columns=VISIT_COLUMNS,
        related=("household__village", "visitor"),
    )


def needs(code, label, counting, where, **options) -> Indicator:
    defaults = {
        "unit": "件",
        "model": Need,
        "mechanism": "M14",
        "columns": NEED_COLUMNS,
        "related": ("household__village",),
    }
    return Indicator(code=code, label=label, counting=counting, where=where, **{**defaults, **options})


def label_of(kind, code, counting) -> Indicator:
    return Indicator(
        code=code,
        mechanism="M14",
        label=kind.label,
        unit="户",
        counting=counting,
        model=HouseholdLabel,
        where=labelled(kind),
        columns=LABEL_COLUMNS,
        related=("household__village",),
    )


# --- The figures -------------------------------------------------------------------------------------------

HOUSEHOLDS = households(
    "m14.households", "在册困难户", "截至当日在册的困难户；建档日期不详的按在册计。", registered
)
LABELS = [
    label_of(
        HouseholdLabel.Kind.REGISTERED,
        "m14.registered",
        "截至当日在册的困难户中，属于建档立卡户、尚未退出的。",
    ),
    label_of(HouseholdLabel.Kind.MINIMUM, "m14.minimum", "截至当日在册的困难户中，享受低保的。"),
    label_of(
        HouseholdLabel.Kind.DESTITUTE, "m14.destitute", "截至当日在册的困难户中，特困供养的（含原五保户）。"
    ),
]
LEADERS = leaders(
    "m14.leaders", "联系领导", "截至当日联系困难户的领导干部，一人只计一次；户已出册的不计。", holding
)
LEADERS_BELOW_LOAD = leaders(
    "m14.leaders_below_load",
    "联系户数不足的领导",
    "截至当日联系困难户的领导干部中，联系户数少于规定户数的。",
    below_load,
)
CONTACTED = households(
    "m14.contacted", "已结对困难户", "截至当日在册的困难户中，有领导干部联系的。", contacted
)
UNCONTACTED = households(
    "m14.uncontacted",
    "未结对户",
    "截至当日在册的困难户中，没有领导干部联系的。",
    uncontacted,
    board=True,
    board_label="未结对",
    judge=lambda value: "bad" if value else "",
)
VISITED = households(
    "m14.visited",
    "走访户数",
    "本年内走访过的困难户，一户走访几次也只计一户；年内出册的也计。",
    visited,
    kind="flow",
)
VISITS = visits("m14.visits", "走访次数", "本年内的走访，一人一天走访一户计一次；补录的按走访日期计。", made)
LATE_ENTRIES = visits(
    "m14.late_entries", "补录走访", "本年内的走访中，走访后超过规定天数才录入的。", entered_late
)
UNSEEN = households(
    "m14.unseen",
    "久未走访户",
    "截至当日在册、有领导联系的困难户中，距上次走访超过规定天数的；从未走访的，从建档或结对之日（取后者）起算。",
    unseen,
    board=True,
    board_label="久未走访",
    judge=lambda value: "bad" if value else "",
)
NEEDS_RAISED = needs("m14.needs_raised", "提出诉求", "本年内提出的诉求，按提出日期计。", raised, kind="flow")
NEEDS_SOLVED = needs(
    "m14.needs_solved", "解决诉求", "本年内答复、结果为已解决的诉求，按答复日期计。", solved, kind="flow"
)
NEEDS_OPEN = needs(
    "m14.needs_open",
    "未答复诉求",
    "截至当日已提出、还没有答复的诉求；当日答复的不计。",
    unanswered,
    board=True,
    board_label="诉求未答",
    judge=lambda value: "near" if value else "",
)
NEEDS_OVERDUE = needs(
    "m14.needs_overdue",
    "逾期未答复",
    "未答复的诉求中，答复期限在当日之前的。",
    overdue,
)

INDICATORS = [
    HOUSEHOLDS,
    *LABELS,
    LEADERS,
    LEADERS_BELOW_LOAD,
    CONTACTED,
    UNCONTACTED,
    VISITED,
    VISITS,
    LATE_ENTRIES,
    UNSEEN,
    NEEDS_RAISED,
    NEEDS_SOLVED,
    NEEDS_OPEN,
    NEEDS_OVERDUE,
]
