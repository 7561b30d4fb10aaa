"""Rules that screens and ledgers share. Each takes plain values and gives back what is wrong, field by field."""

import datetime

from banzhuang.core.codes import id_number_birth, id_number_sex
from banzhuang.core.dates import PartialDate


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
