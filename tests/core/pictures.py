"""Pictures for the tests of photos, drawn here: as phones make them, and as nobody should."""

import io
import struct
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image, ImageDraw

PLACE = (118.754321, 34.923456)  # of 班庄镇


def picture(width=640, height=480, mode="RGB", colour=None) -> Image.Image:
    """A red square in the upper left corner of a blue picture; a colour of the mode instead if given."""
    if colour is not None:
        return Image.new(mode, (width, height), colour)
    drawn = Image.new("RGB", (width, height), (20, 40, 160))
    ImageDraw.Draw(drawn).rectangle((0, 0, width // 4, height // 4), fill=(200, 20, 20))
    return drawn.convert(mode)


def encode(image: Image.Image, form="JPEG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def exif(taken="2026:07:14 10:32:05", offset=None, place=None, orientation=None) -> Image.Exif:
    """What a camera notes; `place` is (longitude, latitude)."""
    tags = Image.Exif()
    tags[ExifTags.Base.Make] = "秘密相机".encode()
    if orientation is not None:
        tags[ExifTags.Base.Orientation] = orientation
    inner = tags.get_ifd(ExifTags.IFD.Exif)
    inner[ExifTags.Base.DateTimeOriginal] = taken
    inner[ExifTags.Base.MakerNote] = b"maker-note-of-the-camera"
    if offset:
        inner[ExifTags.Base.OffsetTimeOriginal] = offset
    if place:
        gps = tags.get_ifd(ExifTags.IFD.GPSInfo)
        gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLatitudeRef] = "E", "N"
        gps[ExifTags.GPS.GPSLongitude], gps[ExifTags.GPS.GPSLatitude] = map(sexagesimal, place)
    return tags


def sexagesimal(degrees: float) -> tuple[float, float, float]:
    minutes = degrees % 1 * 60
    return float(int(degrees)), float(int(minutes)), minutes % 1 * 60


def upload(data: bytes, name="IMG_0412.jpg", kind="image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, kind)


def photo(name="IMG_0412.jpg", **options) -> SimpleUploadedFile:
    """A good one; each size another picture."""
    return upload(encode(picture(**options)), name)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says it is this large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def with_segment(jpeg: bytes, marker: int, content: bytes) -> bytes:
    """The JPEG with one more segment at its beginning."""
    return jpeg[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content + jpeg[2:]


def segments(jpeg: bytes) -> set[int]:
    """The markers before the pixels of a JPEG."""
    found, place = set(), 2
    while jpeg[place + 1] != 0xDA:
        found.add(jpeg[place + 1])
        place += 2 + int.from_bytes(jpeg[place + 2 : place + 4], "big")
    return found


def many_scans(jpeg: bytes, size: int) -> bytes:
    """A progressive JPEG that sends its last scan again and again: each costs a pass over the whole picture."""
    start, end = jpeg.rindex(b"\xff\xda"), len(jpeg) - 2
    return jpeg[:start] + jpeg[start:end] * ((size - len(jpeg)) // (end - start)) + jpeg[end:]


def with_exif_bomb(jpeg: bytes, segments: int) -> bytes:
    """EXIF in many segments, whose 4 000 entries each point to all of it: read in full it is 4 000 times its size."""
    part, entries = 65_000, 4_000
    whole = part * segments - 100
    table = b"".join(struct.pack("<HHII", tag, 1, whole, 0) for tag in range(entries))
    content = (b"II*\0" + struct.pack("<IH", 8, entries) + table).ljust(part * segments, b"\0")
    for place in reversed(range(0, len(content), part)):
        jpeg = with_segment(jpeg, 0xE1, b"Exif\0\0" + content[place : place + part])
    return jpeg
