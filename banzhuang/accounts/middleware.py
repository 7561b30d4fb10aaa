"""Who may go on: first log-ins and old passwords, and parts of a page asked for after the session is over."""

from urllib.parse import quote

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.shortcuts import redirect, resolve_url
from django.urls import Resolver404, resolve
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

ALLOWED = {"password_change", "logout", "login", "health"}


class LoginMiddleware(LoginRequiredMiddleware):
    """A part of a page cannot hold the log-in: the whole page goes there, and comes back to where it was."""

    def handle_no_permission(self, request, view_func):
        if not request.htmx:
            return super().handle_no_permission(request, view_func)
        back = request.htmx.current_url_abs_path or "/"
        return HttpResponseClientRedirect(resolve_url("login") + f"?next={quote(back)}")


class PasswordChangeMiddleware:
    """Nothing but the password page until the password is changed; a part of a page cannot hold it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        user = request.user
        if (
            user.is_authenticated
            and user.password_is_due(timezone.now())
            and view_name(request) not in ALLOWED
        ):
            page = resolve_url("password_change")
            return HttpResponseClientRedirect(page) if request.htmx else redirect(page)
        return self.get_response(request)


def view_name(request) -> str:
    """The name of the address with its namespace: the admin has a "login" of its own."""
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return ""
