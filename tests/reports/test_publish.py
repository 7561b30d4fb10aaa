"""Publishing: asked first, done once, only by who may; and the page of differences."""

import datetime

import pytest
from django.urls import reverse

from banzhuang.accounts.models import AuditEvent
from banzhuang.reports.making import make_month, publish
from banzhuang.reports.models import MonthlyWorkbook
from cadres.models import Post

from .conftest import TOWNSHIP

JUNE = datetime.date(2026, 6, 1)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("township", "july")]


@pytest.fixture
def draft(office):
    return make_month(TOWNSHIP, JUNE, office)


@pytest.fixture
def correction(draft, office):
    publish(draft, office)
    Post.objects.update(selection=Post.Selection.ELECTION)
    return make_month(TOWNSHIP, JUNE, office)


def address(workbook):
    return reverse("workbook_publish", args=[workbook.pk])


def test_the_question_says_what_follows(sign_in, office, draft):
    html = sign_in(office).get(address(draft)).content.decode()
    assert "发布2026年第 6 期？" in html
    assert "不能撤回" in html and "再看看" in html
    assert not MonthlyWorkbook.objects.get().is_published


def test_publishes_once_however_often_it_is_clicked(sign_in, office, draft):
    client = sign_in(office)
    for _ in range(2):
        response = client.post(address(draft))
        assert (response.status_code, response.url) == (302, draft.get_absolute_url())
    assert MonthlyWorkbook.objects.get().is_published
    assert AuditEvent.objects.filter(action="publish").count() == 1


def test_who_may_not(sign_in, leader, staff, outsider, draft):
    for user, status in ((leader, 403), (staff, 404), (outsider, 404)):
        client = sign_in(user)
        assert client.get(address(draft)).status_code == status
        assert client.post(address(draft)).status_code == status
    assert not MonthlyWorkbook.objects.get().is_published


def test_a_running_month_is_refused_with_a_sentence(sign_in, office, on_day):
    on_day(2026, 6, 15)
    running = make_month(TOWNSHIP, JUNE, office)
    client = sign_in(office)
    assert "数据还不是整月" in client.get(address(running)).content.decode()
    response = client.post(address(running), follow=True)
    assert "不是整月" in response.content.decode()
    assert not MonthlyWorkbook.objects.get().is_published


def test_a_correction_says_how_much_it_changes(sign_in, office, correction):
    html = sign_in(office).get(address(correction)).content.decode()
    assert "这是第 1 次更正" in html


def test_differences_are_listed_cell_by_cell(sign_in, leader, correction):
    html = sign_in(leader).get(reverse("workbook_differences", args=[correction.pk])).content.decode()
    assert "<del>机关选派</del>" in html and "<ins>两推一选</ins>" in html
    assert "任现职情况/产生方式" in html


def test_a_first_issue_has_nothing_to_compare(sign_in, leader, draft):
    html = sign_in(leader).get(reverse("workbook_differences", args=[draft.pk])).content.decode()
    assert "首次发布" in html
