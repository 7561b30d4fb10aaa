"""村情: the villages by area, with what presses in each."""

import datetime

import pytest

from cadres.models import Post
from tests.factories import UserFactory, VillageFactory
from villages.models import Area, Village

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]
URL = "/villages/"


@pytest.fixture
def show(client, leader, villages):
    """show(user=leader, **query) → the response."""

    def opening(user=leader, **query):
        client.force_login(user)
        return client.get(URL, query)

    return opening


def shown(response):
    return {
        group["area"]: [item["place"].name for item in group["villages"]]
        for group in response.context["groups"]
    }


def test_by_area_and_by_code(show, villages):
    villages[0].area = Area.objects.create(township=villages[0].township, name="山西片")
    villages[0].save()
    assert shown(show()) == {"山西片": ["西响石村"], "未分片区": ["李小湾村"]}
    assert shown(show(**{"in": "山西片"})) == {"山西片": ["西响石村"]}


def test_what_presses_is_counted_beside_the_village(show, villages):
    Post.objects.filter(organisation__village=villages[0]).update(end="2026-03-01", end_reason="age")
    Post.objects.filter(organisation__village=villages[1]).update(term_end="2026-08-01")
    (group,) = show().context["groups"]
    assert [(item["bad"], item["near"]) for item in group["villages"]] == [(1, 0), (0, 1)]


def test_the_villages_of_the_day(show, villages):
    day = datetime.date(2026, 7, 1)
    Village.objects.filter(pk=villages[0].pk).update(valid_to=day)
    VillageFactory(name="新村", valid_from=day)
    assert shown(show(on="2026-06-30")) == {"未分片区": ["西响石村", "李小湾村"]}
    assert shown(show(on="2026-07-01")) == {"未分片区": ["李小湾村", "新村"]}


def test_who_sees_what(show, village_cadre, outsider):
    assert shown(show(village_cadre)) == {"未分片区": ["西响石村"]}
    assert shown(show(outsider)) == {}
    assert "还没有村" in show(outsider).content.decode()
    assert show(UserFactory(role="admin")).status_code == 403


def test_the_day_travels_with_the_links(show, villages):
    assert f'href="{villages[0].get_absolute_url()}?on=2026-06-30"' in show(on="2026-06-30").content.decode()


def test_queries_are_the_same_at_2_and_44_villages(show, client, count_queries):
    show()
    two = count_queries(lambda: client.get(URL))
    for _ in range(42):
        VillageFactory()
    assert count_queries(lambda: client.get(URL)) == two
    assert len(shown(client.get(URL))["未分片区"]) == 44
