"""请假 in the admin, and when a cadre left."""

import datetime

import pytest

from cadres.models import Cadre, Leave
from tests.factories import LeaderFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]
ADD = "/admin/cadres/leave/add/"


@pytest.fixture
def office(client, organisation_office):
    client.force_login(organisation_office)
    return client


@pytest.fixture
def leave(leading_cadre):
    return Leave.objects.create(
        cadre=leading_cadre, kind="annual", start=datetime.date(2026, 7, 6), end=datetime.date(2026, 7, 9)
    )


def sent(page, **changes):
    form = page.context["adminform"].form
    values = {bound.html_name: bound.value() for bound in form}
    values = {name: value.iso() if hasattr(value, "iso") else value for name, value in values.items()}
    return {name: "" if value is None else value for name, value in values.items()} | changes


def add(office, cadre, **fields):
    return office.post(ADD, sent(office.get(ADD), cadre=cadre.pk, kind="sick", **fields))


@pytest.mark.parametrize(
    ("start", "end", "fits"),
    [
        ("2026-07-03", "2026-07-06", True),
        ("2026-07-03", "2026-07-07", False),
        ("2026-07-08", "2026-07-10", False),
        ("2026-07-09", "2026-07-10", True),
        ("2026-07-01", "", False),
        ("2026-07-09", "", True),
    ],
)
def test_no_day_in_two_leaves(office, leave, leading_cadre, start, end, fits):
    page = add(office, leading_cadre, start=start, end=end)
    assert (page.status_code == 302) == fits
    assert fits or "与已登记的年休（2026-07-06 至 2026-07-09 返岗）重叠。" in page.content.decode()


def test_another_cadre_may_be_away_too(office, leave):
    assert add(office, LeaderFactory(), start="2026-07-06", end="2026-07-09").status_code == 302


def test_an_open_leave_overlaps_all_that_comes(office, leave, leading_cadre):
    leave.end = None
    leave.save()
    page = add(office, leading_cadre, start="2026-12-01", end="2026-12-02")
    assert "2026-07-06 起，返岗未定" in page.content.decode()


def test_back_on_the_day_of_leaving_is_refused(office, leading_cadre):
    assert (
        "返岗日期应晚于请假起"
        in add(office, leading_cadre, start="2026-07-06", end="2026-07-06").content.decode()
    )


def test_its_own_days_do_not_stand_in_its_way(office, leave):
    url = f"/admin/cadres/leave/{leave.pk}/change/"
    assert office.post(url, sent(office.get(url), end="2026-07-10")).status_code == 302
    leave.refresh_from_db()
    assert leave.end == datetime.date(2026, 7, 10)


def test_the_welfare_office_reads(client, leave, welfare_office):
    client.force_login(welfare_office)
    assert client.get("/admin/cadres/leave/").status_code == 200
    assert client.get(ADD).status_code == 403
    client.force_login(UserFactory(role="works", is_staff=True))
    assert client.get("/admin/cadres/leave/").status_code == 403


def test_a_cadre_leaves_on_a_day(office, leading_cadre):
    url = f"/admin/cadres/cadre/{leading_cadre.pk}/change/"
    assert office.post(url, sent(office.get(url), left="2026-07")).status_code == 302
    assert Cadre.objects.get(pk=leading_cadre.pk).left.iso() == "2026-07"


def test_who_reads_a_cadre_is_told_in_chinese(client, leading_cadre):
    client.force_login(UserFactory(role="economy", is_staff=True))
    text = client.get(f"/admin/cadres/cadre/{leading_cadre.pk}/change/").content.decode()
    assert "离岗日期" in text and "Born" not in text and "Left" not in text
