"""Parts of 首页: the report's own sentences, written from today's data, and what is new for the user."""

from operator import itemgetter

from django.urls import reverse

from banzhuang.core.mechanisms import MECHANISMS
from banzhuang.core.models import Job
from banzhuang.duties.models import Notice
from banzhuang.indicators.figures import compute
from banzhuang.reports.phrase import registry

from .overview import link


def sentences(view) -> list[dict]:
    """Each phrase of whose figures all are shown to the user, with its values and links to the rows behind them."""
    phrases = [
        phrase for phrase in registry if all(ind.visible_to(view.user) for ind in phrase.figures.values())
    ]
    indicators = {ind.code: ind for phrase in phrases for ind in phrase.figures.values()}
    figures = compute(indicators.values(), [view.day], view.user, view.within)
    return [
        {
            "text": phrase.write(figures, view.day),
            "mechanism": MECHANISMS[phrase.mechanism].title,
            "links": [
                {"label": f"{ind.label} {figures.value(ind, view.day)}", "url": link(ind, view)}
                for ind in phrase.figures.values()
            ],
        }
        for phrase in phrases
    ]


def news_of(user, count: int = 5) -> list[dict]:
    """The newest notices and jobs of `user` in one list: {text, note, at, url, unread}."""
    notices = [
        {
            "text": notice.text,
            "note": notice.get_kind_display(),
            "at": notice.created_at,
            "url": notice.get_absolute_url(),
            "unread": notice.read_at is None,
        }
        for notice in Notice.objects.for_user(user)[:count]
    ]
    jobs = [
        {
            "text": job.title,
            "note": job.get_state_display(),
            "at": job.finished_at or job.created_at,
            "url": reverse("job", args=[job.pk]),
            "unread": False,
        }
        for job in Job.objects.for_user(user)[:count]
    ]
    return sorted(notices + jobs, key=itemgetter("at"), reverse=True)[:count]
