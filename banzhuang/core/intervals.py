"""Intervals of dated facts: [start, end), where an unknown start counts as begun and an empty end as open."""

from django.db.models import Q


def held_on(day, prefix: str = "", start: str = "start", end: str = "end") -> Q:
    """Condition: what holds in [start, end) holds on `day`. `prefix`: the way to the row, as in "contacts__"."""
    begun = Q(**{f"{prefix}{start}__isnull": True}) | Q(**{f"{prefix}{start}__lte": day})
    return begun & (Q(**{f"{prefix}{end}__isnull": True}) | Q(**{f"{prefix}{end}__gt": day}))
