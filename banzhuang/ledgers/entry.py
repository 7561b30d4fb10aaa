"""How a column is filled in by hand: its number format, what a spreadsheet lets in, and the words that say so.

Kinds of columns are told apart by their parser. An app registers its own kinds: `@entry_of.register`.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from functools import singledispatch

from .lists import Several
from .parsers import (
    IN_YUAN,
    LARGEST_AMOUNT,
    Amount,
    Choice,
    IdNumber,
    Integer,
    Parser,
    PartialDateParser,
    PersonName,
    Phone,
    Text,
    Uscc,
    YesNo,
)
from .village_names import VillageName

TEXT, DAY, WHOLE = "@", "yyyy-mm-dd", "0"
# 2018.08 typed into a column of days is the number of a day in 1905: no date of a ledger is that old.
FIRST_DAY, LAST_DAY = datetime.date(1910, 1, 1), datetime.date(2199, 12, 31)
LONGEST_DATE, LONGEST_PHONES = 11, 60
MOST_NAMED = 12


@dataclass(frozen=True)
class Entry:
    """What may be written in the cells of a column.

    how: one or two sentences; example: what a person would write; number_format: of the empty cells, "@" keeps what
    is typed as text. check: kind of validation (textLength, whole, decimal, date) with its least and most, None for
    neither. words: of the drop-down list; closed: whether nothing but these may be written.
    """

    how: str
    example: str = ""
    number_format: str = TEXT
    check: tuple[str, object, object] | None = None
    words: Sequence[str] = ()
    closed: bool = True


@singledispatch
def entry_of(parser: Parser, villages: Sequence[str]) -> Entry:
    """villages: names of those that the person may fill in."""
    return Entry("照实填写。")


@entry_of.register
def _(parser: Text, villages):
    return Entry(f"文字，不超过 {parser.longest} 个字。", check=("textLength", 0, parser.longest))


@entry_of.register
def _(parser: PersonName, villages):
    how = "姓名，一格一人。"
    return Entry(how, "张建国", check=("textLength", 0, parser.longest))


@entry_of.register
def _(parser: Integer, villages):
    how = f"整数，{parser.least} 至 {parser.most}，不写单位。"
    return Entry(how, str(max(parser.least, 3)), WHOLE, ("whole", parser.least, parser.most))


@entry_of.register
def _(parser: Amount, villages):
    money = parser.unit in IN_YUAN
    places = 2 if money else parser.places
    how = f"数字，单位{parser.unit}，最多 {places} 位小数。"
    least = -LARGEST_AMOUNT if parser.negative else 0
    number_format = f"0.{'0' * places}" if money else "General"
    return Entry(how, "1200.00" if money else "12.5", number_format, ("decimal", least, LARGEST_AMOUNT))


@entry_of.register
def _(parser: Choice, villages):
    words = list(parser.labels.values())
    return Entry(f"从下拉列表里选：{named(words)}。", words[0], words=words)


@entry_of.register
def _(parser: YesNo, villages):
    return Entry("选“是”或“否”；不清楚的空着。", "是", words=("是", "否"))


@entry_of.register
def _(parser: Several, villages):
    words = list(parser.choice.labels.values())
    how = f"选一项；有几项的自己写，用顿号隔开。可写的有：{named(words)}。"
    return Entry(how, "、".join(words[:2]), words=words, closed=False)


@entry_of.register
def _(parser: PartialDateParser, villages):
    if parser.precision == "day":
        return Entry("日期，写到日，如 2022-03-15。", "2022-03-15", DAY, ("date", FIRST_DAY, LAST_DAY))
    # As text: a spreadsheet would turn 2018.10 into the number 2018.1, which could be January.
    how = "写到月，如 2018.08。" if parser.precision == "month" else "写到月或日，如 2018.08、2018-08-15。"
    return Entry(how, "2018.08", check=("textLength", 4, LONGEST_DATE))


@entry_of.register
def _(parser: IdNumber, villages):
    how = "18 位身份证号，末位可以是 X。单元格是文本格式，不要改。"
    return Entry(how, "对照证件填写", check=("textLength", 18, 18))


@entry_of.register
def _(parser: Uscc, villages):
    how = "18 位统一社会信用代码，字母大写。"
    return Entry(how, "对照执照填写", check=("textLength", 18, 18))


@entry_of.register
def _(parser: Phone, villages):
    how = "手机号或带区号的座机；几个号码之间用顿号隔开。"
    return Entry(how, "0518-80000000", check=("textLength", 7, LONGEST_PHONES))


@entry_of.register
def _(parser: VillageName, villages):
    return Entry("从下拉列表里选村。", next(iter(villages), ""), words=villages)


def named(words: Sequence[str]) -> str:
    more = f" 等 {len(words)} 种" if len(words) > MOST_NAMED else ""
    return "、".join(words[:MOST_NAMED]) + more
