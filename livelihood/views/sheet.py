"""走访表: the households due, printed on A4 for who goes without a phone; what is written on it is entered in the evening."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render

from banzhuang.accounts.audit import Action, record
from banzhuang.core.access import may
from banzhuang.duties.duty import State
from cadres.models import Cadre

from ..models import Contact, HouseholdYear, Need
from ..navigation import pages
from ..parameters import HOUSEHOLD_DAYS, POOR_HOUSEHOLD
from ..plan import own_cadre
from ..quota import households_due

SPARE_LINES = 3


def visit_sheet(request):
    """`?leader=` whose households (one's own without it); `?all=1` all of them, not only those due."""
    if not may(request.user, "view", Contact):
        raise PermissionDenied
    day, chosen = request.as_of, request.GET.get("leader", "")
    cadre = leader_of(request.user, chosen, day)
    held = households_due(request.user, day, cadre) if cadre else []
    everything = request.GET.get("all") == "1"
    due = [row for row in held if everything or row.state != State.NORMAL]
    # Village by village, as one walks; within a village who has waited longest comes first.
    due.sort(key=lambda row: (row.household.scope_code, -row.days))
    if cadre:
        record(
            Action.PRINT, f"走访表 {cadre.name}", request=request, scope_code=cadre.scope_code, rows=len(due)
        )
    return render(
        request,
        "livelihood/sheet.html",
        {
            "cadre": cadre,
            "rows": lines(request.user, due, day),
            "spare": range(len(due) + 1, len(due) + 1 + SPARE_LINES),
            "held": len(held),
            "everything": everything,
            "interval": HOUSEHOLD_DAYS.on(day),
            "pages": pages(request, "visit_plan"),
            "poor_household": POOR_HOUSEHOLD.on(day),
        },
    )


def leader_of(user, chosen: str, day) -> Cadre | None:
    """Who holds households that the user sees, a village's own too; without a choice the cadre that the user is."""
    if not chosen:
        return own_cadre(user)
    holders = Contact.objects.for_user(user).live(day).values("cadre")
    return get_object_or_404(Cadre.objects.filter(pk__in=holders), pk=chosen if chosen.isdecimal() else 0)


def lines(user, due, day) -> list[dict]:
    """What stands on the paper beside each household: its people, its cause, and what it still waits for."""
    households = [row.household.pk for row in due]
    years = HouseholdYear.objects.for_user(user).filter(household__in=households, year__lte=day.year)
    latest = {year.household_id: year for year in years.order_by("year")}
    needs = {
        need.household_id: need
        for need in Need.objects.for_user(user).open(day).filter(household__in=households)
    }
    return [
        {"due": row, "year": latest.get(row.household.pk), "need": needs.get(row.household.pk)} for row in due
    ]
