"""The invented cadres of the demo: thirteen leaders, 44 villages with their leadership, and the figures of M1.

As of the report's day: 4 机关干部 and 1 退职干部 serve as secretaries, 3 were adjusted in the year. Names are
invented; identity numbers have the area 710000, which is never issued, and a valid check digit.
"""

import datetime
import random

from simple_history.utils import bulk_create_with_history
from stdnum.cn.ric import calc_check_digit

from banzhuang.accounts.models import User
from banzhuang.core.dates import PartialDate
from banzhuang.core.months import shift_month
from banzhuang.core.setup import report_day
from villages.models import Organisation, Township

from .models import Cadre, Post

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗孟窦于闫曹"
MEN = """德胜 国强 建华 志远 文立 玉永 海波 立军 永胜 金福 新民 卫东 学军 广田 明亮 洪涛 绪刚 传喜 
家旺 士成 怀玉 守信 兆江 维平 庆林 长青 继先 宝山 同春 振华""".split()
WOMEN = "海英 秀兰 梅 晓燕 桂芳 春霞 玉凤 丽 爱华 文静".split()
LEADER_TITLES = ["党委书记", "镇长", "人大主席", "党委副书记"] + ["党委委员"] * 6 + ["副镇长"] * 3


class People:
    """Makes persons one after another, the same ones every time."""

    def __init__(self, township):
        self.chance = random.Random(20220809)
        self.township, self.count, self.names = township, 0, set()

    def person(self, category, village=None, name="", born=(1962, 1985), **fields) -> Cadre:
        chance = self.chance
        self.count += 1
        female = chance.random() < 0.12
        while not name or name in self.names:
            name = chance.choice(SURNAMES) + chance.choice(WOMEN if female else MEN)
        self.names.add(name)
        birth = datetime.date(chance.randint(*born), chance.randint(1, 12), chance.randint(1, 28))
        digits = f"710000{birth:%Y%m%d}{self.count % 100:02d}{chance.choice('02468' if female else '13579')}"
        work = birth.year + chance.randint(18, 22)
        defaults = {
            "name": name,
            "sex": Cadre.Sex.FEMALE if female else Cadre.Sex.MALE,
            "ethnic_group": "汉族",
            "born_on": birth,
            "id_number": digits + calc_check_digit(f"{digits}?"),
            "native_place": "江苏赣榆",
            "education": chance.choice(["junior", "senior", "vocational", "college"]),
            "in_service_education": chance.choice(["", "", "college", "bachelor"]),
            "political_status": Cadre.Political.MEMBER,
            "joined_party_on": datetime.date(work + chance.randint(4, 12), chance.randint(1, 12), 1),
            "joined_party_on_precision": "month",
            "started_work_on": datetime.date(work, chance.randint(1, 12), 1),
            "started_work_on_precision": "month",
            "phone": f"1390000{self.count:04d}",
            "category": category,
            "township": self.township,
            "village": village,
        }
        return Cadre(**defaults | fields)


def month(day, by) -> PartialDate:
    """The month `by` months from `day`'s, as a date known to the month."""
    return PartialDate(shift_month(day, by), "month")


def load_demo(day) -> None:
    township = Township.objects.get(code="320707109")
    people = People(township)
    leaders = [
        people.person(
            Cadre.Category.LEADER, position=title, name="马强" if place == 5 else "", education="bachelor"
        )
        for place, title in enumerate(LEADER_TITLES)
    ]
    branches = list(
        Organisation.objects.filter(kind=Organisation.Kind.BRANCH).select_related("village", "township")
    )
    committees = {
        org.village_id: org for org in Organisation.objects.filter(kind=Organisation.Kind.VILLAGE_COMMITTEE)
    }
    cadres, posts = list(leaders), []
    for place, branch in enumerate(branches):
        made = village_posts(people, branch, committees[branch.village_id], place, report_day(day), day)
        cadres += {id(cadre): cadre for cadre, _ in made}.values()
        posts += [post for _, post in made]
    bulk_create_with_history(cadres, Cadre)
    for post in posts:
        post.cadre_id = post.cadre.pk
    bulk_create_with_history(posts, Post)
    link_accounts(leaders)


# What happened in which village (its place in the order of codes), relative to the report's day J, in months.
# 4 officials and 1 former official serve on J; 3 were adjusted in J's year before J, one the year before.
SENT = {
    6: ("official", -50),
    16: ("official", -35),
    26: ("official", -9),
    36: ("official", -4),
    27: ("former_official", -14),
}
ADJUSTED = {9: ("incompetent", -4), 30: ("violation", -2), 41: ("incompetent", -1), 13: ("incompetent", -11)}
ORDERLY = {
    3: ("age", -20),
    20: ("resigned", -16),
    33: ("age", -13),
    38: ("health", -7),
    16: ("term", -35),
    26: ("age", -9),
    27: ("resigned", -14),
    36: ("health", -4),
}
SELECTIONS = {
    2: "retired",
    5: "other_village",
    15: "other_village",
    18: "retired",
    25: "other_village",
    35: "other_village",
}
ORIGINS = [
    "entrepreneur",
    "returnee",
    "villager",
    "entrepreneur",
    "villager",
    "cooperative",
    "returnee",
    "villager",
]
# Whose term does not end with all the others': one is past it, two come near it, seen from the day of loading.
TERMS = {10: -1, 22: 2, 31: 4}
VACATED = 14


def village_posts(people, branch, committee, place, report, day):
    """(cadre, post) pairs of one village: the secretary, perhaps a former one, and four others."""
    village, chance = branch.village, people.chance
    secretary = people.person(Cadre.Category.VILLAGE, village)
    selection, origin, start = how_chosen(place, report, chance)
    if origin == "official":
        secretary.category, secretary.village = Cadre.Category.CLERK, None
    made = []
    change = ADJUSTED.get(place) or ORDERLY.get(place)
    if change:
        reason, ago = change
        start = month(report, ago)
        former = people.person(Cadre.Category.VILLAGE, village, born=(1956, 1968))
        old = Post(
            organisation=branch, title="secretary", selection="election", origin="villager", cadre=former
        )
        old.started, old.ended, old.end_reason = month(report, ago - 50), start, reason
        if place in ADJUSTED:
            old.end_document = f"班委〔{start.first.year}〕{10 + place}号"
        made.append((former, old))
    post = Post(organisation=branch, title="secretary", selection=selection, origin=origin, cadre=secretary)
    post.started = start
    post.term_ends = month(day, TERMS[place]) if place in TERMS else month(report.replace(month=3), 24)
    vacated = day - datetime.timedelta(days=20)
    if place == VACATED and vacated > report:
        post.ended, post.end_reason = PartialDate(vacated, "day"), Post.EndReason.TRANSFERRED
    made.append((secretary, post))
    director = secretary if place % 3 else people.person(Cadre.Category.VILLAGE, village)
    if origin == "official" or place in TERMS or place == VACATED:
        director = people.person(Cadre.Category.VILLAGE, village)
    others = [(director, committee, "director", start if director is secretary else month(report, -41))]
    for organisation, title in [
        (branch, "deputy_secretary"),
        (branch, "committee_member"),
        (committee, "director_member"),
    ]:
        others.append(
            (
                people.person(Cadre.Category.VILLAGE, village, born=(1968, 1990)),
                organisation,
                title,
                month(report, -chance.randint(12, 41)),
            )
        )
    for cadre, organisation, title, since in others:
        held = Post(organisation=organisation, title=title, cadre=cadre)
        held.started, held.term_ends = since, month(report.replace(month=3), 24)
        made.append((cadre, held))
    return made


def how_chosen(place, report, chance):
    """(selection, origin, start) of the secretary serving on the report's day."""
    if place in SENT:
        origin, ago = SENT[place]
        return ("from_office" if origin == "official" else "early_leave"), origin, month(report, ago)
    selection = SELECTIONS.get(place, "election")
    origin = "retiree" if selection == "retired" else ORIGINS[place % len(ORIGINS)]
    return selection, origin, month(report, -chance.randint(42, 110))


def link_accounts(leaders) -> None:
    """The demo's leader account is one of the leaders; the village cadre's is 西响石's deputy secretary."""
    for leader in leaders:
        user = User.objects.filter(name=leader.name, is_demo=True).first()
        if user:
            leader.user = user
            leader.save()
    deputy = (
        Post.objects.filter(scope_code="320707109216", title="deputy_secretary")
        .select_related("cadre")
        .first()
    )
    deputy.cadre.user = User.objects.get(username="cunganbu")
    deputy.cadre.name = deputy.cadre.user.name
    deputy.cadre.save()
