"""Log-in, log-out, password, lock-out, and the audit page."""

import datetime
import math
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.views.decorators.http import require_POST

from banzhuang.core.access import may
from banzhuang.core.clock import today

from .audit import Action, record
from .forms import LoginForm, PasswordForm, TrailForm
from .models import AuditEvent
from .parameters import PASSWORD_DAYS


class PortalLoginView(LoginView):
    form_class = LoginForm
    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        if not context["form"].has_error(NON_FIELD_ERRORS, "invalid_login"):
            return context
        return context | {"attempt": self.request.attempt}


class PortalLogoutView(LogoutView):
    """On a shared PC nothing stays in the browser. Where there is no TLS it does not listen; no-store is for that."""

    def post(self, request, *args, **kwargs):
        response = super().post(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response


def locked_out(request, response, credentials):
    """Instead of the page that was asked for, while a lock holds (called by axes): which, and when it ends."""
    lock = request.lock
    remaining = lock.end - request.axes_attempt_time
    context = {
        "by": lock.by,
        "failures": lock.limit.failures,
        "minutes": math.ceil(remaining / datetime.timedelta(minutes=1)),
        # The first whole minute at which the lock is over.
        "end": lock.end + datetime.timedelta(seconds=59),
    }
    return render(request, "accounts/locked.html", context, status=429)


def change_password(request):
    """Also the first log-in's page; afterwards other sessions of the account are over."""
    due = request.user.password_is_due(timezone.now())
    form = PasswordForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            request.user.change_password(form.cleaned_data["new"])
            record(Action.PASSWORD, request=request)
        update_session_auth_hash(request, request.user)
        messages.success(request, "密码已修改。")
        return redirect("home")
    context = {"form": form, "due": due, "days": PASSWORD_DAYS.on(today())}
    return render(request, "accounts/password_change.html", context)


@require_POST
def printed(request):
    """A page is about to be printed, by its button or by the browser's own means; the page tells it itself."""
    page = request.POST.get("page", "")
    if not is_page(page):
        return HttpResponseBadRequest()
    record(Action.PRINT, f"{request.POST.get('title', '')[:80]} {page}", request=request)
    return HttpResponse(status=204)


def is_page(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def audit_trail(request):
    """Who did what, newest first; for the auditor."""
    if not may(request.user, "view", AuditEvent):
        raise PermissionDenied
    events = AuditEvent.objects.for_user(request.user).select_related("user")
    form = TrailForm(request.GET)
    if form.is_valid():
        events = form.narrow(events)
    page = Paginator(events, 50).get_page(request.GET.get("page"))
    query = urlencode({name: request.GET[name] for name in form.fields if request.GET.get(name)})
    context = {"page": page, "form": form, "query": f"{query}&" if query else ""}
    return render(request, "accounts/audit.html", context)
