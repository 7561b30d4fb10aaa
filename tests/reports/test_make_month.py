"""Asking for a month: the form, the job, its progress."""

import pytest
from django.urls import reverse

from banzhuang.core import jobs
from banzhuang.core.models import Job
from banzhuang.reports.models import MonthlyWorkbook

from .conftest import TOWNSHIP

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("township", "july")]
ASKED = {"month": "2026-06", "township": TOWNSHIP}


def ask(client, **changes):
    return client.post(reverse("make_month"), {**ASKED, **changes})


def test_asking_starts_a_job_and_leads_to_its_progress(sign_in, office):
    response = ask(sign_in(office))
    job = Job.objects.get()
    assert (response.status_code, response.url) == (302, reverse("job", args=[job.pk]))
    assert (job.owner, job.arguments) == (office, {"township": TOWNSHIP, "month": "2026-06"})


def test_progress_then_the_workbook(sign_in, office):
    client = sign_in(office)
    ask(client)
    job = Job.objects.get()
    address = reverse("job", args=[job.pk])
    jobs.progress(job, 11, 19, "张表")
    Job.objects.update(state=Job.State.RUNNING)
    html = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "11 / 19 张表" in html and "hx-get" in html and "<html" not in html
    Job.objects.update(state=Job.State.QUEUED)
    jobs.run(job.pk)
    html = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "工作簿已做好" in html and "hx-get" not in html
    assert MonthlyWorkbook.objects.get().get_absolute_url() in html
    assert "工作簿已做好" in client.get(address).content.decode()


def test_a_failure_is_said(sign_in, office):
    client = sign_in(office)
    ask(client)
    Job.objects.update(state=Job.State.FAILED, error="处理时出错，已记录。")
    html = client.get(reverse("job", args=[Job.objects.get().pk])).content.decode()
    assert "处理时出错，已记录。" in html


def test_an_unchanged_published_month_is_said(sign_in, office):
    from banzhuang.reports.making import publish

    client = sign_in(office)
    for _ in range(2):
        ask(client)
        jobs.run(Job.objects.order_by("pk").last().pk)
        if not MonthlyWorkbook.objects.get().is_published:
            publish(MonthlyWorkbook.objects.get(), office)
    html = client.get(reverse("job", args=[Job.objects.order_by("pk").last().pk])).content.decode()
    assert "现在的数字与已发布的一致" in html


@pytest.mark.parametrize(
    "changes", [{"month": "2026-13"}, {"month": ""}, {"month": "2027-01"}, {"township": "320707100"}]
)
def test_what_is_not_in_the_list_is_refused(sign_in, office, changes):
    response = ask(sign_in(office), **changes)
    assert (response.status_code, response.url) == (302, reverse("reports"))
    assert not Job.objects.exists()


def test_who_may_not_make(sign_in, leader, staff, villager):
    for user in (leader, staff, villager):
        assert ask(sign_in(user)).status_code == 403
    assert not Job.objects.exists()


def test_a_village_scope_makes_no_township_workbook(sign_in, add_user):
    assert ask(sign_in(add_user("organisation", "320707109216"))).status_code == 403


def test_a_foreign_job_is_not_found(sign_in, office, leader, outsider):
    ask(sign_in(office))
    address = reverse("job", args=[Job.objects.get().pk])
    for user in (leader, outsider):
        assert sign_in(user).get(address).status_code == 404


def test_a_district_chooses_the_township(sign_in, add_user, office):
    district = add_user("organisation", "320707", name="区组织部")
    html = sign_in(district).get(reverse("reports")).content.decode()
    assert "班庄镇" in html
    assert ask(sign_in(district)).status_code == 302
    assert Job.objects.get().arguments["township"] == TOWNSHIP
