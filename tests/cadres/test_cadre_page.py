"""One cadre's page: facts, posts as of the day, events; who sees the person."""

import datetime

import pytest

from cadres.models import Cadre, Post
from tests.factories import CadreFactory, PostFactory, UserFactory
from villages.models import Organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]


@pytest.fixture
def post(villages):
    """李玉永, secretary of 西响石村 from 2017 to 10 June 2026."""
    post = Post.objects.get(organisation__village=villages[0])
    post.start, post.start_precision = datetime.date(2017, 7, 1), "month"
    post.end, post.end_reason = datetime.date(2026, 6, 10), Post.EndReason.AGE
    post.selection = Post.Selection.FROM_OFFICE
    post.save()
    post.cadre.name, post.cadre.phone = "李玉永", "13900001062"
    post.cadre.save()
    return post


def page(client, user, cadre, **query):
    client.force_login(user)
    return client.get(cadre.get_absolute_url(), query)


def section(response, template):
    (found,) = [
        context for column in response.context["columns"] for name, context in column if name == template
    ]
    return found


def test_facts_are_shown_and_numbers_masked(client, leader, post):
    text = page(client, leader, post.cadre).content.decode()
    assert "李玉永" in text
    assert post.cadre.id_number_mask in text
    assert "139****1062" in text
    assert post.cadre.id_number not in text
    assert "13900001062" not in text


def test_posts_up_to_the_day(client, leader, post):
    PostFactory(cadre=post.cadre, start=datetime.date(2026, 7, 1))
    now = page(client, leader, post.cadre)
    assert len(section(now, "cadres/_posts.html")["posts"]) == 2
    assert "2026-06-10 到龄" in now.content.decode()
    then = page(client, leader, post.cadre, on="2026-06-09")
    assert len(section(then, "cadres/_posts.html")["posts"]) == 1
    assert "到龄" not in then.content.decode()


def test_events_newest_first_with_the_year_where_it_changes(client, leader, post):
    PostFactory(
        cadre=post.cadre, organisation__village=post.organisation.village, organisation__kind="general_branch",
        organisation__name="总支", title="deputy_secretary", start=datetime.date(2026, 5, 2), selection="",
    )  # fmt: skip
    events = page(client, leader, post.cadre).context["events"]
    assert [(event["day"], event["text"]) for event in events] == [
        ("2026年6月10日", "李玉永不再担任西响石村书记，到龄"),
        ("5月2日", "李玉永任西响石村副书记"),
        ("2017年7月", "李玉永任西响石村书记（机关选派）"),
    ]
    assert [
        event["day"] for event in page(client, leader, post.cadre, on="2026-05-01").context["events"]
    ] == ["2017年7月"]


def test_an_event_known_to_the_year_alone_still_has_its_day(client, leader, post):
    Post.objects.filter(pk=post.pk).update(start=datetime.date(2026, 1, 1), start_precision="year")
    assert [event["day"] for event in page(client, leader, post.cadre).context["events"]] == [
        "2026年6月10日",
        "2026年",
    ]


def test_an_empty_page_says_what_to_do(client, leader, villages):
    text = page(client, leader, CadreFactory(village=villages[0], id_number="")).content.decode()
    assert "没有登记任职" in text
    assert "还没有经历" in text
    assert "未登记" in text


def test_seen_where_the_person_belongs_and_where_a_live_post_is(client, villages, village_cadre, outsider):
    official = CadreFactory(village=None, township=villages[0].township, category="leader")
    assert page(client, village_cadre, official).status_code == 404
    branch = Organisation.objects.get(village=villages[0], kind="branch")
    Post.objects.filter(organisation=branch).delete()
    sent = PostFactory(cadre=official, organisation=branch)
    assert page(client, village_cadre, official).status_code == 200
    assert page(client, outsider, official).status_code == 404
    sent.end, sent.end_reason = datetime.date(2026, 7, 15), "transferred"
    sent.save()
    assert page(client, village_cadre, official).status_code == 404


def test_an_office_cadre_sees_the_own_page_alone(client, post, villages):
    staff = UserFactory(role="staff")
    assert page(client, staff, post.cadre).status_code == 404
    Cadre.objects.filter(pk=post.cadre_id).update(user=staff)
    assert page(client, staff, post.cadre).status_code == 200
    assert page(client, staff, Post.objects.get(organisation__village=villages[1]).cadre).status_code == 404


def test_nobody_and_an_administrator_find_nothing(client, post):
    assert client.get(post.cadre.get_absolute_url()).status_code == 302
    assert page(client, UserFactory(role="admin"), post.cadre).status_code == 404


@pytest.mark.parametrize(("role", "offered"), [("leader", True), ("organisation", True), ("economy", False)])
def test_the_number_is_offered_to_who_may_see_it(client, post, role, offered):
    text = page(client, UserFactory(role=role), post.cadre).content.decode()
    assert ("查看完整号码" in text) == offered


def test_change_is_offered_to_who_may_enter_the_admin(client, post, organisation_office, leader):
    assert (
        f"/admin/cadres/cadre/{post.cadre_id}/change/"
        in page(client, organisation_office, post.cadre).content.decode()
    )
    assert "/admin/" not in page(client, leader, post.cadre).content.decode()
