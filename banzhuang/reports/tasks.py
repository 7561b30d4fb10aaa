"""The monthly workbook as a job, and the clock's order to make it on the 1st."""

import datetime

from celery import shared_task
from django.db import transaction

from banzhuang.accounts.models import User
from banzhuang.core import jobs
from banzhuang.core.clock import today
from banzhuang.core.models import Job
from banzhuang.core.months import month_of, parse_month, shift_month

from .making import MonthRefused, make_month
from .townships import known_townships

KIND = "reports.month"
MADE = "工作簿已做好，核对后发布；发布以前可以重新生成。"
UNCHANGED = "现在的数字与已发布的一致，没有需要更正的。"


@jobs.job(KIND, "生成月度工作簿")
def make_monthly_workbook(job: Job) -> dict:
    """Arguments: township (9 digits), month ("2026-06"). Result: what the job's page says and where it leads."""
    month = parse_month(job.arguments["month"])
    try:
        workbook = make_month(
            job.arguments["township"],
            month,
            job.owner or User.objects.system(job.arguments["township"]),
            lambda done, total: jobs.progress(job, done, total, "张表"),
        )
    except MonthRefused as refusal:
        raise jobs.JobFailed(str(refusal)) from None
    said = UNCHANGED if workbook.is_published else MADE
    return {
        "workbook": workbook.pk,
        "said": said,
        "url": workbook.get_absolute_url(),
        "link": f"打开{workbook}",
    }


def start_month(township: str, month: datetime.date, owner: User) -> Job:
    """Queue the making of a month; a running one of the same month is joined, not doubled."""
    arguments = {"township": township, "month": f"{month:%Y-%m}"}
    with transaction.atomic():
        # One lock a township: two clicks, or two clocks, are served one after the other.
        User.objects.select_for_update().get(pk=User.objects.system(township).pk)
        waiting = Job.objects.filter(
            kind=KIND, arguments=arguments, state__in=(Job.State.QUEUED, Job.State.RUNNING)
        )
        if found := waiting.first():
            return found
        return jobs.start(KIND, owner, title=f"生成{month.year}年{month.month}月月报", **arguments)


@shared_task(name="reports.make_last_month")
def make_last_month() -> None:
    """On the 1st at 06:00: the month before, for every township, once however many beats run."""
    order_last_month(today())


def order_last_month(day: datetime.date) -> list[Job]:
    """Queues the month before `day`; a township whose month was ordered since it ended is left alone."""
    month = shift_month(month_of(day), -1)
    ordered = []
    for township in known_townships():
        with transaction.atomic():
            system = User.objects.system(township)
            User.objects.select_for_update().get(pk=system.pk)
            arguments = {"township": township, "month": f"{month:%Y-%m}"}
            if not Job.objects.filter(kind=KIND, owner=system, arguments=arguments).exists():
                ordered.append(start_month(township, month, system))
    return ordered
