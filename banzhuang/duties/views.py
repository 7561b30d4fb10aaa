"""Notices: the list, opening one, having read all; and 催办 of a duty that another person owes."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from banzhuang.accounts.models import User
from banzhuang.core.clock import today
from banzhuang.core.models import Job

from .duty import duties_seen_by
from .models import Notice
from .notices import may_urge, urge

PER_PAGE = 30
JOBS = 20


def notices(request):
    """All that one was told in the last months, and one's own jobs."""
    rows = Notice.objects.for_user(request.user)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    jobs = Job.objects.for_user(request.user)[:JOBS]
    return render(
        request, "duties/notices.html", {"page": page, "unread": rows.unread().count(), "jobs": jobs}
    )


def notice(request, pk):
    """Opened is read: on to where it leads."""
    row = get_object_or_404(Notice.objects.for_user(request.user), pk=pk)
    Notice.objects.filter(pk=row.pk).unread().update(read_at=timezone.now())
    return HttpResponseRedirect(row.url)


@require_POST
def read_all(request):
    Notice.objects.for_user(request.user).unread().update(read_at=timezone.now())
    return redirect("notices")


@require_POST
def urge_duty(request):
    """催办 of a duty by its key, looked up among what the user sees today: nothing else can be named.

    The address carries the filters of the list, which is shown again.
    """
    day = today()
    wanted = request.POST.get("duty", "")
    duty = next((duty for duty in duties_seen_by(request.user, day) if duty.key == wanted), None)
    if duty is None:
        raise Http404
    if not may_urge(request.user, duty):
        raise PermissionDenied
    name = User.objects.get(pk=duty.owner).name
    if urge(request.user, duty, day):
        messages.success(request, f"已向{name}催办“{duty.about}”，通知列在{name}的首页。")
    else:
        messages.info(request, f"“{duty.about}”今天已向{name}催过。")
    return redirect(f"{reverse('duties')}?{request.GET.urlencode()}")
