"""Dates in all the shapes of real ledgers; nothing is guessed."""

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banzhuang.core.dates import AmbiguousDate, DateError, PartialDate, parse_partial_date

DATES = st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 12, 31))
NUMERALS = "〇一二三四五六七八九"


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2018.08", "2018-08"),
        ("2018.8", "2018-08"),
        ("2018.1", "2018-01"),
        ("2018.10", "2018-10"),
        ("2018-8-5", "2018-08-05"),
        ("2018/2/3  14:30", "2018-02-03"),
        ("2018-08-05T14:30:00", "2018-08-05"),
        ("2018/8/5 下午2:30", "2018-08-05"),
        ("2018年8月5日14时30分", "2018-08-05"),
        ("2018年8月", "2018-08"),
        ("2018年8月份", "2018-08"),
        ("2018年元月", "2018-01"),
        ("2018年8月5日", "2018-08-05"),
        ("2018年8月5号", "2018-08-05"),
        ("2018年8月5", "2018-08-05"),
        ("2018.8.5日", "2018-08-05"),
        ("2018年8月5日 星期日", "2018-08-05"),
        ("2018年", "2018"),
        ("2018年度", "2018"),
        ("20180805", "2018-08-05"),
        ("201808", "2018-08"),
        ("2018", "2018"),
        ("2018.08.05", "2018-08-05"),
        ("2018、8", "2018-08"),
        ("2018—8—5", "2018-08-05"),
        ("2018.8.", "2018-08"),
        ("２０１８．０８", "2018-08"),
        ("２０１８年８月", "2018-08"),
        (" 2018 年 8 月 5 日 ", "2018-08-05"),
        ("2018\u30008\u30005", "2018-08-05"),
        ("2018 1 2", "2018-01-02"),
        ("'2018.08", "2018-08"),
        ("\u200b2018.08\ufeff", "2018-08"),
        ("二〇一八年八月", "2018-08"),
        ("二零一八年八月五日", "2018-08-05"),
        ("二O一八年十二月", "2018-12"),
        ("二○一八年十月二十号", "2018-10-20"),
        ("二〇一八年十一月三十日", "2018-11-30"),
        ("二〇一八年十二月三十一日", "2018-12-31"),
        ("二〇一八年三月廿五日", "2018-03-25"),
        ("二〇一八年三月卅一日", "2018-03-31"),
        ("一九七八年", "1978"),
        (datetime.date(2018, 8, 5), "2018-08-05"),
        (datetime.datetime(2018, 8, 5, 14, 30), "2018-08-05"),
        (PartialDate(datetime.date(2018, 8, 1), "month"), "2018-08"),
        (20180805, "2018-08-05"),
        (201808, "2018-08"),
        (2018, "2018"),
        (2018.0, "2018"),
        (2018.08, "2018-08"),
        (2018.01, "2018-01"),
        (2018.11, "2018-11"),
        (2018.12, "2018-12"),
        (2018.2, "2018-02"),
        (2018.9, "2018-09"),
        (Decimal("2018.10"), "2018-10"),
    ],
)
def test_read(written, iso):
    assert parse_partial_date(written).iso() == iso


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("1965.13.6", "月份是 13，应在 1–12 之间。"),
        ("2018.0", "月份是 0，应在 1–12 之间。"),
        ("20180800", "日是 0，应在 1–31 之间。"),
        ("2018-8-32", "日是 32，应在 1–31 之间。"),
        ("2018-02-30", "2018年2月没有 30 日。"),
        ("2019年2月29日", "2019年2月没有 29 日。"),
        ("2918.8", "年份是 2918，应在 1900–2100 之间。"),
        (18001231, "年份是 1800，应在 1900–2100 之间。"),
        (2018.13, "月份是 13，应在 1–12 之间。"),
        ("78.5", "年份只写了两位“78”。"),
        ("98-05-06", "年份只写了两位“98”。"),
        ("18年8月", "年份只写了两位“18”。"),
        ("5/6/2018", "年份写在最后，月和日的先后看不出。"),
        ("农历二〇一八年八月", "像是农历日期，应填公历。"),
        ("二〇一八年八月初五", "像是农历日期，应填公历。"),
        ("2018-08 14:30", "写了时刻，却没有写到日。"),
        (43252, "数字 43252 像是没有设成日期格式的日期（2018-06-01）。"),
        (59, "数字 59 不是能识别的日期写法。"),
        (60, "数字 60 不是能识别的日期写法。"),
        (2018.123, "数字 2018.123 不是能识别的日期写法。"),
        (datetime.date(1900, 2, 28), "Excel 记不准 1900-03-01 以前的日期，这一格显示为 1900-02-28。"),
        (datetime.date(1905, 7, 10), "日期是 1905-07-10，像是把年份 2018 填进了日期格式的单元格。"),
        (
            datetime.datetime(1905, 7, 10, 2, 24),
            "日期是 1905-07-10，像是把年份 2018 填进了日期格式的单元格。",
        ),
    ],
)
def test_refused_with_the_reason(written, message):
    with pytest.raises(DateError) as caught:
        parse_partial_date(written)
    assert not isinstance(caught.value, AmbiguousDate)
    assert caught.value.message == message
    assert "2018-08-05" in caught.value.remedy


@pytest.mark.parametrize(
    "written",
    ["", "不详", "2018.8-2019.9", "2018.08-09", "2018年底", "2018年8月至今", "8月5日", "20189", "2018--8", "二〇一八年十〇月",
     "二〇一八年二卅日", "Aug-18", "1" * 500, True, None, float("nan"), float("inf"), Decimal("NaN"), 710000197911109437],
)  # fmt: skip
def test_never_guessed(written):
    with pytest.raises(DateError):
        parse_partial_date(written)


@pytest.mark.parametrize("number", [2018.1, Decimal("2018.1")])
def test_a_number_with_two_readings(number):
    with pytest.raises(AmbiguousDate) as caught:
        parse_partial_date(number)
    assert [reading.iso() for reading in caught.value.readings] == ["2018-01", "2018-10"]
    assert caught.value.message == "数字 2018.1 可能是2018年1月，也可能是2018年10月。"
    assert caught.value.remedy == "在表里写成文字 2018-01 或 2018-10。"


def test_day_numbers_only_where_the_column_holds_dates():
    assert parse_partial_date(43252, serials=True).iso() == "2018-06-01"
    assert parse_partial_date(61, serials=True).iso() == "1900-03-01"
    assert parse_partial_date(2018, serials=True).iso() == "2018"
    for number in (0, 59, 60, -5, 9_999_999):
        with pytest.raises(DateError):
            parse_partial_date(number, serials=True)


SHAPES = {
    "{d.year}.{d.month}.{d.day}": "day",
    "{d.year}-{d.month:02}-{d.day:02}": "day",
    "{d.year}/{d.month}/{d.day} 8:05": "day",
    "{d.year}年{d.month}月{d.day}日": "day",
    "{d.year}{d.month:02}{d.day:02}": "day",
    "{d.year}.{d.month}": "month",
    "{d.year}年{d.month:02}月": "month",
    "{d.year}{d.month:02}": "month",
    "{d.year}": "year",
}


@given(
    day=DATES,
    shape=st.sampled_from(list(SHAPES)),
    wide=st.booleans(),
    space=st.sampled_from(["", " ", "\u3000"]),
)
def test_every_shape_of_every_date(day, shape, wide, space):
    text = shape.format(d=day)
    if wide:
        text = text.translate({ord(digit): 0xFF10 + int(digit) for digit in "0123456789"})
    if "年" in text:
        text = f"{space}".join(text.partition("年"))
    assert parse_partial_date(space + text + space) == PartialDate(day, SHAPES[shape])


def in_numerals(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else NUMERALS[tens] + "十"
    return head + (NUMERALS[ones] if ones else "")


@given(day=DATES, old_tens=st.booleans())
def test_every_date_in_numerals(day, old_tens):
    text = "".join(NUMERALS[int(digit)] for digit in str(day.year)) + f"年{in_numerals(day.month)}月"
    days = in_numerals(day.day)
    if old_tens:
        days = days.replace("二十", "廿").replace("三十", "卅")
    assert parse_partial_date(f"{text}{days}日") == PartialDate(day, "day")
    assert parse_partial_date(text) == PartialDate(day, "month")


@given(
    value=st.one_of(
        st.text(max_size=30),
        st.text("0123456789年月日.-/ 〇一二十廿", max_size=14),
        st.floats(),
        st.integers(),
    )
)
def test_anything_is_read_or_refused_in_words(value):
    try:
        found = parse_partial_date(value)
    except DateError as error:
        assert error.message.endswith("。") and error.remedy.endswith("。")
    else:
        assert 1900 <= found.first.year <= 2100


# --- PartialDate -------------------------------------------------------------------------------------------------
@given(day=DATES, precision=st.sampled_from(["year", "month", "day"]))
def test_iso_and_back(day, precision):
    date = PartialDate(day, precision)
    assert PartialDate.parse_iso(date.iso()) == date
    assert parse_partial_date(date.chinese()) == date
    assert str(date) == date.iso()


@pytest.mark.parametrize(
    "text", ["2018-8", "2018-08-5", "2018.08", "2018-13", "2018-02-30", "", "2018-08-05 "]
)
def test_parse_iso_takes_nothing_else(text):
    with pytest.raises(DateError):
        PartialDate.parse_iso(text)


@given(first=DATES, second=DATES)
def test_order_is_that_of_the_first_days(first, second):
    one, other = PartialDate(first, "month"), PartialDate(second, "day")
    if one.first != other.first:
        assert (one < other) == (one.first < other.first)
    assert (one < other) + (one > other) + (one == other) == 1


def test_a_partial_date_begins_with_its_period():
    assert PartialDate(datetime.date(2018, 8, 17), "month").first == datetime.date(2018, 8, 1)
    assert PartialDate(datetime.datetime(2018, 8, 17, 9, 30), "year").first == datetime.date(2018, 1, 1)
    with pytest.raises(ValueError, match="precision"):
        PartialDate(datetime.date(2018, 8, 17), "week")
    with pytest.raises(TypeError):
        PartialDate(datetime.date(2018, 8, 17)) < datetime.date(2018, 8, 18)  # noqa: B015  the comparison is the test
