"""What was refused stays in the trail: each 403 is one event, and no refusal goes down with what was tried."""

from .audit import Action, record
from .models import AuditEvent


class RefusalMiddleware:
    """403, on a page or in the admin, is one event. 404 is none: a row out of sight and one that never was are not
    told apart, neither here nor to whom asks, and old links would drown the trail."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code == 403 and request.user.is_authenticated:
            act = "打开" if request.method in {"GET", "HEAD"} else "提交"
            record(Action.DENIED, f"{act} {request.path}", request=request, succeeded=False)
        keep(request)
        return response


def keep(request) -> None:
    """Refusals that went down with a transaction are written again."""
    for event in getattr(request, "refusals", ()):
        # On SQLite a number that was rolled back is given again.
        if not AuditEvent.objects.filter(pk=event.pk, at=event.at).exists():
            event.pk, event._state.adding = None, True
            event.save()
