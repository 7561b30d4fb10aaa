"""The form field for photos: several at once, each refused by its number, and none to be chosen twice.

A browser forgets the files of a form that comes back with an error. So what was good waits on the server, outside
any row, and the page carries a signed note of it.
"""

import base64
import datetime
import secrets
from decimal import Decimal
from typing import NamedTuple

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from . import disk
from .photos import LARGEST, WAITING, WAITING_TIME, PhotoRefused, Prepared, prepare

MOST = 6
SALT = "banzhuang.core.photos"
NO_PHOTOS = "服务器磁盘空间不足，暂时不能传照片。去掉照片，先提交文字；系统管理员腾出空间后再补传。"
LOST = "上次选的照片已过期；重新选这些照片再提交。"


class Sent(NamedTuple):
    """What a form sends of its photos: notes of those that wait, and new files."""

    notes: list[str] = []
    uploads: list = []


class PhotosInput(forms.FileInput):
    """A file input; above it, in a form that comes back, the photos that wait, each to be kept or not."""

    template_name = "components/photos_input.html"
    allow_multiple_selected = True

    def __init__(self, attrs=None):
        super().__init__({"accept": "image/*", **(attrs or {})})
        self.waiting: list[Prepared] = []

    def note_name(self, name: str) -> str:
        return f"{name}-waiting"

    def value_from_datadict(self, data, files, name):
        notes = data.getlist(self.note_name(name)) if hasattr(data, "getlist") else []
        return Sent(notes, super().value_from_datadict(data, files, name) or [])

    def value_omitted_from_data(self, data, files, name):
        return super().value_omitted_from_data(data, files, name) and self.note_name(name) not in data

    def use_required_attribute(self, initial):
        return super().use_required_attribute(initial) and not self.waiting

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["widget"]["note_name"] = self.note_name(name)
        context["widget"]["waiting"] = [
            {"note": put_by(photo), "thumbnail": base64.b64encode(photo.thumbnail).decode()}
            for photo in self.waiting
        ]
        return context


class PhotosField(forms.FileField):
    """Cleans to a list of Prepared. `most`: how many at once; `keep_position`: whether the place is kept.

    Both may be set on the form's own field: `self.fields["photos"].keep_position = KEEP_POSITION.on(today())`.
    For the camera: `widget=PhotosInput({"capture": "environment"})`.
    """

    widget = PhotosInput
    default_error_messages = {"required": "至少选一张照片。"}

    def __init__(self, *, most=MOST, keep_position=False, **kwargs):
        self.most, self.keep_position = most, keep_position
        kwargs.setdefault("label", "照片")
        kwargs.setdefault("help_text", f"最多 {most} 张，每张不超过 {LARGEST // 2**20} MB。")
        super().__init__(**kwargs)

    def clean(self, value, initial=None) -> list[Prepared]:
        sent = value or Sent()
        if (sent.uploads or sent.notes) and disk.look().full:
            raise ValidationError(NO_PHOTOS)
        errors = []
        waiting = [photo for photo in map(taken_up, sent.notes[: self.most]) if photo is not None]
        if len(waiting) < len(sent.notes):
            errors.append(LOST)
        self.widget.waiting = waiting
        count = len(waiting) + len(sent.uploads)
        if count > self.most:
            raise ValidationError(
                f"最多 {self.most} 张照片，选了 {count} 张；去掉 {count - self.most} 张再提交。"
            )
        for number, upload in enumerate(sent.uploads, 1):
            try:
                waiting.append(prepare(upload, self.keep_position))
            except PhotoRefused as refusal:
                errors.append(f"第 {number} 张{refusal}")
        if errors:
            raise ValidationError(errors)
        if self.required and not waiting:
            raise ValidationError(self.error_messages["required"], code="required")
        return list(waiting)

    def has_changed(self, initial, data):
        return bool(data and (data.notes or data.uploads))


# --- What waits for the form to come again ---------------------------------------------------------------


def put_by(photo: Prepared) -> str:
    """Keep the files for a day; → the note by which `taken_up` finds them again."""
    place = f"{WAITING}/{secrets.token_hex(16)}"
    names = [
        default_storage.save(f"{place}.{part}.jpg", ContentFile(getattr(photo, part)))
        for part in ("image", "thumbnail")
    ]
    facts = [photo.width, photo.height, *map(as_text, (photo.taken_at, photo.longitude, photo.latitude))]
    return signing.dumps([*names, photo.name, *facts], salt=SALT, compress=True)


def as_text(value) -> str | None:
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    return None if value is None else str(value)


def taken_up(note: str) -> Prepared | None:
    """The photo that a note speaks of; None for a note that is not ours, too old, or whose files are gone."""
    try:
        image, thumbnail, name, width, height, *facts = signing.loads(note, salt=SALT, max_age=WAITING_TIME)
        files = [read(image), read(thumbnail)]
    except (signing.BadSignature, OSError):
        return None
    taken_at, longitude, latitude = facts
    return Prepared(
        name,
        *files,
        width,
        height,
        taken_at and datetime.datetime.fromisoformat(taken_at),
        longitude and Decimal(longitude),
        latitude and Decimal(latitude),
    )


def read(name: str) -> bytes:
    with default_storage.open(name, "rb") as file:
        return file.read()
