"""The darkroom: a process of its own that turns whatever was uploaded into a photo as it is kept.

Started by banzhuang.core.photos with no environment (keys!); standard library and Pillow only. An image can be made to
cost gigabytes or minutes in a few kilobytes (pixels, scans, EXIF that points to itself), so the system itself limits
what this process may take. What comes out is pixels encoded anew: nothing of the file that came in is left.
"""

import contextlib
import datetime
import io
import json
import math
import sys

from PIL import ExifTags, Image, ImageCms, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

# Loading a plugin is what makes its format known.
FORMATS = tuple(
    plugin.format
    for plugin in (
        JpegImagePlugin.JpegImageFile,
        PngImagePlugin.PngImageFile,
        WebPImagePlugin.WebPImageFile,
    )
)
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
MEGAPIXELS = 50
MAX_PIXELS = MEGAPIXELS * 2**20  # 8192 × 6144, as cameras of 50 megapixels make them, is 48 × 2**20
SMALLEST_SIDE = 32
LONGEST_SIDE = 1600
THUMBNAIL_SIDE = 320
QUALITY = 85
STRIP = 64  # rows of the reduced image that are reduced at once
MEMORY = 512 * 2**20
SECONDS = 10

IS_HEIC = "是 HEIC 格式，电脑上看不了；在手机“设置—相机—格式”里选“兼容性最佳”后重拍，或截屏后传截图。"
NO_PHOTO = "不是照片，只收 JPEG、PNG、WebP 格式；换一张照片。"
BROKEN = "已损坏或没有传完整，打不开；重新选这张照片，或换一张。"
TOO_COSTLY = "处理不了，已停下；用手机截屏后传截图，或换一张照片。"

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Refused(Exception):
    """What is wrong with the file and the remedy: a sentence that goes on from the file's name."""


def main(keep_position: str) -> None:
    """Read a file from standard input; write one line of JSON, then the photo, then its thumbnail.

    The line: width, height, sizes [bytes of photo, of thumbnail], taken_at (ISO 8601 or null), position ([longitude,
    latitude] or null); or refused, a sentence without its beginning. keep_position: "1" or "0".
    """
    limit_this_process()
    images = ()
    try:
        facts, *images = develop(sys.stdin.buffer.read(), keep_position == "1")
    except Refused as refusal:
        facts = {"refused": str(refusal)}
    except MemoryError:
        facts = {"refused": TOO_COSTLY}
    except Exception:  # Pillow raises whatever the broken part of a file leads to
        facts = {"refused": BROKEN}
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + b"".join(images))
    sys.stdout.buffer.flush()


def limit_this_process() -> None:
    """Memory, processor time, no files written. Windows knows no such limits: there the parent's clock remains."""
    try:
        import resource
    except ImportError:
        return
    wanted = {
        resource.RLIMIT_DATA: MEMORY,
        resource.RLIMIT_AS: 2 * MEMORY,  # holds the shared libraries too
        resource.RLIMIT_CPU: SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in wanted.items():
        _, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        with contextlib.suppress(ValueError):  # macOS has the names, not all the limits
            resource.setrlimit(kind, (value, value))


def develop(data: bytes, keep_position: bool) -> tuple[dict, bytes, bytes]:
    """(facts as `main` writes them, photo, thumbnail), both JPEG in sRGB without any metadata. Raises Refused."""
    image = opened(data)
    photo = in_srgb(reduced(image), image.info.get("icc_profile"))
    photo.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    exif = Exif(image)
    turn = TURNS.get(exif.value(ExifTags.Base.Orientation))
    if turn is not None:
        photo = photo.transpose(turn)
    thumbnail = ImageOps.fit(photo, (THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    images = encoded(photo), encoded(thumbnail)
    facts = {
        "width": photo.width,
        "height": photo.height,
        "sizes": [len(part) for part in images],
        "taken_at": exif.taken_at(),
        "position": exif.position() if keep_position else None,
    }
    return facts, *images


def opened(data: bytes) -> Image.Image:
    """The image, not yet decoded. Raises Refused for what is none and for sizes out of bounds."""
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        raise Refused(IS_HEIC)
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.UnidentifiedImageError:
        raise Refused(BROKEN if looks_like_a_photo(data) else NO_PHOTO) from None
    except Image.DecompressionBombError:
        raise Refused(too_many_pixels("像素太多，")) from None
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise Refused(too_many_pixels(f"有 {width * height // 10_000} 万像素，"))
    if min(width, height) < SMALLEST_SIDE:
        raise Refused(f"只有 {width}×{height} 像素，看不清，长宽都要有 {SMALLEST_SIDE} 像素；换一张原图。")
    return image


def too_many_pixels(lead: str) -> str:
    return f"{lead}超过 {MEGAPIXELS}00 万；在相机设置里把分辨率调低后重拍，或截屏后传截图。"


def looks_like_a_photo(data: bytes) -> bool:
    """By its first bytes: a file that was cut off there is broken, not of a wrong kind."""
    riff = data.startswith(b"RIFF") and data[8:12] == b"WEBP"
    return riff or data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))


def reduced(image: Image.Image) -> Image.Image:
    """At most four times the size needed, opaque, in L, RGB or CMYK.

    In strips: a picture of 50 megapixels stands in memory once (200 MB), not once for each step.
    """
    factor = reduction(image)
    image.draft(None, (image.width // factor, image.height // factor))  # a JPEG is decoded smaller
    factor = reduction(image)
    small = None
    for top in range(0, image.height, STRIP * factor):
        box = (0, top, image.width, min(top + STRIP * factor, image.height))
        strip = opaque(image.crop(box)).reduce(factor)
        if small is None:
            small = Image.new(strip.mode, (strip.width, math.ceil(image.height / factor)))
        small.paste(strip, (0, top // factor))
    return small


def reduction(image: Image.Image) -> int:
    return max(1, max(image.size) // (2 * LONGEST_SIDE))


def opaque(image: Image.Image) -> Image.Image:
    """On white, in L, RGB or CMYK; of 16 bits a channel the upper 8."""
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(layer, mask=layer.getchannel("A"))
        return white
    if image.mode in {"L", "RGB", "CMYK"}:
        return image
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value / 256).convert("L")
    return image.convert("RGB")


def in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours that the profile means; one that is broken or of another mode says nothing."""
    if profile:
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    return image.convert("RGB")


def encoded(image: Image.Image) -> bytes:
    image.info.clear()  # Pillow would write a comment on
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return file.getvalue()


class Exif:
    """What a camera wrote beside the picture. Anything may stand there: what does not read well is not there."""

    def __init__(self, image: Image.Image):
        try:
            self.tags = image.getexif()
        except Exception:
            self.tags = Image.Exif()

    def value(self, tag: int, part: int | None = None):
        """One value, of a sub-table if `part` is given; None when it is missing or cannot be read."""
        try:
            return (self.tags if part is None else self.tags.get_ifd(part)).get(tag)
        except Exception:
            return None

    def taken_at(self) -> str | None:
        """When the picture was taken, in ISO 8601, with the offset if it is there."""
        taken = self.value(ExifTags.Base.DateTimeOriginal, ExifTags.IFD.Exif)
        offset = self.value(ExifTags.Base.OffsetTimeOriginal, ExifTags.IFD.Exif)
        for text, form in ((f"{taken}{offset}", "%Y:%m:%d %H:%M:%S%z"), (taken, "%Y:%m:%d %H:%M:%S")):
            with contextlib.suppress(ValueError, TypeError):
                return datetime.datetime.strptime(text, form).isoformat()
        return None

    def position(self) -> list[float] | None:
        """[longitude, latitude] in degrees of WGS 84, to a tenth of a metre; None where no camera can have been."""
        try:
            longitude = self.degrees(ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef, "EW")
            latitude = self.degrees(ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef, "NS")
        except (TypeError, ValueError, ArithmeticError):
            return None
        inside = abs(longitude) <= 180 and abs(latitude) <= 90  # also false for what is no number
        return [longitude, latitude] if inside and (longitude, latitude) != (0, 0) else None

    def degrees(self, tag: int, sign: int, letters: str) -> float:
        degrees, minutes, seconds = map(float, self.value(tag, ExifTags.IFD.GPSInfo))
        direction = letters.index(self.value(sign, ExifTags.IFD.GPSInfo) or "-")
        return round((degrees + minutes / 60 + seconds / 3600) * (1, -1)[direction], 6)
