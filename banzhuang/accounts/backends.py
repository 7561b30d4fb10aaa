"""Log-in: an active account with its password; demo accounts only where the demo runs; none that lay unused."""

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.utils import timezone

from . import attempts


class PortalBackend(ModelBackend):
    """Also asked on each request, so that a disabled account's sessions end at once."""

    def authenticate(self, request, username=None, password=None, **kwargs):
        user = super().authenticate(request, username=username, password=password, **kwargs)
        if user is not None:
            attempts.succeeded(request.attempt)  # axes' backend, asked before, has set it
        return user

    def user_can_authenticate(self, user):
        if user.is_system or (user.is_demo and not settings.DEMO) or user.is_unused(timezone.now()):
            return False
        return super().user_can_authenticate(user)
