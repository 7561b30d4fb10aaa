"""Log-in, log-out, password, lock-out, and the audit page."""

from axes.helpers import get_failure_limit
from axes.models import AccessAttempt
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import LoginView
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone

from banzhuang.core.access import may

from .audit import Action, record
from .forms import LoginForm, PasswordForm
from .models import AuditEvent


class PortalLoginView(LoginView):
    form_class = LoginForm
    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs, attempts_left=self.attempts_left())

    def attempts_left(self):
        """How many failures are left before the lock-out, once there was one; else None."""
        username = self.request.POST.get("username", "")
        if not username:
            return None
        attempt = AccessAttempt.objects.filter(
            username=username, ip_address=self.request.META.get("REMOTE_ADDR")
        )
        failures = sum(attempt.values_list("failures_since_start", flat=True))
        return get_failure_limit(self.request, {"username": username}) - failures if failures else None


def locked_out(request, credentials=None, *args, **kwargs):
    return render(request, "accounts/locked.html", {"minutes": 15}, status=429)


def change_password(request):
    """Also the first log-in's page; afterwards other sessions of the account are over."""
    form = PasswordForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        request.user.set_password(form.cleaned_data["new"])
        request.user.must_change_password = False
        request.user.password_changed_at = timezone.now()
        request.user.save()
        update_session_auth_hash(request, request.user)
        record(Action.PASSWORD, request=request)
        messages.success(request, "密码已修改。")
        return redirect("home")
    return render(
        request, "accounts/password_change.html", {"form": form, "first": request.user.must_change_password}
    )


def audit_trail(request):
    """Who did what, newest first; for the auditor."""
    if not may(request.user, "view", AuditEvent):
        raise PermissionDenied
    events = AuditEvent.objects.for_user(request.user).select_related("user")
    action, name = request.GET.get("action", ""), request.GET.get("who", "").strip()
    if action in Action.values:
        events = events.filter(action=action)
    if name:
        events = events.filter(username__icontains=name)
    page = Paginator(events, 50).get_page(request.GET.get("page"))
    return render(
        request,
        "accounts/audit.html",
        {"page": page, "actions": Action.choices, "action": action, "who": name},
    )
