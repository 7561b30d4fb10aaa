"""通知: the list of one's own, opening one, marking all as read."""

import datetime

import pytest
from django.utils import timezone

from banzhuang.core.models import Job
from banzhuang.duties.models import Notice
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]
DAY = datetime.date(2026, 7, 15)


def notice(user, text="今天要办 2 项", day=DAY, **values):
    return Notice.objects.create(
        user=user, day=day, kind="day", text=text, url="/duties/?whose=mine", **values
    )


def show(client, user, **query):
    client.force_login(user)
    return client.get("/notices/", query)


def test_ones_own_the_newest_first(client, leader, organisation_office):
    for back in (2, 1):
        notice(leader, f"{back} 天前", DAY - datetime.timedelta(days=back))
    notice(organisation_office, "别人的")
    response = show(client, leader)
    assert [row.text for row in response.context["page"]] == ["1 天前", "2 天前"]
    assert "别人的" not in response.content.decode()


def test_read_marks(client, leader):
    notice(leader, "没看的")
    notice(leader, "看过的", subject="x", read_at=timezone.now())
    response = show(client, leader)
    assert response.context["unread"] == 1
    assert "7月15日 12:00 已读" in response.content.decode()
    assert response.content.decode().count("未读") == 1


def test_opened_is_read_and_leads_on(client, leader):
    row = notice(leader)
    client.force_login(leader)
    response = client.get(f"/notices/{row.pk}/")
    assert (response.status_code, response.url) == (302, "/duties/?whose=mine")
    row.refresh_from_db()
    first = row.read_at
    assert first == timezone.now()
    client.get(f"/notices/{row.pk}/")
    row.refresh_from_db()
    assert row.read_at == first


def test_another_ones_is_not_found_and_stays_unread(client, leader, organisation_office):
    row = notice(organisation_office)
    client.force_login(leader)
    assert client.get(f"/notices/{row.pk}/").status_code == 404
    client.post("/notices/read/")
    row.refresh_from_db()
    assert row.read_at is None


def test_all_are_marked_as_read(client, leader):
    notice(leader)
    notice(leader, subject="x")
    client.force_login(leader)
    assert client.get("/notices/read/").status_code == 405
    assert client.post("/notices/read/").url == "/notices/"
    assert not Notice.objects.unread().exists()
    assert "全部标为已读" not in show(client, leader).content.decode()


def test_the_jobs_stand_below(client, leader):
    Job.objects.create(kind="x", title="六月工作簿", owner=leader)
    assert "六月工作簿" in show(client, leader).content.decode()


@pytest.mark.parametrize("role", ["admin", "auditor", None])
def test_who_has_no_business_has_none(client, role):
    user = UserFactory(role=role)
    row = notice(user)
    response = show(client, user)
    assert response.status_code == 200
    assert "没有通知" in response.content.decode()
    assert client.get(f"/notices/{row.pk}/").status_code == 404


def test_paged(client, leader, count_queries):
    for number in range(31):
        notice(leader, subject=str(number))
    assert len(show(client, leader).context["page"]) == 30
    few = count_queries(lambda: client.get("/notices/", {"page": 2}))
    assert count_queries(lambda: client.get("/notices/", {"page": 1})) == few
    assert len(show(client, leader, page=2).context["page"]) == 1


def test_twice_about_one_thing_on_a_day_is_refused(leader):
    row = notice(leader)
    assert row.full_clean() is None
    double = Notice(user=leader, day=DAY, kind="day", text="又一次", url="/duties/")
    with pytest.raises(Exception, match="同一件事，一天只通知一次。"):
        double.full_clean()
