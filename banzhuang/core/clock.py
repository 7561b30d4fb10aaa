"""The one place where "today" is read. Rules never call it: they are given the day."""

import datetime

from django.utils import timezone


def today() -> datetime.date:
    """The date in Asia/Shanghai."""
    return timezone.localdate()
