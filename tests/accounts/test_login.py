"""Logging in and out: who gets in, what is said to who does not, and what the trail keeps of it."""

import datetime

import pytest
from django.test import Client
from django.urls import reverse

from banzhuang.accounts.models import User
from banzhuang.core.addresses import read_networks

from .conftest import PASSWORD

pytestmark = pytest.mark.django_db
REFUSED = "用户名或密码不对。"
ALL = ("login", "refused", "logout", "password", "rights", "change")


def logged_in(client):
    return "_auth_user_id" in client.session


def test_the_right_password_leads_home(client, clerk, log_in):
    response = log_in("jiguan")
    assert (response.status_code, response.url) == (302, "/")
    assert client.get("/").status_code == 200


def test_the_same_sentence_whatever_is_wrong(clerk, log_in, settings):
    """Nobody learns from the page which accounts there are."""
    settings.DEMO = False
    place = {"name": "某人", "scope": "320707109"}
    User.objects.create_user("tingyong", PASSWORD, is_active=False, **place)
    User.objects.create_user("xitong", PASSWORD, is_system=True, **place)
    User.objects.create_user("yanshi", PASSWORD, is_demo=True, **place)
    names = ["meiyou", "tingyong", "xitong", "yanshi"]
    pages = {name: log_in(name) for name in names} | {"jiguan": log_in("jiguan", "cuo-de-Mima-1")}
    assert {page.status_code for page in pages.values()} == {200}
    texts = {strip_token(page.content.decode()).replace(name, "") for name, page in pages.items()}
    assert len(texts) == 1
    assert REFUSED in texts.pop()


def strip_token(text):
    before, _, after = text.partition('name="csrfmiddlewaretoken" value="')
    return before + after[64:]


def test_says_how_many_attempts_are_left(clerk, log_in):
    for left in (4, 3, 2, 1):
        assert f"再错 {left} 次将锁定 15 分钟" in log_in("jiguan", "cuo-de-Mima-1").content.decode()


@pytest.mark.parametrize(("username", "password"), [("", PASSWORD), ("jiguan", ""), ("", "")])
def test_an_empty_box_is_no_attempt(clerk, log_in, events, username, password):
    log_in("jiguan", "cuo-de-Mima-1")
    assert "用户名和密码都要填" in log_in(username, password).content.decode()
    assert len(events("refused")) == 1


def test_a_nul_in_the_name_is_refused_like_any_other(client):
    response = client.post("/login/", {"username": "jig\0uan", "password": "x"})
    assert response.status_code == 200
    assert not logged_in(client)


def test_the_address_to_go_back_to_must_be_ours(client, clerk):
    form = {"username": "jiguan", "password": PASSWORD}
    for target in ("https://example.org/", "//example.org/", "https:///example.org", "javascript:alert(1)"):
        response = Client().post("/login/", form | {"next": target})
        assert (response.status_code, response.url) == (302, "/")
    assert client.post("/login/", form | {"next": "/villages/"}).url == "/villages/"


def test_a_session_from_before_the_log_in_is_not_carried_over(client, clerk, log_in):
    client.get("/login/")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = session.session_key
    log_in("jiguan")
    assert client.session.session_key != session.session_key
    assert not client.session.exists(session.session_key)


def test_pages_ask_for_the_log_in_and_come_back(client):
    response = client.get("/villages/?on=2026-06")
    assert (response.status_code, response.url) == (302, "/login/?next=/villages/%3Fon%3D2026-06")


def test_a_part_of_a_page_sends_the_whole_page_to_the_log_in(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/villages/?on=2026-06"}
    response = client.get("/jobs/1/", headers=headers)
    assert response["HX-Redirect"] == "/login/?next=/villages/%3Fon%3D2026-06"
    assert response.content == b""


def test_a_log_in_from_another_site_is_refused(clerk):
    client = Client(enforce_csrf_checks=True)
    response = client.post("/login/", {"username": "jiguan", "password": PASSWORD})
    assert response.status_code == 403
    assert "这次没有提交" in response.content.decode()
    assert not logged_in(client)


def test_the_admin_has_no_log_in_of_its_own(client, clerk):
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0] == "/login/?next=/admin/"
    form = {"username": "jiguan", "password": PASSWORD}
    assert client.post("/admin/login/", form).url.startswith("/login/")
    assert not logged_in(client)


def test_who_has_no_post_in_the_admin_is_told_so(signed_in, clerk):
    response = signed_in(clerk).get("/admin/", follow=True)
    assert response.status_code == 403
    assert "您的账号不能进入数据管理" in response.content.decode()


def test_logging_out_ends_the_session_and_takes_a_post(client, clerk, log_in):
    log_in("jiguan")
    key = client.session.session_key
    assert client.get("/logout/").status_code == 405
    assert logged_in(client)
    response = client.post("/logout/")
    assert (response.status_code, response.url) == (302, "/login/")
    assert not client.session.exists(key)
    client.cookies["sessionid"] = key
    assert client.get("/").status_code == 302


def test_logging_out_clears_the_browser(signed_in, clerk):
    assert signed_in(clerk).post("/logout/")["Clear-Site-Data"] == '"cache", "storage"'


def test_logging_out_of_the_admin_is_the_same_logging_out(client, signed_in, organisation_office, events):
    response = signed_in(organisation_office).post("/admin/logout/", follow=True)
    assert response.redirect_chain[0] == ("/logout/", 307)
    assert not logged_in(client)
    assert len(events("logout")) == 1


def test_one_event_for_each_act(clerk, log_in, client, events):
    before = datetime.datetime.now(datetime.UTC)
    log_in("jiguan", "cuo-de-Mima-1", REMOTE_ADDR="10.1.2.3")
    log_in("jiguan", REMOTE_ADDR="10.1.2.4")
    client.post("/logout/", REMOTE_ADDR="10.1.2.5")
    told = [(e.action, e.username, e.user_id, e.address, e.scope_code, e.succeeded) for e in events(*ALL)]
    assert told == [
        ("refused", "jiguan", None, "10.1.2.3", "320707109", False),
        ("login", "jiguan", clerk.pk, "10.1.2.4", "320707109", True),
        ("logout", "jiguan", clerk.pk, "10.1.2.5", "320707109", True),
    ]
    assert all(before <= e.at <= datetime.datetime.now(datetime.UTC) for e in events(*ALL))


def test_a_password_in_the_box_of_the_name_is_not_kept(log_in, events):
    log_in("Qingshan#2026", "x")
    log_in("320721197503090017", "x")
    assert [event.username for event in events("refused")] == ["Qi…", "32…"]


def test_no_password_reaches_the_trail(clerk, log_in, events):
    log_in("jiguan", "cuo-de-Mima-1")
    log_in("jiguan")
    log_in("meiyou", "bie-de-Mima-2")
    kept = str([vars(e) for e in events(*ALL)])
    assert not any(word in kept for word in (PASSWORD, "cuo-de-Mima-1", "bie-de-Mima-2"))


def test_a_forwarded_address_is_not_believed(clerk, log_in, events):
    log_in("jiguan", "cuo", headers={"X-Forwarded-For": "1.2.3.4"}, REMOTE_ADDR="10.1.2.3")
    log_in("jiguan", headers={"X-Forwarded-For": "1.2.3.4"}, REMOTE_ADDR="10.1.2.3")
    assert {event.address for event in events("refused", "login")} == {"10.1.2.3"}


def test_behind_a_trusted_proxy_the_client_is_who_asked_it(clerk, log_in, client, events, settings):
    settings.TRUSTED_PROXIES = read_networks("", ["127.0.0.1"])
    log_in("jiguan", headers={"X-Forwarded-For": "1.2.3.4, 10.1.2.3"})
    client.post("/logout/", headers={"X-Forwarded-For": "10.1.2.4"})
    assert [event.address for event in events("login", "logout")] == ["10.1.2.3", "10.1.2.4"]


def test_behind_a_trusted_proxy_nobody_locks_another_out(clerk, log_in, settings):
    settings.TRUSTED_PROXIES = read_networks("", ["127.0.0.1"])
    attacker, clerks = {"X-Forwarded-For": "10.9.9.9"}, {"X-Forwarded-For": "10.1.2.3"}
    assert [log_in("jiguan", "cuo", headers=attacker).status_code for _ in range(6)][-1] == 429
    assert log_in("jiguan", headers=clerks).status_code == 302


def test_who_is_in_does_not_see_the_log_in_page_again(signed_in, clerk):
    assert signed_in(clerk).get(reverse("login")).url == "/"
