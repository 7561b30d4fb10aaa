"""Who looks after whom in the demo: thirteen leaders with twenty families each, in three or four villages near each other."""

import datetime

from banzhuang.core.dates import PartialDate
from banzhuang.core.workdays import week_of
from cadres.models import Cadre
from livelihood.models import Household
from livelihood.models.household import Cause

from .families import MAN, WOMAN, Families, Family, Kind
from .rounds import ONE, WEEK, Charge, Diary

# Families by village of each leader, in the order of cadres.demo.LEADER_TITLES; poor villages have more.
TOURS = [
    {"黄泥沟": 8, "介沟": 7, "石沟埃": 5},
    {"山西": 8, "横山官庄": 7, "石沟埃": 5},
    {"河洼": 8, "太平": 7, "欢墩埠": 5},
    {"石门头": 7, "东接驾庄": 7, "西接驾庄": 6},
    {"抗日山": 8, "泉子坡": 7, "西响石": 5},
    {"西响石": 6, "前集": 5, "新河东": 5, "汪于": 4},
    {"演马场": 7, "马圩": 7, "西响石": 3, "新河东": 3},
    {"刘洪爽": 7, "于洪爽": 7, "窦洪爽": 6},
    {"王洪爽": 8, "圈洪爽": 6, "洪爽": 6},
    {"东方红": 8, "董净埠": 6, "孙净埠": 6},
    {"李小湾": 8, "东窝子": 6, "坡石桥": 6},
    {"曹顶": 7, "上闫庄": 7, "前闫庄": 6},
    {"赵班庄": 7, "三清阁": 7, "马朱孟": 6},
]
MA_QIANG, SICK, TRAINED, SHORT, HANDED_OVER, SLOW = 5, 2, 7, 8, 9, 11
# The families of 马强 that he should go to: village, head, group, kind, cause, sex, days since the last visit.
NAMED = [
    ("西响石", "张福永", "3组", "couple", Cause.ILLNESS, MAN, 41),
    ("西响石", "孙燕生", "1组", "grandparents", Cause.LABOUR, MAN, 33),
    ("西响石", "陈梅新", "3组", "family", Cause.SCHOOLING, MAN, 28),
    ("前集", "林德海", "2组", "disabled", Cause.DISABILITY, MAN, 29),
    ("前集", "何秀芹", "5组", "single", Cause.SKILL, WOMAN, 26),
    ("新河东", "胡福", "4组", "couple", Cause.ILLNESS, MAN, 27),
    ("新河东", "杨燕英", "1组", "single", Cause.DISASTER, WOMAN, 25),
]
SLOW_DAYS = [45, 38, 34]
# Registered days before loading, and nobody is their contact yet.
NEW = {"古城": 9, "朱范": 3}


class Plan:
    """The families and charges of a demo loaded on `day` whose report is of `report`."""

    def __init__(self, families: Families, villages: dict, leaders: list[Cadre], former: Cadre, diary: Diary):
        self.families, self.villages, self.diary = families, villages, diary
        self.report, self.day = families.report, families.day
        self.leaders, self.former = leaders, former
        self.made: list[Family] = []
        self.charges: list[list[Charge]] = [self.tour(place) for place in range(len(TOURS))]
        self.hand_over()
        self.replace(1, "山西", datetime.date(self.report.year - 1, 11, 12), Household.RemovalReason.DECEASED)
        self.replace(SHORT, "洪爽", datetime.date(self.report.year - 1, 12, 5), Household.RemovalReason.MOVED)
        improved = self.report + 45 * ONE
        if improved + 60 * ONE < self.day:
            self.replace(SLOW, "前闫庄", improved, Household.RemovalReason.IMPROVED)
        self.wait()
        self.strike()
        self.register_new()

    def family(self, village: str, **given) -> Family:
        family = self.families.family(self.villages[village], **given)
        self.made.append(family)
        return family

    def charge(self, family: Family, place: int, start: datetime.date) -> Charge:
        """`last`: when somebody was there before the rounds are on record, so that not all wait for the same day."""
        before = start - self.families.chance.randint(1, 28) * ONE
        return Charge(family, self.leaders[place], start, last=before)

    def tour(self, place: int) -> list[Charge]:
        start = datetime.date(self.report.year - 1, 6, 1) + place % 10 * ONE
        named = NAMED if place == MA_QIANG else []
        made = [
            self.family(village, name=name, group=group, shape=shape, cause=cause, sex=sex)
            for village, name, group, shape, cause, sex, _ in named
        ]
        for village, count in TOURS[place].items():
            known = sum(row[0] == village for row in named)
            made += [self.family(village) for _ in range(count - known)]
        return [self.charge(family, place, start) for family in made]

    def hand_over(self) -> None:
        """A leader was transferred in March; his families went to the successor on a Monday."""
        monday = week_of(datetime.date(self.report.year, 3, 4))[0]
        for charge in list(self.charges[HANDED_OVER]):
            self.charges[HANDED_OVER].append(Charge(charge.family, charge.cadre, monday))
            charge.cadre, charge.end = self.former, monday

    def replace(self, place: int, village: str, on: datetime.date, reason: str) -> None:
        """A family leaves the register, and its leader is given another of the village a week later."""
        charges = self.charges[place]
        gone = next(
            charge
            for charge in charges
            if charge.family.household.village == self.villages[village] and not charge.end
        )
        gone.family.remove(on, reason)
        gone.end = on
        start = on + 7 * ONE
        family = self.family(village)
        family.household.registered = PartialDate(on + 2 * ONE)
        for label in family.labels:
            label.started = PartialDate(on + 2 * ONE)
            label.ended, label.how_ended = None, ""
        charges.append(self.charge(family, place, start))

    def wait(self) -> None:
        """Whom nobody visited for as many days as the demo wants."""
        for charge, row in zip(self.charges[MA_QIANG], NAMED, strict=False):
            charge.stop = self.diary.working_day(row[-1])
        slow = [charge for charge in self.charges[SLOW] if not charge.end]
        for charge, days in zip(slow, SLOW_DAYS, strict=False):
            charge.stop = self.diary.working_day(days)

    def strike(self) -> None:
        """Families that illness or accident struck: three look at it still, one is through it."""
        for place, (charges, ago) in enumerate(zip(self.charges[2:6], (400, 150, 90, 60), strict=True)):
            family = charges[-1].family
            start = self.report - ago * ONE
            label = family.label(Kind.HARDSHIP, PartialDate(start))
            if place == 0:
                label.ended, label.how_ended = PartialDate(start + 300 * ONE), "风险消除"

    def register_new(self) -> None:
        for village, ago in NEW.items():
            family = self.family(village, shape="family", cause=Cause.ILLNESS)
            family.labels.clear()
            since = PartialDate(self.day - ago * ONE)
            family.household.registered = since
            family.label(Kind.HARDSHIP, since)

    def free_weeks(self, place: int) -> tuple[datetime.date, ...]:
        """Mondays of the weeks in which a leader visits nobody."""
        this = week_of(self.day)[0]
        return {
            MA_QIANG: (this,),
            SHORT: (this - WEEK, this),
            6: (this - 6 * WEEK,),
            10: (this - 16 * WEEK, this - 15 * WEEK),
        }.get(place, ())
