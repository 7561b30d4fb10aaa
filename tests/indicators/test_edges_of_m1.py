"""Each figure of M1 on the day before, at and after its edges."""

import datetime

import pytest

from banzhuang.core import parameters
from banzhuang.core.dates import PartialDate
from banzhuang.core.models import ParameterValue
from banzhuang.indicators.figures import compute
from cadres import indicators
from cadres.models import Post
from tests.factories import BranchFactory, CommitteeFactory, PostFactory, VillageFactory

pytestmark = pytest.mark.django_db
START, END = datetime.date(2022, 3, 1), datetime.date(2026, 6, 10)
ONE = datetime.timedelta(days=1)
AROUND = [START - ONE, START, END - ONE, END]
IN_POST = [0, 1, 1, 0]


def values(indicator, days, user):
    figures = compute([indicator], days, user)
    return [figures.value(indicator, day) for day in days]


def ended(**fields):
    return PostFactory(**{"start": START, "end": END, "end_reason": Post.EndReason.TERM, **fields})


def test_serving(leader):
    ended()
    assert values(indicators.SERVING, AROUND, leader) == IN_POST


def test_serving_counts_an_unknown_start_and_no_other_title(leader):
    PostFactory(start=None)
    PostFactory(title=Post.Title.DEPUTY_SECRETARY)
    assert values(indicators.SERVING, [datetime.date(1990, 1, 1)], leader) == [1]


def test_serving_leaves_out_the_secretaries_of_offices(leader, villages):
    office = BranchFactory(village=None, township=villages[0].township, name="镇机关党支部")
    PostFactory(organisation=office, cadre__village=villages[0])
    assert values(indicators.SERVING, [END], leader) == [2]


@pytest.mark.parametrize(
    ("origin", "counted"),
    [
        (Post.Origin.OFFICIAL, [1, 1, 0]),
        (Post.Origin.FORMER_OFFICIAL, [1, 0, 1]),
        (Post.Origin.RETIREE, [0, 0, 0]),
    ],
)
def test_origin(leader, origin, counted):
    ended(origin=origin)
    three = [indicators.FROM_OFFICES, indicators.OFFICIALS, indicators.FORMER_OFFICIALS]
    assert [values(indicator, [END - ONE], leader)[0] for indicator in three] == counted
    for indicator, one in zip(three, counted, strict=True):
        assert values(indicator, AROUND, leader) == [one * held for held in IN_POST]


@pytest.mark.parametrize("selection", [way for way in Post.Selection if way != Post.Selection.OTHER])
def test_selection(leader, selection):
    ended(selection=selection)
    counted = {ind.code: values(ind, AROUND, leader) for ind in indicators.BY_SELECTION}
    assert counted.pop(f"m1.selection_{selection}") == IN_POST
    assert set(map(tuple, counted.values())) == {(0, 0, 0, 0)}


@pytest.mark.parametrize("reason", Post.EndReason)
def test_adjusted_by_reason(leader, reason):
    ended(end_reason=reason)
    expected = 1 if reason in {"incompetent", "violation"} else 0
    assert values(indicators.ADJUSTED, [END - ONE, END, END + ONE], leader) == [0, expected, expected]


def test_adjusted_starts_again_at_new_year(leader):
    ended(end=datetime.date(2025, 12, 31), end_reason=Post.EndReason.VIOLATION)
    ended(end=datetime.date(2026, 1, 1), end_reason=Post.EndReason.VIOLATION)
    ended(end=datetime.date(2026, 1, 2), end_reason=Post.EndReason.VIOLATION)
    days = [datetime.date(2025, 12, 30) + ONE * by for by in range(4)]
    assert values(indicators.ADJUSTED, days, leader) == [0, 1, 1, 2]


def test_adjusted_in_a_month_counts_its_first_and_last_day(leader):
    for day in [(2026, 5, 31), (2026, 6, 1), (2026, 6, 30), (2026, 7, 1)]:
        ended(end=datetime.date(*day), end_reason=Post.EndReason.INCOMPETENT)
    june = datetime.date(2026, 6, 1)
    figures = compute([indicators.ADJUSTED], [], leader, months=[june])
    assert figures.month_value(indicators.ADJUSTED, june) == 2


def test_also_director(leader):
    secretary = PostFactory(start=datetime.date(2020, 1, 1))
    committee = CommitteeFactory(village=secretary.organisation.village)
    ended(organisation=committee, cadre=secretary.cadre, title=Post.Title.DIRECTOR)
    assert values(indicators.DIRECTORS_TOO, AROUND, leader) == IN_POST


@pytest.mark.parametrize(
    ("term", "first"),
    [
        ("2026-12-31", datetime.date(2026, 7, 4)),
        ("2026-12", datetime.date(2026, 7, 4)),
        ("2026-11", datetime.date(2026, 6, 3)),
        ("2026", datetime.date(2026, 7, 4)),
        ("2027-01-01", datetime.date(2026, 7, 5)),
    ],
)
def test_term_ending_within_180_days_of_its_last_day(leader, term, first):
    post = PostFactory(start=START)
    post.term_ends = PartialDate.parse_iso(term)
    post.save()
    assert values(indicators.TERM_ENDING, [first - ONE, first, first + ONE], leader) == [0, 1, 1]


def test_term_ending_by_the_days_set(leader):
    PostFactory(start=START, term_end=datetime.date(2026, 12, 31))
    ParameterValue.objects.create(
        key="cadres.term_near_days", value="30", valid_from=datetime.date(2026, 12, 2)
    )
    days = [datetime.date(2026, 11, 30), datetime.date(2026, 12, 1), datetime.date(2026, 12, 2)]
    assert values(indicators.TERM_ENDING, days, leader) == [1, 1, 1]
    ParameterValue.objects.update(valid_from=datetime.date(2026, 1, 1))
    parameters.forget()
    assert values(indicators.TERM_ENDING, days, leader) == [0, 1, 1]


def test_term_over_still_counts_while_in_post_and_an_unknown_term_never(leader):
    ended(term_end=datetime.date(2025, 1, 1))
    PostFactory(term_end=None)
    assert values(indicators.TERM_ENDING, AROUND, leader) == [0, 0, 1, 0]


def test_vacant(leader):
    ended()
    assert values(indicators.VACANT, AROUND, leader) == [1, 0, 0, 1]


def test_vacant_only_while_the_organisation_exists(leader):
    BranchFactory(start=START, end=END)
    assert values(indicators.VACANT, AROUND, leader) == IN_POST


def test_vacant_counts_party_organisations_of_villages_alone(leader, villages):
    CommitteeFactory(village=VillageFactory(), name="某村村民委员会")
    BranchFactory(village=None, township=villages[0].township, name="镇机关党支部")
    assert values(indicators.VACANT, [END], leader) == [0]


def test_a_deputy_or_an_acting_head_does_not_fill_the_vacancy(leader):
    PostFactory(title=Post.Title.ACTING)
    assert values(indicators.VACANT, [END], leader) == [1]


def test_succession_moves_no_figure_of_serving(leader):
    former = PostFactory()
    Post.objects.succeed(
        former, "term", cadre=PostFactory().cadre, organisation=former.organisation, started=PartialDate(END)
    )
    assert values(indicators.SERVING, [END - ONE, END, END + ONE], leader) == [2, 2, 2]
