"""Cells into values: every kind of column has a parser, every failure says what is wrong and what to write.

A parser gets a cell that is not empty. It never guesses: what has two readings is a warning and no value.
"""

import copy
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from banzhuang.core.codes import CodeError, check_id_number, check_uscc, join_phones
from banzhuang.core.dates import AmbiguousDate, DateError, parse_partial_date
from banzhuang.core.text import compact, normalise, person_name

from .grid import Value

ERROR, WARNING = "error", "warning"
EXCEL_ERRORS = set("#DIV/0! #N/A #NAME? #NULL! #NUM! #REF! #VALUE! #SPILL! #CALC! #GETTING_DATA".split())
NOTHING = re.compile(r"[-—–―－_/\\*]+")  # a dash or stroke in a cell means that there is nothing
NOTHING_IN_WORDS = {"无", "暂无", "没有", "空", "不适用"}
MOST_LISTED = 8


@dataclass(frozen=True)
class Problem:
    """What is wrong with a cell. severity: "error" or "warning"; remedy: what to write instead."""

    severity: str
    message: str
    remedy: str = ""


FORMULA_WITHOUT_VALUE = Problem(
    ERROR, "公式没有算出的结果。", "在 Excel 里打开这个文件并保存一次，或直接填写结果。"
)
MERGED_VALUE = Problem(ERROR, "这一格和别的格合并了，看不出每格各是多少。", "拆开合并的单元格，分别填写。")


@dataclass(frozen=True)
class Parsed:
    """A value, or why there is none. A warning may come with a value or without."""

    value: Any
    problem: Problem | None = None


def refused(message: str, remedy: str = "") -> Parsed:
    return Parsed(None, Problem(ERROR, message, remedy))


def plain_number(value: Value) -> str:
    """A number as a person would write it: 3 for 3.0, 0.3 for 0.30000000000000004, nothing in exponents."""
    if isinstance(value, float):
        value = Decimal(format(value, ".15g"))
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


class Parser:
    """Reads a cell of one kind of column. Subclasses write read()."""

    nothing_in_words = True  # whether 无 means that there is nothing

    def parse(self, value: Value, context: Any = None) -> Parsed:
        """The value of a cell; Parsed(None) for one that is empty, or says in words that there is nothing.

        context: what the ledger prepared; VillageName needs its `villages` and `townships`.
        """
        if value is None:
            return Parsed(None)
        if isinstance(value, float | Decimal) and not Decimal(value).is_finite():
            return refused("不是数字。", "核对后改正。")
        if isinstance(value, str):
            text = compact(value)
            if text.upper() in EXCEL_ERRORS:
                return refused(f"公式出错，结果是 {text.upper()}。", "改好公式，或直接填写结果。")
            if not text or NOTHING.fullmatch(text) or (self.nothing_in_words and text in NOTHING_IN_WORDS):
                return Parsed(None)
        return self.read(value, context)

    def read(self, value: Value, context: Any) -> Parsed:
        raise NotImplementedError

    def around(self, texts: Iterable[str], context: Any) -> Parsed:
        """What the texts around a table say for a column that looks there."""
        return Parsed(None)

    def together(self, own: Parsed, around: Parsed) -> Parsed:
        """A cell, and what stands around its table: the cell wins."""
        return around if own == Parsed(None) else own

    def in_unit(self, units: str, others: Sequence[str] = ()) -> "Parser":
        """The parser for a column whose header, or the line above the table, names these units (万元、亩).

        others: what the headers of the table's columns name, for one of which nothing is said.
        """
        return self


class Text(Parser):
    """Text of at most `longest` characters; numbers and dates as a person would write them."""

    nothing_in_words = False

    def __init__(self, longest: int = 200):
        self.longest = longest

    def read(self, value, context):
        text = self.tidy(as_text(value))
        if len(text) > self.longest:
            return refused(f"有 {len(text)} 个字，最多 {self.longest} 个字。", "写短一些。")
        return Parsed(text)

    def tidy(self, text: str) -> str:
        return normalise(text)


NOBODY = re.compile(r"\(?(?:空缺|空岗|暂?缺|缺额|缺编|待定|待选|待配|未定|未配备?)\)?")
NO_NAME = re.compile(r"^[0-9]{1,3}[.、)]|[/*]")  # 1.张三, 张三/李四, 张*


class PersonName(Text):
    """A person's name: 张　三 is 张三. 空缺 and 待定 name nobody."""

    nothing_in_words = True

    def __init__(self, longest: int = 30):
        super().__init__(longest)

    def read(self, value, context):
        if isinstance(value, bool | int | float | Decimal | date):
            return refused("姓名是数字或日期。", "填写姓名。")
        plain = compact(value)
        if NOBODY.fullmatch(plain):
            return Parsed(None)
        if NO_NAME.search(plain):
            return refused("姓名里有编号、斜线或星号。", "只写一个人的姓名，一人一行。")
        return super().read(value, context)

    def tidy(self, text):
        return person_name(text)


def as_text(value: Value) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float | Decimal):
        return plain_number(value)
    if isinstance(value, date):
        return value.isoformat()[:10]
    return str(value)


NUMBER = re.compile(r"([-−+]?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(\.[0-9]+)?(.*)")


LONGEST_NUMBER = 40


def split_number(text: str) -> tuple[Decimal | None, str]:
    """Number and what follows it: "1,234.5 万元" → (1234.5, "万元"); (None, …) when there is no number."""
    if len(text) > LONGEST_NUMBER:
        return None, text
    sign, whole, fraction, rest = NUMBER.fullmatch(compact(text)).groups()
    if whole is None and fraction is None:
        return None, rest
    try:
        number = Decimal((whole or "0").replace(",", "") + (fraction or ""))
    except InvalidOperation:
        return None, rest
    return (-number if sign in {"-", "−"} else number), rest


class Integer(Parser):
    """A whole number from `least` to `most`; a counting word after it is left out (3人, 12 户)."""

    def __init__(self, least: int = 0, most: int = 100_000_000):
        self.least, self.most = least, most

    def read(self, value, context):
        number, rest = (None, "") if isinstance(value, bool | date) else split_number(as_text(value))
        if number is None or not re.fullmatch("[个人名户口次件亩岁年月天项家处条座所辆台只位]?", rest):
            return refused("不是数字。", "只填整数，如 12。")
        if number != int(number):
            return refused(f"{plain_number(number)} 不是整数。", "填写整数，如 12。")
        if not self.least <= number <= self.most:
            return refused(f"{plain_number(number)} 不在 {self.least}–{self.most} 之间。", "核对后改正。")
        return Parsed(int(number))


IN_YUAN = {
    "元": 1, "圆": 1, "百元": 100, "千元": 1_000, "万": 10_000, "万元": 10_000, "百万元": 1_000_000,
    "千万元": 10_000_000, "亿": 100_000_000, "亿元": 100_000_000,
}  # fmt: skip
IN_TONNES = {"吨": 1, "公斤": Decimal("0.001"), "千克": Decimal("0.001")}
LARGEST_AMOUNT = 10**12


class Amount(Parser):
    """A number with decimals. unit: what the cells are in when neither header nor cell says it.

    Money comes out in yuan, to the cent, weight in tonnes. Another unit (亩) comes out as it stands, with at most
    `places`. Where the table names two units of a kind, a number without one is in doubt: 元 read as 万元 would be
    ten thousand times too much, and nobody would see it.
    """

    doubt = ""

    def __init__(self, unit: str = "元", places: int = 2, negative: bool = False):
        self.unit, self.places, self.negative = unit, places, negative

    def in_unit(self, units, others=()):
        said = self.known_of(units) or dict.fromkeys(
            [self.unit, *(unit for unit in others if unit in self.factors)]
        )
        if [*said] == [self.unit]:
            return self
        other = copy.copy(self)
        other.unit, *more = said
        other.doubt = "、".join(said) if more else ""
        return other

    def known_of(self, units: str) -> dict[str, None]:
        """Those of the units that are of this column's kind, each once: of 万元、亩 the first."""
        words = "|".join(sorted(self.factors, key=len, reverse=True))
        return dict.fromkeys(re.findall(words, compact(units)))

    @property
    def factors(self) -> Mapping[str, int | Decimal]:
        """Units that mean the same kind of thing, and how much of the one that comes out each is."""
        return next((units for units in (IN_YUAN, IN_TONNES) if self.unit in units), {self.unit: 1})

    def read(self, value, context):
        number, rest = (None, "") if isinstance(value, bool | date) else split_number(as_text(value))
        unit = rest.removesuffix("整") or self.unit
        if self.doubt and not rest and number:
            wrong = f"表里写了{self.doubt}，看不出这一列是哪一种单位。"
            return refused(wrong, "在列名后写明单位，如（元）。")
        if number is None:
            return refused("不是数字。", f"只填数字，单位是{self.unit}。")
        if unit not in self.factors:
            return refused(f"数字后面的“{rest}”不是这一列的单位。", f"只填数字，单位是{self.unit}。")
        if number < 0 and not self.negative:
            return refused(f"{plain_number(number)} 小于 0。", "核对后改正。")
        if abs(number) >= LARGEST_AMOUNT:
            return refused("数字大得不合情理。", "核对数字和单位后改正。")
        amount = number * self.factors[unit]
        places = 2 if unit in IN_YUAN else self.places
        rounded = round(amount, places)
        if rounded != amount and not isinstance(value, float):
            return refused(f"小数超过 {places} 位。", f"最多写到小数点后 {places} 位。")
        return Parsed(rounded)


class Choice(Parser):
    """One of the words a column knows. words: {label or synonym: value}; of words with one value the first is its
    label. Numbers are refused: systems disagree on what 1 and 2 mean."""

    def __init__(self, words: Mapping[str, Any]):
        self.values = {compact(word).casefold(): value for word, value in words.items()}
        self.labels: dict[Any, str] = {}
        for word, value in words.items():
            self.labels.setdefault(value, word)

    def parse(self, value, context=None):
        if isinstance(value, str) and compact(value).casefold() in self.values:  # 无 may be one of the words
            return self.read(value, context)
        return super().parse(value, context)

    def read(self, value, context):
        word = compact(as_text(value)).casefold()
        if word in self.values:
            return Parsed(self.values[word])
        if isinstance(value, int | float | Decimal) or word.isdigit():
            return refused("填的是数字代码。", f"填写文字：{self.listed()}。")
        return refused("不是这一列可选的内容。", f"填写{self.listed()}。")

    def listed(self) -> str:
        labels = list(self.labels.values())
        more = f"等 {len(labels)} 种之一" if len(labels) > MOST_LISTED else ""
        return "、".join(labels[:MOST_LISTED]) + more

    def label(self, value: Any) -> str:
        """The word that stands for a value in exports and previews."""
        return self.labels.get(value, str(value))


YES = ("是", "√", "✓", "✔", "☑", "对", "有", "Y", "YES", "TRUE", "已", "已完成", "V")
NO = ("否", "×", "✗", "✘", "☐", "不是", "无", "没有", "N", "NO", "FALSE", "未", "未完成", "X")


class YesNo(Choice):
    """是 or 否, as true or false. A blank cell is neither."""

    def __init__(self):
        super().__init__({**dict.fromkeys(YES, True), **dict.fromkeys(NO, False)})

    def listed(self):
        return "是或否（√、× 也可以）"


class PartialDateParser(Parser):
    """A date to the year, month or day, in any shape of core.dates; `precision` is what it must reach at least."""

    def __init__(self, precision: str = "year", serials: bool = False):
        self.precision, self.serials = precision, serials

    def read(self, value, context):
        try:
            found = parse_partial_date(value, self.serials)
        except AmbiguousDate as ambiguous:
            remedy = f"这一格不导入，其余照常；要导入，{ambiguous.remedy}"
            return Parsed(None, Problem(WARNING, ambiguous.message, remedy))
        except DateError as error:
            return refused(error.message, error.remedy)
        if self.precision == "day" and found.precision != "day":
            return refused(f"只写到{found.chinese()}。", "写到日，如 2018-08-05。")
        if self.precision == "month" and found.precision == "year":
            return refused(f"只写到{found.chinese()}。", "写到月，如 2018.08。")
        return Parsed(found)


class CodeParser(Parser):
    """A number with rules of its own; `check` of core.codes."""

    check: Any = None

    def read(self, value, context):
        if isinstance(value, bool | date):
            return refused("不是号码。", "填写号码。")
        try:
            return Parsed(type(self).check(value))
        except CodeError as error:
            return refused(error.message, error.remedy)


class IdNumber(CodeParser):
    """An identity number of 18 characters."""

    check = staticmethod(check_id_number)


class Uscc(CodeParser):
    """A unified social credit code."""

    check = staticmethod(check_uscc)


class Phone(CodeParser):
    """One or several phone numbers, joined by 、."""

    @staticmethod
    def check(value):
        return join_phones(value) or None
