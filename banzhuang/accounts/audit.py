"""`record(...)`: one event of the audit trail. Numbers and passwords never go into it."""

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from simple_history.models import HistoricalRecords

from .models import AuditEvent

Action = AuditEvent.Action


def record(
    action, subject="", *, user=None, request=None, scope_code="", succeeded=True, **detail
) -> AuditEvent:
    """Append one event. `user` defaults to the request's; `detail` must be JSON and hold nothing sensitive."""
    request = request or getattr(HistoricalRecords.context, "request", None)
    if user is None and request is not None and request.user.is_authenticated:
        user = request.user
    event = AuditEvent(
        user=user,
        username=clean(detail.pop("username", "") or (user.username if user else ""))[:64],
        address=(request.META.get("REMOTE_ADDR", "") if request else "")[:45],
        action=action,
        scope_code=scope_code or (user.scope if user else ""),
        subject=clean(subject)[:200],
        detail=detail,
        succeeded=succeeded,
    )
    event.save()
    return event


def clean(text: str) -> str:
    """One line without control or direction characters: an event cannot pretend to be two."""
    return "".join(
        c if c.isprintable() and c not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" else " "
        for c in text
    )


def connect() -> None:
    user_logged_in.connect(_logged_in, dispatch_uid="audit.login")
    user_logged_out.connect(_logged_out, dispatch_uid="audit.logout")
    user_login_failed.connect(_refused, dispatch_uid="audit.refused")


def _logged_in(sender, request, user, **kwargs):
    record(Action.LOGIN, user=user, request=request)


def _logged_out(sender, request, user, **kwargs):
    if user is not None:
        record(Action.LOGOUT, user=user, request=request)


def _refused(sender, credentials, request=None, **kwargs):
    record(Action.REFUSED, request=request, succeeded=False, username=str(credentials.get("username", "")))
