"""Log-in: an active account with its password; demo accounts only where the demo runs; none that lay unused."""

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.utils import timezone


class PortalBackend(ModelBackend):
    """Also asked on each request, so that a disabled account's sessions end at once."""

    def user_can_authenticate(self, user):
        if user.is_system or (user.is_demo and not settings.DEMO) or user.is_unused(timezone.now()):
            return False
        return super().user_can_authenticate(user)
