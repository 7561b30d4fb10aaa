"""The real 44 villages for every township; areas, population and party members invented for the demo."""

import csv
import random
from pathlib import Path

from banzhuang.core.setup import report_day

from .models import Area, Organisation, OrganisationYear, Township, Village, VillageYear

VILLAGES = Path(__file__).parent / "data" / "banzhuang.csv"
TOWNSHIP = ("320707109", "班庄镇")
# Areas of the demo; 山西片 is the report's ("山西片5个村1万多群众").
AREAS = {
    "班庄片": "班庄 曹顶 上闫庄 前闫庄 赵班庄 黄班庄 三清阁 新集",
    "山西片": "山西 横山官庄 石沟埃 介沟 黄泥沟",
    "洪爽片": "刘洪爽 洪爽 南洪爽 于洪爽 王洪爽 圈洪爽 窦洪爽",
    "抗日山片": "抗日山 西响石 泉子坡 新河东 前集 汪于 演马场 马圩",
    "库区片": "欢墩埠 河洼 石门头 太平 东接驾庄 西接驾庄 古城",
    "朱孟片": "朱范 朱孟 马朱孟 东方红 孙净埠 董净埠 李小湾 东窝子 坡石桥",
}
RESETTLED = {"河洼村", "太平村", "东方红村", "欢墩埠村"}


def load_villages() -> None:
    """Township, villages, and each village's party branch and committee."""
    township = Township.objects.create(code=TOWNSHIP[0], name=TOWNSHIP[1])
    committee = Organisation.objects.create(
        kind=Organisation.Kind.COMMITTEE, name=f"中共{township.name}委员会", township=township
    )
    Organisation.objects.create(
        kind=Organisation.Kind.OFFICE, name=f"{township.name}人民政府", township=township
    )
    with VILLAGES.open(encoding="utf-8") as lines:
        villages = [
            Village(township=township, code=row["code"], name=row["name"]) for row in csv.DictReader(lines)
        ]
    villages = Village.objects.bulk_create(villages)
    organisations = []
    for village in villages:
        organisations += organisations_of(village, committee)
    Organisation.objects.bulk_create(organisations)


def organisations_of(village, committee):
    """A village's party branch and village committee, with their official names."""
    return [
        Organisation(
            kind=Organisation.Kind.BRANCH,
            name=f"中共{village.township.name}{village.name}支部委员会",
            township=village.township,
            village=village,
            parent=committee,
        ),
        Organisation(
            kind=Organisation.Kind.VILLAGE_COMMITTEE,
            name=f"{village.township.name}{village.name}村民委员会",
            township=village.township,
            village=village,
        ),
    ]


def load_demo(day) -> None:
    """Areas, and three years of population, households, income and members."""
    township = Township.objects.get(code=TOWNSHIP[0])
    villages = {village.short_name: village for village in Village.objects.filter(township=township)}
    for order, (name, members) in enumerate(AREAS.items(), 1):
        area = Area.objects.create(township=township, name=name, order=order)
        for short in members.split():
            village = villages[short]
            village.area, village.is_resettled = area, village.name in RESETTLED
            village.save()
    chance = random.Random(20220809)
    last = report_day(day).year
    village_years, member_years = [], []
    branches = {org.village_id: org for org in Organisation.objects.filter(kind=Organisation.Kind.BRANCH)}
    for village in villages.values():
        people = 2236 if village.short_name == "西响石" else chance.randint(1100, 3400)
        income, members = chance.randint(120_000, 600_000), people // 33
        for year in range(last - 2, last + 1):
            village_years.append(
                VillageYear(
                    village=village,
                    year=year,
                    population=people,
                    households=round(people / 3.1),
                    is_weak=income < 180_000,
                    collective_income=income,
                )
            )
            member_years.append(
                OrganisationYear(organisation=branches[village.pk], year=year, members=members)
            )
            people += chance.randint(-14, 9)
            income = round(income * chance.uniform(1.01, 1.12), -2)
            members += chance.randint(0, 2)
    VillageYear.objects.bulk_create(village_years)
    OrganisationYear.objects.bulk_create(member_years)
