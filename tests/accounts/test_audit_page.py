"""审计: who did what, for the auditor of the place and nobody else."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from banzhuang.accounts.audit import Action, record
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def look(signed_in, auditor):
    """look(query): the text of the page as the auditor sees it."""
    client = signed_in(auditor)
    return lambda **query: client.get("/audit/", query)


def subjects(response):
    return [event.subject for event in response.context["page"]]


def test_nobody_but_the_auditor(
    client, leader, organisation_office, village_cadre, system_administrator, security_administrator
):
    for user in (leader, organisation_office, village_cadre, system_administrator, security_administrator):
        client.force_login(user)
        assert client.get("/audit/").status_code == 403
        assert ">审计</a>" not in client.get("/").content.decode()


def test_newest_first_with_everything_said(look, clerk):
    record(Action.REVEAL, "王德胜的身份证号和电话", user=clerk, reason="核对花名册")
    record(Action.RIGHTS, "账号 zuzhi", user=clerk, changes={"角色": ["", "组织办"], "职务": ["干事", ""]})
    response = look()
    assert subjects(response)[:2] == ["账号 zuzhi", "王德胜的身份证号和电话"]
    html = response.content.decode()
    for said in ("查看敏感信息", "核对花名册", "林晓", "jiguan", "角色：空 → 组织办", "职务：干事 → 空"):
        assert said in html


def test_only_of_the_own_place(look, clerk, outsider):
    record(Action.CHANGE, "本镇的事", user=clerk)
    record(Action.CHANGE, "外镇的事", user=outsider)
    record(Action.CHANGE, "外镇人在本镇的事", user=outsider, scope_code="320707109216")
    assert subjects(look(action="change")) == ["外镇人在本镇的事", "本镇的事"]


def test_refused_log_ins_are_seen_also_of_unknown_names(look, clerk, outsider):
    for name in ("jiguan", "meiyou", "waizhen"):
        Client().post("/login/", {"username": name, "password": "cuo-de-Mima-1"})
    names = [event.username for event in look(action="refused").context["page"]]
    assert names == ["me…", "jiguan"]


def test_filters(look, clerk, auditor, time_machine):
    time_machine.move_to("2026-07-01 23:30:00+08:00")
    record(Action.EXPORT, "名册", user=clerk)
    time_machine.move_to("2026-07-02 00:30:00+08:00")
    record(Action.CHANGE, "参数", user=clerk)
    record(Action.CHANGE, "自己的事", user=auditor)
    assert subjects(look(who="jigu")) == ["参数", "名册"]
    assert subjects(look(action="export")) == ["名册"]
    assert subjects(look(who="jiguan", action="change")) == ["参数"]
    assert subjects(look(who="jiguan", first="2026-07-02")) == ["参数"]
    assert subjects(look(who="jiguan", last="2026-07-01")) == ["名册"]


def test_a_filter_that_is_none_says_so_and_shows_all(look, clerk):
    record(Action.CHANGE, "参数", user=clerk)
    response = look(first="昨天", action="nothing")
    assert "参数" in subjects(response)
    assert "日期看不懂，应写成 2026-03-09。" in response.content.decode()


def test_no_event_that_fits(look):
    assert "没有符合条件的记录" in look(who="meiyou").content.decode()


def test_pages_keep_the_filters(look, clerk):
    for number in range(51):
        record(Action.EXPORT, f"第{number}份", user=clerk)
    first = look(action="export", who="jiguan")
    assert len(subjects(first)) == 50
    assert '<a href="?who=jiguan&amp;action=export&amp;page=2" rel="next">' in first.content.decode()
    assert subjects(look(action="export", who="jiguan", page=2)) == ["第0份"]


def test_as_many_queries_for_fifty_events_as_for_two(look):
    def count():
        with CaptureQueriesContext(connection) as queries:
            look()
        return len(queries)

    for number in range(2):
        record(Action.CHANGE, "x", user=factories.UserFactory(), number=number)
    look()
    few = count()
    for number in range(48):
        record(Action.CHANGE, "x", user=factories.UserFactory(), number=number)
    assert count() == few
