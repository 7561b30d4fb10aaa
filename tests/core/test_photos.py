"""Photos as they are taken in: told by content, made anew without metadata, and never at any cost."""

import datetime
import io
import time
from decimal import Decimal

import pytest
from PIL import Image, ImageCms

from banzhuang.core import darkroom, photos
from banzhuang.core.photos import PhotoRefused, prepare

from . import pictures
from .pictures import encode, exif, picture, upload

PLAIN = {0xE0, 0xDB, 0xC0, 0xC2, 0xC4}  # JFIF, tables and frame: no APP1, no ICC, no comment


def taken_in(data: bytes, keep_position=False, name="IMG_0412.jpg"):
    return prepare(upload(data, name), keep_position)


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def refused(data: bytes, name="IMG_0412.jpg") -> str:
    with pytest.raises(PhotoRefused) as refusal:
        taken_in(data, name=name)
    return str(refusal.value)


# --- What is kept -----------------------------------------------------------------------------------------


def test_a_large_photo_comes_out_in_two_sizes():
    data = encode(picture(4000, 3000))
    found = taken_in(data)
    photo, thumbnail = opened(found.image), opened(found.thumbnail)
    assert (photo.format, photo.mode, photo.size) == ("JPEG", "RGB", (1600, 1200))
    assert (found.width, found.height) == (1600, 1200)
    assert (thumbnail.format, thumbnail.size) == ("JPEG", (320, 320))
    assert is_red(photo.getpixel((20, 20))) and is_blue(photo.getpixel((1580, 1180)))
    assert len(found.sha256) == 64 and found.sha256 == taken_in(data).sha256


def test_a_small_photo_keeps_its_size():
    found = taken_in(encode(picture(640, 480)))
    assert opened(found.image).size == (640, 480)


@pytest.mark.parametrize(("width", "height"), [(1600, 1600), (1601, 900), (33, 9000), (9000, 32)])
def test_sizes_at_the_edge(width, height):
    photo = opened(taken_in(encode(picture(width, height))).image)
    assert max(photo.size) <= 1600
    assert photo.width / photo.height == pytest.approx(width / height, rel=0.2)


def is_red(pixel) -> bool:
    red, green, blue = pixel
    return red > 150 and green < 80 and blue < 80


def is_blue(pixel) -> bool:
    red, _, blue = pixel
    return blue > 120 and red < 80


UPRIGHT = {1: "left top", 2: "right top", 3: "right bottom", 4: "left bottom"}
UPRIGHT |= {5: "left top", 6: "right top", 7: "right bottom", 8: "left bottom"}


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_photos_are_turned_upright(orientation):
    found = taken_in(encode(picture(), exif=exif(orientation=orientation)))
    photo = opened(found.image)
    assert photo.size == ((480, 640) if orientation > 4 else (640, 480))
    side, end = UPRIGHT[orientation].split()
    corner = {"left": 10, "right": photo.width - 10}[side], {"top": 10, "bottom": photo.height - 10}[end]
    assert is_red(photo.getpixel(corner))
    assert (found.width, found.height) == photo.size


@pytest.mark.parametrize(
    ("image", "form", "pixel"),
    [
        (picture(mode="RGBA", colour=(200, 0, 0, 0)), "PNG", (255, 255, 255)),
        (picture(mode="RGBA", colour=(200, 0, 0, 255)), "PNG", (200, 0, 0)),
        (picture(mode="RGBA", colour=(200, 0, 0, 0)), "WEBP", (255, 255, 255)),
        (picture(mode="LA", colour=(0, 0)), "PNG", (255, 255, 255)),
        (picture(mode="I;16", colour=0x8000), "PNG", (128, 128, 128)),
        (picture(mode="1", colour=1), "PNG", (255, 255, 255)),
        (picture(mode="L", colour=90), "JPEG", (90, 90, 90)),
        (picture(mode="CMYK", colour=(0, 255, 255, 0)), "JPEG", (254, 0, 0)),
        (picture().quantize(8), "PNG", (20, 40, 160)),
        (picture(), "WEBP", (20, 40, 160)),
    ],
)
def test_every_kind_of_pixel_becomes_srgb_on_white(image, form, pixel):
    photo = opened(taken_in(encode(image, form, **({"quality": 95} if form != "PNG" else {}))).image)
    assert photo.mode == "RGB"
    assert photo.getpixel((600, 450)) == pytest.approx(pixel, abs=4)


def test_a_large_transparent_png_is_white_to_its_last_row():
    photo = opened(taken_in(encode(picture(300, 6500, "RGBA", (9, 9, 9, 0)), "PNG")).image)
    assert {photo.getpixel((x, y)) for x in (0, photo.width - 1) for y in (0, 800, 1599)} == {(255, 255, 255)}


def test_colours_of_a_profile_are_converted():
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert is_blue(opened(taken_in(encode(picture(), icc_profile=swapped)).image).getpixel((600, 450)))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    found = taken_in(encode(picture(), icc_profile=srgb))
    assert is_blue(opened(found.image).getpixel((600, 450))) and b"ICC_PROFILE" not in found.image
    assert is_blue(opened(taken_in(encode(picture(), icc_profile=b"no profile")).image).getpixel((600, 450)))


def test_of_what_moves_the_first_picture_counts():
    frames = {"save_all": True, "append_images": [picture(mode="RGB", colour=(0, 200, 0))]}
    for form in ("PNG", "WEBP", "MPO"):
        assert is_blue(opened(taken_in(encode(picture(), form, **frames)).image).getpixel((600, 450))), form


# --- Metadata -----------------------------------------------------------------------------------------------


def test_nothing_of_the_file_is_left_but_pixels():
    data = encode(picture(), exif=exif(place=pictures.PLACE), comment=b"a comment", xmp=b"<x:xmpmeta/>")
    data = (
        pictures.with_segment(data, 0xED, b"Photoshop 3.0\0who-took-it") + b"PK\x03\x04<html>behind the end"
    )
    found = taken_in(data, keep_position=True)
    for image in (found.image, found.thumbnail):
        assert pictures.segments(image) <= PLAIN
        assert not opened(image).getexif() and opened(image).getexif().get_ifd(0x8825) == {}
        for trace in (b"Exif", b"maker", b"comment", b"xmp", b"who-took-it", b"PK\x03\x04", b"<html>"):
            assert trace not in image


def test_the_position_is_kept_only_when_asked_for():
    data = encode(picture(), exif=exif(place=pictures.PLACE))
    dropped, kept = taken_in(data), taken_in(data, keep_position=True)
    assert (dropped.longitude, dropped.latitude) == (None, None)
    assert (kept.longitude, kept.latitude) == (Decimal("118.754321"), Decimal("34.923456"))


def gps(**values) -> Image.Exif:
    tags = exif(place=pictures.PLACE)
    part = tags.get_ifd(0x8825)
    names = {"latitude": 2, "north": 1, "longitude": 4, "east": 3}
    for name, value in values.items():
        part[names[name]] = value
    return tags


@pytest.mark.parametrize(
    "values",
    [
        {"latitude": (91.0, 0.0, 0.0)},
        {"longitude": (180.0, 0.0, 1.0)},
        {"longitude": (0.0, 0.0, 0.0), "latitude": (0.0, 0.0, 0.0)},
        {"latitude": (34.0, 55.0)},
        {"north": "X"},
        {"east": ""},
    ],
)
def test_a_place_that_is_none_is_not_kept(values):
    found = taken_in(encode(picture(), exif=gps(**values)), keep_position=True)
    assert (found.longitude, found.latitude) == (None, None)


def test_the_southern_and_the_western_half():
    found = taken_in(encode(picture(), exif=gps(north="S", east="W")), keep_position=True)
    assert (found.longitude, found.latitude) == (Decimal("-118.754321"), Decimal("-34.923456"))


@pytest.mark.parametrize(
    ("taken", "offset", "kept"),
    [
        ("2026:07:14 10:32:05", None, "2026-07-14T10:32:05+08:00"),
        ("2026:07:14 10:32:05", "+08:00", "2026-07-14T10:32:05+08:00"),
        ("2026:07:14 10:32:05", "+00:00", "2026-07-14T10:32:05+00:00"),
        ("2026:07:14 10:32:05", "nonsense", "2026-07-14T10:32:05+08:00"),
        ("2026:07:15 23:59:59", None, "2026-07-15T23:59:59+08:00"),
        ("2026:07:16 00:00:00", None, None),
        ("2000:01:01 00:00:00", None, "2000-01-01T00:00:00+08:00"),
        ("1999:12:31 23:59:59", None, None),
        ("0000:00:00 00:00:00", None, None),
        ("2026-07-14", None, None),
        ("    :  :     :  :  ", None, None),
        ("", None, None),
    ],
)
def test_when_it_was_taken(july, taken, offset, kept):
    found = taken_in(encode(picture(), exif=exif(taken, offset))).taken_at
    assert (found and found.isoformat()) == (
        kept and datetime.datetime.fromisoformat(kept).astimezone(found.tzinfo).isoformat()
    )


def test_broken_exif_is_no_reason_to_refuse():
    whole = encode(picture(), exif=exif(place=pictures.PLACE, orientation=6))
    start, length = whole.index(b"Exif\0\0"), int.from_bytes(whole[4:6], "big")
    for step in range(3, 60, 7):
        broken = bytearray(whole)
        for place in range(start + 14, start + length - 2, step):
            broken[place] = 0xFF
        photo = taken_in(bytes(broken), keep_position=True)
        assert photo.width in (640, 480)
    assert taken_in(encode(picture(), exif=exif(orientation=77))).width == 640


# --- What is refused ----------------------------------------------------------------------------------------

HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(2000)
AVIF = b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + bytes(2000)


@pytest.mark.parametrize(
    "data",
    [HTML, SVG, AVIF, b"%PDF-1.7\n" + bytes(200), b"GIF89a" + bytes(200), b"PK\x03\x04", b"x"]
    + [encode(picture(), form) for form in ("GIF", "BMP", "TIFF", "ICO", "PPM")],
)
def test_what_is_no_photo_is_refused_whatever_it_is_called(data):
    assert refused(data) == "“IMG_0412.jpg”不是照片，只收 JPEG、PNG、WebP 格式；换一张照片。"


def test_a_photo_is_taken_whatever_it_is_called():
    assert prepare(upload(encode(picture()), "notes.html", "text/html"), False).width == 640


def test_a_page_that_is_also_a_photo_becomes_a_photo():
    data = pictures.with_segment(encode(picture()), 0xFE, HTML)
    found = taken_in(data)
    assert b"script" not in found.image + found.thumbnail


def test_heic_says_how_to_set_the_phone():
    said = refused(HEIC, "IMG_0412.HEIC")
    assert said.startswith("“IMG_0412.HEIC”是 HEIC 格式，电脑上看不了；") and "“兼容性最佳”" in said


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("part", [0.02, 0.3, 0.9, 0.99])
def test_a_file_cut_off_is_refused(form, part):
    data = encode(Image.effect_noise((640, 480), 90).convert("RGB"), form)
    cut = data[: max(12, int(len(data) * part))]
    assert refused(cut) == "“IMG_0412.jpg”已损坏或没有传完整，打不开；重新选这张照片，或换一张。"


def test_an_empty_file_is_refused():
    assert refused(b"") == "“IMG_0412.jpg”是空文件；重新选这张照片。"


def test_a_heavy_file_is_refused_unread():
    class Heavy:
        name, size = "IMG_0412.jpg", 15 * 2**20 + 1

    with pytest.raises(PhotoRefused, match=r"有 15\.0 MB，超过 15 MB；"):
        prepare(Heavy(), False)


def test_a_file_of_the_largest_size_is_taken():
    data = encode(picture())
    assert taken_in(data + bytes(photos.LARGEST - len(data))).width == 640


@pytest.mark.parametrize(("width", "height"), [(31, 400), (400, 31), (1, 1)])
def test_a_tiny_picture_is_refused(width, height):
    said = f"“IMG_0412.jpg”只有 {width}×{height} 像素，看不清，长宽都要有 32 像素；换一张原图。"
    assert refused(encode(picture(width, height, colour="red"))) == said


@pytest.mark.parametrize(
    ("width", "height", "said"),
    [(8000, 8000, "有 6400 万像素"), (60_000, 60_000, "像素太多"), (2**31 - 1, 2**31 - 1, "像素太多")],
)
def test_a_bomb_is_refused_before_it_is_decoded(width, height, said):
    data = pictures.png_claiming(width, height)
    assert len(data) < 300
    assert f"“IMG_0412.jpg”{said}，超过 5000 万；" in refused(data)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a" * 300 + ".jpg", "a" * 28 + "…aaaaaa.jpg"),
        ("C:\\fakepath\\院子.jpg", "院子.jpg"),
        ("../../etc/passwd", "passwd"),
        ("gpj.\u202egpj.exe\n", "gpj.gpj.exe"),
    ],
)
def test_the_name_in_a_message_is_short_and_plain(name, shown):
    assert photos.shown_name(name) == shown


# --- What it may cost ---------------------------------------------------------------------------------------


QUICK = {"compress_level": 1, "method": 0}  # of making the test's own picture


def cost(monkeypatch, data) -> tuple[dict, float, float]:
    """(facts, processor seconds, megabytes of memory at most) of taking this in."""
    status = "; print(time.process_time(), open('/proc/self/status').read())"
    monkeypatch.setattr(photos, "CHILD", f"import time; {photos.CHILD}{status}")
    facts, images = photos.run_darkroom(data, True)
    said = images[sum(facts.get("sizes", ())) :].decode()
    return facts, float(said.split()[0]), int(said.partition("VmHWM:")[2].split()[0]) / 1024


@pytest.mark.parametrize(
    ("form", "mode", "size", "width"),
    [
        ("JPEG", "RGB", (8192, 6144), 1600),
        ("PNG", "RGBA", (8192, 6144), 1600),
        ("WEBP", "RGBA", (5000, 4000), 1600),
        ("WEBP", "RGB", (8192, 6144), None),  # its decoder alone takes three times the pixels
    ],
)
def test_fifty_megapixels_are_taken_at_a_bounded_cost(monkeypatch, form, mode, size, width):
    facts, seconds, megabytes = cost(monkeypatch, encode(picture(*size, mode, (200, 0, 0)), form, **QUICK))
    assert facts.get("width") == width and ("refused" in facts) is (width is None)
    assert seconds < darkroom.SECONDS
    assert megabytes < 550


def test_many_scans_end_at_the_limit(monkeypatch):
    monkeypatch.setattr(photos, "SECONDS", 2)
    data = pictures.many_scans(encode(picture(6000, 6000), progressive=True), photos.LARGEST)
    begun = time.monotonic()
    assert refused(data) == "“IMG_0412.jpg”处理不了，已停下；用手机截屏后传截图，或换一张照片。"
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(("segments", "refused"), [(1, False), (60, True), (200, True)])
def test_exif_that_points_to_itself_takes_no_memory(monkeypatch, segments, refused):
    facts, seconds, megabytes = cost(monkeypatch, pictures.with_exif_bomb(encode(picture()), segments))
    assert ("refused" in facts) is refused
    assert seconds < darkroom.SECONDS
    assert megabytes < 550


def test_the_darkroom_has_no_keys(monkeypatch):
    """It gets neither the settings nor the environment of the portal."""
    monkeypatch.setattr(
        photos, "CHILD", "import os, sys; sys.stdout.write('{\"refused\": \"' + ' '.join(os.environ) + '\"}')"
    )
    said = refused(encode(picture()))
    assert "BANZHUANG" not in said and "SECRET_KEY" not in said


def test_a_darkroom_that_dies_refuses(monkeypatch):
    monkeypatch.setattr(photos, "CHILD", "import os; os.abort()")
    assert refused(encode(picture())).endswith("处理不了，已停下；用手机截屏后传截图，或换一张照片。")
