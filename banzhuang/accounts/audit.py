"""`record(...)`: one event of the audit trail. Numbers and passwords never go into it.

An event is part of the transaction of its act: both hold or neither. A refusal has no act to go down with: it stands
also when what was tried is rolled back.
"""

import re

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from simple_history.models import HistoricalRecords

from banzhuang.core import jobs
from banzhuang.core.addresses import client_address
from banzhuang.core.changes import changes_of
from banzhuang.core.codes import mask_id_number, mask_phone

from . import sessions
from .models import AuditEvent, User

Action = AuditEvent.Action

ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9]{17}[0-9Xx](?![0-9A-Za-z])")
PHONE = re.compile(r"(?<![0-9A-Za-z])1[3-9][0-9]{9}(?![0-9A-Za-z])")
DIRECTIONS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def record(
    action, subject="", *, user=None, request=None, scope_code="", succeeded=True, **detail
) -> AuditEvent:
    """Append one event. `user` defaults to the request's; `detail` is JSON and holds nothing sensitive.

    `detail["changes"]` is shown as {name: [before, after]}, `detail["reason"]` as it is.
    """
    request = request or getattr(HistoricalRecords.context, "request", None)
    if user is None and request is not None and request.user.is_authenticated:
        user = request.user
    event = AuditEvent(
        user=user,
        username=clean(detail.pop("username", "") or (user.username if user else ""))[:64],
        address=(client_address(request) if request else jobs.started_from())[:45],
        action=action,
        scope_code=scope_code or (user.scope if user else ""),
        subject=clean(subject)[:200],
        detail=clean_all(detail),
        succeeded=succeeded,
    )
    event.save()
    if request is not None and not succeeded:
        request.refusals = [*getattr(request, "refusals", ()), event]
    return event


def record_change(subject, row, *, below=(), request=None, **detail) -> AuditEvent:
    """One event for a row just saved, and for rows `below` it saved with it: what was changed, from their history."""
    changes, fields = changes_of(row)
    for other in below:
        further, names = changes_of(other)
        changes |= {f"{other} {name}": change for name, change in further.items()}
        fields += [f"{other} {name}" for name in names]
    told = {name: found for name, found in (("changes", changes), ("fields", fields)) if found}
    scope_code = getattr(row, "scope_code", "")
    return record(Action.CHANGE, subject, request=request, scope_code=scope_code, **told, **detail)


def clean(text: str) -> str:
    """One line without control or direction characters, so that an event cannot pretend to be two; an identity
    number or a phone that somebody wrote into a reason or a file's name is masked."""
    line = "".join(c if c.isprintable() and c not in DIRECTIONS else " " for c in text)
    line = ID_NUMBER.sub(lambda found: mask_id_number(found.group()), line)
    return PHONE.sub(lambda found: mask_phone(found.group()), line)


def clean_all(value):
    """The same for every text in a JSON value."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: clean_all(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean_all(item) for item in value]
    return value


def connect() -> None:
    user_logged_in.connect(sessions.begin, dispatch_uid="sessions.begin")
    user_logged_in.connect(_logged_in, dispatch_uid="audit.login")
    user_logged_out.connect(_logged_out, dispatch_uid="audit.logout")
    user_login_failed.connect(_refused, dispatch_uid="audit.refused")


def _logged_in(sender, request, user, **kwargs):
    record(Action.LOGIN, user=user, request=request)


def _logged_out(sender, request, user, **kwargs):
    if user is not None:
        record(Action.LOGOUT, user=user, request=request, reason=getattr(request, "logout_reason", ""))


def _refused(sender, credentials, request=None, **kwargs):
    """Of a name that is no account only the beginning is kept: it may be a password in the wrong box."""
    typed = str(credentials.get("username", ""))
    account = User.objects.filter(username=typed).first()
    at_password_page = request is not None and request.user.is_authenticated
    attempt = getattr(request, "attempt", None)
    record(
        Action.REFUSED,
        "修改密码时" if at_password_page else "",
        request=request,
        scope_code=account.scope if account else "",
        succeeded=False,
        username=typed if account else f"{typed[:2]}…",
        reason="锁定期间，没有核对密码" if attempt and attempt.lock else "",
    )
