"""移交联系户: when a leader leaves, the households are listed and moved in one act, with the date."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from banzhuang.accounts.audit import Action, record
from banzhuang.core.clock import today
from cadres.models import Cadre

from ..handover_forms import HandoverForm
from ..models import Need
from ..navigation import pages
from ..plan import may_hand_over


def handover(request):
    """Without `?from=` the leaders who hold households; with it the form for one of them."""
    if not may_hand_over(request.user):
        raise PermissionDenied
    holders = (
        Cadre.objects.for_user(request.user)
        .annotate(load=Count("contacts", filter=Q(contacts__end__isnull=True)))
        .filter(load__gt=0)
        .order_by("-left_on", "initials")
    )
    context = {"holders": holders, "pages": pages(request, ""), "day": today()}
    chosen = request.GET.get("from", "")
    if not chosen:
        return render(request, "livelihood/handover.html", context)
    former = get_object_or_404(holders, pk=chosen if chosen.isdecimal() else 0)
    form = HandoverForm(request.POST or None, user=request.user, former=former)
    if request.method == "POST" and form.is_valid() and (made := move(request, former, form)):
        return done(request, former, form.cleaned_data, made)
    held = form.fields["contacts"].queryset
    needs = Need.objects.for_user(request.user).open(today()).filter(household__in=held.values("household"))
    groups = by_village(form, needs.filter(handler=Need.Handler.CONTACT))
    context |= {"former": former, "form": form, "groups": groups, "needs": needs.count(), "total": len(held)}
    return render(request, "livelihood/handover.html", context, status=422 if form.errors else 200)


def by_village(form, needs) -> list[dict]:
    """The households to choose from, grouped by village, with the answers that go along with them."""
    owing: dict[int, int] = {}
    for household in needs.values_list("household", flat=True):
        owing[household] = owing.get(household, 0) + 1
    chosen = {str(value) for value in form["contacts"].value() or []}
    groups: dict[str, dict] = {}
    for contact in form.fields["contacts"].queryset:
        village = contact.household.village
        group = groups.setdefault(village.code, {"village": village, "rows": []})
        group["rows"].append(
            {
                "contact": contact,
                "chosen": not form.is_bound or str(contact.pk) in chosen,
                "needs": owing.get(contact.household_id, 0),
            }
        )
    return list(groups.values())


@transaction.atomic
def move(request, former, form):
    """Recorded once as a whole; each contact has its own history. → the new contacts."""
    data, made = form.cleaned_data, form.save()
    if made:
        heads = "、".join(contact.household.head for contact in made)
        record(
            Action.CHANGE,
            f"{former.name}的 {len(made)} 户联系户移交{data['to'].name}",
            request=request,
            scope_code=former.scope_code,
            on=data["on"].isoformat(),
            households=heads[:500],
            left=data["leaves"],
        )
    return made


def done(request, former, data, made):
    messages.success(
        request,
        f"{len(made)} 户已移交{data['to'].name}，自 {data['on'].isoformat()} 起联系。"
        + (f"{former.name}同日登记离岗。" if data["leaves"] else ""),
    )
    return redirect(f"{reverse('visit_plan')}?leader={data['to'].pk}")
