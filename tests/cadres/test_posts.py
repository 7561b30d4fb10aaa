"""Posts: intervals, one live secretary, succession, 一肩挑."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from banzhuang.core.dates import PartialDate
from banzhuang.core.intervals import held_on
from banzhuang.core.models import StaleObject
from cadres.models import Post
from cadres.models.post import also_director
from tests.factories import BranchFactory, CadreFactory, CommitteeFactory, PostFactory

pytestmark = pytest.mark.django_db
START, END = datetime.date(2022, 3, 1), datetime.date(2026, 6, 30)
ONE = datetime.timedelta(days=1)
TERM = Post.EndReason.TERM


def ended(**fields):
    return PostFactory(**{"start": START, "end": END, "end_reason": TERM, **fields})


def live(day):
    return Post.objects.live(day).exists()


def test_held_from_the_start_to_the_day_before_the_end():
    ended()
    assert [live(day) for day in (START - ONE, START, END - ONE, END)] == [False, True, True, False]


def test_an_unknown_start_counts_as_begun():
    ended(start=None)
    assert live(datetime.date(1950, 1, 1))
    assert not live(END)


class Intervals(TestCase):
    @settings(max_examples=40, deadline=None)
    @given(
        st.dates(START, END),
        st.none() | st.dates(START, END),
        st.none() | st.integers(0, 900),
    )
    def test_the_query_is_the_interval(self, day, start, length):
        end = None if length is None else (start or START) + datetime.timedelta(days=length)
        PostFactory(start=start, end=end, end_reason=TERM if end else "")
        expected = (start is None or start <= day) and (end is None or day < end)
        assert Post.objects.filter(held_on(day)).exists() == expected
        Post.objects.all().delete()


def test_the_database_has_one_live_secretary_an_organisation():
    post = PostFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        PostFactory(organisation=post.organisation)
    PostFactory(organisation=post.organisation, title=Post.Title.DEPUTY_SECRETARY)


def test_a_second_secretary_is_refused_with_the_way_to_do_it():
    post = PostFactory()
    second = Post(cadre=CadreFactory(), organisation=post.organisation, title=Post.Title.SECRETARY, start=END)
    with pytest.raises(ValidationError, match="这个党组织已有在任书记。换人用“书记接任”"):
        second.full_clean()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"end": START - ONE, "end_reason": TERM}, "任职止不能早于任职起。"),
        ({"end": END}, "写了任职止，也要选离任原因。"),
    ],
)
def test_an_end_comes_after_the_start_and_has_a_reason(fields, sentence):
    post = PostFactory()
    for name, value in fields.items():
        setattr(post, name, value)
    with pytest.raises(ValidationError, match=sentence):
        post.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        post.save()


def succeed(former, start, reason=TERM, organisation=None):
    organisation = organisation or former.organisation
    return Post.objects.succeed(
        former, reason, "班委〔2026〕3号", cadre=CadreFactory(), organisation=organisation, started=start
    )


def secretaries(organisation, day):
    return Post.objects.live(day).secretaries().filter(organisation=organisation).count()


@pytest.mark.parametrize("start", ["2026-06-30", "2026-06", "2026"])
def test_no_day_has_two_and_none_has_no_secretary(start):
    former, start = PostFactory(), PartialDate.parse_iso(start)
    succeed(former, start)
    days = [start.first + ONE * by for by in (-2, -1, 0, 1, 40)]
    assert [secretaries(former.organisation, day) for day in days] == [1] * 5


def test_the_former_ends_with_reason_document_and_precision():
    former = PostFactory()
    post = succeed(former, PartialDate.parse_iso("2026-06"), Post.EndReason.INCOMPETENT)
    former.refresh_from_db()
    assert (former.ended.iso(), former.end_reason, former.end_document) == (
        "2026-06",
        "incompetent",
        "班委〔2026〕3号",
    )
    assert (post.title, post.started.iso(), post.end) == ("secretary", "2026-06", None)


def test_a_former_changed_meanwhile_is_refused_and_nothing_is_written():
    former = PostFactory()
    Post.objects.get(pk=former.pk).save()
    with pytest.raises(StaleObject):
        succeed(former, PartialDate(END))
    assert Post.objects.get().end is None


def test_when_the_new_post_fails_the_former_stays():
    former = PostFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.succeed(former, TERM, organisation=former.organisation, started=PartialDate(END))
    assert Post.objects.get().end is None


def test_the_first_secretary_follows_nobody():
    branch = BranchFactory()
    post = succeed(None, PartialDate(END), "", branch)
    assert Post.objects.get() == post
    assert secretaries(branch, END) == 1


def also(day):
    return [post.also for post in Post.objects.secretaries().annotate(also=also_director(day))]


def director(secretary, **fields):
    committee = CommitteeFactory(village=secretary.organisation.village)
    return PostFactory(
        cadre=secretary.cadre, **{"organisation": committee, "title": Post.Title.DIRECTOR, **fields}
    )


def test_both_offices_while_both_are_held():
    director(PostFactory(), start=START, end=END, end_reason=TERM)
    assert [also(day) for day in (START - ONE, START, END - ONE, END)] == [[False], [True], [True], [False]]


def test_director_of_another_village_is_not_both():
    director(PostFactory(), organisation=CommitteeFactory())
    assert also(END) == [False]


def test_another_title_or_another_person_is_not_both():
    post = PostFactory()
    director(post, title=Post.Title.DEPUTY_DIRECTOR)
    PostFactory(
        organisation__village=post.organisation.village,
        organisation__kind="general_branch",
        organisation__name="x",
        title=Post.Title.DIRECTOR,
    )
    assert also(END) == [False]
