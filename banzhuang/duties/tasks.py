"""The day's notices as a job, and the clock's order to write them on the morning of a working day."""

import datetime

from celery import shared_task
from django.db import transaction

from banzhuang.core import jobs
from banzhuang.core.clock import today
from banzhuang.core.models import Job

from .notices import is_working, remind

KIND = "duties.remind"


@jobs.job(KIND, "通知当天要办的事项")
def remind_of_day(job: Job) -> dict:
    """Arguments: day ("2026-07-15"). Result: how many accounts owe something pressing."""
    day = datetime.date.fromisoformat(job.arguments["day"])
    return {"owing": remind(day, lambda done, total: jobs.progress(job, done, total, "人"))}


@shared_task(name="duties.remind_today")
def remind_today() -> None:
    """At 07:30."""
    order_reminders(today())


def order_reminders(day: datetime.date) -> Job | None:
    """Queues the notices of a working day; None on a day off, and when they were ordered already."""
    arguments = {"day": day.isoformat()}
    with transaction.atomic():
        if not is_working(day) or Job.objects.filter(kind=KIND, arguments=arguments).exists():
            return None
        return jobs.start(KIND, None, **arguments)
