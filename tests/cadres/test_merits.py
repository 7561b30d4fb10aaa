"""The veto of M1 in the year-end list: only in its year, with evidence that opens for whoever sees it."""

import datetime

import pytest

from banzhuang.duties.merit import standing
from cadres.models import Post
from tests.factories import PostFactory

pytestmark = pytest.mark.django_db
END = datetime.date(2026, 6, 10)


@pytest.fixture
def removed(villages):
    """The secretary of 西响石村, removed on 10 June 2026."""
    post = Post.objects.get(organisation__village=villages[0])
    post.end, post.end_reason, post.end_document = END, Post.EndReason.VIOLATION, "班委〔2026〕3号"
    post.save()
    return post


def codes(post, day, user):
    return [merit.code for merit, _ in standing(post.cadre, day, user)]


def test_only_from_the_day_to_the_end_of_the_year(removed, leader):
    days = [datetime.date(2026, 6, 9), END, datetime.date(2026, 12, 31), datetime.date(2027, 1, 1)]
    assert [codes(removed, day, leader) for day in days] == [[], ["m1.removed"], ["m1.removed"], []]


def test_evidence_says_when_why_and_by_which_document(removed, leader):
    ((merit, (evidence,)),) = standing(removed.cadre, END, leader)
    assert merit.veto
    assert evidence.text == "2026年6月10日因违规违纪不再担任西响石村书记（班委〔2026〕3号）"


def test_evidence_opens_for_who_sees_it(removed, leader, village_cadre, client):
    for user in (leader, village_cadre):
        ((_, (evidence,)),) = standing(removed.cadre, END, user)
        client.force_login(user)
        assert client.get(evidence.url).status_code == 200


def test_who_does_not_see_the_post_sees_no_evidence(removed, outsider):
    assert standing(removed.cadre, END, outsider) == []


@pytest.mark.parametrize(
    "reason", ["term", "age", "health", "resigned", "transferred", "deceased", "unstated"]
)
def test_a_normal_end_is_no_veto(removed, leader, reason):
    removed.end_reason = reason
    removed.save()
    assert codes(removed, END, leader) == []


def test_the_page_shows_it_in_its_year(removed, leader, client, july):
    client.force_login(leader)
    address = removed.get_absolute_url()
    assert "一票否决" in client.get(address).content.decode()
    assert "没有否决事项" in client.get(address, {"on": "2025-12-31"}).content.decode()


def test_vetoes_of_others_are_not_shown(removed, leader):
    assert codes(PostFactory(), END, leader) == []
