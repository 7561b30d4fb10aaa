"""Initials by which names are sorted and found: as the library reads them, surnames as surnames."""

import random

import pytest
from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PHRASES_DICT

from banzhuang.core.pinyin import SURNAMES, initials


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("", ""),
        ("赵班庄", "zbz"),
        ("单德福", "sdf"),
        ("仇曾", "qc"),
        ("重庆", "cq"),
        ("李重", "lz"),
        ("阿布都·热合曼", "abd·rhm"),
        ("Li Ming", "l"),
        ("王A", "wa"),
    ],
)
def test_initials(name, letters):
    assert initials(name) == letters


def test_short_names_are_read_as_the_library_reads_them():
    """Character by character where it knows no word, else by its words."""
    chance = random.Random(20261124)
    words = [word for word in PHRASES_DICT if len(word) <= 4]
    pieces = [*chance.sample(words, 300), *(chr(chance.randrange(0x4E00, 0x9FA6)) for _ in range(300))]
    for _ in range(1500):
        name = "".join(chance.sample(pieces, 2))[: chance.randint(1, 5)]
        found = "".join(part[:1] for part in lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()
        assert initials(name)[1:] == found[1:], name
        assert initials(name)[0] == SURNAMES.get(name[0], found[0]), name
