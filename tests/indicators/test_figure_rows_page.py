"""The page behind a number: its rows, narrowed by place and day, for whoever sees the number."""

import datetime

import pytest
from django.urls import reverse

from banzhuang.indicators.indicator import registry
from cadres.models import Post
from tests.factories import (
    OTHER_TOWNSHIP,
    PostFactory,
    TownshipFactory,
    UserFactory,
    VillageFactory,
    id_number,
)
from villages.models import Area

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]


@pytest.fixture
def open_rows(client, leader, villages):
    """open_rows(code, user=leader, **query) → the response."""

    def opening(code, user=leader, **query):
        client.force_login(user)
        return client.get(reverse("figure_rows", args=[code]), query)

    return opening


def shown(response):
    return [row["cells"][0]["text"] for row in response.context["table"]["rows"]]


@pytest.mark.parametrize("code", [indicator.code for indicator in registry])
def test_every_indicator_has_a_page_with_its_rule(open_rows, code):
    page = open_rows(code)
    indicator = registry[code]
    assert page.status_code == 200
    assert (
        page.context["page"].paginator.count
        == indicator.rows(datetime.date(2026, 7, 15), page.wsgi_request.user).count()
    )
    assert indicator.counting in page.content.decode()


def test_an_unknown_figure_is_not_found(open_rows):
    assert open_rows("m1.nothing").status_code == 404


def test_rows_with_the_official_columns_and_a_link(open_rows, villages):
    page = open_rows("m1.serving")
    post = Post.objects.get(organisation__village=villages[0])
    cells = [[cell["text"] for cell in row["cells"]] for row in page.context["table"]["rows"]]
    assert cells[0] == ["西响石村", post.cadre.name, "两推一选", "本村", "2022-03-01", ""]
    assert f'href="{post.cadre.get_absolute_url()}"' in page.content.decode()


def test_no_rows_are_said(open_rows):
    text = open_rows("m1.adjusted").content.decode()
    assert "0 人" in text


def test_the_own_village_and_area(open_rows, villages, village_cadre):
    villages[0].area = Area.objects.create(township=villages[0].township, name="山西片")
    villages[0].save()
    for place in (villages[0].code, "山西片"):
        assert shown(open_rows("m1.serving", **{"in": place})) == ["西响石村"]
        assert shown(open_rows("m1.serving", village_cadre, **{"in": place})) == ["西响石村"]
    assert "山西片" in open_rows("m1.serving", **{"in": "山西片"}).content.decode()


def test_a_foreign_village_or_area_is_not_found(open_rows, villages, village_cadre):
    other = TownshipFactory(code=OTHER_TOWNSHIP, name="外镇")
    foreign = VillageFactory(township=other, area=Area.objects.create(township=other, name="外片"))
    for place in (foreign.code, "外片", "320707109", "x"):
        assert open_rows("m1.serving", **{"in": place}).status_code == 404
    assert open_rows("m1.serving", village_cadre, **{"in": villages[1].code}).status_code == 404


def test_the_day_chosen(open_rows, villages):
    PostFactory(organisation__village=VillageFactory(name="新村"), start=datetime.date(2026, 7, 1))
    assert len(shown(open_rows("m1.serving", on="2026-06-30"))) == 2
    assert len(shown(open_rows("m1.serving", on="2026-07"))) == 3
    assert open_rows("m1.serving", on="六月").status_code == 400


def test_fifty_a_page_and_the_query_stays(open_rows, villages):
    for number in range(51):
        PostFactory(cadre__id_number=id_number(number, "女"))
    page = open_rows("m1.serving", on="2026-07-10", page="2")
    assert len(shown(page)) == 3
    assert page.context["query"] == "on=2026-07-10&"


def test_who_may_not_see_the_table_is_refused_and_an_outsider_sees_none(open_rows, outsider):
    assert open_rows("m1.serving", UserFactory(role="auditor")).status_code == 403
    assert open_rows("m1.serving", UserFactory(role=None)).status_code == 403
    assert shown(open_rows("m1.serving", outsider)) == []


def test_a_village_cadre_sees_the_own_rows(open_rows, village_cadre):
    assert shown(open_rows("m1.serving", village_cadre)) == ["西响石村"]


def test_queries_are_the_same_for_two_and_for_forty_rows(open_rows, client, count_queries):
    open_rows("m1.serving")
    url = reverse("figure_rows", args=["m1.serving"])
    two = count_queries(lambda: client.get(url))
    for number in range(38):
        PostFactory(cadre__id_number=id_number(number, "女"))
    assert count_queries(lambda: client.get(url)) == two
    assert len(shown(client.get(url))) == 40
