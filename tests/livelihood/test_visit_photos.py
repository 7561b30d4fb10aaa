"""Photos of a visit: kept with it, gone with it, and seen by who sees the visit."""

import pytest
from django.http import Http404
from django.utils import timezone

from banzhuang.core import photos
from banzhuang.core.photos import prepare, serve, store
from livelihood.models import Visit, VisitPhoto
from tests import factories
from tests.core import pictures
from tests.factories import HouseholdFactory, LeaderFactory, VisitFactory


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def visitor(db):
    """机关干部 钱进, who visits."""
    return factories.UserFactory(username="qianjin", name="钱进", role="staff")


@pytest.fixture
def visit(villages, visitor):
    """钱进 was at 张福永's in 西响石村."""
    household = HouseholdFactory(village=villages[0], head="张福永")
    return VisitFactory(household=household, visitor=LeaderFactory(name="钱进", user=visitor))


@pytest.fixture
def photo(visit, visitor):
    upload = pictures.upload(
        pictures.encode(pictures.picture(), exif=pictures.exif(place=pictures.PLACE)), "张福永家.jpg"
    )
    [row] = store(VisitPhoto, [prepare(upload, keep_position=False)], visitor, visit=visit)
    return row


def files(media) -> list:
    return [path for path in media.rglob("*") if path.is_file()]


def shown(rf, user, row) -> bool:
    try:
        response = serve(rf.get("/"), VisitPhoto.objects.for_user(user), row.pk, "thumbnail")
    except Http404:
        return False
    return b"".join(response).startswith(b"\xff\xd8\xff")


def test_a_photo_lies_where_the_visit_was(photo, visit, villages):
    assert photo.scope_code == villages[0].code
    assert list(visit.photos.all()) == [photo]
    assert (photo.longitude, photo.latitude) == (None, None)
    assert "张福永" not in photo.image.name + photo.thumbnail.name


def test_who_sees_the_visit_sees_the_photo(rf, photo, visitor, leader, village_cadre):
    assert all(shown(rf, user, photo) for user in (visitor, leader, village_cadre))


def test_others_do_not(rf, photo, outsider, organisation_office, villages):
    neighbour = factories.UserFactory(username="lincun", role="village", scope=villages[1].code)
    colleague = factories.UserFactory(username="sunli", name="孙立", role="staff")
    strangers = [outsider, organisation_office, neighbour, colleague]
    assert [user.username for user in strangers if shown(rf, user, photo)] == []


def test_several_photos_of_a_visit_once_each(visit, visitor):
    items = [prepare(pictures.photo(width=width), False) for width in (300, 400, 300)]
    assert len(store(VisitPhoto, items, visitor, visit=visit)) == 2
    assert store(VisitPhoto, items, visitor, visit=visit) == []
    assert [row.width for row in visit.photos.all()] == [300, 400]


def test_photos_go_with_their_visit(photo, visit, media, django_capture_on_commit_callbacks):
    assert len(files(media)) == 2
    with django_capture_on_commit_callbacks(execute=True):
        Visit.objects.filter(pk=visit.pk).delete()
    assert not VisitPhoto.objects.exists() and files(media) == []


def test_photos_of_visits_are_swept_and_spared(photo, media):
    assert VisitPhoto in photos.kinds()
    late = timezone.now() + 2 * photos.ORPHAN_AGE
    assert photos.sweep_orphans(late) == 0 and len(files(media)) == 2
    (media / "photos" / "orphan.jpg").write_bytes(b"x")
    assert photos.sweep_orphans(late) == 1 and len(files(media)) == 2
