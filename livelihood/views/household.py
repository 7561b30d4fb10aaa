"""One household: who lives there, how it stands, who looks after it, its needs and visits, as of the day."""

from django.db.models import Prefetch, Q
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from banzhuang.accounts.reveal import Masked
from banzhuang.core.access import may, writes
from banzhuang.core.clock import today
from banzhuang.core.intervals import held_on
from banzhuang.duties.duty import State

from ..models import Contact, Household, HouseholdLabel, HouseholdYear, Member, Need, Visit, VisitPhoto
from ..parameters import HOUSEHOLD_DAYS, POOR_HOUSEHOLD
from ..plan import may_hand_over, may_record
from ..quota import state_after
from .visit import need_state

# So many visits stand on the page; the others in the list of visits.
SHOWN = 10


def of_head(row, whole):
    return [
        ("身份证号", row.id_number if whole else row.id_number_mask),
        ("联系电话", row.phone if whole else row.phone_mask),
        ("健康状况", health(row, whole)),
    ]


def of_member(row, whole):
    return [("身份证号", row.id_number if whole else row.id_number_mask), ("健康状况", health(row, whole))]


def health(row, whole) -> str:
    """Whether something is known, or what."""
    return row.get_health_display() if whole else "已登记" if row.health else ""


HEAD = Masked("reveal_household", "身份证号、电话和健康状况", of_head, act="查看号码和健康状况")
MEMBER = Masked("reveal_member", "身份证号和健康状况", of_member, act="查看号码和健康状况")


def household(request, pk):
    """A panel for each table that the user may see; an office that answers a need sees no more than the head."""
    user, day = request.user, request.as_of
    row = get_object_or_404(Household.objects.for_user(user).select_related("village"), pk=pk)
    contacts = begun(Contact, row, user, day, "-start").select_related("cadre")
    visits = visits_of(row, user, day)
    needs = (
        Need.objects.for_user(user).filter(household=row, raised_on__lte=day).order_by("-raised_on", "-pk")
    )
    needs = [{"need": need, "state": need_state(need, day)} for need in needs]
    labels = list(begun(HouseholdLabel, row, user, day, "-start"))
    now = day == today()
    return render(
        request,
        "livelihood/household.html",
        {
            "household": row,
            "word": POOR_HOUSEHOLD.on(day),
            "standing": standing(row, day),
            "identity": HEAD.shown(user, row),
            "labels": [{"label": label, "live": live(label, day)} for label in labels],
            "contact": next((contact for contact in contacts if live(contact, day)), None),
            "contacts": [{"contact": contact, "live": live(contact, day)} for contact in contacts],
            "members": members_of(row, user, day),
            "years": HouseholdYear.objects.for_user(user).filter(household=row, year__lte=day.year),
            "needs": needs,
            "unanswered": sum(need["state"]["state"] != State.DONE for need in needs),
            "visits": visits[:SHOWN],
            "visit_count": visits.count(),
            "last": last_visit(row, day, waits=any(live(contact, day) for contact in contacts)),
            "sees": {
                model._meta.model_name: may(user, "view", model)
                for model in (Contact, Visit, Member, HouseholdYear, HouseholdLabel)
            },
            "may_record": now and standing(row, day) == "在册" and may_record(user),
            "may_hand_over": now and may_hand_over(user),
            "may_write": writes(user, Household),
        },
    )


def begun(model, row, user, day, *order):
    """Rows of the household that began up to `day`, those with an unknown beginning too."""
    rows = model.objects.for_user(user).filter(Q(start__isnull=True) | Q(start__lte=day), household=row)
    return rows.order_by(*order, "-pk")


def live(row, day) -> bool:
    return row.end is None or row.end > day


def standing(row, day) -> str:
    """在册, or why it is not on `day`."""
    if row.registered_on and row.registered_on > day:
        return f"{row.registered.iso()} 起在册"
    if row.removed_on and row.removed_on <= day:
        return f"{row.removed.iso()} 已出册，{row.get_removal_reason_display()}"
    return "在册"


def members_of(row, user, day) -> list[dict]:
    """The persons who belong to the household on `day`, with age and what stands masked."""
    members = Member.objects.for_user(user).filter(held_on(day), household=row)
    return [
        {"member": member, "age": age_on(member.born_on, day), "identity": MEMBER.shown(user, member)}
        for member in members
    ]


def age_on(born, day) -> int | None:
    if born is None or born > day:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def visits_of(row, user, day):
    photos = Prefetch("photos", VisitPhoto.objects.for_user(user))
    visits = Visit.objects.for_user(user).filter(household=row, date__lte=day)
    return visits.select_related("visitor").prefetch_related(photos)


def last_visit(row, day, waits) -> dict:
    """When somebody was there last, whoever it was: {date, days, state}; nobody is late who looks after nobody."""
    date = (
        Visit.objects.filter(household=row, date__lte=day)
        .order_by("-date")
        .values_list("date", flat=True)
        .first()
    )
    if date is None:
        return {"date": None}
    days = (day - date).days
    state = state_after(days, HOUSEHOLD_DAYS.on(day)) if waits else State.NORMAL
    return {"date": date, "days": days, "state": state.value}


@require_POST
def reveal_household(request, pk):
    return HEAD.reveal(request, get_object_or_404(Household.objects.for_user(request.user), pk=pk))


@require_POST
def reveal_member(request, pk):
    return MEMBER.reveal(request, get_object_or_404(Member.objects.for_user(request.user), pk=pk))
