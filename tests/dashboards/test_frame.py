"""What stands around each page: day and scope, search, duties, the own account; on phones in 全部."""

import re

import pytest

from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]


@pytest.fixture
def show(client, villages):
    def opening(user):
        client.force_login(user)
        return client.get("/").content.decode()

    return opening


def part(page, element):
    """The inside of the page's only element that opens so."""
    (found,) = re.findall(f"<{element}.*?</{element.split()[0]}>", page, re.DOTALL)
    return found


@pytest.mark.parametrize("role", ["admin", "security", "auditor", None])
def test_who_sees_no_business_has_name_and_day(show, role):
    bar = part(show(UserFactory(role=role, name="张磊")), 'header class="bar"')
    assert "2026年7月15日" in bar
    assert "张磊" in bar
    assert "退出" in bar
    for useless in ("0 村", "范围", "截至", "搜", "待办"):
        assert useless not in bar


def test_readers_have_day_scope_search_and_duties(show, leader):
    bar = part(show(leader), 'header class="bar"')
    for useful in ("截至", "全镇 2 村", "搜人", "待办 <b>0</b>", "马强", "退出"):
        assert useful in bar


def test_the_menu_of_a_phone_has_what_its_bar_has_no_room_for(show, organisation_office):
    menu = part(show(organisation_office), 'nav class="navigation')
    assert 'href="/duties/">待办</a>' in menu
    for entry in ("周敏", "修改密码", 'action="/logout/"', "退出"):
        assert entry in menu
    assert menu.count("only-phone") == 2


def test_who_has_no_role_yet_is_told_whom_to_ask(show):
    assert "还没有角色" in show(UserFactory(role=None))
    assert "还没有角色" not in show(UserFactory(role="auditor"))
