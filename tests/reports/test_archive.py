"""The archive page: who sees which issues, who finds the form to make one."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from banzhuang.reports.making import make_month, publish

from .conftest import TOWNSHIP

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("township", "july")]


@pytest.fixture
def published(office):
    workbook = make_month(TOWNSHIP, datetime.date(2026, 5, 1), office)
    publish(workbook, office)
    return workbook


@pytest.fixture
def draft(published, office):
    return make_month(TOWNSHIP, datetime.date(2026, 6, 1), office)


def page(sign_in, user):
    response = sign_in(user).get(reverse("reports"))
    assert response.status_code == 200
    return response.content.decode()


def test_office_sees_all_and_may_make(sign_in, office, draft):
    html = page(sign_in, office)
    assert "2026年第 6 期" in html and "2026年第 5 期" in html
    assert "生成工作簿" in html


def test_leader_sees_drafts_and_does_not_make(sign_in, leader, draft):
    html = page(sign_in, leader)
    assert "2026年第 6 期" in html
    assert "生成工作簿" not in html


def test_staff_sees_only_what_is_published(sign_in, staff, draft):
    html = page(sign_in, staff)
    assert "2026年第 5 期" in html
    assert "2026年第 6 期" not in html


def test_another_township_sees_nothing(sign_in, outsider, draft):
    html = page(sign_in, outsider)
    assert "2026年第" not in html
    assert "还没有" in html


def test_without_the_right_it_is_refused(sign_in, villager, draft):
    assert sign_in(villager).get(reverse("reports")).status_code == 403


def test_without_login_it_asks_for_it(client):
    response = client.get(reverse("reports"))
    assert (response.status_code, response.url) == (302, f"{reverse('login')}?next={reverse('reports')}")


def test_empty_archive_says_what_to_do(sign_in, office):
    assert "选一个月份生成第一期" in page(sign_in, office)


def test_queries_do_not_grow_with_issues(sign_in, leader, office, draft, django_assert_num_queries):
    client = sign_in(leader)
    client.get(reverse("reports"))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("reports"))
    for month in (1, 2, 3, 4):
        publish(make_month(TOWNSHIP, datetime.date(2026, month, 1), office), office)
    with django_assert_num_queries(len(few)):
        client.get(reverse("reports"))
