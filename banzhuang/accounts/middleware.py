"""First log-in and aged passwords: nothing but the password page until it is changed."""

from django.shortcuts import redirect
from django.urls import resolve

ALLOWED = {"password_change", "logout", "login", "health"}


class PasswordChangeMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        user = request.user
        owes = user.is_authenticated and user.must_change_password and not user.is_demo
        if owes and resolve(request.path_info).url_name not in ALLOWED:
            return redirect("password_change")
        return self.get_response(request)
