"""The rows behind a figure are as many as the figure says: for every indicator, over random posts."""

import datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from banzhuang.core.dates import PartialDate
from banzhuang.indicators.figures import compute
from banzhuang.indicators.indicator import registry
from cadres.models import Post
from tests import factories

days = st.dates(datetime.date(2024, 11, 1), datetime.date(2027, 2, 1))
posts = st.fixed_dictionaries(
    {
        "village": st.integers(0, 2),
        "title": st.sampled_from([Post.Title.SECRETARY, Post.Title.SECRETARY, Post.Title.DIRECTOR]),
        "origin": st.sampled_from(Post.Origin),
        "selection": st.sampled_from(Post.Selection),
        "start": st.none() | days,
        "length": st.integers(0, 500),
        "reason": st.sampled_from(Post.EndReason),
        "term": st.none() | st.builds(PartialDate, days, st.sampled_from(["year", "month", "day"])),
    }
)


class RowsAndValues(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.villages = factories.township_with(3)
        Post.objects.all().delete()
        cls.user = factories.UserFactory(role="leader")
        cls.cadres = [factories.CadreFactory(village=village) for village in cls.villages]

    def write(self, draft):
        village = self.villages[draft["village"]]
        kind = "branch" if draft["title"] == Post.Title.SECRETARY else "village_committee"
        begin = draft["start"] or datetime.date(2024, 11, 1)
        post = Post(
            organisation=village.organisations.get(kind=kind),
            cadre=self.cadres[draft["village"]],
            title=draft["title"],
            origin=draft["origin"],
            selection=draft["selection"],
            start=draft["start"],
            end=begin + datetime.timedelta(days=draft["length"]),
            end_reason=draft["reason"],
        )
        post.term_ends = draft["term"]
        post.save()

    @settings(max_examples=25, deadline=None)
    @given(st.lists(posts, max_size=6), days, st.integers(0, 3))
    def test_rows_are_as_many_as_the_value(self, drafts, day, chosen):
        for draft in drafts:
            self.write(draft)
        within = [self.villages[chosen].code] if chosen < 3 else None
        figures = compute(registry, [day], self.user, within)
        for indicator in registry:
            rows = indicator.rows(day, self.user, within)
            assert rows.count() == figures.value(indicator, day), indicator.code
