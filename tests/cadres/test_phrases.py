"""The report's sentences of M1, word for word, with the figures of the day."""

import datetime

import pytest

from banzhuang.indicators.figures import compute
from banzhuang.reports.phrase import registry
from cadres.models import Post
from tests.factories import PostFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def posts(villages):
    for origin, count in [(Post.Origin.OFFICIAL, 3), (Post.Origin.FORMER_OFFICIAL, 2)]:
        for _ in range(count):
            PostFactory(origin=origin)
    for reason in (Post.EndReason.INCOMPETENT, Post.EndReason.VIOLATION, Post.EndReason.AGE):
        PostFactory(end=datetime.date(2026, 3, 1), end_reason=reason)


def written(code, day, user):
    phrase = registry[code]
    return phrase.write(compute(phrase.figures.values(), [day], user), day)


def test_the_sentences(posts, leader):
    day = datetime.date(2026, 6, 30)
    assert written("m1.from_offices", day, leader) == ("目前共有3名机关干部、2名退职干部在村担任党支部书记")
    assert written("m1.adjusted", day, leader) == "今年先后对2个村支部书记进行了调整"


def test_of_another_day_and_another_reader(posts, leader, outsider):
    assert written("m1.adjusted", datetime.date(2025, 12, 31), leader) == "今年先后对0个村支部书记进行了调整"
    assert written("m1.adjusted", datetime.date(2027, 1, 1), leader) == "今年先后对0个村支部书记进行了调整"
    assert "共有0名机关干部、0名" in written("m1.from_offices", datetime.date(2026, 6, 30), outsider)
