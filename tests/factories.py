"""Rows for tests: a township with villages, its people, and users by role."""

import datetime

import factory
from stdnum.cn.ric import calc_check_digit

from banzhuang.accounts.models import Role, User
from cadres.models import Cadre, Post
from livelihood.models import Contact, Household, Need, Visit
from villages.models import Organisation, Township, Village

TOWNSHIP, OTHER_TOWNSHIP = "320707109", "320707100"
NAMES = ["西响石村", "李小湾村", "赵班庄村", "山西村", "黄泥沟村"]


def id_number(number: int, sex: str = "男", birth: datetime.date = datetime.date(1975, 3, 9)) -> str:
    """A valid number that belongs to nobody: area 710000 is never issued."""
    digits = f"710000{birth:%Y%m%d}{number % 100:02d}{1 if sex == '男' else 2}"
    return digits + calc_check_digit(f"{digits}?")


class TownshipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Township
        django_get_or_create = ["code"]

    code = TOWNSHIP
    name = "班庄镇"


class VillageFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Village

    township = factory.SubFactory(TownshipFactory)
    # Beyond the codes of township_with.
    code = factory.LazyAttributeSequence(lambda village, n: f"{village.township.code}{300 + n % 600}")
    name = factory.Sequence(lambda n: f"第{n}村")


class BranchFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organisation

    kind = Organisation.Kind.BRANCH
    village = factory.SubFactory(VillageFactory)
    township = factory.SelfAttribute("village.township")
    name = factory.LazyAttribute(lambda org: f"中共{org.township}{org.village}支部委员会")


class CommitteeFactory(BranchFactory):
    kind = Organisation.Kind.VILLAGE_COMMITTEE
    name = factory.LazyAttribute(lambda org: f"{org.township}{org.village}村民委员会")


class CadreFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Cadre

    name = factory.Sequence(lambda n: "赵钱孙李周吴郑王"[n % 8] + "立志国强"[n % 4] + "东南西北"[n // 4 % 4])
    sex = Cadre.Sex.MALE
    category = Cadre.Category.VILLAGE
    village = factory.SubFactory(VillageFactory)
    township = factory.LazyAttribute(
        lambda cadre: cadre.village.township if cadre.village else TownshipFactory()
    )
    id_number = factory.Sequence(lambda n: id_number(n, birth=datetime.date(1960 + n // 100 % 30, 3, 9)))


class PostFactory(factory.django.DjangoModelFactory):
    """A secretary in post since 1 March 2022, unless said otherwise."""

    class Meta:
        model = Post

    organisation = factory.SubFactory(BranchFactory)
    cadre = factory.SubFactory(CadreFactory, village=factory.SelfAttribute("..organisation.village"))
    title = Post.Title.SECRETARY
    selection = Post.Selection.ELECTION
    origin = Post.Origin.VILLAGER
    start = datetime.date(2022, 3, 1)


class LeaderFactory(CadreFactory):
    """One of the township's leaders (镇领导班子)."""

    category = Cadre.Category.LEADER
    village = None
    position = "党委委员"


class HouseholdFactory(factory.django.DjangoModelFactory):
    """In the register since 1 January 2022, unless said otherwise."""

    class Meta:
        model = Household

    village = factory.SubFactory(VillageFactory)
    head = factory.Sequence(lambda n: "冯陈褚卫蒋沈韩杨"[n % 8] + "德福广财"[n % 4] + "春夏秋冬"[n // 4 % 4])
    group = "3组"
    id_number = factory.Sequence(lambda n: id_number(n, birth=datetime.date(1930 + n // 100 % 30, 5, 7)))
    registered_on = datetime.date(2022, 1, 1)


class ContactFactory(factory.django.DjangoModelFactory):
    """A leader looks after a household since 1 January 2022, unless said otherwise."""

    class Meta:
        model = Contact

    household = factory.SubFactory(HouseholdFactory)
    cadre = factory.SubFactory(LeaderFactory)
    start = datetime.date(2022, 1, 1)


class VisitFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Visit

    household = factory.SubFactory(HouseholdFactory)
    visitor = factory.SubFactory(LeaderFactory)
    date = datetime.date(2022, 6, 15)
    heard = "饮水不便"
    measures = "联系水务站"
    result = Visit.Result.SOLVED


class NeedFactory(factory.django.DjangoModelFactory):
    """Raised on 15 June 2022, to be answered in a week."""

    class Meta:
        model = Need

    household = factory.SubFactory(HouseholdFactory)
    content = "东屋漏雨"
    topic = "housing"
    raised_on = datetime.date(2022, 6, 15)
    due = datetime.date(2022, 6, 22)


class UserFactory(factory.django.DjangoModelFactory):
    """`role` is a code of the access table."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    name = "测试员"
    scope = TOWNSHIP
    must_change_password = False

    @factory.post_generation
    def role(self, create, code, **kwargs):
        if create and code:
            self.groups.add(Role.objects.get(code=code))


def township_with(count: int) -> list[Village]:
    """The township with `count` villages, each with its branch, committee and a secretary in post."""
    township = TownshipFactory()
    villages = []
    for place in range(count):
        name = NAMES[place] if place < len(NAMES) else f"{place}号村"
        # 西响石村 has its real code, the others follow in order.
        code = f"{TOWNSHIP}{216 + place}"
        village = VillageFactory(township=township, code=code, name=name)
        PostFactory(organisation=BranchFactory(village=village))
        CommitteeFactory(village=village)
        villages.append(village)
    return villages
