"""`warn_security(...)`: what the security administrators must know today, each time once."""

from django.dispatch import Signal

from banzhuang.core.clock import today

from .models import User

# Sent with the users, day, text, url and key of a warning: what shows notices makes them of it.
security_warning = Signal()


def warn_security(subject: str, text: str, *, key: str, scope_code: str = "", url: str = "") -> None:
    """Tell the security administrators on their 首页, at most once a day per `key`.

    subject, text: 周敏查看完整号码, 今天已查看 80 次。 — shown as one sentence, so nothing sensitive in it.
    scope_code: what it is about; administrators of other places are not told. url: where the notice leads.
    """
    found = User.objects.filter(is_active=True, is_system=False, groups__role__code="security").distinct()
    users = [user for user in found if user.covers(scope_code)] if scope_code else list(found)
    security_warning.send(sender=None, users=users, day=today(), text=f"{subject}：{text}", url=url, key=key)
