"""Dates known to the year, the month or the day, and the ways people write them. Knows no Django.

Nothing is guessed here: a text or number that can be read in two ways is refused, with both readings named.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import total_ordering

PRECISIONS = ("year", "month", "day")
FIRST_YEAR, LAST_YEAR = 1900, 2100
ACCEPTED_SHAPES = "写成 2018-08-05、2018.08 或 2018年8月 这样的形式。"

# Day 0 of Excel's calendar from 1900-03-01 on. Below that its day numbers are off by one (it has a
# 29 February 1900), programs disagree, and no such date stands in a ledger.
EXCEL_DAY_ZERO = date(1899, 12, 30)
FIRST_SURE_DAY = date(1900, 3, 1)


class DateError(ValueError):
    """A date that cannot be read. `message`: what is wrong; `remedy`: what to write. Both for the user."""

    def __init__(self, message: str, remedy: str = ACCEPTED_SHAPES):
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class AmbiguousDate(DateError):
    """A value with two readings, e.g. the number 2018.1. `readings`: the two PartialDates."""

    def __init__(self, value, readings: "tuple[PartialDate, PartialDate]"):
        first, second = readings
        super().__init__(
            f"数字 {value} 可能是{first.chinese()}，也可能是{second.chinese()}。",
            f"在表里写成文字 {first.iso()} 或 {second.iso()}。",
        )
        self.readings = readings


@total_ordering
@dataclass(frozen=True)
class PartialDate:
    """A date and how much of it is known.

    `first` is the first day of what is known (2018.08 is 2018-08-01) and decides the order; of two with the
    same first day the less precise comes first.
    """

    first: date
    precision: str = "day"

    def __post_init__(self):
        if self.precision not in PRECISIONS:
            raise ValueError(f"unknown precision {self.precision!r}")
        first = self.first.date() if isinstance(self.first, datetime) else self.first
        if self.precision != "day":
            first = first.replace(day=1)
        if self.precision == "year":
            first = first.replace(month=1)
        object.__setattr__(self, "first", first)

    def __lt__(self, other):
        if not isinstance(other, PartialDate):
            return NotImplemented
        return self._order < other._order

    def __str__(self):
        return self.iso()

    @property
    def _order(self):
        return self.first, PRECISIONS.index(self.precision)

    @property
    def last(self) -> date:
        """The last day of what is known: 2018-08 → 2018-08-31."""
        if self.precision == "day":
            return self.first
        year, month = self.first.year, self.first.month if self.precision == "month" else 12
        following = date(year + month // 12, month % 12 + 1, 1)
        return following - timedelta(days=1)

    def iso(self) -> str:
        """2018, 2018-08 or 2018-08-05."""
        return self.first.isoformat()[: {"year": 4, "month": 7, "day": 10}[self.precision]]

    def chinese(self) -> str:
        """2018年, 2018年8月 or 2018年8月5日."""
        parts = [f"{self.first.year}年", f"{self.first.month}月", f"{self.first.day}日"]
        return "".join(parts[: PRECISIONS.index(self.precision) + 1])

    @classmethod
    def parse_iso(cls, text: str) -> "PartialDate":
        """The inverse of iso(); anything else raises DateError."""
        match = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", text)
        if not match:
            raise DateError("不是能识别的日期写法。", "写成 2018、2018-08 或 2018-08-05 这样的形式。")
        return _build(*match.groups())


def parse_partial_date(value, serials: bool = False) -> PartialDate:
    """Read a cell: a date, a datetime (its time is left out), a number or a text.

    Numbers: 20180805, 201808 and 2018 are what they look like; 2018.01 to 2018.12 and 2018.2 to 2018.9 are
    months; 2018.1 is January or October, so ambiguous. Another whole number may be a day number of Excel in a
    cell that lost its date format: taken only with `serials` (the caller knows that the column's cells are
    dates), and then only from 61 (1900-03-01) on; 1900 to 2100 stay years.

    Raises DateError, or AmbiguousDate where there are two readings.
    """
    if isinstance(value, PartialDate):
        return value
    if isinstance(value, datetime):
        return _from_date_cell(value.date())
    if isinstance(value, date):
        return _from_date_cell(value)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return _from_number(value, serials)
    if isinstance(value, str):
        return _from_text(value)
    raise DateError("不是能识别的日期写法。")


def _build(year, month=None, day=None) -> PartialDate:
    year, month, day = (None if part is None else int(part) for part in (year, month, day))
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise DateError(f"年份是 {year}，应在 {FIRST_YEAR}–{LAST_YEAR} 之间。")
    if month is None:
        return PartialDate(date(year, 1, 1), "year")
    if not 1 <= month <= 12:
        raise DateError(f"月份是 {month}，应在 1–12 之间。")
    if day is None:
        return PartialDate(date(year, month, 1), "month")
    if not 1 <= day <= 31:
        raise DateError(f"日是 {day}，应在 1–31 之间。")
    try:
        return PartialDate(date(year, month, day), "day")
    except ValueError:
        raise DateError(f"{year}年{month}月没有 {day} 日。") from None


def _from_date_cell(day: date) -> PartialDate:
    if date(FIRST_YEAR, 1, 1) <= day < FIRST_SURE_DAY:
        raise DateError(f"Excel 记不准 {FIRST_SURE_DAY} 以前的日期，这一格显示为 {day}。")
    number = (day - EXCEL_DAY_ZERO).days
    if FIRST_YEAR <= number <= LAST_YEAR:
        raise DateError(f"日期是 {day}，像是把年份 {number} 填进了日期格式的单元格。")
    return _build(day.year, day.month, day.day)


def _from_number(value, serials) -> PartialDate:
    if not Decimal(value).is_finite():
        raise DateError("不是能识别的日期写法。")
    if value == int(value) and not (isinstance(value, Decimal) and value.as_tuple().exponent < 0):
        return _from_whole_number(int(value), serials)
    shown = str(value)
    match = re.fullmatch(r"([0-9]{4})\.([0-9]{1,2})", shown)
    if not match:
        raise DateError(f"数字 {shown} 不是能识别的日期写法。")
    year, month = match.groups()
    if month == "1":
        raise AmbiguousDate(shown, (_build(year, 1), _build(year, 10)))
    return _build(year, month)


def _from_whole_number(number: int, serials: bool) -> PartialDate:
    digits = str(number)
    if len(digits) == 4 and not (serials and not FIRST_YEAR <= number <= LAST_YEAR):
        return _build(digits)
    if len(digits) in (6, 8):
        return _from_digits(digits)
    if 61 <= number <= (date(LAST_YEAR, 12, 31) - EXCEL_DAY_ZERO).days:
        day = EXCEL_DAY_ZERO + timedelta(days=number)
        if serials:
            return _build(day.year, day.month, day.day)
        raise DateError(
            f"数字 {number} 像是没有设成日期格式的日期（{day}）。",
            f"把这一列设成日期格式，或{ACCEPTED_SHAPES}",
        )
    raise DateError(f"数字 {number} 不是能识别的日期写法。")


def _from_digits(digits: str) -> PartialDate:
    return _build(*filter(None, (digits[:4], digits[4:6], digits[6:])))


# --- Text --------------------------------------------------------------------------------------------------
ZEROS = "〇零○◯O"
DIGITS = dict.fromkeys(ZEROS, 0) | {word: number for number, word in enumerate("一二三四五六七八九", 1)}
TENS = {"十": 1, "廿": 2, "卄": 2, "卅": 3}
NUMERAL = "[" + "".join([*DIGITS, *TENS]) + "]"

INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")
TIME = re.compile(
    r"(?:T|\s+|(?<=[日号]))(?:上午|下午|晚上)?\s*[0-9]{1,2}[:时][0-9]{1,2}(?:分|[:分][0-9]{1,2}(?:\.[0-9]+)?秒?)?$"
)
WEEKDAY = re.compile(r"\(?(?:星期|周)[一二三四五六日天]\)?$")
LUNAR = re.compile("农历|阴历|正月|腊月|冬月|闰|初[一二三四五六七八九十]")
SEPARATED = re.compile(r"([0-9]{4})([-./—–−、,。])([0-9]{1,2})(?:月|\2([0-9]{1,2})[日号]?)?[.。]?")
WITH_UNITS = re.compile(r"([0-9]{4})年度?(?:([0-9]{1,2})(?:月份?(?:([0-9]{1,2})[日号]?)?)?)?")
RUN_TOGETHER = re.compile(r"([0-9]{4})([0-9]{2})?([0-9]{2})?")
SHORT_YEAR = re.compile(r"([0-9]{2})(?:年|([-./])[0-9]{1,2}(?:\2[0-9]{1,2})?$)")
YEAR_LAST = re.compile(r"[0-9]{1,2}([-./])[0-9]{1,2}\1[0-9]{4}")


def _from_text(text: str) -> PartialDate:
    if len(text) > 60:
        raise DateError("不是能识别的日期写法。")
    plain = INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip().strip("'\"‘’“”").strip()
    if LUNAR.search(plain):
        raise DateError("像是农历日期，应填公历。")
    plain = WEEKDAY.sub("", plain).strip()
    without_time = TIME.sub("", plain)
    found = _from_plain(_join(without_time))
    if without_time != plain and found.precision != "day":
        raise DateError("写了时刻，却没有写到日。")
    return found


def _join(text: str) -> str:
    """Without inner space, in Arabic digits. Space between digits separates: 2018 1 2 is not 201812."""
    text = re.sub(r"(?<=[0-9])\s+(?=[0-9])", "-", text)
    text = re.sub(r"\s+", "", text).replace("年元月", "年1月")
    text = years_in_digits(text)
    return re.sub(f"(?<=[年月]){NUMERAL}{{1,3}}", _number_in_digits, text)


def years_in_digits(text: str) -> str:
    """二〇二五年 → 2025年, anywhere in a text."""
    return re.sub(f"{NUMERAL}{{4}}(?=年)", _year_in_digits, text)


def _year_in_digits(match) -> str:
    words = match.group()
    return "".join(str(DIGITS[word]) for word in words) if all(word in DIGITS for word in words) else words


def _number_in_digits(match) -> str:
    """八 → 8, 十二 → 12, 二十 → 20, 廿五 → 25, 三十一 → 31; what is no such number stays as it is."""
    words = match.group()
    shape = re.fullmatch(r"([一二三]?[十廿卄卅])?([一二三四五六七八九])?|[〇零]([一二三四五六七八九])", words)
    if not shape:
        return words
    tens, ones, after_zero = shape.groups()
    if tens and len(tens) == 2 and tens[1] != "十":
        return words
    number = DIGITS.get(ones or after_zero, 0)
    if tens:
        number += 10 * (DIGITS[tens[0]] if len(tens) == 2 else TENS[tens])
    return str(number)


def _from_plain(text: str) -> PartialDate:
    if match := RUN_TOGETHER.fullmatch(text):
        return _build(*match.groups())
    if match := SEPARATED.fullmatch(text):
        return _build(match.group(1), match.group(3), match.group(4))
    if match := WITH_UNITS.fullmatch(text):
        return _build(*match.groups())
    if YEAR_LAST.fullmatch(text):
        raise DateError("年份写在最后，月和日的先后看不出。", "把年份写在最前面，" + ACCEPTED_SHAPES)
    if match := SHORT_YEAR.match(text):
        raise DateError(f"年份只写了两位“{match.group(1)}”。", "年份写四位，" + ACCEPTED_SHAPES)
    raise DateError("不是能识别的日期写法。")
