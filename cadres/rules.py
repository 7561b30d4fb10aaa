"""Rules that screens and ledgers share. Each takes plain values and gives back what is wrong, field by field."""

import datetime
from collections.abc import Iterable

from banzhuang.core.codes import id_number_birth, id_number_sex
from banzhuang.core.dates import PartialDate


def written_by_another(subject: int | None, user: int | None) -> str:
    """Facts about a person are entered and corrected by somebody else; "" when the account `user` is not the person's.

    subject: the account of the person, None without one.
    """
    if subject is None or subject != user:
        return ""
    return "这是您本人的干部资料，不由本人登记和修改；请本办公室的其他同事办理。"


def identity_agrees(id_number: str, sex: str, born: PartialDate | None) -> list[tuple[str, str, str]]:
    """GB 11643: sex and birth date must agree with the number. → (field, what is wrong, what to do).

    `sex` is 男, 女 or ""; `born` is compared at its own precision.
    """
    problems = []
    if not id_number:
        return problems
    number_sex, number_birth = id_number_sex(id_number), id_number_birth(id_number)
    if sex and sex != number_sex:
        problems.append(
            ("sex", f"性别“{sex}”与身份证号不符，号码中为{number_sex}。", "对照身份证原件，改性别或改号码。")
        )
    if born and PartialDate(number_birth, born.precision).iso() != born.iso():
        problems.append(
            (
                "born",
                f"出生日期 {born.iso()} 与身份证号不符，号码中为 {number_birth.isoformat()}。",
                "对照身份证原件，改出生日期或改号码。",
            )
        )
    return problems


def life_in_order(
    born: PartialDate | None,
    joined_party: PartialDate | None,
    started_work: PartialDate | None,
    day: datetime.date,
) -> list[tuple[str, str, str]]:
    """Nobody joins the party before 18 or works before 14; nothing lies after `day`."""
    problems = []
    for field, label, date in [
        ("born", "出生日期", born),
        ("joined_party", "入党时间", joined_party),
        ("started_work", "参加工作时间", started_work),
    ]:
        if date and date.first > day:
            problems.append(
                (field, f"{label} {date.iso()} 晚于今天（{day.isoformat()}）。", "核对后改成实际日期。")
            )
    for field, label, date, age in [
        ("joined_party", "入党时间", joined_party, 18),
        ("started_work", "参加工作时间", started_work, 14),
    ]:
        if born and date and younger(born.first, date.last, age):
            problems.append(
                (
                    field,
                    f"{label} {date.iso()} 时不满 {age} 周岁（出生 {born.iso()}）。",
                    "核对出生日期和这个日期。",
                )
            )
    return problems


def younger(birth: datetime.date, day: datetime.date, age: int) -> bool:
    """Whether somebody born on `birth` has not reached `age` on `day`; who was born on 29 February turns on 1 March."""
    return (day.year - age, day.month, day.day) < (birth.year, birth.month, birth.day)


def succession_in_order(
    start: PartialDate | None, former_start: PartialDate | None, former_name: str, day: datetime.date
) -> list[tuple[str, str, str]]:
    """A successor starts on or after the former's start, and not after `day`."""
    problems = []
    if start and start.first > day:
        problems.append(
            (
                "start",
                f"任职起 {start.iso()} 晚于今天（{day.isoformat()}）。",
                "到任后再登记，或改成实际日期。",
            )
        )
    if start and former_start and start.first < former_start.first:
        problems.append(
            (
                "start",
                f"任职起 {start.iso()} 早于现任书记{former_name}的任职起（{former_start.iso()}）。",
                "核对两人的任职起；现任书记的起任日期有误时，先改那一条。",
            )
        )
    return problems


def still_held(
    start: PartialDate | None, last_name: str, last_end: PartialDate | None
) -> list[tuple[str, str, str]]:
    """The first day must not lie in a post that has since ended: no day has two secretaries.

    `last_name` and `last_end` are of the secretary whose post ended last; None when nobody's has.
    """
    if not start or not last_end or last_end.first <= start.first:
        return []
    wrong = f"任职起 {start.iso()} 早于前任书记{last_name}的离任（{last_end.iso()}）。"
    return [("start", wrong, "核对两人的日期；前任的离任日期有误时，先改那一条。")]


def one_secretary_a_day(
    start: PartialDate | None,
    end: PartialDate | None,
    others: Iterable[tuple[str, PartialDate | None, PartialDate | None]],
) -> list[tuple[str, str, str]]:
    """The post [start, end) has no day in common with those of `others`: (name, start, end), end None while in post.

    A start that is not known overlaps nothing that could be told; two in post is the database's rule.
    """
    for name, other_start, other_end in others:
        if not start or not other_start or (end is None and other_end is None):
            continue
        if (end is None or other_start.first < end.first) and (
            other_end is None or other_end.first > start.first
        ):
            until = f"至 {other_end.iso()}" if other_end else "起，在任"
            wrong = f"与{name}的任职（{other_start.iso()} {until}）重叠，一个党组织同一天只有一名书记。"
            return [("start", wrong, "核对两人的起止。")]
    return []


def term_from(start: PartialDate, years: int, day: datetime.date) -> PartialDate | None:
    """When a term of `years` that began on `start` ends, to the month; to the year where only that is known.

    None when that lies before `day`: who is still in post has been elected again, and when that term ends is not known.
    """
    precision = "year" if start.precision == "year" else "month"
    end = PartialDate(start.first.replace(year=start.first.year + years, day=1), precision)
    return end if end.last >= day else None


def leave_apart(
    start: datetime.date,
    end: datetime.date | None,
    others: Iterable[tuple[str, datetime.date, datetime.date | None]],
) -> list[tuple[str, str, str]]:
    """The leave [start, end) has no day in common with `others`: (kind in words, start, end); end None: not back yet."""
    for kind, other_start, other_end in others:
        if (end is None or other_start < end) and (other_end is None or other_end > start):
            until = f"至 {other_end.isoformat()} 返岗" if other_end else "起，返岗未定"
            wrong = f"与已登记的{kind}（{other_start.isoformat()} {until}）重叠。"
            return [("start", wrong, "改那一条的日期，或改这一条的。")]
    return []
