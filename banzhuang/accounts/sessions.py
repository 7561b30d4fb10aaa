"""How long a session lives: idle time, whole time, ended by an administrator or by a later log-in elsewhere."""

import datetime

from django.contrib.auth import logout
from django.utils import timezone

from .middleware import view_name
from .models import User
from .parameters import IDLE_MINUTES, SESSION_HOURS, SINGLE_SESSION

BEGUN, SEEN = "begun", "seen"  # in the session, seconds since 1970
STEP = 60  # the time of the last request is written down at most once a minute


def begin(sender, request, user, **kwargs) -> None:
    """At each log-in."""
    now = timezone.now()
    request.session[BEGUN] = request.session[SEEN] = now.timestamp()
    if SINGLE_SESSION.on(timezone.localdate(now)):
        User.objects.filter(pk=user.pk).update(sessions_since=now)


def why_over(session, user, now: datetime.datetime) -> str:
    """The reason a session is over, "" while it holds."""
    begun, seen = session.get(BEGUN, 0), session.get(SEEN, 0)
    day = timezone.localdate(now)
    if user.sessions_since and begun < user.sessions_since.timestamp():
        return "已在别处登录，或由管理员结束"
    if now.timestamp() - seen > IDLE_MINUTES.on(day) * 60:
        return f"闲置超过 {IDLE_MINUTES.on(day)} 分钟"
    if now.timestamp() - begun > SESSION_HOURS.on(day) * 3600:
        return f"登录满 {SESSION_HOURS.on(day)} 小时"
    return ""


class SessionLimitsMiddleware:
    """Ends a session that is over, and notes that its person is here. A page that asks by itself is no sign of that."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            now = timezone.now()
            request.logout_reason = why_over(request.session, request.user, now)
            if request.logout_reason:
                logout(request)
            elif not asks_by_itself(request) and now.timestamp() - request.session[SEEN] >= STEP:
                request.session[SEEN] = now.timestamp()
        return self.get_response(request)


def asks_by_itself(request) -> bool:
    """The part of a job's page that is asked for again while the job runs."""
    return bool(request.htmx) and view_name(request) == "job"
