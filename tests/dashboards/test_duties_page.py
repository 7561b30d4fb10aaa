"""待办: what I do, and what others do."""

import pytest

from cadres.models import Post
from tests.factories import PostFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]


@pytest.fixture
def show(client, villages):
    Post.objects.filter(organisation__village=villages[0]).update(end="2026-03-01", end_reason="age")
    Post.objects.filter(organisation__village=villages[1]).update(term_end="2026-08-01")

    def opening(user, **query):
        client.force_login(user)
        return client.get("/duties/", query)

    return opening


def acts(response, whose):
    return [duty.act for duty in response.context[whose]]


def test_the_office_does_them(show, organisation_office):
    response = show(organisation_office)
    assert acts(response, "mine") == ["任命书记", "办理换届"]
    assert acts(response, "others") == []
    assert "由他人办理" not in response.content.decode()


def test_a_reader_looks_at_them(show, leader):
    response = show(leader)
    assert acts(response, "mine") == []
    assert acts(response, "others") == ["看情况", "看情况"]
    assert "没有由您办理的临近或逾期事项。" in response.content.decode()
    assert "succession" not in response.content.decode()


def test_counts_by_state(show, leader):
    assert [(entry["label"], entry["count"]) for entry in show(leader).context["counts"]] == [
        ("逾期", 1),
        ("临近", 1),
    ]


def test_a_village_cadre_sees_the_own_village(show, village_cadre, villages):
    assert [duty.scope_code for duty in show(village_cadre).context["others"]] == [villages[0].code]


@pytest.mark.parametrize("role", ["admin", "auditor", None])
def test_who_sees_no_business_sees_none(show, role):
    response = show(UserFactory(role=role))
    assert response.status_code == 200
    assert acts(response, "others") == []


def test_of_an_earlier_day(show, organisation_office):
    assert acts(show(organisation_office, on="2026-02-28"), "mine") == ["办理换届"]


def test_each_button_opens(show, client, organisation_office, leader):
    for user, whose in [(organisation_office, "mine"), (leader, "others")]:
        for duty in show(user).context[whose]:
            assert client.get(duty.url).status_code == 200


def test_queries_do_not_grow_with_the_duties(show, client, leader, count_queries):
    show(leader)
    two = count_queries(lambda: client.get("/duties/"))
    for _ in range(20):
        PostFactory(term_end="2026-08-01")
    assert count_queries(lambda: client.get("/duties/")) == two
