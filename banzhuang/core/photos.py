"""Photographs as evidence: taken in by content, encoded anew without metadata, kept outside the web root, scoped.

An app has a table of its own, `class VisitPhoto(Photo)` with a key to its subject, a `PhotosField` in its form, a call
of `store` where it saves, and one address whose view calls `serve`.
"""

import datetime
import hashlib
import json
import logging
import os
import secrets
import subprocess
import sys
import threading
import weakref
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models.signals import class_prepared, post_delete
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from .clock import today
from .models import ScopedModel
from .text import normalise

log = logging.getLogger(__name__)

LARGEST = 15 * 2**20
SECONDS = 20  # for one photo, by the clock; darkroom.SECONDS is processor time
FOLDER, WAITING = "photos", "photos-waiting"
WAITING_TIME = datetime.timedelta(hours=20)  # less than ORPHAN_AGE
SIZES = {"photo": "image", "thumbnail": "thumbnail"}
# Photos are taken from the phones of today; an older date is that of a camera whose clock was never set.
FIRST_YEAR = 2000
SHOWN_NAME = 40
TOO_COSTLY = "处理不了，已停下；用手机截屏后传截图，或换一张照片。"

# `core` is imported by this name in the child, for banzhuang/__init__.py brings Celery and Django.
CHILD = "import sys; sys.path.append(sys.argv[1]); from core.darkroom import main; main(*sys.argv[2:])"
FRAME = str(Path(__file__).resolve().parents[1])
ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP")
# Each costs up to half a gigabyte: the threads of a web process take turns.
turns = threading.BoundedSemaphore(2)

ORPHAN_AGE = datetime.timedelta(days=1)
MOST_ORPHANS = 200


class PhotoRefused(Exception):
    """One sentence for the user that names the file and the remedy."""


# --- Taking in ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Prepared:
    """A photo as it will be stored; `name`: how the upload was called, for messages only."""

    name: str
    image: bytes = field(repr=False)
    thumbnail: bytes = field(repr=False)
    width: int
    height: int
    taken_at: datetime.datetime | None = None
    longitude: Decimal | None = None
    latitude: Decimal | None = None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.image).hexdigest()


def prepare(upload, keep_position: bool) -> Prepared:
    """Check an uploaded file by its content and make of it what is stored.

    upload: an open file with `name` and `size`; neither its name nor its declared type is believed. keep_position:
    whether the place that the camera noted is kept. → JPEG in sRGB, at most 1600 pixels a side, turned upright, without
    metadata, and a square thumbnail of 320. Raises PhotoRefused.
    """
    name = shown_name(upload.name)
    if not upload.size:
        raise PhotoRefused(f"“{name}”是空文件；重新选这张照片。")
    if upload.size > LARGEST:
        size = upload.size / 2**20
        raise PhotoRefused(
            f"“{name}”有 {size:.1f} MB，超过 {LARGEST // 2**20} MB；裁剪后再传，或截屏后传截图。"
        )
    upload.seek(0)
    facts, images = run_darkroom(upload.read(), keep_position)
    if "refused" in facts:
        raise PhotoRefused(f"“{name}”{facts['refused']}")
    first = facts["sizes"][0]
    position = [Decimal(str(degrees)) for degrees in facts["position"] or ()] or [None, None]
    return Prepared(
        name=name,
        image=images[:first],
        thumbnail=images[first:],
        width=facts["width"],
        height=facts["height"],
        taken_at=plausible(facts["taken_at"]),
        longitude=position[0],
        latitude=position[1],
    )


def shown_name(name: str) -> str:
    """The name of an upload as a message says it: its last part, on one line, not too long."""
    plain = normalise(name.replace("\\", "/").rsplit("/", 1)[-1]).replace("\n", " ")
    return plain if len(plain) <= SHOWN_NAME else f"{plain[: SHOWN_NAME - 12]}…{plain[-10:]}"


def run_darkroom(data: bytes, keep_position: bool) -> tuple[dict, bytes]:
    """(facts, photo and thumbnail) as core.darkroom.main writes them; refused when it dies or takes too long."""
    with turns:
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-c", CHILD, FRAME, "1" if keep_position else "0"],
                input=data,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:
            return {"refused": TOO_COSTLY}, b""
    line, _, images = done.stdout.partition(b"\n")
    return ({"refused": TOO_COSTLY} if done.returncode else json.loads(line)), images


def plausible(text: str | None) -> datetime.datetime | None:
    """When the photo was taken, if a camera with a set clock can have said so; without an offset it is our time."""
    if text is None:
        return None
    moment = datetime.datetime.fromisoformat(text)
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment)
    inside = moment.year >= FIRST_YEAR and timezone.localdate(moment) <= today()
    return moment if inside else None


# --- Keeping --------------------------------------------------------------------------------------------


def place_of_file(photo, filename) -> str:
    """photos/2026-11/<32 random digits>.jpg: nothing of the upload's name, nothing that can be guessed."""
    return f"{FOLDER}/{today():%Y-%m}/{secrets.token_hex(16)}.jpg"


class Photo(ScopedModel):
    """A photo of something. A table of photos adds the key of its subject and `place_code`.

    Rows come from `store` alone; the files of a row that is deleted are deleted when that is committed.
    """

    image = models.FileField("照片", upload_to=place_of_file, max_length=100, editable=False)
    thumbnail = models.FileField("缩略图", upload_to=place_of_file, max_length=100, editable=False)
    width = models.PositiveIntegerField("宽度（像素）", editable=False)
    height = models.PositiveIntegerField("高度（像素）", editable=False)
    bytes = models.PositiveIntegerField("字节数", editable=False)
    sha256 = models.CharField("文件校验", max_length=64, editable=False)
    taken_at = models.DateTimeField("拍摄时间", null=True, blank=True, editable=False)
    longitude = models.DecimalField(
        "经度（WGS 84）", max_digits=9, decimal_places=6, null=True, blank=True, editable=False
    )
    latitude = models.DecimalField(
        "纬度（WGS 84）", max_digits=8, decimal_places=6, null=True, blank=True, editable=False
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+", verbose_name="上传人"
    )
    created_at = models.DateTimeField("上传时间", auto_now_add=True)

    class Meta:
        abstract = True
        ordering = ["pk"]

    def __str__(self):
        return f"照片 {self.pk}"


def kinds() -> list[type[Photo]]:
    """All tables of photos."""
    return [model for model in apps.get_models() if issubclass(model, Photo)]


def store(model: type[Photo], prepared: list[Prepared], uploaded_by, **subject) -> list[Photo]:
    """Save rows and files of `prepared` for a subject (visit=visit); a picture that it has already is left out.

    → the new rows. When the transaction around is rolled back, the files are gone too.
    """
    with transaction.atomic():
        for row in subject.values():  # two who send the same picture at once come one after the other
            type(row)._base_manager.select_for_update().get(pk=row.pk)
        known = set(model._base_manager.filter(**subject).values_list("sha256", flat=True))
        photos = []
        for item in prepared:
            if item.sha256 not in known:
                known.add(item.sha256)
                photos.append(with_files(model(uploaded_by=uploaded_by, **subject), item))
        return model._base_manager.bulk_create(photos)


def with_files(photo: Photo, item: Prepared) -> Photo:
    """The unsaved row, its files written."""
    written = Written()
    transaction.on_commit(written.keep)
    for name in ("image", "thumbnail"):
        file = getattr(photo, name)
        file.save(name, ContentFile(getattr(item, name)), save=False)
        written.names.append(file.name)
    photo.width, photo.height, photo.bytes, photo.sha256 = (
        item.width,
        item.height,
        len(item.image),
        item.sha256,
    )
    photo.taken_at, photo.longitude, photo.latitude = item.taken_at, item.longitude, item.latitude
    return photo


class Written:
    """Files of a transaction. Django tells nobody of a rollback, but lets go of what waited for the commit: with
    that the last reference to this object goes, and the files with it."""

    def __init__(self):
        self.names: list[str] = []
        self.undo = weakref.finalize(self, delete_files, self.names)

    def keep(self) -> None:
        self.undo.detach()


def delete_files(names: list[str]) -> None:
    for name in names:
        try:
            default_storage.delete(name)
        except OSError:
            log.exception("file of a photo not deleted: %s", name)


def follow_deletions(sender, **kwargs) -> None:
    if issubclass(sender, Photo):
        post_delete.connect(delete_with_row, sender=sender, dispatch_uid=f"photos.{sender._meta.label}")


def delete_with_row(instance, **kwargs) -> None:
    names = [instance.image.name, instance.thumbnail.name]
    transaction.on_commit(lambda: delete_files(names))


class_prepared.connect(follow_deletions, dispatch_uid="photos.kinds")


def sweep_orphans(now: datetime.datetime) -> int:
    """Delete files older than a day that no row names, as a killed process or a form given up leaves them; → how many.

    Very many at once are no leftovers but the wrong database beside the files: then nothing of the kept is deleted.
    """
    named = {
        name
        for model in kinds()
        for pair in model._base_manager.values_list("image", "thumbnail").iterator()
        for name in pair
    }
    before = now - ORPHAN_AGE
    orphans = [name for name in old_files(FOLDER, before) if name not in named]
    if len(orphans) > max(MOST_ORPHANS, len(named) // 10):
        log.error("%s files of photos belong to no row: left alone, check the database", len(orphans))
        orphans = []
    orphans += old_files(WAITING, before)
    delete_files(orphans)
    return len(orphans)


def old_files(folder: str, before: datetime.datetime) -> list[str]:
    """Names of the files last written before a moment, in a folder and the folders in it."""
    if not default_storage.exists(folder):
        return []
    folders, names = default_storage.listdir(folder)
    files = [f"{folder}/{name}" for name in names]
    found = [name for name in files if default_storage.get_modified_time(name) < before]
    return found + [name for inner in folders for name in old_files(f"{folder}/{inner}", before)]


# --- Showing --------------------------------------------------------------------------------------------


@require_safe
def serve(request, queryset, pk: int, size: str):
    """One photo of `queryset`, which holds what the user may see (for_user); size: "photo" or "thumbnail".

    404 for a row that it does not hold, and in words for one whose file is gone from the disk.
    """
    if size not in SIZES:
        raise Http404
    photo = get_object_or_404(queryset, pk=pk)
    try:
        stream = getattr(photo, SIZES[size]).open("rb")
    except OSError:
        log.error("file of %s %s is gone", photo._meta.label, pk)
        return HttpResponse(
            "这张照片的文件已不在服务器上，请系统管理员从备份中放回。",
            status=404,
            content_type="text/plain; charset=utf-8",
        )
    response = FileResponse(stream, filename=f"{size}-{pk}.jpg", content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"  # a shared PC keeps no photo of a household
    response["X-Content-Type-Options"] = "nosniff"
    return response
