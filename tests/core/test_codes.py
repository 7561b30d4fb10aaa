"""Identity numbers, credit codes, phones and masks. All numbers here belong to nobody: area 710000 was never issued."""

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banzhuang.core.codes import (
    CodeError,
    check_id_number,
    check_phone,
    check_uscc,
    id_number_birth,
    id_number_sex,
    mask_id_number,
    mask_phone,
    split_phones,
)

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@st.composite
def id_numbers(draw):
    """Any area, also ones out of use, and a valid check digit by the standard's own formula."""
    area = draw(st.sampled_from(["710000", "320721", "320707", "110101"]))
    birth = draw(st.dates(datetime.date(1900, 1, 1), datetime.date(2020, 12, 31)))
    body = f"{area}{birth:%Y%m%d}{draw(st.integers(0, 999)):03}"
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11], birth


@given(id_numbers())
def test_valid_numbers_of_any_area(drawn):
    number, birth = drawn
    assert check_id_number(number) == number
    assert id_number_birth(number) == birth
    assert id_number_sex(number) == ("男" if int(number[16]) % 2 else "女")


@given(drawn=id_numbers(), place=st.integers(0, 17), digit=st.sampled_from("0123456789"))
def test_one_wrong_digit_is_found(drawn, place, digit):
    number, _ = drawn
    wrong = number[:place] + digit + number[place + 1 :]
    if wrong != number:
        with pytest.raises(CodeError):
            check_id_number(wrong)


@pytest.mark.parametrize(
    "written",
    [
        "710000198003226 35X",
        "'71000019800322635x",
        "7100001980\u30000322\u3000635Ｘ",
        "７１００００１９８００３２２６３５Ｘ",
        "7100,0019,8003,2263,5X",
        '="71000019800322635X"',
        "71000019800322635X\n",
        "\u200b71000019800322635X\ufeff",
    ],
)
def test_ways_of_writing(written):
    assert check_id_number(written) == "71000019800322635X"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("710000198111089351", "身份证号末位校验不符，号码里至少有一位写错。"),
        (710000197911109437, "身份证号以数字保存，末几位已丢失。"),
        (7.10000195510239e17, "身份证号以数字保存，末几位已丢失。"),
        (Decimal(10) ** 15, "身份证号以数字保存，末几位已丢失。"),
        ("7100001979111094", "身份证号应为 18 位，这里是 16 位。"),
        ("7100001979111094377", "身份证号应为 18 位，这里是 19 位。"),
        (123, "身份证号应为 18 位，这里是 3 位。"),
        ("710000791110943", "这是 15 位的旧身份证号。"),
        ("71000O197911109437", "身份证号第 6 位是“O”，应为数字。"),
        ("71000019791110943Y", "身份证号第 18 位是“Y”，应为数字。"),
        ("7100001979X1109437", "身份证号第 11 位是“X”，应为数字。"),
        ("710000197913109437", "身份证号里的出生日期不存在。"),
        ("710000189911109437", "身份证号里的出生日期不在 1900 年至今。"),
        ("710000209911109437", "身份证号里的出生日期不在 1900 年至今。"),
    ],
)
def test_wrong_identity_numbers(written, message):
    with pytest.raises(CodeError) as caught:
        check_id_number(written)
    assert caught.value.message == message
    assert caught.value.remedy.endswith("。")


def test_birth_is_not_after_the_day_of_checking():
    assert check_id_number("710000197911109437", today=datetime.date(1979, 11, 10))
    with pytest.raises(CodeError):
        check_id_number("710000197911109437", today=datetime.date(1979, 11, 9))


def test_a_message_never_holds_the_number():
    for written in ("710000198111089351", "71000O197911109437", "710000197913109437", "1234567890"):
        with pytest.raises(CodeError) as caught:
            check_id_number(written)
        assert not any(part in str(caught.value) for part in (written, written[4:12], written[-4:]))


def test_credit_codes():
    assert check_uscc(" 91320707ma0000001f") == "91320707MA0000001F"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("91320707MA0000001G", "统一社会信用代码末位校验不符，代码里至少有一位写错。"),
        ("91320707MA00000O1F", "统一社会信用代码第 16 位是“O”，代码里没有这个字符。"),
        ("91320707", "统一社会信用代码应为 18 位，这里是 8 位。"),
        (913207070000000000, "统一社会信用代码以数字保存，末几位已丢失。"),
    ],
)
def test_wrong_credit_codes(written, message):
    with pytest.raises(CodeError) as caught:
        check_uscc(written)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("written", "phones"),
    [
        (13900001062, ["13900001062"]),
        (13900001062.0, ["13900001062"]),
        ("139 0000 1062", ["13900001062"]),
        ("139-0000-1062", ["13900001062"]),
        ("+86 13900001062", ["13900001062"]),
        ("8613900001062", ["13900001062"]),
        ("１３９００００１０６２", ["13900001062"]),
        ("13900001062、0518-87651234", ["13900001062", "051887651234"]),
        ("13900001062/13900001063", ["13900001062", "13900001063"]),
        ("13900001062 13900001063", ["13900001062", "13900001063"]),
        ("13900001062\n0518 87651234", ["13900001062", "051887651234"]),
        ("13900001062，13900001062", ["13900001062"]),
        ("（0518）87651234转801", ["051887651234转801"]),
        ("010-62345678", ["01062345678"]),
        ("87651234", ["87651234"]),
        ("400-800-1234", ["4008001234"]),
        (None, []),
        ("", []),
        (" ", []),
    ],
)
def test_phones(written, phones):
    assert split_phones(written) == phones


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("1390000106", "手机号应为 11 位，这里是 10 位。"),
        ("139000010622", "手机号应为 11 位，这里是 12 位。"),
        ("12900001062", "11 位的“129…”不是手机号，也不是座机号。"),
        ("13900001062（李）", "电话里有数字以外的字符。"),
        ("无", "电话里有数字以外的字符。"),
    ],
)
def test_wrong_phones(written, message):
    with pytest.raises(CodeError) as caught:
        check_phone(written)
    assert caught.value.message == message


def test_masks():
    assert mask_id_number("710000197911109437") == "7100**********9437"
    assert mask_id_number("71000019800322635x") == "7100**********635X"
    assert mask_phone("13900001062") == mask_phone(13900001062) == "139****1062"
    assert mask_phone("13900001062、13900001063") == "139****1062、139****1063"
    assert mask_id_number("") == mask_id_number(None) == mask_phone("") == mask_phone(None) == ""


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=30))
def test_a_mask_shows_at_most_eight_characters_and_hides_at_least_four(text):
    masked = mask_id_number(text)
    assert len(masked) == len(text)
    assert masked.count("*") >= min(4, len(text))
    assert len(masked) - masked.count("*") <= 8
