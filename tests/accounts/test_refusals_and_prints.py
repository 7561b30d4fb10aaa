"""A refused access and a page that is printed are one event each."""

import pytest
from django.urls import reverse

from banzhuang.accounts.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(events):
    """told(): who, what and whether it succeeded, of refusals and prints."""
    return lambda: [
        (event.username, event.get_action_display(), event.subject, event.succeeded)
        for event in events("denied", "print")
    ]


# --- Refused ---------------------------------------------------------------------------------------------------
def test_a_page_without_the_right_to_it(signed_in, clerk, told):
    client = signed_in(clerk)
    assert client.get("/audit/?who=710000197503090039").status_code == 403
    assert told() == [("jiguan", "访问被拒", "打开 /audit/", False)]
    assert client.post("/reports/make/", {}).status_code == 403
    assert told()[1:] == [("jiguan", "访问被拒", "提交 /reports/make/", False)]


def test_a_table_of_the_admin(signed_in, welfare_office, told):
    assert signed_in(welfare_office).get("/admin/accounts/user/").status_code == 403
    assert told() == [("minzheng", "访问被拒", "打开 /admin/accounts/user/", False)]


def test_the_admin_itself(signed_in, clerk, told):
    assert signed_in(clerk).get("/admin/cadres/cadre/", follow=True).status_code == 403
    assert told() == [("jiguan", "访问被拒", "打开 /admin/login/", False)]


def test_what_is_not_found_is_no_event(signed_in, village_cadre, villages, told):
    client = signed_in(village_cadre)
    for code in (villages[1].code, "999999999999"):
        assert client.get(reverse("village", args=[code])).status_code == 404
    assert told() == []


def test_who_is_not_logged_in_is_sent_to_the_log_in(client, db, told):
    assert client.get("/audit/").status_code == 302
    assert told() == []


# --- Printed ---------------------------------------------------------------------------------------------------
def test_a_page_tells_that_it_is_printed(signed_in, leader, villages, told):
    client, page = signed_in(leader), reverse("village", args=[villages[0].code])
    assert f'data-printed="{reverse("printed")}"' in client.get(page).content.decode()
    assert told() == []
    assert client.post(reverse("printed"), {"page": page, "title": "西响石村"}).status_code == 204
    assert told() == [("lingdao", "打印", f"西响石村 {page}", True)]


@pytest.mark.parametrize("page", ["", "/no/such/page/", "https://elsewhere/audit/", "audit/"])
def test_what_is_no_page_is_not_printed(signed_in, leader, told, page):
    assert signed_in(leader).post(reverse("printed"), {"page": page}).status_code == 400
    assert told() == []


def test_reading_a_page_is_no_event(signed_in, leader, villages):
    signed_in(leader).get(reverse("village", args=[villages[0].code]))
    assert set(AuditEvent.objects.values_list("action", flat=True)) <= {"login"}
