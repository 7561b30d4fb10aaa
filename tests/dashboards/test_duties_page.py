"""待办: what I do and what I see, by state, with the report's words; its filters, its buttons, its pages."""

import datetime

import pytest

from banzhuang.duties.duty import State, duties_seen_by
from banzhuang.duties.notices import urge
from cadres.models import Post
from tests.duties.rules import add_rule
from tests.factories import PostFactory, UserFactory
from villages.models import Area, Village

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]
DAY = datetime.date(2026, 7, 15)


@pytest.fixture
def show(client, villages):
    Post.objects.filter(organisation__village=villages[0]).update(end="2026-03-01", end_reason="age")
    Post.objects.filter(organisation__village=villages[1]).update(term_end="2026-08-01")

    def opening(user, **query):
        client.force_login(user)
        return client.get("/duties/", query)

    return opening


def rows(response):
    return [row for found in response.context["groups"] for row in found]


def groups(response):
    found = response.context["groups"]
    return [(rows[0].duty.state.label, rows[0].duty.rule.label, len(rows)) for rows in found]


def acts(response):
    return [row.duty.act for row in rows(response)]


def counts(response):
    return {counter["label"]: counter["count"] for counter in response.context["filter"].counters()}


def choices(response):
    return [(choice["label"], choice["active"]) for choice in response.context["filter"].whose_choices()]


def test_the_office_does_them(show, organisation_office):
    response = show(organisation_office)
    assert acts(response) == ["任命书记", "办理换届"]
    assert choices(response) == [("我要办的", True), ("我能看到的", False)]


def test_a_reader_looks_at_them(show, leader):
    response = show(leader)
    assert acts(response) == ["看情况", "看情况"]
    assert choices(response) == [("我要办的", False), ("我能看到的", True)]
    assert "succession" not in response.content.decode()
    assert "没有由您办理的事项" in show(leader, whose="mine").content.decode()


def test_a_row_says_whose_when_and_why(show, leader, monkeypatch):
    text = show(leader).content.decode()
    assert "依据：选准带头人……产生村党组织书记" in text
    assert [row.who_and_when for row in rows(show(leader))] == [
        "应办日期 2026年4月30日",  # the detail says 组织办 already
        "应办日期 2026年8月1日",
    ]
    add_rule(monkeypatch)
    assert "民政帮扶办 · 应办日期 2026年7月12日" in show(leader).content.decode()
    add_rule(monkeypatch, due=None, state=State.NORMAL)
    assert rows(show(leader))[-1].who_and_when == "民政帮扶办"


def test_grouped_by_state_and_rule_the_worst_first(show, leader, monkeypatch):
    for count, state in enumerate(State):
        add_rule(monkeypatch, state=state, code=f"m14.test{count}")
    PostFactory(term_end="2026-07-01")
    response = show(leader)
    assert groups(response) == [
        ("逾期", "党组织无书记", 1),
        ("逾期", "任期届满", 1),
        ("逾期", "每周走访", 3),
        ("临近", "每周走访", 3),
        ("临近", "任期届满", 1),
        ("正常", "每周走访", 3),
        ("已完成", "每周走访", 3),
        ("免除", "每周走访", 3),
    ]
    assert counts(response) == {"全部": 18, "逾期": 5, "临近": 4, "正常": 3, "已完成": 3, "免除": 3}


def test_what_is_done_has_no_button(show, leader, monkeypatch):
    add_rule(monkeypatch, state=State.DONE)
    response = show(leader, state="done")
    assert [row.way for row in rows(response)] == ["", ""]
    assert "看情况" not in response.content.decode()
    assert "西响石村走访" in response.content.decode()


def test_filters(show, leader, monkeypatch):
    add_rule(monkeypatch)
    assert len(rows(show(leader))) == 4
    assert acts(show(leader, state="near")) == ["看情况"]
    assert counts(show(leader, state="near"))["全部"] == 4
    found = show(leader, mechanism="M14")
    assert {row.duty.rule.mechanism for row in rows(found)} == {"M14"}
    assert counts(found) == {"全部": 2, "逾期": 2, "临近": 0}
    assert rows(show(leader, mechanism="M14", state="near")) == []
    assert "没有符合条件的事项" in show(leader, mechanism="M14", state="near").content.decode()


@pytest.mark.parametrize("query", [{"state": "x"}, {"mechanism": "M99"}, {"whose": "x"}, {"page": "x"}])
def test_an_unknown_choice_counts_as_none(show, leader, query):
    assert len(rows(show(leader, **query))) == 2


def test_the_area_chosen_in_the_header_counts(show, leader, villages):
    area = Area.objects.create(township=villages[0].township, name="山西片")
    Village.objects.filter(pk=villages[1].pk).update(area=area)
    found = rows(show(leader, **{"in": "山西片"}))
    assert [row.duty.scope_code for row in found] == [villages[1].code]


def test_choices_travel(show, leader, monkeypatch):
    add_rule(monkeypatch)
    choice = show(leader, mechanism="M14", on="2026-07-14").context["filter"]
    near = next(counter for counter in choice.counters() if counter["label"] == "临近")
    assert near["url"] == "?on=2026-07-14&whose=all&mechanism=M14&state=near"


def test_a_person_is_named_and_can_be_urged(show, leader, monkeypatch):
    add_rule(monkeypatch, owner=UserFactory(name="孙建国", role="staff"))
    response = show(leader, mechanism="M14")
    assert [(row.who, row.way) for row in rows(response)] == [("孙建国", "urge")] * 2
    duty = next(duty for duty in duties_seen_by(leader, DAY) if duty.key == rows(response)[0].key)
    urge(leader, duty, DAY)
    response = show(leader, mechanism="M14")
    assert [row.way for row in rows(response)] == ["urged", "urge"]
    assert "今天已催" in response.content.decode()


def test_the_button_urges(show, client, leader, monkeypatch):
    """The key on the page is that of the duty, though a reader's row leads elsewhere."""
    add_rule(monkeypatch, owner=UserFactory(name="孙建国", role="staff"))
    row = rows(show(leader, mechanism="M14"))[0]
    assert f'value="{row.key}"' in show(leader, mechanism="M14").content.decode()
    assert client.post("/duties/urge/", {"duty": row.key}).status_code == 302


def test_of_an_earlier_day_nobody_is_urged(show, leader, monkeypatch):
    add_rule(monkeypatch, owner=UserFactory(role="staff"))
    assert {row.way for row in rows(show(leader, on="2026-07-14"))} == {"look"}


def test_the_owner_does_it(show, monkeypatch):
    staff = UserFactory(name="孙建国", role="staff")
    add_rule(monkeypatch, owner=staff)
    response = show(staff)
    assert [(row.duty.act, row.way) for row in rows(response)] == [("记走访", "act")] * 2
    assert "催办" not in response.content.decode().split("<main")[1]


def test_a_village_cadre_sees_the_own_village(show, village_cadre, villages):
    assert [row.duty.scope_code for row in rows(show(village_cadre))] == [villages[0].code]


@pytest.mark.parametrize("role", ["admin", "auditor", None])
def test_who_sees_no_business_sees_none(show, role):
    response = show(UserFactory(role=role))
    assert response.status_code == 200
    assert rows(response) == []


def test_of_an_earlier_day(show, organisation_office):
    assert acts(show(organisation_office, on="2026-02-28")) == ["办理换届"]


def test_each_button_opens(show, client, organisation_office, leader):
    for user in (organisation_office, leader):
        for row in rows(show(user)):
            assert client.get(row.duty.url).status_code == 200


def test_paged_the_worst_first(show, leader):
    for _ in range(40):
        PostFactory(term_end="2026-07-01")
    first, second = show(leader), show(leader, page=2)
    assert [len(rows(response)) for response in (first, second)] == [30, 12]
    assert groups(second) == [("逾期", "任期届满", 11), ("临近", "任期届满", 1)]
    assert "第 31–42 项，共 42 项" in second.content.decode()


def test_queries_do_not_grow_with_the_duties(show, client, leader, monkeypatch, count_queries):
    add_rule(monkeypatch, owner=UserFactory(role="staff"))
    show(leader)
    two = count_queries(lambda: client.get("/duties/"))
    for _ in range(20):
        PostFactory(term_end="2026-08-01")
    assert count_queries(lambda: client.get("/duties/")) == two
