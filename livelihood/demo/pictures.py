"""Drawn pictures of houses for the demo's visits: no photograph of a real place or person."""

import io
import random

from PIL import Image, ImageDraw

from banzhuang.core.photos import Prepared

SIZE, THUMBNAIL = (1200, 900), 320
SKIES = [(176, 205, 230), (208, 220, 228), (150, 190, 222)]
WALLS = [(222, 205, 178), (206, 196, 186), (232, 226, 214)]
ROOFS = [(150, 74, 58), (104, 104, 110), (128, 62, 50)]


def drawn(count: int) -> list[Prepared]:
    """`count` pictures as core.photos.store takes them, all different."""
    chance = random.Random(20220809)
    return [prepared(number, picture(number, chance)) for number in range(1, count + 1)]


def prepared(number: int, image: Image.Image) -> Prepared:
    left = (SIZE[0] - SIZE[1]) // 2
    square = image.crop((left, 0, left + SIZE[1], SIZE[1])).resize((THUMBNAIL, THUMBNAIL))
    return Prepared(f"走访{number}.jpg", encoded(image), encoded(square), *SIZE)


def encoded(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=80)
    return stream.getvalue()


def picture(number: int, chance: random.Random) -> Image.Image:
    """A farmhouse of three rooms below the hills, with a yard before it."""
    image = Image.new("RGB", SIZE, SKIES[number % 3])
    draw = ImageDraw.Draw(image)
    hills = [(0, 420)] + [(x, 340 + chance.randint(-60, 60)) for x in range(200, 1100, 200)] + [(1200, 420)]
    draw.polygon([*hills, (1200, 560), (0, 560)], fill=(126, 150, 118))
    draw.rectangle((0, 540, 1200, 900), fill=(176, 160, 124))
    left, right, top, bottom = 170, 1030, 400, 700
    draw.polygon(
        [(left - 50, top), (left + 40, top - 110), (right - 40, top - 110), (right + 50, top)],
        fill=ROOFS[number % 3],
    )
    draw.rectangle((left, top, right, bottom), fill=WALLS[number * 2 % 3])
    for x in (left + 70, right - 230):
        draw.rectangle((x, 480, x + 160, 600), fill=(92, 118, 140), outline=(250, 250, 246), width=8)
        draw.line((x + 80, 480, x + 80, 600), fill=(250, 250, 246), width=6)
    draw.rectangle((540, 470, 660, bottom), fill=(116, 70, 48), outline=(70, 42, 30), width=6)
    draw.rectangle((528, 440, 672, 466), fill=(186, 38, 34))
    for _ in range(5):
        x, y = chance.randint(40, 1160), chance.randint(720, 860)
        draw.ellipse((x - 22, y - 16, x + 22, y + 16), fill=(96, 122, 70))
    return image
