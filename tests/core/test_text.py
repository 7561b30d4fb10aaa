"""Texts for matching and texts for storing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banzhuang.core.text import compact, normalise, person_name


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("党员\n总 数（人）", "党员总数(人)"),
        ("　身份证号　", "身份证号"),
        ("３ 月", "3月"),
        ("\u200b村\ufeff名", "村名"),
        ("任现职\u00a0时间", "任现职时间"),
    ],
)
def test_compact(written, expected):
    assert compact(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("　班庄村　", "班庄村"),
        ("房屋漏雨，（急）", "房屋漏雨，（急）"),
        ("ＡＢ１２３", "AB123"),
        ("第一行  \r\n 第二   行\r", "第一行\n第二 行"),
        ("a\u202eb\u2066c", "abc"),
        ("=1+1", "=1+1"),
    ],
)
def test_normalise(written, expected):
    assert normalise(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("张　三", "张三"),
        (" 李 四\n", "李四"),
        ("阿布都•热合曼", "阿布都·热合曼"),
        ("Mary  Smith", "Mary Smith"),
    ],
)
def test_person_name(written, expected):
    assert person_name(written) == expected


@given(st.text(max_size=40))
def test_once_is_enough(text):
    assert compact(compact(text)) == compact(text)
    assert normalise(normalise(text)) == normalise(text)
    assert person_name(person_name(text)) == person_name(text)
