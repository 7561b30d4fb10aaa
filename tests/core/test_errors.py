"""Error pages say in Chinese what happened, with the right status; and what every answer carries."""

import os
import subprocess
import sys

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404
from django.test import Client
from django.urls import include, path

from banzhuang.core import errors
from banzhuang.core.models import StaleObject
from banzhuang.urls import handler400, handler403, handler404, handler500  # noqa: F401  of this module's addresses

SECRET = "320707-secret-of-the-fault"
FAULTS = {
    "400": BadRequest(SECRET),
    "403": PermissionDenied(SECRET),
    "404": Http404(SECRET),
    "409": StaleObject(SECRET),
    "500": RuntimeError(SECRET),
}
SAID = {
    "400": "这个请求不完整，没有办成",
    "403": "这一页您的账号没有权限看",
    "404": "没有这一页，或不在您的工作范围内",
    "409": "保存之前，别人已经改过这一条",
    "500": "系统出错，这次没有办成",
}


@login_not_required
def fail(request, fault):
    raise FAULTS[fault]


urlpatterns = [path("fail/<str:fault>/", fail), path("", include("banzhuang.urls"))]


@pytest.fixture
def visitor(settings):
    """A browser as in use: what a view raises becomes a page."""
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


def is_plain_page(response, said):
    text = response.content.decode()
    return all(word in text for word in (f"<h1>{said}</h1>", 'lang="zh-Hans"')) and not any(
        word in text for word in (SECRET, "Traceback", "Error", "Exception", "Django", "banzhuang.")
    )


# --- What failed -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.django_db
def test_a_fault_is_a_page_in_chinese_without_its_inside(visitor, fault):
    for response in (visitor.get(f"/fail/{fault}/"), visitor.post(f"/fail/{fault}/")):
        assert response.status_code == int(fault)
        assert is_plain_page(response, SAID[fault])
        assert "班庄镇党建民生平台" in response.content.decode()


@pytest.mark.django_db
def test_an_address_that_is_none(visitor, leader):
    visitor.force_login(leader)
    response = visitor.get("/meiyou/zhe-yi-ye/")
    assert response.status_code == 404
    assert is_plain_page(response, SAID["404"])


@pytest.mark.django_db
def test_an_address_that_is_only_posted_to(visitor, leader):
    visitor.force_login(leader)
    response = visitor.get("/logout/")
    assert (response.status_code, response["Allow"]) == (405, "POST, OPTIONS")
    assert is_plain_page(response, "这个地址不能直接打开")


@pytest.mark.django_db
def test_a_form_without_its_token_is_not_submitted(visitor, leader):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(leader)
    for address in ("/logout/", "/password/", "/fail/400/"):
        response = strict.post(address)
        assert response.status_code == 403
        assert is_plain_page(response, "页面放得太久，这次没有提交")
    assert "_auth_user_id" in strict.session


@pytest.mark.django_db
def test_a_nul_in_the_address(visitor):
    for address in ("/villages/%00/", "/login/?next=%00"):
        response = visitor.get(address)
        assert response.status_code == 400
        assert is_plain_page(response, SAID["400"])


def test_without_the_database_the_page_says_so_and_asks_it_nothing(visitor, monkeypatch):
    """No mark: any query of this test would fail it."""
    monkeypatch.setattr(errors.health, "healthy", lambda: False)
    response = visitor.get("/fail/500/")
    assert response.status_code == 503
    assert is_plain_page(response, "系统正在维护，马上回来")


# --- Where from --------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_host_that_is_not_ours(visitor, settings):
    settings.ALLOWED_HOSTS = ["10.32.7.9"]
    assert visitor.get("/login/", headers={"Host": "10.32.7.9"}).status_code == 200
    for forged in ({"Host": "example.org"}, {"Host": "example.org", "X-Forwarded-Host": "10.32.7.9"}):
        response = visitor.get("/login/", headers=forged)
        assert response.status_code == 400
        assert is_plain_page(response, SAID["400"])
        assert "example.org" not in response.content.decode()


@pytest.mark.django_db
def test_a_forwarded_host_is_not_believed(visitor, settings):
    settings.ALLOWED_HOSTS = ["10.32.7.9"]
    response = visitor.get("/", headers={"Host": "10.32.7.9", "X-Forwarded-Host": "example.org"})
    assert (response.status_code, response.url) == (302, "/login/?next=/")


# --- What every answer carries -----------------------------------------------------------------------------
@pytest.fixture
def answers(visitor, leader):
    """Pages of all sorts, before and after the log-in."""
    before = [visitor.get(address) for address in ("/login/", "/", "/fail/500/", "/fail/404/")]
    visitor.force_login(leader)
    addresses = [
        "/",
        "/villages/",
        "/password/",
        "/audit/",
        "/meiyou/",
        "/fail/403/",
        "/fail/409/",
        "/logout/",
    ]
    return before + [visitor.get(address) for address in addresses]


def test_scripts_and_styles_only_from_here(answers):
    for answer in answers:
        policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert "unsafe" not in str(policy) and "*" not in str(policy) and "http" not in str(policy)


def test_nothing_stays_in_the_cache_of_a_shared_computer(answers):
    for answer in answers:
        assert "no-store" in answer["Cache-Control"], answer.request["PATH_INFO"]


def test_not_in_frames_not_guessed_not_told_elsewhere(answers):
    for answer in answers:
        assert answer["X-Frame-Options"] == "DENY", answer.request["PATH_INFO"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"
        assert "camera=(self)" in answer["Permissions-Policy"]


@pytest.mark.parametrize("https", ["1", "0"])
def test_cookies_go_over_tls_only_where_there_is_tls(tmp_path, https):
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE")
    told = f"import banzhuang.settings as s; print(*[getattr(s, name) for name in {names}], s.DEBUG)"
    environment = os.environ | {"BANZHUANG_HTTPS": https, "BANZHUANG_DATA": str(tmp_path)}
    environment["BANZHUANG_TRUSTED_PROXIES"] = "127.0.0.1"
    run = subprocess.run(
        [sys.executable, "-c", told], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == [str(https == "1")] * 2 + ["False"]
