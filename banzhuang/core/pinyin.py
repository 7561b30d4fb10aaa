"""Pinyin of names, whole and as initials: 赵班庄 → zbz; surnames read as surnames (单 shan, 仇 qiu)."""

from functools import lru_cache

from pypinyin import Style, lazy_pinyin

SURNAMES = {
    "单": "s",
    "仇": "q",
    "解": "x",
    "查": "z",
    "曾": "z",
    "盖": "g",
    "区": "o",
    "朴": "p",
    "尉": "y",
    "乐": "y",
}


def spelling(name: str) -> str:
    """The whole pinyin without tones: 周敏 → zhoumin."""
    return "".join(lazy_pinyin(name))


@lru_cache(maxsize=4096)
def initials(name: str) -> str:
    """Remembered: a ledger and its pages hold the same names again and again."""
    if not name:
        return ""
    letters = lazy_pinyin(name, style=Style.FIRST_LETTER)
    text = "".join(letter[:1] for letter in letters).lower()
    return SURNAMES.get(name[0], text[:1]) + text[1:]
