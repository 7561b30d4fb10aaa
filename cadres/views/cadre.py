"""One cadre: posts, standing, timeline; the identity number only with a reason, recorded."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from banzhuang.accounts.reveal import Masked
from banzhuang.dashboards import panels
from villages.views.village import timeline

from ..models import Cadre


def numbers(row, whole):
    return [
        ("身份证号", row.id_number if whole else row.id_number_mask),
        ("联系电话", row.phone if whole else row.phone_mask),
    ]


MASKED = Masked("reveal_cadre", "身份证号和电话", numbers)


def cadre(request, pk):
    row = get_object_or_404(Cadre.objects.for_user(request.user).select_related("village", "township"), pk=pk)
    view = panels.View(request.user, request.as_of, subject=row)
    return render(
        request,
        "cadres/cadre.html",
        {
            "cadre": row,
            "facts": panels.facts_of(panels.Page.CADRE, view),
            "columns": panels.sections_of(panels.Page.CADRE, view),
            "events": timeline(panels.events_of(panels.Page.CADRE, view)),
            "identity": MASKED.shown(request.user, row),
        },
    )


@require_POST
def reveal(request, pk):
    """The whole identity number and phone."""
    return MASKED.reveal(request, get_object_or_404(Cadre.objects.for_user(request.user), pk=pk))
