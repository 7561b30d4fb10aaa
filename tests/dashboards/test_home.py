"""首页 for each role: what one owes, the report's sentences, the own village, notices and jobs; the navigation."""

import datetime

import pytest
from django.utils import timezone

from banzhuang.core.models import Job
from banzhuang.duties.models import Notice
from cadres.models import Post
from tests.factories import PostFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]


@pytest.fixture
def show(client, villages):
    """show(user) → 首页; both villages without a secretary since March and since July."""
    for village, end in zip(villages, ["2026-03-01", "2026-07-01"], strict=True):
        Post.objects.filter(organisation__village=village).update(end=end, end_reason="incompetent")

    def opening(user, **query):
        client.force_login(user)
        return client.get("/", query)

    return opening


def places(response):
    return [place["label"] for place in response.context["places"]]


def test_the_office_owes_and_does(show, organisation_office):
    response = show(organisation_office)
    assert [(duty.act, str(duty.state)) for duty in response.context["duties"]] == [
        ("任命书记", "bad"),
        ("任命书记", "near"),
    ]
    assert [entry["count"] for entry in response.context["counts"]] == [1, 1]
    assert response.context["duty_count"] == 2
    assert places(response) == ["首页", "总览", "村情", "报表", "导入", "数据管理"]


def test_a_leader_owes_nothing_and_reads_the_sentences(show, leader):
    response = show(leader)
    assert response.context["duties"] == []
    assert response.context["duty_count"] == 0
    assert "没有临近或逾期的事项。" in response.content.decode()
    assert [item["text"] for item in response.context["sentences"] if item["mechanism"] == "选准带头人"] == [
        "目前共有0名机关干部、0名退职干部在村担任党支部书记",
        "今年先后对2个村支部书记进行了调整",
    ]
    assert places(response) == ["首页", "走访", "总览", "村情", "报表"]
    assert response.context["navigation"][0]["items"][0]["overdue"] == 1


def test_each_sentence_opens_its_rows(show, leader, client):
    for sentence in show(leader).context["sentences"]:
        for link in sentence["links"]:
            count = client.get(link["url"]).context["page"].paginator.count
            assert link["label"].endswith(f" {count}")


def test_a_village_cadre_has_the_own_village(show, village_cadre):
    response = show(village_cadre)
    text = response.content.decode()
    assert "看本村全部情况" in text
    assert "空缺" in text
    assert "李小湾" not in text
    assert response.context["sentences"] == []
    assert places(response) == ["首页", "总览", "村情"]


def test_staff_see_the_town_and_owe_nothing(show):
    response = show(UserFactory(role="staff"))
    assert response.context["duties"] == []
    assert places(response) == ["首页", "走访", "总览", "村情", "报表"]


@pytest.mark.parametrize(
    ("role", "expected"),
    [("admin", ["首页", "运行情况"]), ("security", ["首页"]), ("auditor", ["首页", "审计"])],
)
def test_administrators_have_no_business(show, role, expected):
    response = show(UserFactory(role=role))
    assert places(response) == expected
    assert response.context["navigation"] == []
    assert response.context["sentences"] == []
    assert "西响石" not in response.content.decode()


def test_an_outsider_sees_nothing_of_this_township(show, outsider):
    response = show(outsider)
    assert response.context["duties"] == []
    assert "西响石" not in response.content.decode()


def notice(user, text, **values):
    return Notice.objects.create(user=user, day="2026-07-15", kind="day", text=text, url="/duties/", **values)


def test_notices_and_jobs_are_ones_own(show, leader, organisation_office):
    Job.objects.create(kind="x", title="六月工作簿", owner=leader)
    notice(leader, "今天要办 3 项")
    for words in ("六月工作簿", "今天要办 3 项"):
        assert words in show(leader).content.decode()
        assert words not in show(organisation_office).content.decode()


def test_the_newest_five_of_both(show, leader, time_machine):
    for minute in range(4):
        time_machine.move_to(datetime.datetime(2026, 7, 15, 4, minute, tzinfo=datetime.UTC), tick=False)
        Job.objects.create(kind="x", title=f"任务 {minute}", owner=leader)
        notice(leader, f"通知 {minute}", subject=str(minute), read_at=timezone.now() if minute else None)
    news = show(leader).context["news"]
    assert [item["text"] for item in news] == ["通知 3", "任务 3", "通知 2", "任务 2", "通知 1"]
    Notice.objects.exclude(text="通知 0").delete()
    text = show(leader).content.decode()
    assert "每日提醒 · 7月15日 12:00 · 未读" in text
    assert text.count("未读") == 1


def test_a_long_list_is_cut_and_says_so(show, organisation_office):
    for _ in range(15):
        PostFactory(term_end="2026-08-01")
    response = show(organisation_office)
    assert len(response.context["duties"]) == 12
    assert "全部 17 项" in response.content.decode()


def test_asks_as_often_however_much_there_is(show, client, organisation_office, count_queries):
    notice(organisation_office, "一条")
    show(organisation_office)
    few = count_queries(lambda: client.get("/"))
    for number in range(20):
        PostFactory(term_end="2026-08-01")
        notice(organisation_office, "又一条", subject=str(number))
    assert count_queries(lambda: client.get("/")) == few


def test_of_an_earlier_day(show, organisation_office):
    response = show(organisation_office, on="2026-06-30")
    assert len(response.context["duties"]) == 1
    assert "今年先后对1个村支部书记进行了调整" in response.content.decode()


def test_nobody_is_sent_to_the_log_in(client):
    assert client.get("/").url == "/login/?next=/"
