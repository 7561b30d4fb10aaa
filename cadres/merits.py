"""Vetoes of the year-end list that come from M1."""

from banzhuang.core.months import year_start
from banzhuang.duties.merit import Evidence, Merit

from .models import Post


def removed_this_year(cadre, day, user):
    posts = (
        Post.objects.for_user(user)
        .filter(cadre=cadre, end_reason__in=Post.EndReason.adjustments())
        .ended_between(year_start(day), day)
        .select_related("organisation__village", "cadre")
    )
    return [
        Evidence(
            f"{post.ended.chinese()}因{post.get_end_reason_display()}不再担任{post.organisation.place}{post.get_title_display()}"
            + (f"（{post.end_document}）" if post.end_document else ""),
            post.get_absolute_url(),
        )
        for post in posts
    ]


MERITS = [
    Merit(
        code="m1.removed",
        mechanism="M1",
        label="本年被调整",
        words="对于个别工作不称职或严重违规违纪的村党组织书记及时予以调整",
        veto=True,
        find=removed_this_year,
    )
]
