"""The rows below a header: which are data, which are not and why; merged cells and 同上 filled down. Pure."""

import re
from collections.abc import Mapping

from banzhuang.core.text import compact, normalise

from .grid import SheetGrid, Value
from .matching import Header, Names, as_name
from .parsers import Amount, Integer
from .table import Dropped, Table, TableRow

TOTAL = re.compile(
    "合计|小计|总计|共计|累计|平均|平均数|平均值|汇总|全镇|(?:本页|全镇|全村|全区)(?:合计|小计|总计)"
)
TOTAL_FIRST = re.compile(r".{0,10}(?:合计|小计|总计|共计)(?:数|[(:：].{0,16}|[0-9].{0,10})?")
SIGNERS = (
    "(?:单位|部门|主要|分管|统计)?负责人|(?:单位|分管|主要|镇|村)?领导|审核人?|审批人?|复核人?|填[表报]人?|制表人?"
    "|经办人?|统计人员?|联系人|联系电话|电话|(?:填[表报]|制表|上报|报出|报送)(?:日期|时间|单位)|签字|签名|(?:单位)?(?:盖章|公章|签章)"
)
SIGNATURE = re.compile(rf"(?:{SIGNERS})(?:\([^()]*\))?:.*", re.S)
SIGNER = re.compile(rf"(?:{SIGNERS})(?:\([^()]*\))?:?")
NOTE_WORDS = (
    "注|备注|附注|说明|注意|注意事项|填[表报写]须知|填[表报写]说明|编制说明|须知|要求|提示|温馨提示|数据来源"
)
NOTE = re.compile(rf"\(?(?:{NOTE_WORDS})(?:[0-9一二三四五]?[:.、)\d].*|\)?)|[※★*].+", re.S)
NOTE_GOES_ON = re.compile(r"\(?(?:[0-9]{1,2}|[一二三四五六七八九十]{1,2})[.、)].+", re.S)
END_MARK = re.compile(r"\(?(?:以下空白|此页以下空白|续表|接上页|转下页|接下页|本页完|完)\)?")
HINT = re.compile(
    r"[(\[]?\*?(?:必填|选填|可填|可选|非必填|可不填|必填项|选填项|必选|单选|多选|不填|自动.{0,4}|系统.{0,4}|下拉.{0,4}"
    r"|文本.{0,4}|数[字值].{0,4}|整数|日期.{0,6}|格式.*|例如?:?.*|如:?.*|请?填写.*|请?选择.*|请.*|yyyy.*|[xX0]{4,}|\d{1,2}位.*|男/女|是/否)[)\]]?",
    re.I | re.S,
)
EXAMPLE = re.compile("例|示例|样例|填写示例|填表示例|范例")
CHINESE_COUNT = "甲乙丙丁戊己庚辛壬癸"
DITTO = {compact(mark) for mark in ("同上", "同上行", "〃", "″", "''", '"', "”", "〞")}
DITTO_STARTS = {mark[0] for mark in DITTO} | {"″"}  # before NFKC
NO_KEYS: frozenset[str] = frozenset()
ACROSS, REPEATED_TITLE = "整行文字", "重复的标题"
REPEATED_HEADER = "重复的表头"
ANOTHER_TABLE = "列不同的另一张表的表头"
BELOW_ANOTHER = "在列不同的另一张表里，没有读"
MOSTLY, MOSTLY_FROM = 0.6, 2  # of a row's cells, and at least so many
TITLE_LINES = 3  # between a title and its header
NOTHING_MATCHED = "对上的列里没有内容"
SYSTEM_NUMBER = re.compile("[0-9]+-[0-9A-Za-z]{4}")
LONG_TEXT = 30
LONGEST_QUOTE = 20


def read_body(table: Table, headers: Mapping[int, Header], names: Names) -> None:
    """Fill in the rows and the dropped rows of a table whose header has been found.

    names: of the ledger's columns, by which the header of another table below is known.
    """
    Body(table, headers, names).read()


class Body:
    """Reads the rows below the header of one table."""

    def __init__(self, table: Table, headers: Mapping[int, Header], names: Names):
        self.table = table
        self.names = names
        self.sheet: SheetGrid = table.grid
        self.start = table.header_rows[-1]
        self.indices = sorted(headers)
        self.counting = {c.index for c in table.columns if c.key is None and headers[c.index].is_row_number}
        self.cells = {
            column.key: column.index for column in table.columns if column.key and not column.spread
        }
        figures = {column.key for column in names.columns if isinstance(column.parser, Integer | Amount)}
        self.figures = {key: index for key, index in self.cells.items() if key in figures}
        self.spread = {column.index: column.spread for column in table.columns if column.spread}
        self.matched = [*self.cells.values(), *self.spread]
        self.shared = {
            (top, left)
            for top, left, bottom, right in self.sheet.merged
            if left in self.spread and (bottom > top or right > left)
        }
        self.header_texts = self._header_texts()
        self.wide = {
            (top, left): right - left + 1 for top, left, _, right in self.sheet.merged if right > left
        }
        self.numbers = self.cells.get("system_number")
        self.merged_down = self._merged_down()
        self.above: dict[str, Value] = {}
        self.begun = False  # whether there was a row of data
        self.section = ""  # the last line across the table
        self.noted = False  # whether the row before was an instruction
        self.ended = False  # whether the rows below another table's header are reached

    def _header_texts(self) -> dict[int, set[str]]:
        rows = [self.sheet.rows[number - 1] for number in self.table.header_rows]
        return {
            index: {compact(str(row[index])) for row in rows if index < len(row) and row[index] is not None}
            for index in self.indices
        }

    def _merged_down(self) -> dict[int, list[tuple[int, int]]]:
        """Column → (top, bottom) of its merged ranges below the header, from top to bottom."""
        ranges: dict[int, list[tuple[int, int]]] = {index: [] for index in self.cells.values()}
        for top, left, bottom, _ in self.sheet.merged:
            if left in ranges and bottom > top >= self.start:
                ranges[left].append((top, bottom))
        return {index: sorted(found, reverse=True) for index, found in ranges.items() if found}

    def read(self) -> None:
        blanks: list[tuple[int, int]] = []  # stretches since the last row of data
        for row in range(self.start, len(self.sheet.rows)):
            content = self.content(row) if self.sheet.rows[row] else []
            if not content:
                if blanks and blanks[-1][1] == row - 1:
                    blanks[-1] = (blanks[-1][0], row)
                else:
                    blanks.append((row, row))
                continue
            reason = self.why_not(row, content)
            if reason:
                self.drop(row, reason)
                if reason.startswith((ACROSS, REPEATED_TITLE)):
                    self.section = section_of(content)
                continue
            if self.begun:
                for first, last in blanks:
                    self.drop(first, blank_reason(first, last), last)
            blanks = []
            self.take(row)
        self.table.dropped.sort(key=lambda dropped: dropped.row)

    def content(self, row: int) -> list[tuple[int, Value]]:
        """(column, value) of what a row holds within the table; a row number alone is nothing."""
        values = self.sheet.rows[row]
        found = []
        for index in self.indices:
            value = values[index] if index < len(values) else None
            if value is not None and not is_blank(value):
                found.append((index, value))
        if all(index in self.counting and is_count(value) for index, value in found):
            return []
        return found

    def drop(self, row: int, reason: str, last: int | None = None) -> None:
        self.table.dropped.append(Dropped(row + 1, reason, None if last is None else last + 1))

    # --- Data ----------------------------------------------------------------------------------------------------
    def take(self, row: int) -> None:
        shown, numbered = self.sheet.rows[row], self.is_numbered(row)
        sources = {index: self.source(row, index) for index in self.merged_down}
        values: dict[str, Value] = {}
        for key, index in self.cells.items():
            merged = index in sources
            value = (
                self.sheet.value(sources[index], index)
                if merged
                else shown[index]
                if index < len(shown)
                else None
            )
            if isinstance(value, str):
                if not value.strip():
                    value = None
                elif value.lstrip()[0] in DITTO_STARTS and compact(value) in DITTO and not numbered:
                    value = self.above.get(key, value)
            values[key] = value
        self.above = values
        self.begun = True
        self.noted = False
        unvalued = self.unvalued(row, sources)
        if self.spread:
            self.take_spread(row, values, unvalued)
        else:
            shared = frozenset(key for key, index in self.figures.items() if self.shares(row, index))
            self.table.rows.append(TableRow(row + 1, values, self.cells, unvalued, shared, self.section))

    def take_spread(self, row: int, values: dict[str, Value], unvalued: frozenset[str]) -> None:
        """A row for every cell below a header that the table is spread over; a blank one says nothing."""
        over, key = self.table.spread.over, self.table.spread.value
        for index, said in self.spread.items():
            value = self.sheet.value(row, index)
            missing = (row, index) in self.sheet.formulas_without_value
            if not missing and (value is None or is_blank(value)):
                continue
            self.table.rows.append(
                TableRow(
                    row + 1,
                    {**values, over: said, key: value},
                    {**self.cells, over: index, key: index},
                    unvalued | {key} if missing else unvalued,
                    frozenset({key}) if (row, index) in self.shared else NO_KEYS,
                    self.section,
                )
            )

    def unvalued(self, row: int, sources: Mapping[int, int]) -> frozenset[str]:
        missing = self.sheet.formulas_without_value
        if not missing:
            return NO_KEYS
        return frozenset(
            key for key, index in self.cells.items() if (sources.get(index, row), index) in missing
        )

    def source(self, row: int, index: int) -> int:
        """The row whose cell is shown here: the first of a merged range. Rows must be asked for in order."""
        ranges = self.merged_down[index]
        while ranges and ranges[-1][1] < row:
            ranges.pop()
        return ranges[-1][0] if ranges and ranges[-1][0] <= row else row

    def shares(self, row: int, index: int) -> bool:
        """Whether a cell is merged with its column's in other rows, or with another column's. Asked after source."""
        ranges, width = self.merged_down.get(index), self.wide.get((row, index), 1)
        if ranges and ranges[-1][0] <= row:
            return True
        return width > 1 and any(index < other < index + width for other in self.matched)

    # --- Rows that are no data -------------------------------------------------------------------------------------
    def why_not(self, row: int, content: list[tuple[int, Value]]) -> str:
        """Why a row is no data, in words for the user; "" when it is."""
        if self.is_numbered(row) and not self.ended:
            self.noted = False
            return ""
        texts = [compact(value) if isinstance(value, str) else "" for _, value in content[:3]]
        reason = (
            self.repeats_header(content)
            or total_reason(content, texts)
            or signature_reason(content, texts)
            or self.another_header(content)
            or self.note_reason(row, content, texts)
            or self.repeats_title(row, content)
            or ("" if self.begun else hint_reason(content))
        )
        self.noted = reason == "说明行"
        if reason in {REPEATED_HEADER, ANOTHER_TABLE}:
            self.ended = reason == ANOTHER_TABLE
        elif self.ended:
            return reason or BELOW_ANOTHER
        if not reason and not any(self.has_value(row, index) for index in self.matched):
            return NOTHING_MATCHED
        return reason

    def is_numbered(self, row: int) -> bool:
        """A row with a 系统编号 is what the register holds, word for word, whatever its texts look like."""
        number = None if self.numbers is None else self.sheet.value(row, self.numbers)
        return isinstance(number, str) and SYSTEM_NUMBER.fullmatch(compact(number)) is not None

    def has_value(self, row: int, index: int) -> bool:
        value = self.sheet.value(row, index)
        if (row, index) in self.sheet.formulas_without_value:
            return True
        return value is not None and not is_blank(value)

    def repeats_header(self, content) -> str:
        if not any(compact(str(value)) in self.header_texts[index] for index, value in content[:2]):
            return ""
        same = sum(compact(str(value)) in self.header_texts[index] for index, value in content)
        return REPEATED_HEADER if same >= MOSTLY_FROM and same >= MOSTLY * len(content) else ""

    def another_header(self, content) -> str:
        """The columns of the ledger named again: in the same places it is the header in other words, else the header
        of another table, whose values would stand below the wrong columns."""
        if not any(isinstance(value, str) and as_name(value) in self.names.known for _, value in content[:2]):
            return ""
        if not all(isinstance(value, str) for _, value in content):
            return ""
        matches = self.names.match([Header((compact(value),)) for _, value in content])
        named = {
            index: self.names.columns[match[0]].key
            for (index, _), match in zip(content, matches, strict=True)
            if match
        }
        if len(named) < MOSTLY_FROM or len(named) < MOSTLY * len(content):
            return ""
        own = {column.index: column.key for column in self.table.columns}
        return REPEATED_HEADER if named.items() <= own.items() else ANOTHER_TABLE

    def repeats_title(self, row: int, content) -> str:
        """The title again, or another one: a single text with the header again not far below."""
        if len(content) > 1 or not isinstance(content[0][1], str):
            return ""
        below = range(row + 1, min(row + 1 + TITLE_LINES, len(self.sheet.rows)))
        repeated = compact(content[0][1]) == self.table.title
        contents = [self.content(line) for line in below if self.sheet.rows[line]]
        again = any(self.repeats_header(found) or self.another_header(found) for found in contents if found)
        return REPEATED_TITLE if repeated or again else ""

    def note_reason(self, row: int, content, texts: list[str]) -> str:
        others = [
            (index, value) for index, value in content if not (index in self.counting and is_count(value))
        ]
        first = next((text for text in texts if text), "")
        if texts[0] and NOTE.fullmatch(texts[0]) and (len(others) == 1 or ":" in texts[0]):
            return "说明行"
        if len(others) != 1 or not first:
            return ""
        index = others[0][0]
        if END_MARK.fullmatch(first) or (self.noted and NOTE_GOES_ON.fullmatch(first)):
            return "说明行"
        wide = self.wide.get((row, index), 1) >= max(3, len(self.indices) / 2)
        in_counting = index in self.counting and not is_count(others[0][1])
        if wide or in_counting or (index == self.indices[0] and len(first) >= LONG_TEXT):
            return f"{ACROSS}{quoted(others[0][1])}"
        return ""


def hint_reason(content) -> str:
    """Rows right below the header that say how to fill it in."""
    texts = [compact(value) if isinstance(value, str) else "" for _, value in content]
    if texts[0] and EXAMPLE.fullmatch(texts[0]):
        return "填写示例行"
    if len(content) >= 3 and counts_up([value for _, value in content]):
        return "栏号行"
    if sum(bool(text and HINT.fullmatch(text)) for text in texts) > 0.6 * len(texts):
        return "填写提示行"
    return ""


def section_of(content) -> str:
    """What a line across the table says of the rows below it; "" where it speaks of those above."""
    text = " ".join(str(value) for _, value in content)
    return "" if len(text) > LONG_TEXT or compact(text).startswith(("以上", "上述")) else text


def is_blank(value: Value) -> bool:
    return isinstance(value, str) and not value.strip()


def blank_reason(first: int, last: int) -> str:
    return "空行" if first == last else f"第 {first + 1}–{last + 1} 行是空行"


def is_count(value: Value) -> bool:
    return not isinstance(value, str) or compact(value).isdigit()


def quoted(value: Value) -> str:
    text = " ".join(normalise(str(value)).split())
    return f"“{text[:LONGEST_QUOTE]}{'…' if len(text) > LONGEST_QUOTE else ''}”"


def total_reason(content, texts: list[str]) -> str:
    """合计“44人” for a row of totals; the word stands among the first three cells."""
    for place, text in enumerate(texts[:3]):
        if text and TOTAL.fullmatch(text):
            beside = [value for _, value in content[place + 1 : place + 2] if isinstance(value, str)]
            return text + (quoted(beside[0]) if beside else "行")
    return f"合计行{quoted(content[0][1])}" if texts[0] and TOTAL_FIRST.fullmatch(texts[0]) else ""


def signature_reason(content, texts: list[str]) -> str:
    if texts[0] and SIGNATURE.fullmatch(texts[0]):
        return "签字栏"
    if texts[0] and SIGNER.fullmatch(texts[0]):
        named = [value for _, value in content if isinstance(value, str) and SIGNER.fullmatch(compact(value))]
        return "签字栏" if len(named) >= 2 else ""
    return ""


def counts_up(values: list[Value]) -> bool:
    """甲 乙 1 2 3: the numbers of the columns."""
    numbers = []
    for value in values:
        text = compact(str(value)).strip("()")
        if text in CHINESE_COUNT or (len(text) == 1 and "A" <= text <= "Z"):
            continue
        if not text.isdigit():
            return False
        numbers.append(int(text))
    return (
        bool(numbers)
        and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        and numbers[0] in {1, 2}
    )
