"""困难户名册: the households of a day, with what they count as, who looks after them and when they were visited."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F, OuterRef, Q, Subquery
from django.shortcuts import render

from banzhuang.core.access import Sight, may, sight
from banzhuang.core.intervals import held_on
from banzhuang.dashboards.scope import chosen_scope
from banzhuang.duties.duty import State
from banzhuang.indicators.indicator import Period
from banzhuang.ledgers.listing import export_url

from .. import indicators
from ..models import Contact, Household, HouseholdLabel, HouseholdYear, Need, Visit
from ..models.household import Cause
from ..navigation import pages
from ..parameters import HOUSEHOLD_DAYS, POOR_HOUSEHOLD
from ..plan import families
from ..quota import state_after
from .lists import Choice, Filter, leaders_seen, sorted_column, villages_seen

UNSEEN, UNCONTACTED, UNANSWERED = "unseen", "uncontacted", "needs"
ORDERS = {
    "visited": F("last_visit").asc(nulls_first=True),
    "-visited": F("last_visit").desc(nulls_last=True),
}


def households(request):
    """The register as of the day; an office sees those whose open need it is to answer, a cadre his own."""
    user, day = request.user, request.as_of
    if not may(user, "view", Household):
        raise PermissionDenied
    rows, choice = listed(request)
    order = ORDERS.get(request.GET.get("order"))
    rows = with_facts(rows, day).select_related("village")
    rows = rows.order_by(*filter(None, [order]), "scope_code", "initials", "pk")
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    return render(
        request,
        "livelihood/households.html",
        {
            "page": page,
            "table": table_of(page, choice, request),
            "filter": choice,
            "pages": pages(request, "households"),
            "word": POOR_HOUSEHOLD.on(day),
            "whole": sight(user, Household) == Sight.SCOPE,
            "may_write": may(user, "import", Household),
            "export_url": export_url(request, "households"),
        },
    )


def listed(request):
    """The households that the list shows under its filters, and these. request: or what stands for one."""
    choice = Filter(request, choices_of(request), "户主或户编号")
    rows = narrowed(Household.objects.for_user(request.user).as_of(request.as_of), choice, request)
    scope = chosen_scope(request)
    return rows if scope.within is None else rows.within(scope.within), choice


def choices_of(request) -> list[Choice]:
    """Filters by what the user sees whole: of one's own contacts alone nobody can say who has none."""
    user = request.user
    choices = [villages_seen(request)]
    if may(user, "view", HouseholdLabel):
        choices.append(Choice("label", "类别", HouseholdLabel.Kind.choices))
    if may(user, "view", HouseholdYear):
        choices.append(Choice("cause", "致贫原因", Cause.choices))
    states = [(UNANSWERED, "有未答复诉求")]
    if sight(user, Contact) == Sight.SCOPE:
        choices.append(leaders_seen(request))
        states = [(UNSEEN, "久未走访"), (UNCONTACTED, "未结对"), *states]
    return [*choices, Choice("state", "情况", states)]


def narrowed(rows, choice: Filter, request):
    user, day = request.user, request.as_of
    period = Period.to_date(day)
    if choice.text:
        rows = rows.filter(
            Q(head__contains=choice.text)
            | Q(initials__startswith=choice.text.lower())
            | Q(number__startswith=choice.text)
        )
    if choice["village"]:
        rows = rows.filter(scope_code=choice["village"])
    if choice.values.get("label"):
        labels = HouseholdLabel.objects.for_user(user).live(day).filter(kind=choice["label"])
        rows = rows.filter(pk__in=labels.order_by().values("household"))
    if choice.values.get("cause"):
        years = HouseholdYear.objects.for_user(user).filter(household=OuterRef("pk"), year__lte=day.year)
        rows = rows.alias(main_cause=Subquery(years.order_by("-year").values("cause")[:1]))
        rows = rows.filter(main_cause=choice["cause"])
    if choice.values.get("leader"):
        contacts = Contact.objects.for_user(user).live(day).filter(cadre=choice["leader"])
        rows = rows.filter(pk__in=contacts.order_by().values("household"))
    states = {
        UNSEEN: lambda: indicators.unseen(period),
        UNCONTACTED: lambda: indicators.uncontacted(period),
        UNANSWERED: lambda: Q(pk__in=Need.objects.for_user(user).open(day).order_by().values("household")),
    }
    return rows.filter(states[choice["state"]]()) if choice["state"] else rows


def with_facts(rows, day):
    """`rows` with `leader` (name), `held_since` and `last_visit` of the day, each by a subquery that an index serves."""
    contact = Contact.objects.filter(held_on(day), household=OuterRef("pk")).order_by()
    visits = Visit.objects.filter(household=OuterRef("pk"), date__lte=day).order_by("-date")
    return rows.annotate(
        leader=Subquery(contact.values("cadre__name")[:1]),
        held_since=Subquery(contact.values("start")[:1]),
        last_visit=Subquery(visits.values("date")[:1]),
    )


def table_of(page, choice, request):
    user, day = request.user, request.as_of
    known = families(user, list(page), day)
    needs = open_needs(user, page, day)
    parts = [PLAIN]
    if may(user, "view", HouseholdYear):
        parts.append(FAMILY)
    if may(user, "view", Contact):
        parts.append(CONTACT)
    rows = []
    for row in page:
        cells = [cell for part in parts for cell in part[1](row, known[row.pk], day)]
        count = needs.get(row.pk, 0)
        cells.append(
            {
                "text": f"{count} 件" if count else "0",
                "state": "near" if count else "",
                "label": "诉求",
                "align": "right",
            }
        )
        rows.append({"cells": cells})
    heads = [head for part in parts for head in part[0](choice)]
    heads.append({"label": "诉求", "align": "right"})
    return {"columns": heads, "rows": rows, "caption": f"{POOR_HOUSEHOLD.on(day)}名册"}


def open_needs(user, page, day) -> dict[int, int]:
    found: dict[int, int] = {}
    needs = Need.objects.for_user(user).open(day).filter(household__in=[row.pk for row in page])
    for household in needs.order_by().values_list("household", flat=True):
        found[household] = found.get(household, 0) + 1
    return found


# --- Columns: (heads of the filter, cells of a row) for who sees the table they come from -------------------


def plain_cells(row, family, day):
    return [
        {"text": row.head, "url": row.get_absolute_url()},
        {"text": row.village.short_name, "url": row.village.get_absolute_url()},
        {"text": row.group},
    ]


def family_cells(row, family, day):
    return [
        {"text": "、".join(family.labels), "label": "类别"},
        {"text": "" if family.members is None else str(family.members), "label": "人口", "align": "right"},
        {"text": family.cause, "label": "致贫原因"},
    ]


def contact_cells(row, family, day):
    return [
        {"text": row.leader or "未结对", "state": "" if row.leader else "bad", "label": "联系领导"},
        {**visit_cell(row, day), "label": "上次走访", "align": "right"},
    ]


def visit_cell(row, day) -> dict:
    """41 天前, with the state for who is to go there; never visited: since it was registered or taken over."""
    if row.last_visit:
        days = (day - row.last_visit).days
        words = f"{row.last_visit:%Y-%m-%d}，{days} 天前" if days else "今天"
    else:
        known = [date for date in (row.held_since, row.registered_on) if date]
        days = (day - max(known)).days if known else 0
        words = "没有走访过"
    state = state_after(days, HOUSEHOLD_DAYS.on(day))
    waits = row.leader and state != State.NORMAL
    return {"text": words, "state": state.value if waits else ""}


PLAIN = (lambda choice: [{"label": label} for label in ("户主", "村", "组")], plain_cells)
FAMILY = (
    lambda choice: [{"label": "类别"}, {"label": "人口", "align": "right"}, {"label": "致贫原因"}],
    family_cells,
)
CONTACT = (
    lambda choice: [{"label": "联系领导"}, sorted_column(choice, "上次走访", "visited", align="right")],
    contact_cells,
)
