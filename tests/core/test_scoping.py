"""Prefixes of division codes, assignments beside the scope, and where a person is seen."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from banzhuang.accounts.models import Assignment
from banzhuang.core.clock import today
from banzhuang.core.scoping import ScopedQuerySet, following, in_scope
from cadres.models import Cadre, Post
from tests import factories
from villages.models import Village

DIGITS = "0123456789"
codes = st.text(DIGITS, min_size=1, max_size=12)
prefixes = st.lists(
    st.text(DIGITS, min_size=1, max_size=12) | st.sampled_from(["9", "99", "0", "3207"]), max_size=3
)
DAY = datetime.timedelta(days=1)


def codes_within(scopes) -> set[str]:
    return set(Assignment.objects.filter(in_scope(scopes, "code")).values_list("code", flat=True))


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=st.sets(codes, min_size=1, max_size=12), scopes=prefixes, cut=st.integers(1, 12))
def test_a_scope_holds_the_codes_that_begin_with_it(found, scopes, cut):
    """On the database itself; one scope is always the beginning of a code that is there."""
    scopes = [*scopes, min(found)[:cut]]
    with transaction.atomic():
        user = factories.UserFactory(username="anyone")
        Assignment.objects.bulk_create(Assignment(user=user, code=code, start=today()) for code in found)
        assert codes_within(scopes) == {code for code in found if code.startswith(tuple(scopes))}
        transaction.set_rollback(True)


@given(prefix=codes, code=codes)
@example(prefix="69", code="7")
@example(prefix="99", code="999")
def test_bounds_are_digits(prefix, code):
    """A database in zh_CN sorts ":" before the digits: a bound with it would hide every row."""
    end = following(prefix)
    assert end == "" or end.isdigit()
    assert (prefix <= code and (code < end or not end)) == code.startswith(prefix)


@pytest.mark.parametrize("scope", ["", " ", "320707109%", "abc", "-1", "３２０７", "²", "320707109 ", "*"])
def test_what_is_no_code_holds_nothing(db, villages, scope):
    assert not Village.objects.within([scope]).exists()
    assert Village.objects.within([scope, villages[0].code]).get() == villages[0]


def test_no_scope_holds_nothing(db, villages):
    assert not Village.objects.within([]).exists()


def test_a_user_without_scope_sees_nothing(villages):
    user = factories.UserFactory(role="leader", scope="")
    assert not Village.objects.for_user(user).exists() and not user.covers(villages[0].code)


def test_scopes_of_all_sizes(villages):
    factories.VillageFactory(
        township__code=factories.OTHER_TOWNSHIP, township__name="外镇", code="320707100301"
    )
    seen = {}
    for scope in ("320707", "320707109", villages[1].code, "320708", "320707109999"):
        user = factories.UserFactory(role="leader", scope=scope)
        seen[scope] = Village.objects.for_user(user).count()
    assert seen == {"320707": 3, "320707109": 2, villages[1].code: 1, "320708": 0, "320707109999": 0}


def test_a_table_that_says_nothing_shows_nothing(leader):
    """Own and published rows are none unless the table says which they are."""
    rows = ScopedQuerySet(Village)
    assert not rows.owned_by(leader).exists() and not rows.published().exists()


# --- Assignments ----------------------------------------------------------------------------------------


@pytest.fixture
def assigned(villages):
    """A village's cadre who looks after the next village too, since yesterday until tomorrow."""
    user = factories.UserFactory(role="village", scope=villages[0].code)
    Assignment.objects.create(user=user, code=villages[1].code, start=today() - DAY, end=today() + DAY)
    return user


def seen_by(user) -> list[Village]:
    """As the account is read anew at the next request."""
    return list(Village.objects.for_user(type(user).objects.get(pk=user.pk)))


def test_an_assignment_widens_the_scope(assigned, villages):
    assert seen_by(assigned) == villages
    assert assigned.covers(villages[1].code)


@pytest.mark.parametrize(
    ("start", "end", "live"),
    [(-2, 0, False), (-2, 1, True), (0, None, True), (1, None, False), (0, 1, True), (-2, -1, False)],
)
def test_an_assignment_holds_from_its_start_until_before_its_end(villages, start, end, live):
    user = factories.UserFactory(role="village", scope=villages[0].code)
    until = None if end is None else today() + end * DAY
    Assignment.objects.create(user=user, code=villages[1].code, start=today() + start * DAY, end=until)
    assert (villages[1] in seen_by(user)) is live


def test_an_assignment_ends_after_it_starts(villages, leader):
    with pytest.raises(ValidationError, match="止日应晚于起日"):
        Assignment(user=leader, code=villages[0].code, start=today(), end=today()).full_clean()


def test_an_assignment_gives_no_other_rights(assigned, villages):
    assert not Village.objects.editable_by(assigned).exists()


def test_an_assignment_of_another_is_not_ours(assigned, villages):
    user = factories.UserFactory(role="village", scope=villages[0].code)
    assert seen_by(user) == [villages[0]]


# --- Persons --------------------------------------------------------------------------------------------


@pytest.fixture
def sent(villages):
    """An official of the township who is secretary of the second village."""
    branch = villages[1].organisations.get(kind="branch")
    branch.posts.all().delete()
    official = factories.CadreFactory(village=None, township=villages[0].township)
    return factories.PostFactory(organisation=branch, cadre=official)


def sees(user, cadre) -> bool:
    return Cadre.objects.for_user(user).filter(pk=cadre.pk).exists()


def test_a_person_is_seen_where_the_post_is(sent, villages, leader):
    there, elsewhere = (factories.UserFactory(role="village", scope=villages[place].code) for place in (1, 0))
    assert sees(leader, sent.cadre) and sees(there, sent.cadre) and not sees(elsewhere, sent.cadre)


@pytest.mark.parametrize(("days", "seen"), [(-1, False), (0, False), (1, True)])
def test_and_no_longer_once_it_has_ended(sent, villages, days, seen):
    """An interval is [start, end): on its last day the post is over."""
    there = factories.UserFactory(role="village", scope=villages[1].code)
    sent.end, sent.end_reason = today() + days * DAY, Post.EndReason.TRANSFERRED
    sent.save()
    assert sees(there, sent.cadre) is seen


@pytest.mark.parametrize(("days", "seen"), [(-1, True), (0, True), (1, False)])
def test_nor_before_it_begins(sent, villages, days, seen):
    there = factories.UserFactory(role="village", scope=villages[1].code)
    sent.start = today() + days * DAY
    sent.save()
    assert sees(there, sent.cadre) is seen


def test_a_person_with_two_posts_is_listed_once(sent, villages):
    committee = villages[1].organisations.get(kind="village_committee")
    factories.PostFactory(organisation=committee, cadre=sent.cadre, title=Post.Title.DIRECTOR)
    there = factories.UserFactory(role="village", scope=villages[1].code)
    assert list(Cadre.objects.for_user(there).filter(pk=sent.cadre.pk)) == [sent.cadre]


def test_the_post_itself_is_seen_only_there(sent, villages):
    elsewhere = factories.UserFactory(role="village", scope=villages[0].code)
    assert sent not in Post.objects.for_user(elsewhere)


def test_staff_see_their_own_file(sent):
    user = factories.UserFactory(role="staff")
    assert not Cadre.objects.for_user(user).exists()
    Cadre.objects.filter(pk=sent.cadre.pk).update(user=user)
    assert Cadre.objects.for_user(user).get() == sent.cadre
    assert Post.objects.for_user(user).get() == sent


def test_scopes_are_ranges_an_index_serves(db):
    """No LIKE, no join: two comparisons a scope."""
    sql = str(Village.objects.within(["320707109"]).query)
    assert "LIKE" not in sql and "JOIN" not in sql
