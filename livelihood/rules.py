"""Rules that screens and ledgers of livelihood share. Each takes plain values and gives back what is wrong:
[(field, what is wrong, what to do)]."""

import datetime
from collections.abc import Iterable

from banzhuang.core.dates import PartialDate

Problems = list[tuple[str, str, str]]
Spans = Iterable[tuple[str, PartialDate | None, PartialDate | None]]


def visit_in_order(
    date: datetime.date | None,
    registered: PartialDate | None,
    removed: PartialDate | None,
    day: datetime.date,
) -> Problems:
    """A visit is not after `day`, and of a household that stood in the register then."""
    if date is None:
        return []
    if date > day:
        return [("date", f"走访日期不能晚于今天（{day.isoformat()}）。", "改成实际走访的日期。")]
    if registered and date < registered.first:
        return [
            (
                "date",
                f"走访日期早于这户的建档日期（{registered.iso()}）。",
                "核对走访日期；建档日期有误的，先改户的资料。",
            )
        ]
    if removed and date >= removed.first:
        return [("date", f"这户 {removed.iso()} 已出册，之后没有走访。", "核对走访日期和户主。")]
    return []


def heard_something(topics: list[str], heard: str) -> Problems:
    """What was heard is written, or said to be nothing (反映类别 “没有” leaves both empty only by choice)."""
    if heard or topics:
        return []
    return [("heard", "反映情况还没有写。", "写户里反映的情况；没有反映的，点“没有”。")]


def answer_in_order(
    raised_on: datetime.date, closed_on: datetime.date | None, outcome: str, reply: str, day: datetime.date
) -> Problems:
    """An answer has a date not after `day` and not before the need, an outcome, and the words that were said."""
    problems = []
    if closed_on and closed_on > day:
        problems.append(("closed_on", f"答复日期不能晚于今天（{day.isoformat()}）。", "改成实际答复的日期。"))
    if closed_on and closed_on < raised_on:
        problems.append(("closed_on", f"答复日期早于提出日期（{raised_on.isoformat()}）。", "核对两个日期。"))
    if closed_on and not outcome:
        problems.append(("outcome", "结果还没有选。", "选“已解决”或“无法解决”。"))
    if closed_on and len(reply.strip()) < 4:
        problems.append(("reply", "答复还没有写。", "写明怎么办的、怎么答复户里的，至少四个字。"))
    return problems


def people_agree(members: int | None, workers: int | None) -> Problems:
    """Workers are among the members."""
    if members is None or workers is None or workers <= members:
        return []
    return [("workers", f"劳动力 {workers} 人，多于家庭人口 {members} 人。", "核对两个数。")]


def contact_in_order(
    start: PartialDate | None, former_start: PartialDate | None, former_name: str, day: datetime.date
) -> Problems:
    """Whoever takes a household over starts on or after the one before, and not after `day`."""
    if start and start.first > day:
        return [
            ("start", f"联系起 {start.iso()} 晚于今天（{day.isoformat()}）。", "改成实际开始联系的日期。")
        ]
    if start and former_start and start.first < former_start.first:
        return [
            (
                "start",
                f"联系起 {start.iso()} 早于{former_name}的联系起（{former_start.iso()}）。",
                "核对两人的起止日期。",
            )
        ]
    return []


def contact_ends_in_order(start: PartialDate | None, end: PartialDate | None) -> Problems:
    """A contact does not end before it began."""
    if start and end and end.first < start.first:
        return [("end", f"联系止 {end.iso()} 早于联系起（{start.iso()}）。", "核对两个日期。")]
    return []


def registration_in_order(registered: PartialDate | None, day: datetime.date) -> Problems:
    """Nobody is registered after `day`."""
    if registered is None or registered.first <= day:
        return []
    wrong = f"建档日期 {registered.iso()} 晚于今天（{day.isoformat()}）。"
    return [("registered", wrong, "改成实际建档的日期。")]


def taken_in_order(raised_on: datetime.date, taken_on: datetime.date | None, day: datetime.date) -> Problems:
    """Nobody begins before the need was raised, or after `day`: today, or the day of the answer."""
    if taken_on and taken_on > day:
        return [("taken_on", f"开始办理 {taken_on.isoformat()} 晚于 {day.isoformat()}。", "核对两个日期。")]
    if taken_on and taken_on < raised_on:
        return [("taken_on", f"开始办理早于提出日期（{raised_on.isoformat()}）。", "核对两个日期。")]
    return []


def due_ahead(due: datetime.date, day: datetime.date) -> Problems:
    """A day by which something new is to be answered has not passed."""
    if due < day:
        return [
            ("due", f"答复期限 {due.isoformat()} 已过（今天 {day.isoformat()}）。", "改成今天或以后的日期。")
        ]
    return []


def apart(start: PartialDate | None, end: PartialDate | None, others: Spans, what: str) -> Problems:
    """The time [start, end) has no day in common with `others`: (in words, start, end). An unknown start is taken
    as long ago, an unknown end as still holding, as everywhere; `what` may not be twice on one day."""
    if start and end and start.first == end.first:
        return []
    for words, other_start, other_end in others:
        begins = other_start is None or end is None or other_start.first < end.first
        holds = start is None or other_end is None or other_end.first > start.first
        empty = other_start and other_end and other_start.first == other_end.first
        if begins and holds and not empty:
            span = (
                f"{other_start.iso() if other_start else '不详'} 至 {other_end.iso() if other_end else '今'}"
            )
            return [("start", f"与{words}（{span}）重叠，{what}。", "核对两段的起止。")]
    return []


ONE_LEADER = "一户同一天只有一名联系领导"


def registered_once(elsewhere: str) -> Problems:
    """`elsewhere`: the village where the head's number stands in the register already, "" for none."""
    if not elsewhere:
        return []
    return [
        ("identity", f"这个身份证号的户主已在{elsewhere}在册，一户只登记一次。", "迁来的，先把那边出册。")
    ]


def stands_in_order(
    registered: PartialDate | None, removed: PartialDate | None, day: datetime.date
) -> Problems:
    """A household leaves the register after it came, and neither after `day`."""
    return times_in_order(("registered", "建档日期", registered), ("removed", "出册日期", removed), day)


def times_in_order(begin: tuple, end: tuple, day: datetime.date) -> Problems:
    """(field, label, date) of both ends: neither lies after `day`, the end not before the beginning."""
    problems = [
        (field, f"{label} {date.iso()} 晚于今天（{day.isoformat()}）。", "改成实际的日期。")
        for field, label, date in (begin, end)
        if date and date.first > day
    ]
    first, last = begin[2], end[2]
    if first and last and last.first < first.first:
        field, label, _ = end
        problems.append((field, f"{label} {last.iso()} 早于{begin[1]} {first.iso()}。", "核对两个日期。"))
    return problems


def year_has_begun(year: int | None, day: datetime.date) -> Problems:
    if year is None or year <= day.year:
        return []
    return [("year", f"{year} 年还没有到（今年是 {day.year} 年）。", "核对年度。")]


def raised_in_order(raised_on: datetime.date, day: datetime.date) -> Problems:
    if raised_on <= day:
        return []
    return [("raised_on", f"提出日期不能晚于今天（{day.isoformat()}）。", "改成实际提出的日期。")]
