"""The making as a job, and the clock's order on the 1st."""

import datetime

import pytest

from banzhuang.accounts.models import User
from banzhuang.core import jobs
from banzhuang.core.models import Job
from banzhuang.reports.making import cover_of, publish
from banzhuang.reports.models import MonthlyWorkbook
from banzhuang.reports.tasks import KIND, order_last_month, start_month

from .conftest import TOWNSHIP

JUNE = datetime.date(2026, 6, 1)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("township", "july")]


def test_job_makes_the_workbook_and_says_how_far_it_is(office):
    job = start_month(TOWNSHIP, JUNE, office)
    assert job.title == "生成2026年6月月报"
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert job.result["workbook"] == MonthlyWorkbook.objects.get().pk
    assert job.result["said"].startswith("工作簿已做好")
    assert (job.done, job.unit) == (job.total, "张表")


def test_a_job_run_twice_makes_one_workbook(office):
    job = start_month(TOWNSHIP, JUNE, office)
    jobs.run(job.pk)
    Job.objects.update(state=Job.State.QUEUED)
    jobs.run(job.pk)
    assert MonthlyWorkbook.objects.count() == 1


def test_refusal_is_the_sentence_on_the_job(office):
    job = jobs.start(KIND, office, township=TOWNSHIP, month="2026-12")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.FAILED, "2026年12月还没有到，不能生成月报。")


def test_two_clicks_are_one_job(office):
    assert start_month(TOWNSHIP, JUNE, office) == start_month(TOWNSHIP, JUNE, office)


def test_the_clock_orders_the_month_before_once_a_township(office):
    (job,) = order_last_month(datetime.date(2026, 7, 1))
    assert job.arguments == {"township": TOWNSHIP, "month": "2026-06"}
    assert job.owner == User.objects.system(TOWNSHIP)
    jobs.run(job.pk)
    assert order_last_month(datetime.date(2026, 7, 1)) == []
    workbook = MonthlyWorkbook.objects.get()
    assert workbook.made_by.name == "系统"
    assert cover_of(workbook).compiled_by == ""
    publish(workbook, office)
    assert cover_of(workbook).compiled_by == "周敏"


def test_in_january_the_month_before_is_december(office):
    (job,) = order_last_month(datetime.date(2027, 1, 1))
    assert job.arguments["month"] == "2026-12"


def test_without_people_nothing_is_ordered():
    assert order_last_month(datetime.date(2026, 7, 1)) == []
