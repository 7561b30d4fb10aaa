"""The demo's M14: thirteen leaders, each the contact of twenty invented households, and their rounds since June of
the year before the report.

As of the report's day 13 leaders look after 260 households and have visited them all in the year. On the day of
loading most are on time; a few are not, so that duties and lights have something to show.
"""

import datetime
from collections import defaultdict

from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from banzhuang.accounts.models import User
from banzhuang.core import photos
from banzhuang.core.dates import PartialDate
from banzhuang.core.setup import report_day
from banzhuang.core.workdays import calendar_of, week_of
from cadres.models import Cadre, Leave
from livelihood.models import (
    Contact,
    Household,
    HouseholdLabel,
    HouseholdYear,
    Member,
    Need,
    Visit,
    VisitPhoto,
)
from villages.models import Township, Village

from . import pictures
from .families import MAN, WOMAN, Families
from .plan import MA_QIANG, SICK, TRAINED, Plan
from .rounds import ONE, WEEK, Charge, Diary, entry_date
from .wishes import WISHES

PHOTOS = 6
# What is still open: the leader, the content, and how many days ago it was raised, at most and at least.
OPEN = [
    (10, "门前30米土路硬化", 14, 8),
    (0, "申请医疗救助", 6, 3),
    (4, "维修门前路灯", 6, 2),
    (9, "介绍就近就业", 6, 3),
    (12, "安装一键呼叫器", 6, 2),
]


def load_demo(day) -> None:
    township = Township.objects.get(code="320707109")
    report = report_day(day)
    leaders = list(Cadre.objects.filter(category=Cadre.Category.LEADER).order_by("pk"))
    families = Families(report, day, {cadre.id_number for cadre in Cadre.objects.all()})
    former = official(families, township, "宋长河", Cadre.Category.LEADER, "党委委员", MAN, (1968, 5, 12))
    former.left = PartialDate(week_of(datetime.date(report.year, 3, 4))[0])
    user = User.objects.get(username="jiguan")
    clerk = official(families, township, user.name, Cadre.Category.CLERK, "党政办办事员", WOMAN, (1994, 9, 3))
    clerk.user = user
    bulk_create_with_history([former, clerk], Cadre)
    diary = Diary(day, calendar_of(datetime.date(report.year - 1, 1, 1), day))
    villages = {village.short_name: village for village in Village.objects.filter(township=township)}
    plan = Plan(families, villages, leaders, former, diary)
    leaves = leaves_of(leaders, report, day)
    write_diary(diary, plan, leaves)
    save_families(plan)
    bulk_create_with_history(list(leaves.values()), Leave)
    bulk_create_with_history(diary.needs, Need)
    save_visits(diary)
    add_photos(diary, leaders[MA_QIANG])


def official(families, township, name, category, position, sex, born) -> Cadre:
    birth = datetime.date(*born)
    return Cadre(
        name=name,
        sex=sex,
        ethnic_group="汉族",
        born_on=birth,
        id_number=families.identity(birth, sex),
        phone=f"1390000{1000 + len(families.taken):04d}",
        native_place="江苏赣榆",
        education=Cadre.Education.BACHELOR,
        political_status=Cadre.Political.MEMBER,
        category=category,
        position=position,
        township=township,
    )


def leaves_of(leaders, report, day) -> dict[int, Leave]:
    """By place of the leader: a week of training three weeks before loading, and an illness in April."""
    training, april = week_of(day)[0] - 3 * WEEK, week_of(datetime.date(report.year, 4, 15))[0]
    first = leaders[0].name
    return {
        TRAINED: Leave(
            cadre=leaders[TRAINED],
            kind=Leave.Kind.STUDY,
            start=training,
            end=training + WEEK,
            reason="参加区委党校培训",
            approved_by=first,
        ),
        SICK: Leave(
            cadre=leaders[SICK],
            kind=Leave.Kind.SICK,
            start=april,
            end=april + 4 * ONE,
            reason="住院检查",
            approved_by=first,
        ),
    }


def write_diary(diary: Diary, plan: Plan, leaves: dict[int, Leave]) -> None:
    """The rounds of all leaders in turn, and what is still open at their end."""
    for place, charges in enumerate(plan.charges):
        diary.rounds(charges, leaves.get(place), plan.free_weeks(place))
    wishes = {wish.content: wish for wish in WISHES}
    overdue = plan.charges[MA_QIANG][:1]
    diary.leave_open(overdue, wishes["东屋屋面漏雨"]._replace(handler=Need.Handler.CONTACT), 10, 10)
    for place, content, oldest, newest in OPEN:
        charges = [charge for charge in plan.charges[place] if not charge.end]
        if wishes[content].handler == Need.Handler.VILLAGE:
            charges = [charge for charge in charges if charge.family.household.village.short_name == "西响石"]
        fitting = [charge for charge in charges if wishes[content].who in charge.family.traits]
        diary.leave_open(fitting or charges, wishes[content], oldest, newest)


def save_families(plan: Plan) -> None:
    """Households, and all that belongs to them."""
    bulk_create_with_history([family.household for family in plan.made], Household)
    for model, rows in [
        (Member, [row for family in plan.made for row in family.members]),
        (HouseholdLabel, [row for family in plan.made for row in family.labels]),
        (HouseholdYear, [row for family in plan.made for row in family.years]),
        (Contact, [contact_of(charge) for charges in plan.charges for charge in charges]),
    ]:
        bulk_create_with_history(rows, model)


def contact_of(charge: Charge) -> Contact:
    contact = Contact(household=charge.family.household, cadre=charge.cadre)
    contact.started = PartialDate(charge.start)
    contact.ended = PartialDate(charge.end) if charge.end else None
    return contact


def save_visits(diary: Diary) -> None:
    """The visits as if entered in the evenings: what is created at once would all count as entered late.

    By an update for each evening, where bulk_update would write a condition for each row.
    """
    visits = Visit.objects.bulk_create(sorted(diary.visits, key=lambda visit: visit.date))
    evenings = defaultdict(list)
    for visit in visits:
        evenings[entry_date(visit, diary.day, diary.chance)].append(visit)
    for date, entered in evenings.items():
        time = datetime.time(diary.chance.randint(17, 20), diary.chance.randint(0, 59))
        moment = timezone.make_aware(datetime.datetime.combine(date, time))
        Visit.objects.filter(pk__in=[visit.pk for visit in entered]).update(created_at=moment)
        for visit in entered:
            visit.created_at = visit._history_date = moment
    Visit.history.bulk_history_create(visits)


def add_photos(diary: Diary, leader: Cadre) -> None:
    """Two pictures each of the latest visits of the leader who has an account."""
    visits = [visit for visit in diary.visits if visit.visitor == leader]
    latest = sorted(visits, key=lambda visit: visit.date)[-PHOTOS // 2 :]
    drawn = pictures.drawn(PHOTOS)
    for place, visit in enumerate(latest):
        photos.store(VisitPhoto, drawn[2 * place : 2 * place + 2], leader.user, visit=visit)
