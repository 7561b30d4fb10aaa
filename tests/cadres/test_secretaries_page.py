"""选准带头人: the register of secretaries with its filters, day, area, pages and readers."""

import datetime

import pytest

from banzhuang.core.dates import PartialDate
from cadres.models import Post
from tests.factories import CommitteeFactory, PostFactory, UserFactory, id_number
from villages.models import Area

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]
URL = "/cadres/secretaries/"


@pytest.fixture
def register(client, leader, villages):
    """register(user=leader, **query) → the response."""

    def opening(user=leader, **query):
        client.force_login(user)
        return client.get(URL, query)

    return opening


@pytest.fixture
def second(villages):
    """The secretary of 李小湾村: 周国强, an official sent there, since July."""
    post = Post.objects.get(organisation__village=villages[1])
    post.selection, post.origin = Post.Selection.FROM_OFFICE, Post.Origin.OFFICIAL
    post.start = datetime.date(2026, 7, 1)
    post.save()
    post.cadre.name = "周国强"
    post.cadre.save()
    return post


def shown(response):
    return [row["cells"][0]["text"] for row in response.context["table"]["rows"]]


def column(response, label):
    table = response.context["table"]
    place = [head["label"] for head in table["columns"]].index(label)
    return [(row["cells"][place]["text"], row["cells"][place].get("state", "")) for row in table["rows"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["西响石", "李小湾"]),
        ({"selection": "from_office"}, ["李小湾"]),
        ({"selection": "retired"}, []),
        ({"origin": "official"}, ["李小湾"]),
        ({"origin": "villager", "selection": "election"}, ["西响石"]),
        ({"origin": "official", "selection": "election"}, []),
        ({"q": "国强"}, ["李小湾"]),
        ({"q": "ZGQ"}, ["李小湾"]),
        ({"q": "响"}, ["西响石"]),
        ({"q": "xxs"}, ["西响石"]),
        ({"q": " "}, ["西响石", "李小湾"]),
        ({"q": "乌有"}, []),
    ],
)
def test_filters(register, second, query, found):
    assert shown(register(**query)) == found


@pytest.mark.parametrize(
    "query", [{"selection": "x"}, {"origin": "'"}, {"page": "x"}, {"page": "99"}, {"in": "乌有片"}]
)
def test_an_unknown_value_counts_as_none(register, second, query):
    page = register(**query)
    assert len(shown(page)) == 2
    assert not page.context["filter"].active


def test_what_is_empty_says_what_to_do(register, villages):
    assert "去掉一个筛选条件再看。" in register(q="乌有").content.decode()
    Post.objects.all().delete()
    assert "原样导入，或逐村任命" in register().content.decode()


def test_as_of_an_earlier_day(register, second):
    assert shown(register(on="2026-06-30")) == ["西响石"]
    assert shown(register(on="2026-07-01")) == ["西响石", "李小湾"]


def test_an_area(register, villages):
    villages[1].area = Area.objects.create(township=villages[1].township, name="山西片")
    villages[1].save()
    Post.objects.filter(organisation__village=villages[0]).update(end="2026-07-01", end_reason="age")
    page = register(**{"in": "山西片"})
    assert shown(page) == ["李小湾"]
    assert list(page.context["vacancies"]) == []
    assert [org.place for org in register().context["vacancies"]] == ["西响石村"]


def test_fifty_a_page_and_filters_stay(register):
    for number in range(50):
        PostFactory(cadre__id_number=id_number(number, "女"))
    assert len(shown(register(origin="villager"))) == 50
    page = register(origin="villager", page="2")
    assert len(shown(page)) == 2
    assert 'href="?origin=villager&amp;page=1"' in page.content.decode()


def test_term_over_only_after_its_last_day(register, villages):
    for village, term in zip(villages, ["2026-07", "2026-07-14"], strict=True):
        post = Post.objects.get(organisation__village=village)
        post.term_ends = PartialDate.parse_iso(term)
        post.save()
    assert column(register(), "届满") == [("2026-07", ""), ("2026-07-14", "bad")]


def test_both_offices_and_what_is_unknown(register, villages):
    post = Post.objects.get(organisation__village=villages[0])
    PostFactory(
        cadre=post.cadre,
        organisation=villages[0].organisations.get(kind="village_committee"),
        title="director",
    )
    other = Post.objects.get(organisation__village=villages[1])
    PostFactory(cadre=other.cadre, organisation=CommitteeFactory(), title="director")
    Post.objects.filter(pk=post.pk).update(start=None)
    page = register()
    assert column(page, "一肩挑") == [("是", ""), ("否", "")]
    assert column(page, "任职起") == [("不详", "none"), ("2022-03-01", "")]
    assert column(page, "届满") == [("未登记", "none")] * 2


@pytest.mark.parametrize("role", ["leader", "organisation", "economy", "village"])
def test_only_who_may_appoint_sees_the_button(register, villages, role):
    Post.objects.filter(organisation__village=villages[0]).update(end="2026-07-01", end_reason="age")
    page = register(UserFactory(role=role)).content.decode()
    assert ("任命书记" in page) == (role == "organisation")
    assert "书记空缺" in page


def test_each_row_leads_to_succession_for_whom_may_and_today(register, second, organisation_office, leader):
    way = f"/cadres/secretaries/{second.organisation_id}/succession/"
    assert column(register(organisation_office), "办理")[-1][0] == "书记接任"
    assert way in register(organisation_office).content.decode()
    assert way not in register(organisation_office, on="2026-07-10").content.decode()
    assert "书记接任" not in register(leader).content.decode()


def test_who_sees_what(register, villages, village_cadre, outsider):
    assert shown(register(village_cadre)) == ["西响石"]
    assert shown(register(outsider)) == []
    assert register(UserFactory(role=None)).status_code == 403
    assert register(UserFactory(role="auditor")).status_code == 403


def test_an_office_cadre_sees_the_own_post(register, second):
    staff = UserFactory(role="staff")
    assert shown(register(staff)) == []
    second.cadre.user = staff
    second.cadre.save()
    assert shown(register(staff)) == ["李小湾"]


def test_no_number_in_the_page(register, second):
    page = register().content.decode()
    assert second.cadre.id_number not in page
    assert second.cadre.id_number[:10] not in page


def test_queries_are_the_same_at_2_and_44_villages(register, client, count_queries):
    register()
    two = count_queries(lambda: client.get(URL))
    for number in range(42):
        PostFactory(cadre__id_number=id_number(number, "女"))
    assert count_queries(lambda: client.get(URL)) == two
    assert len(shown(client.get(URL))) == 44
