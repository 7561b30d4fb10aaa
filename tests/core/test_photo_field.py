"""The form field: several photos, each refused by its number, and what was good is not chosen again."""

import datetime
import re

import pytest
from django import forms
from django.core import signing
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from banzhuang.core import photo_field, photos
from banzhuang.core.photo_field import PhotosField, PhotosInput

from . import pictures

# How full the disk may be is a parameter.
pytestmark = pytest.mark.django_db

BROKEN = pictures.encode(pictures.picture())[:400]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


class Visit(forms.Form):
    heard = forms.CharField(label="反映情况", max_length=10)
    photos = PhotosField(required=False)


def sent(*uploads, heard="房顶漏雨", notes=(), form=Visit, **values):
    data = MultiValueDict({"heard": [heard], "photos-waiting": list(notes)})
    return form(data, MultiValueDict({"photos": list(uploads)}), **values)


def errors(form) -> list[str]:
    return list(form.errors.get("photos", []))


def notes_on(form) -> list[str]:
    """What the page of a form that was refused carries."""
    assert not form.is_valid()
    return re.findall(r'name="photos-waiting" value="([^"]+)"', str(form["photos"]))


def test_several_photos_at_once():
    form = sent(pictures.photo("a.jpg"), pictures.photo("b.jpg", width=300))
    assert form.is_valid()
    assert [(item.name, item.width) for item in form.cleaned_data["photos"]] == [
        ("a.jpg", 640),
        ("b.jpg", 300),
    ]


def test_no_photo():
    for form in (sent(), Visit({"heard": "好"}, {})):
        assert form.is_valid() and form.cleaned_data["photos"] == []


def test_a_photo_that_is_asked_for():
    class Defect(Visit):
        photos = PhotosField()

    assert errors(sent(form=Defect)) == ["至少选一张照片。"]
    assert sent(pictures.photo(), form=Defect).is_valid()


def test_a_refused_photo_is_named_by_its_number():
    form = sent(pictures.photo(), pictures.upload(BROKEN, "坏.jpg"), pictures.upload(b"x", "notes.html"))
    assert errors(form) == [
        "第 2 张“坏.jpg”已损坏或没有传完整，打不开；重新选这张照片，或换一张。",
        "第 3 张“notes.html”不是照片，只收 JPEG、PNG、WebP 格式；换一张照片。",
    ]
    assert list(form.errors) == ["photos"]
    assert form.cleaned_data["heard"] == "房顶漏雨" and 'value="房顶漏雨"' in str(form["heard"])


def test_a_hostile_name_is_only_text():
    form = sent(pictures.upload(b"x", "<img src=x onerror=alert(1)>.jpg"))
    assert "<img src=x" not in str(form.errors) + str(form["photos"])


@pytest.mark.parametrize(("count", "said"), [(6, []), (7, ["最多 6 张照片，选了 7 张；去掉 1 张再提交。"])])
def test_how_many(monkeypatch, count, said):
    form = sent(*(pictures.photo(width=100 + number) for number in range(count)))
    assert errors(form) == said


def test_too_many_are_not_even_looked_at(monkeypatch):
    monkeypatch.setattr(photo_field, "prepare", None)
    assert len(errors(sent(*[pictures.photo()] * 100))) == 1


def test_a_form_sets_its_own_number_and_position():
    place = pictures.encode(pictures.picture(), exif=pictures.exif(place=pictures.PLACE))
    form = sent(pictures.upload(place), pictures.photo())
    form.fields["photos"].most = 1
    assert errors(form) == ["最多 1 张照片，选了 2 张；去掉 1 张再提交。"]
    form = sent(pictures.upload(place))
    form.fields["photos"].keep_position = True
    assert form.is_valid() and float(form.cleaned_data["photos"][0].longitude) == pictures.PLACE[0]
    assert Visit.base_fields["photos"].most == 6


def test_the_input():
    html = str(Visit()["photos"])
    assert (
        all(word in html for word in ('type="file"', 'accept="image/*"', " multiple"))
        and "capture" not in html
    )
    assert "style=" not in html and "waiting" not in html
    camera = PhotosField(widget=PhotosInput({"capture": "environment"}))
    assert 'capture="environment"' in camera.widget.render("photos", None)
    assert Visit().is_multipart()


# --- What waits -----------------------------------------------------------------------------------------


def test_good_photos_wait_for_the_form_to_come_again(july):
    place = pictures.encode(pictures.picture(), exif=pictures.exif(place=pictures.PLACE))
    first = sent(pictures.upload(place, "好.jpg"), pictures.upload(BROKEN))
    first.fields["photos"].keep_position = True
    assert not first.is_valid()
    notes = notes_on(first)
    assert len(notes) == 1 and "已留下，不用重选" in str(first["photos"])
    again = sent(pictures.photo(width=300), notes=notes)
    assert again.is_valid()
    kept, new = again.cleaned_data["photos"]
    assert new.width == 300
    assert (float(kept.longitude), float(kept.latitude)) == pictures.PLACE
    assert kept == photos.prepare(pictures.upload(place, "好.jpg"), True)


def test_photos_wait_also_when_something_else_is_wrong():
    form = sent(pictures.photo(), heard="")
    assert list(form.errors) == ["heard"]
    assert len(notes_on(form)) == 1
    again = sent(notes=notes_on(form), heard="又" * 11)
    assert list(again.errors) == ["heard"] and len(notes_on(again)) == 1
    assert sent(notes=notes_on(again)).is_valid()


def test_a_form_that_is_right_leaves_nothing_waiting(media):
    assert sent(pictures.photo()).is_valid()
    assert not media.exists()


def test_waiting_photos_count():
    notes = notes_on(sent(*(pictures.photo(width=100 + number) for number in range(4)), heard=""))
    uploads = [pictures.photo(width=200 + number) for number in range(3)]
    form = sent(*uploads, notes=notes)
    assert errors(form) == ["最多 6 张照片，选了 7 张；去掉 1 张再提交。"]
    assert len(notes_on(form)) == 4
    assert (
        len(sent(*uploads[:2], notes=notes).fields["photos"].clean(photo_field.Sent(notes, uploads[:2]))) == 6
    )


def test_who_unticks_a_waiting_photo_drops_it():
    notes = notes_on(sent(pictures.photo(), pictures.photo(width=300), heard=""))
    form = sent(notes=notes[1:])
    assert form.is_valid() and [item.width for item in form.cleaned_data["photos"]] == [300]


def test_a_required_photo_may_be_one_that_waits():
    class Defect(Visit):
        photos = PhotosField()

    form = sent(pictures.photo(), heard="", form=Defect)
    notes = notes_on(form)
    assert " required" not in str(form["photos"])
    assert sent(notes=notes, form=Defect).is_valid()


@pytest.mark.parametrize(
    "note", ["", "x", "photos/2026-11/0.jpg", "W10:1xVlvb:0vlRW3JSKHB0VUjrcg9xLa5bwMwx-Jj2"]
)
def test_a_forged_note_gives_nothing(note):
    form = sent(notes=[note])
    assert errors(form) == ["上次选的照片已过期；重新选这些照片再提交。"]
    assert notes_on(form) == []


def test_a_note_too_old_or_without_files_says_so(time_machine, media):
    notes = notes_on(sent(pictures.photo(), pictures.photo(width=300), heard=""))
    for name in default_storage.listdir(photos.WAITING)[1][:1]:
        default_storage.delete(f"{photos.WAITING}/{name}")
    assert len(sent(notes=notes).errors["photos"]) == 1
    time_machine.move_to(timezone.now() + photos.WAITING_TIME + datetime.timedelta(seconds=5))
    form = sent(notes=notes)
    assert errors(form) == ["上次选的照片已过期；重新选这些照片再提交。"] and notes_on(form) == []


def test_notes_end_before_their_files_are_swept():
    assert photos.WAITING_TIME < photos.ORPHAN_AGE


def test_a_note_signed_for_something_else_gives_nothing():
    note = signing.dumps(["portal.env", "portal.env", "x", 1, 1, None, None, None], salt="other")
    assert errors(sent(notes=[note])) == ["上次选的照片已过期；重新选这些照片再提交。"]
