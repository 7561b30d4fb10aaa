"""A small township with everything that an export has to say: for the tests that take it out and in again."""

import datetime

import openpyxl

from banzhuang.core.dates import PartialDate
from banzhuang.ledgers.export import has_sensitive, write_ledger
from banzhuang.ledgers.ledger import registry
from banzhuang.ledgers.plan import make_plan
from cadres.models import Cadre, Post
from livelihood.models import HouseholdLabel, HouseholdYear, Member, Visit
from tests.factories import (
    BranchFactory,
    CadreFactory,
    ContactFactory,
    HouseholdFactory,
    LeaderFactory,
    NeedFactory,
    PostFactory,
    VisitFactory,
    township_with,
)
from villages.models import Area, VillageYear

from .sealed import unsealed, whole

DAY = datetime.date(2026, 6, 30)
KINDS = ["villages", "cadres", "secretaries", "households", "contacts", "visits"]
# What a spreadsheet, our reader or another row may take for something else.
ODD_TEXTS = [
    "=1+1",
    "+86",
    "-1",
    "@SUM(A1)",
    "\t制表",
    "'01",
    "同上",
    "合计",
    "无",
    "2018.10",
    "0012",
    "_x0041_",
    "a\nb",
]


def partial(text: str) -> PartialDate:
    return PartialDate.parse_iso(text)


def save(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return row


def rich_township():
    """Two villages; → them."""
    first, second = villages = township_with(2)
    area = Area.objects.create(township=first.township, name="山西片")
    save(first, aliases=["西响", "大响石"], area=area, is_resettled=True)
    VillageYear.objects.create(village=first, year=2026, population=1203, households=0, is_weak=True)
    VillageYear.objects.create(village=second, year=2025, population=900)
    secretary = Post.objects.secretaries().get(organisation__village=first)
    people(first, secretary)
    families(first, second)
    return villages


def people(village, secretary):
    save(
        secretary.cadre,
        born=partial("1960-03"),
        joined_party=partial("1999"),
        started_work=partial("1995-08-05"),
        ethnic_group="汉族",
        native_place="江苏赣榆",
        education="college",
        in_service_education="bachelor",
        political_status="member",
        school="班庄中学",
        phone="13912341234、0518-87654321",
    )
    save(secretary, started=partial("2021-03"), term_ends=partial("2026"), note="=跨村")
    committee = village.organisations.get(kind="village_committee")
    PostFactory(organisation=committee, cadre=secretary.cadre, title=Post.Title.DIRECTOR, start=None)
    # 跨村任职: a branch more, with the same secretary.
    third = BranchFactory(
        village__township=village.township, village__name="第三村", village__code="320707109290"
    )
    PostFactory(
        organisation=third, cadre=secretary.cadre, selection="other_village", start=datetime.date(2024, 1, 1)
    )
    former = PostFactory(
        organisation=secretary.organisation, end=datetime.date(2021, 3, 1), end_reason="term", start=None
    )
    save(former.cadre, left=partial("2021-03-01"))
    for place, note in enumerate(ODD_TEXTS):
        CadreFactory(name=f"备注人{place}", village=village, note=note, native_place=note, id_number="")
    CadreFactory.create_batch(2, name="李建国", village=village, id_number="", phone="")
    Cadre.objects.filter(name="备注人1").update(born_on=datetime.date(1899, 5, 6))


def families(first, second):
    mine, hers = LeaderFactory(name="马强"), LeaderFactory(name="马强", position="人大副主席")
    family = HouseholdFactory(
        village=first,
        head="冯德春",
        number="0012",
        phone="13900001111",
        health="chronic",
        note="-",
        address="=A1",
    )
    save(family, registered=partial("2016"))
    HouseholdYear.objects.create(
        household=family,
        year=2026,
        members=3,
        workers=1,
        cause="illness",
        other_causes=["funds"],
        housing="grade_c",
        wage_income="12000.50",
        transfer_income=0,
    )
    for kind in ("minimum", "registered"):
        HouseholdLabel.objects.create(household=family, kind=kind, start=datetime.date(2020, 1, 1))
    HouseholdLabel.objects.create(
        household=family, kind="lifted", start=datetime.date(2018, 1, 1), end=datetime.date(2019, 1, 1)
    )
    Member.objects.create(household=family, name="冯小军", relation="son", born_on=datetime.date(1990, 1, 1))
    namesakes = HouseholdFactory.create_batch(2, village=first, head="陈广夏", id_number="")
    far = HouseholdFactory(village=second, head="褚福秋")
    HouseholdFactory(village=second, head="出册户", removed_on=DAY, removal_reason="moved")
    ContactFactory(
        household=family, cadre=mine, start=datetime.date(2020, 1, 1), end=datetime.date(2022, 1, 1)
    )
    save(ContactFactory(household=family, cadre=hers), started=partial("2022-01"))
    save(ContactFactory(household=namesakes[0], cadre=mine), started=None)
    ContactFactory(household=far, cadre=hers)
    need = NeedFactory(household=family)
    VisitFactory(household=family, visitor=hers, result="pending", need=need, half_day="morning")
    VisitFactory(
        household=namesakes[1], visitor=mine, topics=["housing", "water"], heard="=屋漏", measures=""
    )
    VisitFactory(household=far, visitor=mine, heard="", measures="", result="none")
    Visit.objects.filter(household=far).update(heard="同上")


def export(kind, user, path, day=DAY, reason="", rows=None):
    """Write the ledger as the user has it; → the path. One with whole numbers is opened with its password."""
    ledger = registry[kind]
    rows = ledger.rows(user, day) if rows is None else rows
    write_ledger(ledger, rows, path, user, day, whole=whole(reason))
    if reason and has_sensitive(ledger):
        path.write_bytes(unsealed(path.read_bytes()))
    return path


def plan(path, user, day=DAY, kind=""):
    return make_plan(path, path.name, user, day, kind)


def problems(found):
    return [(item.fact.number, key, p.message) for item in found.planned for key, p in item.fact.problems]


def edited(path, cells):
    """Change cells of an export, (a text of the row, header of the column, new value) each."""
    book = openpyxl.load_workbook(path)
    sheet = book.active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    headers = next(row for row in rows if row[-1] == "系统编号")
    places = [next(place for place, row in enumerate(rows) if text in row) for text, _, _ in cells]
    for place, (_, header, value) in zip(places, cells, strict=True):
        sheet.cell(place + 1, headers.index(header) + 1).value = value
    book.save(path)
    return path
