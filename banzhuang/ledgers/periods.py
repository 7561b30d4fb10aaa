"""Months as ledgers write them: in cells, in the headers of a table of months, and in what stands above it. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from banzhuang.core.dates import PartialDate
from banzhuang.core.text import compact

from .parsers import ERROR, Parsed, PartialDateParser, Problem, as_text, refused

IN_WORDS = {word: number for number, word in enumerate("一二三四五六七八九十", 1)} | {
    "十一": 11,
    "十二": 12,
    "元": 1,
}
YEAR = re.compile(r"((?:19|20)[0-9]{2})年?度?")
MONTH = re.compile(rf"(?:((?:19|20)[0-9]{{2}})年)?(?:([0-9]{{1,2}})|({'|'.join(IN_WORDS)}))月份?")
YEAR_AND_MONTH = re.compile(r"((?:19|20)[0-9]{2})[-./]?(0?[1-9]|1[0-2])")
FIRST_OF_MONTH = re.compile(r"((?:19|20)[0-9]{2})-([0-9]{2})-01")
MONTHS_TOGETHER = re.compile(r"[0-9]{1,2}月?份?[-—–~至到]{1,2}(?:[0-9]{1,2}|本)月份?")
YEARS_SAID = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?=年|[-./][0-9]{1,2}(?![0-9])|$)")
MONTHS_SAID = re.compile(
    rf"(?<![0-9])(?:(?:19|20)[0-9]{{2}}[-./])?([0-9]{{1,2}})月(?![0-9]{{1,2}}[日号])"
    rf"|({'|'.join(IN_WORDS)})月(?:份|$)|(?<![0-9])(?:19|20)[0-9]{{2}}[-./]([0-9]{{1,2}})(?![-./0-9月])"
)
HOW = "写成 2022-03、2022年3月 这样的形式。"


@dataclass(frozen=True)
class WithoutYear(Problem):
    """A month that lacks its year; what stands above the table may say it."""

    month: int = 0


def without_year(month: int) -> Parsed:
    remedy = "在标题或这一格写明年份，如 2022年3月。"
    return Parsed(None, WithoutYear(ERROR, f"只写了 {month} 月，没有年份。", remedy, month))


class Month(PartialDateParser):
    """A month, as PartialDate. The year may stand above the table: such a column is declared `around`."""

    def __init__(self):
        super().__init__("month")

    def read(self, value, context):
        text = "" if isinstance(value, float | Decimal) else compact(as_text(value))
        if found := month_in(text):
            year, month = found
            if not 1 <= month <= 12:
                return refused(f"月份是 {month}，应在 1–12 之间。")
            return Parsed(the_month(year, month)) if year else without_year(month)
        if text.isdecimal() and 1 <= int(text) <= 12:
            return without_year(int(text))
        parsed = super().read(value, context)
        return (
            Parsed(the_month(parsed.value.first.year, parsed.value.first.month)) if parsed.value else parsed
        )

    def around(self, texts, context):
        """The month, or only the year, that sheet, title and 期间 agree on."""
        years, months = set(), set()
        for text in texts:
            single = MONTHS_TOGETHER.sub("", compact(text))
            years.update(int(year) for year in YEARS_SAID.findall(single))
            months.update(numbers_in(MONTHS_SAID.findall(single)))
        if len(years) > 1:
            first, second = sorted(years)[:2]
            return refused(
                f"标题里有 {first}、{second} 两个年份，看不出是哪一年。", "在表头写明年份，如 2022年3月。"
            )
        if not years:
            return Parsed(None)
        if len(months) == 1 and 1 <= min(months) <= 12:
            return Parsed(the_month(min(years), min(months)))
        return Parsed(PartialDate(date(min(years), 1, 1), "year"))

    def together(self, own, around):
        if isinstance(own.problem, WithoutYear):
            if around.problem:
                return around
            return Parsed(the_month(around.value.first.year, own.problem.month)) if around.value else own
        if own == Parsed(None) and (around.problem or (around.value and around.value.precision == "month")):
            return around
        return own


def the_month(year: int, month: int) -> PartialDate:
    return PartialDate(date(year, month, 1), "month")


def numbers_in(found: Iterable[tuple[str, ...]]) -> Iterable[int]:
    for digits, words, after_year in found:
        yield IN_WORDS[words] if words else int(digits or after_year)


def month_in(text: str) -> tuple[int, int] | None:
    """(year or 0, month) of a text that is nothing but a month: 3月, 三月份, 2022年3月, 2022.03, 2022-03-01."""
    if match := MONTH.fullmatch(text):
        year, digits, words = match.groups()
        return int(year or 0), IN_WORDS[words] if words else int(digits)
    match = YEAR_AND_MONTH.fullmatch(text) or FIRST_OF_MONTH.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else None


def month_header(parts: tuple[str, ...]) -> str:
    """The month that a header stands for, "2022年1月" or "1月"; "" for one that is no single month (1—5月, 累计).

    The year may stand in an upper part, or below the month; bare numbers count below 月份.
    """
    *upper, last = parts
    found = month_in(last)
    if upper and not found:
        if YEAR.fullmatch(last) and (above := month_in(upper[-1])):
            found, upper = above, [last]
        elif "月" in upper[-1] and (last.isdecimal() or last in IN_WORDS):
            found = 0, int(last) if last.isdecimal() else IN_WORDS[last]
    if not found or not 1 <= found[1] <= 12:
        return ""
    year, month = found
    years = {int(said) for part in upper for said in re.findall(r"((?:19|20)[0-9]{2})年", part)}
    years |= {int(part) for part in upper if YEAR.fullmatch(part) and part.isdecimal()}
    if not year and len(years) == 1:
        year = years.pop()
    return f"{year}年{month}月" if year else f"{month}月"
