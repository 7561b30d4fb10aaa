"""Whether the database answers and is sound, and whether background work goes round: for /healthz and 运行情况."""

import logging

from django.db import Error, connection
from django.db.models import Sum

from . import pulses
from .models import Job, Pulse

log = logging.getLogger(__name__)

SOUND = "完好"


def healthy() -> bool:
    """Whether the database answers."""
    try:
        Job.objects.exists()
    except Error:
        return False
    return True


def state() -> dict:
    """What /healthz tells: {"database": it answers, "sound": what its last check found, "turns": a number that moves
    while background work does}."""
    try:
        found = {pulse.name: pulse for pulse in Pulse.objects.all()}
        beats = Job.objects.filter(state=Job.State.RUNNING).aggregate(beats=Sum("beats"))["beats"]
    except Error:
        return {"database": False}
    integrity, rounds = found.get(pulses.INTEGRITY), found.get(pulses.ROUND)
    return {
        "database": True,
        "sound": integrity.facts.get("sound", True) if integrity else True,
        "turns": (rounds.count if rounds else 0) + (beats or 0),
    }


def check_database() -> bool:
    """Look through the database's own structure, which takes seconds on a large one, and keep what was found."""
    try:
        said = trouble()
    except Error as fault:
        said = str(fault)
    if said:
        log.critical("the database is damaged: %s", said)
    pulses.beat(pulses.INTEGRITY, sound=not said, said=said[:200] or SOUND)
    return not said


def trouble() -> str:
    """What the database finds wrong with itself; "" for nothing."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA quick_check(1)")
            found = cursor.fetchone()[0]
            return "" if found == "ok" else found
        cursor.execute("SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()")
        failures = cursor.fetchone()[0]  # NULL where the cluster keeps no checksums
        return f"{failures} 页校验不符" if failures else ""
