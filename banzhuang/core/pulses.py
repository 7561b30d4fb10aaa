"""Signs of life of what works unseen: the sweeper, the round from timetable through queue to worker, the daily checks."""

from django.db.models import F
from django.utils import timezone

from .models import Pulse

SWEEP = "sweep"  # each look of a worker's sweeper
ROUND = "round"  # each time the timetable's message was done by a worker
INTEGRITY = "integrity"  # each check of the database; facts: {"sound": bool, "said": str}


def beat(name: str, **facts) -> None:
    """Count one more, now; `facts` take the place of those before."""
    changes = {"count": F("count") + 1, "at": timezone.now(), "facts": facts}
    if not Pulse.objects.filter(name=name).update(**changes):
        Pulse.objects.get_or_create(name=name, defaults={"count": 1, "at": timezone.now(), "facts": facts})


def last(name: str) -> Pulse | None:
    return Pulse.objects.filter(name=name).first()
