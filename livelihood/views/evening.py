"""晚间补录: ten visits by keyboard, from the 走访表 that came back from the villages."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from banzhuang.accounts.audit import Action, record
from banzhuang.core.access import writes
from banzhuang.core.clock import today
from cadres.models import Cadre

from ..evening_forms import Held, Lines
from ..models import Contact, Visit
from ..navigation import pages
from ..plan import may_record, own_cadre


def evening_visits(request):
    """`?leader=` whose visits, for the welfare office; who is a leader enters one's own.

    Good lines are saved, the others stay as they were typed, with what is wrong.
    """
    if not may_record(request.user):
        raise PermissionDenied
    visitor = visitor_of(request)
    context = {"visitor": visitor, "leaders": leaders(request.user), "pages": pages(request, "visits")}
    if visitor is None:
        return render(request, "livelihood/evening.html", context)
    held = Held(visitor, request.user, today())
    kwargs = {"user": request.user, "visitor": visitor, "held": held}
    initial = [{"date": today()}] * Lines.max_num
    lines = Lines(request.POST or None, form_kwargs=kwargs, initial=initial)
    context |= {"lines": lines, "names": held.names()}
    if request.method != "POST":
        return render(request, "livelihood/evening.html", context)
    saved, left = enter(request, lines)
    if saved:
        messages.success(request, f"已记{visitor.name}的走访 {len(saved)} 次。")
    if not left:
        return redirect(f"{reverse('evening_visits')}?leader={visitor.pk}")
    # What is saved leaves the page, so that a second submit cannot write it again.
    context |= {"left": left}
    return render(request, "livelihood/evening.html", context, status=422)


def enter(request, lines):
    """Save each good line by itself; → (visits, lines that stay)."""
    lines.is_valid()
    saved, left = [], []
    for line in lines.written():
        visit = write(request, line) if not line.errors else None
        if visit is None:
            left.append(line)
        else:
            saved.append(visit)
    return saved, left


@transaction.atomic
def write(request, line):
    visit = line.save()
    if visit:
        record(Action.ADD, f"走访记录 {visit}", request=request, scope_code=visit.scope_code)
    return visit


def visitor_of(request):
    """Whose visits are entered: the leader asked for, or the user's own cadre; nobody else's without the right."""
    asked = request.GET.get("leader", "")
    own = own_cadre(request.user)
    if not writes(request.user, Visit):
        return own
    if asked:
        return get_object_or_404(leaders(request.user), pk=asked if asked.isdecimal() else 0)
    return own


def leaders(user):
    """Whose visits the welfare office may enter: who looks after households now."""
    holders = Contact.objects.for_user(user).live(today()).values("cadre")
    return (
        Cadre.objects.for_user(user).filter(pk__in=holders).order_by("initials")
        if writes(user, Visit)
        else Cadre.objects.none()
    )
