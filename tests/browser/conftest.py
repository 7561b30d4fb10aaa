"""A township with figures for the journeys, and pages of its people."""

import datetime

import pytest

from banzhuang.core import jobs
from banzhuang.core.models import Job
from cadres.models import Post
from tests import factories
from villages.models import Area

WIDE = {"viewport": {"width": 1366, "height": 768}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}


@pytest.fixture
def township(transactional_db):
    """Six villages: one vacant, one area, one secretary of each origin that is counted, one term over, one removed."""
    villages = factories.township_with(6)
    secretaries = list(Post.objects.secretaries().order_by("scope_code"))
    secretaries[0].term_ends = None
    for post, origin in zip(secretaries, ["official", "former_official"], strict=False):
        post.origin, post.selection = origin, "from_office"
        post.save()
    secretaries[2].term_end = datetime.date(2025, 3, 31)
    secretaries[2].save()
    vacant = secretaries[5]
    vacant.end, vacant.end_reason = datetime.date(2026, 5, 31), "incompetent"
    vacant.save()
    factories.PostFactory(
        organisation=villages[0].organisations.get(kind="village_committee"),
        cadre=secretaries[0].cadre,
        title=Post.Title.DIRECTOR,
    )
    area = Area.objects.create(township=villages[0].township, name="山西片")
    for village in villages[:2]:
        village.area = area
        village.save()
    return villages


@pytest.fixture
def sign_in(open_page, township):
    """sign_in(role, **options of the context) → a page of somebody with that role, on an office screen."""

    def signing(role, **options):
        scope = township[0].code if role == "village" else factories.TOWNSHIP
        user = factories.UserFactory(
            role=role, scope=scope, name="周敏", is_staff=role in {"organisation", "admin", "security"}
        )
        return open_page(user, **(options or WIDE))

    return signing


@pytest.fixture
def worker(monkeypatch):
    """Stands for the worker that no test starts: jobs wait until work() does the oldest one, in its own words."""
    monkeypatch.setattr(jobs, "wake", lambda pk: None)

    def working():
        job = Job.objects.filter(state="queued").earliest("pk")
        jobs.run(job.pk)
        job.refresh_from_db()
        return job

    return working
