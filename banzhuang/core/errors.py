"""Error pages: what happened, in Chinese, and how to go on. Never a traceback."""

import sys

from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string

from . import disk, health
from .clock import today
from .models import StaleObject
from .parameters import names


def say(template: str, status: int) -> HttpResponse:
    """A page of nothing but a sentence under the portal's name: what failed may be what other pages draw on."""
    return HttpResponse(render_to_string(template, names(today())), status=status)


def csrf_failure(request, reason=""):
    return say("403_csrf.html", 403)


def bad_request(request, exception):
    return say("400.html", 400)


def permission_denied(request, exception):
    return say("403.html", 403)


def page_not_found(request, exception):
    return say("404.html", 404)


def server_error(request):
    """500, or 503 while the database does not answer: then not even the portal's name can be read."""
    if not health.healthy():
        return HttpResponse(render_to_string("503.html"), status=503)
    return no_room(sys.exc_info()[1]) or say("500.html", 500)


def no_room(fault) -> HttpResponse | None:
    """507 when the fault is that the disk is full: with the sentence for a file, or for what could not be saved."""
    if fault is None or not disk.is_full(fault):
        return None
    sentence = disk.SENTENCE if isinstance(fault, disk.NoRoom) else disk.NOT_SAVED
    return HttpResponse(render_to_string("507.html", names(today()) | {"sentence": sentence}), status=507)


def healthz(request):
    """For the supervisor and the operators' own watch: 200 when the database answers and was found sound."""
    found = health.state()
    return JsonResponse(found, status=200 if found["database"] and found["sound"] else 503)


class StaleObjectMiddleware:
    """A row that moved on between reading and saving: 409 with one sentence, nothing saved."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        return say("409.html", 409) if isinstance(exception, StaleObject) else None


class FullDiskMiddleware:
    """No room for what was to be written: a sentence, and the form is still in the browser."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        return no_room(exception)


class NotAllowedMiddleware:
    """An address that is only posted to, typed in by hand: Django answers with an empty page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code != 405 or response.content:
            return response
        page = say("405.html", 405)
        page["Allow"] = response["Allow"]
        return page
