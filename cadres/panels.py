"""What M1 puts on the portal's pages."""

from django.db.models import Q

from banzhuang.core.access import may
from banzhuang.core.clock import today
from banzhuang.dashboards.panels import (
    Event,
    Figure,
    HeadFact,
    Hit,
    NavigationItem,
    Page,
    SearchSource,
    Section,
    Timeline,
    View,
)
from banzhuang.duties.merit import standing
from villages.models import Organisation

from . import indicators
from .models import Cadre, Post

FIGURES = [
    Figure(
        "m1.from_offices",
        indicators.FROM_OFFICES,
        label="机关、退职干部任村书记",
        beside=(("机关", indicators.OFFICIALS), ("退职", indicators.FORMER_OFFICIALS)),
    ),
    Figure("m1.adjusted", indicators.ADJUSTED, label="本年调整村书记"),
    Figure("m1.also_director", indicators.DIRECTORS_TOO, label="书记、主任一肩挑"),
    Figure(
        "m1.serving",
        indicators.SERVING,
        label="在任村书记",
        beside=(("空缺", indicators.VACANT),),
    ),
    Figure(
        "m1.term_ending",
        indicators.TERM_ENDING,
        beside=(("已满", indicators.TERM_OVER),),
    ),
]


def may_appoint(user) -> bool:
    """A succession ends one post and makes another."""
    return may(user, "change", Post) and may(user, "add", Post)


def sees_posts(user) -> bool:
    """Whether “vacant” or “not registered” may be said to the user: who sees the own posts alone cannot know."""
    return indicators.SERVING.visible_to(user)


def village_leadership(view: View):
    """村班子: who holds which post in the village on the day."""
    if not sees_posts(view.user):
        return None
    posts = (
        Post.objects.for_user(view.user)
        .live(view.day)
        .filter(organisation__village=view.subject)
        .select_related("cadre", "organisation")
    )
    order = list(Post.Title.values)
    held = sorted(posts, key=lambda post: (order.index(post.title), post.start or view.day))
    secretary = next((post for post in held if post.title == Post.Title.SECRETARY), None)
    directors = {post.cadre_id for post in held if post.title == Post.Title.DIRECTOR}
    succession = None
    if may_appoint(view.user) and view.day == today():  # of an earlier day it is only looked at
        succession = secretary.organisation_id if secretary else party_organisation(view)
    return {
        "succession": succession,
        "posts": held,
        "people": len({post.cadre_id for post in held}),
        "both": secretary.cadre if secretary and secretary.cadre_id in directors else None,
        "secretary": secretary,
    }


def party_organisation(view: View) -> int | None:
    """Key of the village's party organisation on the day, of which a secretary may be appointed."""
    rows = Organisation.objects.for_user(view.user).of_party().as_of(view.day).filter(village=view.subject)
    return rows.values_list("pk", flat=True).first()


def village_secretary(view: View):
    """书记 of the village: 李玉永（机关选派，2017年7月任）."""
    if not sees_posts(view.user):
        return None
    post = (
        Post.objects.for_user(view.user)
        .live(view.day)
        .secretaries()
        .filter(organisation__village=view.subject)
        .select_related("cadre")
        .first()
    )
    if post is None:
        return "空缺", ""
    known = [post.get_selection_display(), f"{post.started.chinese()}任" if post.started else "起任不详"]
    return f"{post.cadre.name}（{'，'.join(part for part in known if part)}）", post.get_absolute_url()


def cadre_posts(view: View):
    posts = (
        Post.objects.for_user(view.user)
        .filter(Q(start__isnull=True) | Q(start__lte=view.day), cadre=view.subject)
        .select_related("organisation__village")
        .order_by("-start", "-pk")
    )
    return {"posts": posts, "day": view.day}


def cadre_standing(view: View):
    """年底评先: what speaks for and against this person in the year of the day."""
    return {"standing": standing(view.subject, view.day, view.user), "year": view.day.year}


def post_events(posts, day):
    """Beginnings and ends of posts up to `day`, as timeline events."""
    for post in posts.select_related("cadre", "organisation__village"):
        what = f"{post.organisation.place}{post.get_title_display()}"
        if post.start and post.start <= day:
            way = f"（{post.get_selection_display()}）" if post.selection else ""
            yield Event(
                post.start,
                post.started.chinese(),
                f"{post.cadre.name}任{what}{way}",
                "选准带头人",
                post.get_absolute_url(),
            )
        if post.end and post.end <= day:
            yield Event(
                post.end,
                post.ended.chinese(),
                f"{post.cadre.name}不再担任{what}，{post.get_end_reason_display()}",
                "选准带头人",
                post.get_absolute_url(),
                state="near" if post.end_reason in Post.EndReason.adjustments() else "",
            )


def village_events(view: View):
    if not sees_posts(view.user):
        return None
    return post_events(Post.objects.for_user(view.user).filter(organisation__village=view.subject), view.day)


def cadre_events(view: View):
    return post_events(Post.objects.for_user(view.user).filter(cadre=view.subject), view.day)


def find_cadres(user, text):
    found = (
        Cadre.objects.for_user(user)
        .filter(Q(name__contains=text) | Q(initials__startswith=text.lower()))
        .select_related("village")
    )
    return [
        Hit(
            cadre.name,
            cadre.village.name if cadre.village_id else cadre.position or cadre.get_category_display(),
            cadre.get_absolute_url(),
        )
        for cadre in found[:20]
    ]


SECTIONS = [
    Section("m1.leadership", Page.VILLAGE, "cadres/_leadership.html", village_leadership, column=0, order=10),
    Section("m1.posts", Page.CADRE, "cadres/_posts.html", cadre_posts, column=0, order=10),
    Section("m17.standing", Page.CADRE, "cadres/_standing.html", cadre_standing, column=1, order=10),
]
HEAD_FACTS = [HeadFact("m1.secretary", Page.VILLAGE, "书记", village_secretary, order=-10)]
NAVIGATION = [NavigationItem("M1", "secretaries", lambda user: may(user, "view", Post))]
TIMELINES = [
    Timeline("m1.village", Page.VILLAGE, village_events),
    Timeline("m1.cadre", Page.CADRE, cadre_events),
]
SEARCH_SOURCES = [SearchSource("cadres", "干部", find_cadres)]
