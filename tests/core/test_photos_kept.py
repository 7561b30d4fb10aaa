"""Photos as they are kept: rows and files come and go together, and only who sees the row sees the picture."""

import datetime
import os
import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, models, transaction
from django.http import Http404
from django.utils import timezone

from banzhuang.accounts.models import User
from banzhuang.celery import app
from banzhuang.core import photos, tasks
from banzhuang.core.photos import Photo, prepare, serve, store, sweep_orphans
from tests import factories
from villages.models import Village

from . import pictures

DAY = datetime.timedelta(days=1)


class VillagePhoto(Photo):
    """A table of these tests only: its app is not installed, so that nothing else meets it.

    Its keys are none for the database, which could not empty the other tables between tests.
    """

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", db_constraint=False)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_constraint=False)

    class Meta(Photo.Meta):
        app_label = "photographed"

    def __str__(self):
        return f"{self.village} {self.pk}"

    @property
    def place_code(self):
        return self.village.code


@pytest.fixture(scope="module", autouse=True)
def table(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(VillagePhoto)
        yield
        with connection.schema_editor() as editor:
            editor.delete_model(VillagePhoto)


@pytest.fixture(autouse=True)
def media(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(photos, "kinds", lambda: [VillagePhoto])
    return settings.MEDIA_ROOT


@pytest.fixture
def village(villages):
    return villages[0]


def files(media) -> list[str]:
    return sorted(str(path.relative_to(media)) for path in media.rglob("*") if path.is_file())


def prepared(*widths, **options):
    """One for each width."""
    return [prepare(pictures.photo(width=width, **options), False) for width in widths]


# --- Rows and files ---------------------------------------------------------------------------------------


def test_a_photo_is_kept_with_what_is_known_of_it(village, leader, media, july):
    upload = pictures.upload(
        pictures.encode(pictures.picture(), exif=pictures.exif(place=pictures.PLACE)), "我家.jpg"
    )
    [row] = store(VillagePhoto, [prepare(upload, True)], leader, village=village)
    row = VillagePhoto.objects.get(pk=row.pk)
    assert (row.width, row.height, row.uploaded_by, row.scope_code) == (640, 480, leader, village.code)
    assert row.bytes == row.image.size and len(row.sha256) == 64
    assert timezone.localtime(row.taken_at).isoformat() == "2026-07-14T10:32:05+08:00"
    assert (float(row.longitude), float(row.latitude)) == pictures.PLACE
    assert row.image.read()[:3] == row.thumbnail.read()[:3] == b"\xff\xd8\xff"
    assert all(re.fullmatch(r"photos/2026-07/[0-9a-f]{32}\.jpg", name) for name in files(media))
    assert {row.image.name, row.thumbnail.name} == set(files(media)) and len(files(media)) == 2


def test_names_are_never_the_same(village, leader, media):
    store(VillagePhoto, prepared(100, 200, 300, 400), leader, village=village)
    assert len({Path(name).stem for name in files(media)}) == 8


def test_the_same_picture_is_kept_once_for_a_subject(village, villages, leader, media):
    same = prepared(640)
    assert len(store(VillagePhoto, same * 2, leader, village=village)) == 1
    assert store(VillagePhoto, same, leader, village=village) == []
    assert len(store(VillagePhoto, same + prepared(320), leader, village=village)) == 1
    assert len(store(VillagePhoto, same, leader, village=villages[1])) == 1
    assert VillagePhoto.objects.count() == 3 and len(files(media)) == 6


def test_nothing_to_store(village, leader):
    assert store(VillagePhoto, [], leader, village=village) == []


def test_as_many_queries_for_six_as_for_one(village, leader, count_queries):
    one, six = prepared(640), prepared(*range(100, 700, 100))
    store(VillagePhoto, prepared(50), leader, village=village)  # parameters are read once
    few = count_queries(lambda: store(VillagePhoto, one, leader, village=village))
    assert count_queries(lambda: store(VillagePhoto, six, leader, village=village)) == few


# --- Transactions -----------------------------------------------------------------------------------------


@pytest.fixture
def committing(transactional_db):
    """Transactions that end here as in use."""
    yield
    VillagePhoto.objects.all().delete()


def test_files_of_a_commit_stay(committing, village, leader, media):
    with transaction.atomic():
        store(VillagePhoto, prepared(640), leader, village=village)
    assert len(files(media)) == 2
    store(VillagePhoto, prepared(320), leader, village=village)
    assert len(files(media)) == 4


def test_a_rollback_leaves_no_file(committing, village, leader, media):
    items = prepared(640, 320)
    with pytest.raises(RuntimeError), transaction.atomic():
        store(VillagePhoto, items, leader, village=village)
        assert len(files(media)) == 4
        raise RuntimeError
    assert files(media) == [] and not VillagePhoto.objects.exists()


def test_a_savepoint_rolled_back_leaves_no_file_of_its_own(committing, village, leader, media):
    kept, lost = prepared(640), prepared(320)
    with transaction.atomic():
        store(VillagePhoto, kept, leader, village=village)
        with pytest.raises(RuntimeError), transaction.atomic():
            store(VillagePhoto, lost, leader, village=village)
            raise RuntimeError
    row = VillagePhoto.objects.get()
    assert row.width == 640 and set(files(media)) == {row.image.name, row.thumbnail.name}


def test_a_disk_that_fails_half_way_leaves_nothing(committing, village, leader, media, monkeypatch):
    items, save, calls = prepared(640, 320), default_storage.save, []

    def failing(*args, **kwargs):
        calls.append(args)
        if len(calls) == 4:
            raise OSError("no space left on device")
        return save(*args, **kwargs)

    monkeypatch.setattr(
        type(default_storage._wrapped), "save", lambda self, *args, **more: failing(*args, **more)
    )
    with pytest.raises(OSError, match="no space"):
        store(VillagePhoto, items, leader, village=village)
    assert files(media) == [] and not VillagePhoto.objects.exists()


def test_files_go_with_their_row_when_that_is_committed(committing, village, leader, media):
    first, second = store(VillagePhoto, prepared(640, 320), leader, village=village)
    with transaction.atomic():
        first.delete()
        assert len(files(media)) == 4
    assert set(files(media)) == {second.image.name, second.thumbnail.name}
    VillagePhoto.objects.filter(village=village).delete()
    assert files(media) == []


def test_files_of_a_deletion_rolled_back_stay(committing, village, leader, media):
    [row] = store(VillagePhoto, prepared(640), leader, village=village)
    with pytest.raises(RuntimeError), transaction.atomic():
        row.delete()
        raise RuntimeError
    assert len(files(media)) == 2


def test_a_row_whose_file_is_gone_can_be_deleted(committing, village, leader, media):
    [row] = store(VillagePhoto, prepared(640), leader, village=village)
    default_storage.delete(row.image.name)
    row.delete()
    assert files(media) == []


# --- Orphans ----------------------------------------------------------------------------------------------


def left_behind(name, age) -> str:
    name = default_storage.save(name, ContentFile(b"x"))
    moment = (timezone.now() - age).timestamp()
    os.utime(default_storage.path(name), (moment, moment))
    return name


def test_orphans_of_yesterday_are_swept(village, leader, media):
    [row] = store(VillagePhoto, prepared(640), leader, village=village)
    for name in (row.image.name, row.thumbnail.name):
        os.utime(default_storage.path(name), (0, 0))
    young = left_behind("photos/2026-11/young.jpg", DAY - datetime.timedelta(minutes=1))
    left_behind("photos/2026-11/old.jpg", DAY + datetime.timedelta(minutes=1))
    left_behind("photos-waiting/old.jpg", DAY + datetime.timedelta(minutes=1))
    other = left_behind("monthly/320707109/old.xlsx", 90 * DAY)
    assert sweep_orphans(timezone.now()) == 2
    assert set(files(media)) == {row.image.name, row.thumbnail.name, young, other}


def test_nothing_to_sweep(db, media):
    assert sweep_orphans(timezone.now()) == 0


def test_with_the_wrong_database_nothing_is_swept(db, media, monkeypatch, caplog):
    monkeypatch.setattr(photos, "MOST_ORPHANS", 3)
    for number in range(4):
        left_behind(f"photos/2026-11/{number}.jpg", 2 * DAY)
    assert sweep_orphans(timezone.now()) == 0 and len(files(media)) == 4
    assert "4 files of photos belong to no row" in caplog.text
    default_storage.delete("photos/2026-11/0.jpg")
    assert sweep_orphans(timezone.now()) == 3


def test_the_sweep_runs_daily(db, media):
    left_behind("photos/2026-11/old.jpg", 2 * DAY)
    entry = app.conf.beat_schedule["sweep-photos"]
    assert entry["task"] == tasks.sweep_photos.name
    assert (entry["schedule"]._orig_hour, entry["schedule"]._orig_day_of_month) == (3, "*")
    tasks.sweep_photos()
    assert files(media) == []


def test_every_table_of_photos_is_swept(monkeypatch):
    monkeypatch.undo()
    assert {model for model in photos.kinds() if model._meta.abstract} == set()
    assert VillagePhoto not in photos.kinds()


# --- Showing ----------------------------------------------------------------------------------------------


@pytest.fixture
def asked(rf, village, leader):
    """asked(user, size="photo", method="get"): what `serve` answers for a photo of 西响石村."""
    [row] = store(VillagePhoto, prepared(640), leader, village=village)

    def asking(user, size="photo", method="get", pk=row.pk):
        rows = VillagePhoto.objects.within(user.scopes())
        return serve(getattr(rf, method)("/"), rows, pk, size)

    asking.row = row
    return asking


def test_the_picture_is_served_to_who_sees_the_row(asked, leader, village_cadre):
    for user in (leader, village_cadre):
        for size, file in (("photo", asked.row.image), ("thumbnail", asked.row.thumbnail)):
            with file.open("rb") as kept:
                assert b"".join(asked(user, size)) == kept.read()


def test_headers(asked, leader):
    response = asked(leader, "thumbnail")
    assert response.streaming and response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "private" in response["Cache-Control"] and "no-store" in response["Cache-Control"]
    assert response["Content-Disposition"] == f'inline; filename="thumbnail-{asked.row.pk}.jpg"'
    assert int(response["Content-Length"]) == asked.row.thumbnail.size
    assert asked(leader, method="head").status_code == 200


def test_others_do_not_find_it(asked, outsider, villages):
    neighbour = factories.UserFactory(username="lincun", role="village", scope=villages[1].code)
    for user in (outsider, neighbour):
        for size in ("photo", "thumbnail"):
            with pytest.raises(Http404):
                asked(user, size)


@pytest.mark.parametrize("size", ["", "image", "sha256", "Photo", "../photo", "uploaded_by"])
def test_there_are_two_sizes(asked, leader, size):
    with pytest.raises(Http404):
        asked(leader, size)


def test_a_photo_is_only_read(asked, leader):
    for method in ("post", "put", "delete"):
        assert asked(leader, method=method).status_code == 405


def test_a_file_that_is_gone_is_said_in_words(asked, leader, media):
    default_storage.delete(asked.row.image.name)
    response = asked(leader)
    said = response.content.decode()
    assert (response.status_code, said) == (404, "这张照片的文件已不在服务器上，请系统管理员从备份中放回。")
    assert asked(leader, "thumbnail").status_code == 200


def test_no_address_leads_to_the_folder(client, leader, asked):
    client.force_login(leader)
    for address in (
        f"/{asked.row.image.name}",
        f"/media/{asked.row.image.name}",
        f"/static/{asked.row.image.name}",
    ):
        assert client.get(address).status_code == 404
    static = [Path(django_settings.STATIC_ROOT), *map(Path, django_settings.STATICFILES_DIRS)]
    assert not any(Path(django_settings.DATA_DIR, "media").is_relative_to(folder) for folder in static)
