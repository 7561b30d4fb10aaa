"""Pinyin of names, whole and as initials: 赵班庄 → zbz; surnames read as surnames (单 shan, 仇 qiu)."""

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PHRASES_DICT

HAN = re.compile("[一-鿿]+")
CHARACTERS = range(0x4E00, 0xA000)
SHORT = 4  # as most names of people are

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


@cache
def syllables() -> frozenset[str]:
    """The four hundred that Chinese is spelt with, those of one letter left out."""
    spelt = {syllable for code in CHARACTERS for syllable in lazy_pinyin(chr(code))}
    return frozenset(syllable for syllable in spelt if syllable.isascii() and len(syllable) > 1)


def initials(name: str) -> str:
    if not name:
        return ""
    text = "".join(letters(name)).lower()
    return SURNAMES.get(name[0], text[:1]) + text[1:]


def letters(name: str) -> Iterable[str]:
    """First letters, character by character where the library knows no word: looking for words costs ten times that."""
    if len(name) > SHORT or not HAN.fullmatch(name) or holds_word(name):
        return [syllable[:1] for syllable in lazy_pinyin(name, style=Style.FIRST_LETTER)]
    return map(letter, name)


def holds_word(name: str) -> bool:
    """Whether some of its characters together are read otherwise than each alone."""
    return any(
        name[start:end] in PHRASES_DICT
        for start in range(len(name) - 1)
        for end in range(start + 2, len(name) + 1)
    )


@lru_cache(maxsize=8192)
def letter(character: str) -> str:
    return lazy_pinyin(character, style=Style.FIRST_LETTER)[0][:1]
