"""Error pages: what happened, in Chinese, and how to go on. Never a traceback."""

from django.http import JsonResponse
from django.shortcuts import render

from .jobs import healthy
from .models import StaleObject


def csrf_failure(request, reason=""):
    return render(request, "403_csrf.html", status=403)


def bad_request(request, exception):
    return render(request, "400.html", status=400)


def permission_denied(request, exception):
    return render(request, "403.html", status=403)


def page_not_found(request, exception):
    return render(request, "404.html", status=404)


def server_error(request):
    return render(request, "500.html", status=500)


def health(request):
    """For the supervisor: 200 when the database answers."""
    ok = healthy()
    return JsonResponse({"database": ok}, status=200 if ok else 503)


class StaleObjectMiddleware:
    """A row that moved on between reading and saving: 409 with one sentence, nothing saved."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, StaleObject):
            return render(request, "409.html", status=409)
        return None
