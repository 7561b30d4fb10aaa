"""Small middleware of the frame: private pages, addresses that are text, and the as-of date of a request."""

import datetime

from django.core.exceptions import BadRequest
from django.http import HttpResponse

from .clock import today
from .dates import PartialDate


class PrivatePagesMiddleware:
    """Shared PCs: nothing that was shown to one person may come back from a cache for the next."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store, private"
        response.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
        return response


class TextOnlyMiddleware:
    """NUL is no character of a text: PostgreSQL refuses it in the middle of a query. Forms refuse it themselves."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("NUL in the address")
        return self.get_response(request)


class AsOfMiddleware:
    """`?on=2026-06-30` or `?on=2026-06`: pages show the facts of that day. Without it, of today.

    `request.as_of` is the day, `request.as_of_chosen` whether somebody chose it. It travels in the address, so
    that two tabs may look at two days and a link shows what its sender saw.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.as_of, request.as_of_chosen = today(), False
        text = request.GET.get("on", "")
        if text:
            day = parse_day(text)
            if day is None:
                return HttpResponse(
                    "截至日期看不懂，应写成 2026-06-30 这样的形式。",
                    status=400,
                    content_type="text/plain; charset=utf-8",
                )
            request.as_of, request.as_of_chosen = min(day, today()), day < today()
        return self.get_response(request)


def parse_day(text: str) -> datetime.date | None:
    """A day, or the last day of a month or year; None when it is neither."""
    try:
        date = PartialDate.parse_iso(text)
    except ValueError:
        return None
    if not 1949 <= date.first.year <= 2200:
        return None
    return date.last
