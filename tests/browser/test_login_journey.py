"""Logging in: wrong, then right; the first time the password must be changed."""

import pytest
from playwright.sync_api import expect

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
FIRST, OWN = "Diyici2026!mm", "Gaihou2026!mm"


@pytest.fixture
def somebody():
    user = UserFactory(username="lingdao", name="马强", role="leader")
    user.set_password(FIRST)
    user.save()
    return user


def log_in(page, password):
    page.get_by_label("用户名").fill("lingdao")
    page.locator("#id_password").fill(password)
    page.get_by_role("button", name="登录").click()


def test_a_wrong_and_then_the_right_password(page, somebody):
    page.goto("/overview/")
    log_in(page, "Cuowu2026!mm")
    expect(page.get_by_role("alert")).to_contain_text("用户名或密码不对。")
    expect(page.get_by_label("用户名")).to_have_value("lingdao")
    log_in(page, FIRST)
    expect(page.get_by_role("heading", level=1)).to_have_text("总览")


def test_the_password_is_shown_while_somebody_wants_to_see_it(page, somebody):
    page.goto("/login/")
    page.locator("#id_password").fill(FIRST)
    page.get_by_role("button", name="显示").click()
    expect(page.locator("#id_password")).to_have_attribute("type", "text")


def test_the_first_time_nothing_opens_but_the_password(page, somebody):
    somebody.must_change_password = True
    somebody.save()
    page.goto("/")
    log_in(page, FIRST)
    expect(page.get_by_text("先改密码，再办事。")).to_be_visible()
    page.goto("/overview/")
    expect(page.get_by_role("heading", level=1)).to_have_text("修改密码")
    for field, text in [("old", FIRST), ("new", OWN), ("again", OWN)]:
        page.locator(f"[name={field}]").fill(text)
    page.get_by_role("button", name="改密码").click()
    expect(page.get_by_text("密码已修改")).to_be_visible()
    page.goto("/overview/")
    expect(page.get_by_role("heading", level=1)).to_have_text("总览")
