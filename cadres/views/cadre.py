"""One cadre: posts, standing, timeline; the identity number only with a reason, recorded."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from banzhuang.accounts.audit import Action, record
from banzhuang.core.access import may
from banzhuang.dashboards import panels
from villages.views.village import timeline

from ..models import Cadre


def cadre(request, pk):
    row = get_object_or_404(Cadre.objects.for_user(request.user).select_related("village", "township"), pk=pk)
    view = panels.View(request.user, request.as_of, subject=row)
    return render(
        request,
        "cadres/cadre.html",
        {
            "cadre": row,
            "columns": panels.sections_of(panels.Page.CADRE, view),
            "events": timeline(panels.events_of(panels.Page.CADRE, view)),
            "may_reveal": may(request.user, "reveal", Cadre),
        },
    )


@require_POST
def reveal(request, pk):
    """The whole identity number and phone, against a reason of at least four characters; one event each time."""
    row = get_object_or_404(Cadre.objects.for_user(request.user), pk=pk)
    if not may(request.user, "reveal", Cadre):
        raise PermissionDenied
    reason = request.POST.get("reason", "").strip()[:100]
    context = {"cadre": row, "may_reveal": True}
    if len(reason) < 4:
        return render(
            request,
            "cadres/_identity.html",
            context | {"problem": "写明查看的用途，至少四个字。"},
            status=422,
        )
    record(
        Action.REVEAL,
        f"{row.name}的身份证号和电话",
        request=request,
        scope_code=row.scope_code,
        reason=reason,
    )
    return render(request, "cadres/_identity.html", context | {"revealed": True})
