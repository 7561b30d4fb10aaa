"""What stands above a table: its title, and lines such as 填报单位：… 填报日期：… 单位：万元. Pure."""

import re
from collections.abc import Iterable
from datetime import date

from banzhuang.core.codes import mask_phone
from banzhuang.core.dates import years_in_digits
from banzhuang.core.text import compact, normalise

from .grid import SheetGrid, Value
from .matching import MONEY_SAID, UNIT, UNIT_IN_BRACKETS, UNITS_SAID

# Label as found → the name it is given here.
LABELS = {
    **dict.fromkeys(
        (
            "填报单位",
            "填表单位",
            "制表单位",
            "报送单位",
            "上报单位",
            "编制单位",
            "单位名称",
            "填报村",
            "填报部门",
        ),
        "填报单位",
    ),
    **dict.fromkeys(("填报人", "填表人", "制表人", "经办人"), "填报人"),
    **dict.fromkeys(
        (
            "填报日期",
            "填报时间",
            "填表日期",
            "填表时间",
            "制表日期",
            "制表时间",
            "报送日期",
            "报送时间",
            "上报日期",
            "上报时间",
        ),
        "填报日期",
    ),
    **dict.fromkeys(("截止日期", "截止时间", "截至日期", "截至时间", "数据截止", "数据截至"), "截止日期"),
    **dict.fromkeys(
        ("统计期间", "统计时间", "报告期", "所属期", "期间", "时间", "月份", "年度", "季度", "日期"), "期间"
    ),
    **dict.fromkeys(("计量单位", "金额单位", "单位"), "单位"),
    **{
        label: label
        for label in ("单位负责人", "负责人", "审核人", "联系人", "联系电话", "村名", "行政村", "村", "镇")
    },
}
_SPACED = [r"\s*".join(label) for label in sorted(LABELS, key=len, reverse=True)]
LABEL = re.compile(rf"({'|'.join(_SPACED)})\s*([（(][^（()）]{{1,8}}[)）])?\s*[:：]")
ANY_LABEL = re.compile(r"^([^\W\d]{2,12})\s*[:：]\s*(.+)$", re.S)
UNIT_ALONE = re.compile(rf"\(?(?:计量|金额)?单位[:：]?({UNIT}(?:[、,/和]{UNIT})*)\)?")
SEAL = re.compile("盖章|公章|签章")
PERIOD = re.compile(
    r"[12]\d{3}年(?:\d{1,2}(?:月?[-—–~至到]\d{1,2})?月(?:份)?(?:\d{1,2}日)?|第?[一二三四1-4]季度|[上下]半年|度)?"
    r"|(?<!\d)(?:19|20)\d{2}(?:[-./]\d{1,2}){1,2}(?!\d)|(?<!\d)(?:19|20)\d{2}(?=[\u4e00-\u9fff])(?![至到])"
)


def read_metadata(sheet: SheetGrid, before: int) -> tuple[str, dict[str, str]]:
    """Title and metadata of the rows above row `before` (from 0), as found but for white space at the ends and a phone,
    which is masked."""
    title, found, period = "", {}, ""
    for row in sheet.rows[:before]:
        cells = [as_text(value) for value in row if value is not None and as_text(value)]
        pairs = list(read_line(cells))
        for name, value in pairs:
            found.setdefault(name, mask_phone(value) if name == "联系电话" else value)
        if unit := unit_without_label(cells):
            found.setdefault("单位", unit)
        elif len(cells) == 1 and not is_metadata(cells[0]) and not cells[0].startswith("附件"):
            title = title or compact(cells[0])
            period = period or period_in(cells[0])
    if period := period or period_in(sheet.name):
        found.setdefault("期间", period)
    return title, found


def period_in(text: str) -> str:
    """The period that a title names, all of them when they are of several years: 2016年、2025年."""
    said = {found[:4]: found for found in reversed(PERIOD.findall(years_in_digits(compact(text))))}
    return "、".join(reversed(said.values()))


def unit_without_label(cells: list[str]) -> str:
    """万元 of a line （万元）, or of one that says it in a sentence: 以下金额以万元为单位."""
    plain = [compact(cell) for cell in cells]
    alone = UNIT_IN_BRACKETS.fullmatch(plain[-1]) if len(plain) == 1 else None
    said = alone or next(filter(None, map(MONEY_SAID.search, plain)), None)
    return next(filter(None, said.groups())) if said else ""


def as_text(value: Value) -> str:
    return value.isoformat()[:10] if isinstance(value, date) else normalise(str(value))


def read_line(cells: list[str]) -> Iterable[tuple[str, str]]:
    """(name, value) pairs of a line; a label that ends its cell takes the next cell as its value."""
    waiting = None
    for cell in cells:
        pairs = list(read_cell(cell))
        if waiting and not pairs:
            yield from named(*waiting, cell)
        waiting = None
        for label, addition, value in pairs:
            if value:
                yield from named(label, addition, value)
            else:
                waiting = (label, addition)


def read_cell(cell: str) -> Iterable[tuple[str, str, str]]:
    """(label, its addition in brackets, value) of everything a cell says."""
    if alone := UNIT_ALONE.fullmatch(compact(cell)):
        yield "单位", "", alone[1]
        return
    labels = list(LABEL.finditer(cell))
    for place, label in enumerate(labels):
        end = labels[place + 1].start() if place + 1 < len(labels) else len(cell)
        yield compact(label[1]), label[2] or "", cell[label.end() : end].strip(" \n,，;；、。()（）")
    if not labels and (other := ANY_LABEL.match(cell)):
        yield compact(other[1]), "", other[2].strip()


def named(label: str, addition: str, value: str) -> Iterable[tuple[str, str]]:
    """单位 is a unit of measure when its value is one, else whoever fills in the form."""
    name = LABELS.get(label, label)
    if name == "单位" and (SEAL.search(addition) or not UNITS_SAID.fullmatch(compact(value))):
        name = "填报单位"
    yield name, value


def is_metadata(text: str) -> bool:
    """Whether a cell is such a line rather than a header: 单位：万元, but not 投资额（单位：万元）."""
    plain = re.sub(r"\([^()]*\)|（[^（）]*）", "", text)
    return (
        bool(re.search(r"[:：]\s*\S", plain))
        or bool(LABEL.search(plain))
        or bool(UNIT_ALONE.fullmatch(compact(text)))
    )
