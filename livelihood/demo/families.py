"""The invented families of the demo: heads, members, labels, and how they stood year by year.

Identity numbers have the area 710000, which is never issued, and a valid check digit; phones are 1390000xxxx.
"""

import datetime
import random
from dataclasses import dataclass, field
from typing import NamedTuple

from stdnum.cn.ric import calc_check_digit

from banzhuang.core.dates import PartialDate
from livelihood.models import Household, HouseholdLabel, HouseholdYear, Member
from livelihood.models.household import Cause, Health

Kind, Relation, Skill = HouseholdLabel.Kind, Member.Relation, Member.Skill
MAN, WOMAN = Member.Sex.MALE, Member.Sex.FEMALE

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗孟窦于闫曹董汪靳"
# First and second character of given names, by sex and age: those born before 1980, and the younger.
GIVEN = {
    (MAN, True): ("德福广长玉金士兴树洪家明守怀传继永文立", "山海田林才贵友胜义亮成全民顺河江伦祥"),
    (WOMAN, True): ("秀桂玉春翠凤月素爱美", "英兰芳花珍荣梅云霞芹"),
    (MAN, False): ("浩子宇俊嘉晨志文明", "然轩航宇涛杰阳辉博"),
    (WOMAN, False): ("雨子欣佳梦思雅婷", "涵怡悦琪瑶萱雯洁"),
}


class Kin(NamedTuple):
    """`share` of the families have one; ages are years, of a spouse or parent years more than the head's."""

    relation: str
    share: float
    youngest: int
    oldest: int


class Shape(NamedTuple):
    """A kind of family: how many of a hundred, the head's ages and share of women, kin, main causes by weight."""

    weight: int
    youngest: int
    oldest: int
    women: float
    kin: tuple[Kin, ...]
    causes: dict[str, int]


SPOUSE, CHILD = Kin(Relation.SPOUSE, 1, -5, 3), Kin(Relation.SON, 1, 7, 17)
SHAPES = {
    "alone": Shape(12, 66, 84, 0.2, (), {Cause.LABOUR: 6, Cause.ILLNESS: 4}),
    "couple": Shape(
        22, 62, 76, 0, (SPOUSE,), {Cause.ILLNESS: 13, Cause.LABOUR: 4, Cause.DISABILITY: 2, Cause.DISASTER: 1}
    ),
    "family": Shape(
        26,
        38,
        52,
        0.05,
        (SPOUSE, CHILD, Kin(Relation.SON, 0.5, 5, 20), Kin(Relation.PARENT, 0.3, 22, 27)),
        {
            Cause.ILLNESS: 10,
            Cause.SCHOOLING: 6,
            Cause.SKILL: 3,
            Cause.FUNDS: 3,
            Cause.DISABILITY: 2,
            Cause.DISASTER: 1,
        },
    ),
    "grandparents": Shape(
        13,
        60,
        72,
        0.2,
        (Kin(Relation.SPOUSE, 0.6, -5, 3), Kin(Relation.GRANDCHILD, 1, 7, 15)),
        {Cause.LABOUR: 5, Cause.ILLNESS: 7, Cause.OTHER: 1},
    ),
    "disabled": Shape(
        17,
        38,
        60,
        0.2,
        (
            Kin(Relation.SPOUSE, 0.4, -5, 3),
            Kin(Relation.PARENT, 0.4, 22, 27),
            Kin(Relation.SON, 0.3, 8, 18),
        ),
        {Cause.DISABILITY: 8, Cause.ILLNESS: 1},
    ),
    "single": Shape(
        10,
        34,
        50,
        0.7,
        (CHILD, Kin(Relation.PARENT, 0.3, 22, 27)),
        {Cause.ILLNESS: 4, Cause.SCHOOLING: 2, Cause.SKILL: 1, Cause.FUNDS: 1, Cause.LABOUR: 1},
    ),
}
RELATIVE_AGE = {Relation.SPOUSE, Relation.PARENT}
YOUNG = {Relation.SON, Relation.DAUGHTER, Relation.GRANDCHILD}
GRADES = "一二三四五六"


@dataclass
class Family:
    """A household with the rows that belong to it; traits: whom a saying fits, see sayings.py."""

    household: Household
    members: list[Member] = field(default_factory=list)
    labels: list[HouseholdLabel] = field(default_factory=list)
    years: list[HouseholdYear] = field(default_factory=list)
    traits: set[str] = field(default_factory=lambda: {"any"})
    told: list[str] = field(default_factory=list)

    def label(self, kind, started: PartialDate) -> HouseholdLabel:
        label = HouseholdLabel(household=self.household, kind=kind)
        label.started = started
        self.labels.append(label)
        return label

    def remove(self, on: datetime.date, reason: str) -> None:
        """Out of the register from `on`, and its labels with it."""
        household = self.household
        household.removed, household.removal_reason = PartialDate(on), reason
        for label in self.labels:
            if not label.end:
                label.ended, label.how_ended = PartialDate(on), household.get_removal_reason_display()


class Families:
    """Makes families one after another, the same ones every time for the same day."""

    def __init__(self, report: datetime.date, day: datetime.date, taken: set[str]):
        self.chance = random.Random(20220809)
        self.report, self.day, self.taken = report, day, set(taken)
        self.names, self.numbers = set(), {}

    def identity(self, birth: datetime.date, sex: str) -> str:
        while True:
            order = self.chance.randint(0, 99)
            digits = (
                f"710000{birth:%Y%m%d}{order:02d}{self.chance.choice('13579' if sex == MAN else '02468')}"
            )
            number = digits + calc_check_digit(f"{digits}?")
            if number not in self.taken:
                self.taken.add(number)
                return number

    def name(self, sex: str, birth_year: int, surname: str = "") -> str:
        first, second = GIVEN[sex, birth_year < 1980]
        while True:
            given = self.chance.choice(first) + self.chance.choice(second)
            name = (surname or self.chance.choice(SURNAMES)) + given
            if name not in self.names and given[0] != given[1]:
                self.names.add(name)
                return name

    def birth(self, youngest: int, oldest: int) -> datetime.date:
        """Of someone who has these years on the report's day."""
        days = self.chance.randint(youngest * 365 + 20, oldest * 365 + 360)
        return self.report - datetime.timedelta(days=days)

    def family(self, village, shape="", name="", group="", cause="", sex="") -> Family:
        """A family in `village`, drawn by the shares of SHAPES except for what is given."""
        chance = self.chance
        shape = shape or chance.choices(list(SHAPES), [item.weight for item in SHAPES.values()])[0]
        form = SHAPES[shape]
        sex = sex or (WOMAN if chance.random() < form.women else MAN)
        born = self.birth(form.youngest, form.oldest)
        cause = cause or chance.choices(list(form.causes), list(form.causes.values()))[0]
        number = self.numbers[village.pk] = self.numbers.get(village.pk, 0) + 1
        group = group or f"{chance.randint(1, 7)}组"
        family = Family(
            Household(
                village=village,
                number=f"{village.code[-3:]}-{number:02d}",
                head=name or self.name(sex, born.year),
                group=group,
                phone=f"1390000{2000 + len(self.taken):04d}" if chance.random() < 0.9 else "",
                address=f"{village.name}{group}{chance.randint(1, 90)}号",
                health=self.health_of_head(cause, born),
                id_number=self.identity(born, sex),
            )
        )
        for kin in form.kin:
            if chance.random() < kin.share:
                family.members.append(self.member(family.household, kin, sex, born))
        self.settle(family, shape, born, cause)
        return family

    def health_of_head(self, cause: str, born: datetime.date) -> str:
        if cause == Cause.DISABILITY:
            return Health.DISABLED
        if cause == Cause.ILLNESS and self.chance.random() < 0.6:
            return self.chance.choice([Health.SERIOUS, Health.CHRONIC, Health.CHRONIC])
        old = self.report.year - born.year > 64
        return Health.CHRONIC if old and self.chance.random() < 0.4 else Health.HEALTHY

    def member(self, household, kin: Kin, sex_of_head: str, head_born: datetime.date) -> Member:
        chance, relation = self.chance, kin.relation
        if relation == Relation.SPOUSE:
            sex = WOMAN if sex_of_head == MAN else MAN
        else:
            sex = WOMAN if chance.random() < (0.6 if relation == Relation.PARENT else 0.45) else MAN
        if relation == Relation.SON and sex == WOMAN:
            relation = Relation.DAUGHTER
        age = self.report.year - head_born.year if relation in RELATIVE_AGE else 0
        born = self.birth(age + kin.youngest, age + kin.oldest)
        fathers = relation in YOUNG and sex_of_head == MAN
        surname = household.head[0] if fathers or (relation == Relation.PARENT and sex == MAN) else ""
        health = Health.CHRONIC if age > 60 and chance.random() < 0.4 else Health.HEALTHY
        member = Member(
            household=household,
            name=self.name(sex, born.year, surname),
            relation=relation,
            sex=sex,
            born_on=born,
            id_number=self.identity(born, sex),
            health=health,
            school=school_of(born, self.day) if relation in YOUNG else "",
        )
        member.skill = self.skill(self.report.year - born.year, member)
        return member

    def skill(self, age: int, member: Member) -> str:
        if age < 16 or age > 70 or member.school:
            return Skill.NONE
        if age > 60 or member.health != Health.HEALTHY:
            return Skill.WEAK
        return Skill.SKILLED if self.chance.random() < 0.12 else Skill.ORDINARY

    # --- Labels and years -----------------------------------------------------------------------------------

    def settle(self, family: Family, shape: str, born: datetime.date, cause: str) -> None:
        """Labels, the day of registration, traits, and the yearly rows."""
        chance, household = self.chance, family.household
        if cause == Cause.ILLNESS and household.health == Health.HEALTHY and family.members:
            family.members[0].health = chance.choice([Health.SERIOUS, Health.CHRONIC])
            family.members[0].skill = Skill.NONE
        self.recognise(family, shape)
        workers = sum(member.skill in {Skill.SKILLED, Skill.ORDINARY} for member in family.members)
        workers += household.health == Health.HEALTHY and self.report.year - born.year < 62
        healths = {household.health, *(member.health for member in family.members)}
        traits = {
            "worker": workers > 0,
            "pupil": any(member.school for member in family.members),
            "ill": bool(healths & {Health.SERIOUS, Health.CHRONIC}),
            "disabled": Health.DISABLED in healths,
            "old": self.report.year - born.year > 65,
            "party": chance.random() < 0.06,
        }
        family.traits |= {trait for trait, held in traits.items() if held}
        others = [code for code in (Cause.ILLNESS, Cause.LABOUR, Cause.SCHOOLING) if code != cause]
        other_causes = [chance.choice(others)] if chance.random() < 0.25 else []
        unsafe = chance.random() < 0.05
        for year in sorted({self.report.year - 1, self.report.year, self.day.year}):
            row = HouseholdYear(
                household=household,
                year=year,
                members=1 + len(family.members),
                workers=workers,
                cause=cause,
                other_causes=other_causes,
                housing="grade_c" if unsafe and year < self.report.year else "safe",
            )
            if year < self.day.year:
                self.earn(row, family)
            family.years.append(row)

    def recognise(self, family: Family, shape: str) -> None:
        """What the household counts as, and since when it stands in the register."""
        chance = self.chance
        start = PartialDate(
            datetime.date(chance.randint(2018, self.report.year - 2), chance.randint(1, 12), 1), "month"
        )
        if shape == "alone":
            family.label(Kind.DESTITUTE, start)
        elif chance.random() < 0.76:
            start = PartialDate(
                datetime.date(chance.choice([2014, 2016, 2016]), chance.randint(1, 12), 1), "month"
            )
            family.label(Kind.REGISTERED, start)
            lifted = chance.choices(["", Kind.LIFTED, Kind.UNSTABLE], [36, 60, 4])[0]
            if lifted:
                family.label(lifted, PartialDate(datetime.date(chance.randint(2018, 2020), 12, 1), "month"))
            if chance.random() < 0.35:
                self.minimum(family)
        elif chance.random() < 0.6:
            self.minimum(family)
        else:
            family.label(chance.choice([Kind.MARGINAL, Kind.LOW_INCOME, Kind.MINIMUM_MARGINAL]), start)
        family.household.registered = min([start, *(label.started for label in family.labels)])

    def minimum(self, family: Family) -> None:
        """低保; one of ten has left it since."""
        year = self.chance.randint(2018, self.report.year - 2)
        label = family.label(
            Kind.MINIMUM, PartialDate(datetime.date(year, self.chance.randint(1, 12), 1), "month")
        )
        if self.chance.random() < 0.1:
            label.ended = PartialDate(datetime.date(self.report.year - 1, 4, 1), "month")
            label.how_ended = "家庭收入超过标准"

    def earn(self, row: HouseholdYear, family: Family) -> None:
        """Income of a year that is over, in yuan."""
        chance, growth = self.chance, 1.05 ** (row.year - self.report.year)
        kinds = {label.kind for label in family.labels if not label.end}
        transfer = 2400 if "old" in family.traits else 600
        transfer += 6200 * row.members if Kind.MINIMUM in kinds else 0
        transfer += 11800 if Kind.DESTITUTE in kinds else 0
        row.transfer_income = yuan(transfer * growth)
        row.wage_income = yuan(row.workers * chance.randint(11000, 19000) * growth)
        row.business_income = yuan(chance.randint(1500, 7000) * growth) if chance.random() < 0.7 else None
        row.property_income = yuan(chance.randint(300, 1500)) if chance.random() < 0.5 else None


def yuan(amount: float) -> int:
    return round(amount / 10) * 10


def school_of(born: datetime.date, day: datetime.date) -> str:
    """Where a child of this age learns on `day`: the school year begins in September, school with six years."""
    year = day.year if day.month >= 9 else day.year - 1
    age = year - born.year - (born.month > 8)
    if 6 <= age < 12:
        return f"班庄中心小学{GRADES[age - 6]}年级"
    if 12 <= age < 15:
        return f"班庄中学初{GRADES[age - 12]}"
    if 15 <= age < 18:
        return f"{'城头高级中学高' if born.day % 2 else '赣榆中等专业学校'}{GRADES[age - 15]}" + (
            "" if born.day % 2 else "年级"
        )
    if 18 <= age < 21:
        return f"连云港职业技术学院大{GRADES[age - 18]}"
    return ""
