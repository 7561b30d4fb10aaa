"""What the form of a visit sends."""

from django.urls import reverse


def address(household):
    return reverse("record_visit", args=[household.pk])


def filled(**changes):
    body = {
        "date": "2026-07-15",
        "half_day": "morning",
        "topics": ["housing"],
        "heard": "东屋后坡漏雨",
        "measures": "联系施工队本周到户查看",
        "result": "solved",
        "in_log": "on",
    }
    return {name: value for name, value in (body | changes).items() if value is not None}


def pending(**changes):
    return filled(result="pending", joins="", handler="works", due="2026-07-22", **changes)


def errors(answer):
    assert answer.status_code == 422
    return answer.context["form"].errors
