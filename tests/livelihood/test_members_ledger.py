"""困难户台账 with one person a row below the row of 户主."""

import datetime

import openpyxl
import pytest

from banzhuang.ledgers import plan
from banzhuang.ledgers.staging import changes_shown
from livelihood.models import Household, HouseholdYear, Member
from tests.factories import HouseholdFactory, VillageFactory, id_number

from .books import number, plan_of, problems, write

pytestmark = pytest.mark.django_db
HEADER = ["序号", "村", "户主", "姓名", "与户主关系", "性别", "身份证号", "家庭人口", "健康状况", "备注"]
WIFE, SON, GIRL = (
    id_number(1, "女", datetime.date(1942, 3, 1)),
    id_number(2, "男", datetime.date(1966, 4, 1)),
    id_number(3, "女", datetime.date(1995, 5, 1)),
)
FAMILY = [
    [1, "马圩", "朱甲东", "朱甲东", "户主", "男", number(0), 4, "长期慢性病", None],
    [2, None, None, "王花", "之妻", "女", WIFE, None, "残疾", None],
    [3, None, None, "朱小明", "长子", "男", SON, None, None, None],
    [4, None, None, "朱丽", "孙女", "女", None, None, None, None],
]
MERGED = ["B3:B6", "C3:C6", "H3:H6"]


def book(path, rows=FAMILY, header=HEADER, merged=MERGED):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.append(["班庄镇困难户家庭成员台账"])
    sheet.append(header)
    for row in rows:
        sheet.append(row)
    for area in ["A1:J1", *merged]:
        sheet.merge_cells(area)
    workbook.save(path)
    return path


@pytest.fixture(autouse=True)
def village(db):
    return VillageFactory(code="320707109209", name="马圩村")


@pytest.fixture
def of(welfare_office, tmp_path):
    def planning(*args, **more):
        return plan_of(book(tmp_path / "成员.xlsx", *args, **more), welfare_office)

    def writing(*args, **more):
        return write(book(tmp_path / "成员.xlsx", *args, **more), welfare_office)[0]

    planning.write = writing
    return planning


def changed(place, **changes):
    """FAMILY with cells of one row changed, by header."""
    rows = [list(row) for row in FAMILY]
    for label, value in changes.items():
        rows[place][HEADER.index(label)] = value
    return rows


def test_a_fact_is_a_person(of, village):
    plan = of.write()
    assert (plan.ledger.kind, plan.counts["new"], plan.counts["warnings"]) == ("households", 4, 0)
    assert plan.planned[0].fact.values["name"] == "朱甲东"
    assert [item.fact.values["head"] for item in plan.planned] == ["朱甲东"] * 4
    row = Household.objects.get()
    assert (row.village, row.head, row.id_number, row.health) == (village, "朱甲东", number(0), "chronic")
    assert HouseholdYear.objects.get().members == 4
    found = Member.objects.order_by("pk").values_list("household", "name", "relation", "sex")
    assert list(found) == [
        (row.pk, "王花", "spouse", "2"),
        (row.pk, "朱小明", "son", "1"),
        (row.pk, "朱丽", "grandchild", "2"),
    ]
    assert Member.objects.get(name="王花").health == "disabled"


def test_the_same_again_changes_nothing(of):
    of.write()
    assert of().counts["same"] == 4


def test_a_member_is_found_by_number_else_by_name_in_the_household(of):
    of.write()
    plan = of.write([*changed(1, 姓名="王华")[:3], changed(3, 身份证号=GIRL)[3]])
    assert [item.outcome for item in plan.planned] == ["same", "changed", "same", "changed"]
    assert Member.objects.count() == 3
    assert Member.objects.get(name="朱丽").id_number == GIRL
    assert Member.objects.get(relation="spouse").name == "王华"


@pytest.mark.parametrize("head", [[None] * 4, ["朱甲东", None, None, None], ["朱甲东"] * 4])
def test_without_merged_cells_a_row_belongs_to_the_head_above(of, head):
    rows = [[*row[:2], name, *row[3:]] for row, name in zip(FAMILY, head, strict=True)]
    rows = [[row[0], "马圩", *row[2:]] for row in rows]
    assert of.write(rows, merged=[]).counts["new"] == 4
    assert set(Member.objects.values_list("household__head", flat=True)) == {"朱甲东"}


def test_without_a_column_of_heads(of):
    rows = [[row[0], "马圩", *row[3:]] for row in FAMILY]
    plan = of.write(rows, header=[*HEADER[:2], *HEADER[3:]], merged=[])
    assert (plan.counts["new"], Household.objects.count(), Member.objects.count()) == (4, 1, 3)


def test_two_families(of):
    other = [[5, "马圩", "朱乙东", "朱乙东", "户主", None, number(1), 1, None, None]]
    of.write(FAMILY + other)
    assert Household.objects.count() == 2
    assert set(Member.objects.values_list("household__head", flat=True)) == {"朱甲东"}


def test_a_family_may_lie_in_two_chunks(of, monkeypatch):
    monkeypatch.setattr(plan, "CHUNK", 2)
    rows = changed(0, 姓名="朱佳东", 户主="朱佳东")
    assert of.write(rows).counts["new"] == 4
    assert (
        of(changed(3, 身份证号=GIRL)).counts["same"] == 2
    )  # under another name: found by the number of its head
    assert of(rows).counts["same"] == 4


def test_family_size_is_checked(of):
    plan = of(changed(0, 家庭人口=5))
    assert problems(plan) == [("members", "warning", "家庭人口 5，表里这户有 4 人。")]


def test_a_head_in_error_takes_the_members_along(of):
    plan = of(changed(0, 身份证号="123"))
    assert plan.counts["invalid"] == 4
    assert problems(plan, 1)[-1][2] == "户主朱甲东（第 3 行）没有通过核对，这一行也不能写入。"


def test_a_head_of_another_village_takes_the_members_along(of, village):
    other = VillageFactory(code="320707109218", name="山西村")
    HouseholdFactory(village=other, head="朱甲东", id_number=number(0))
    HouseholdFactory(village=village, head="朱甲东", id_number="")
    plan = of()
    assert plan.counts["invalid"] == 4
    assert "登记在山西村，不是马圩村" in problems(plan)[0][2]


def test_a_head_in_error_that_is_known_does_not(of):
    of.write()
    plan = of(changed(0, 家庭人口="很多"))  # merged down
    assert [item.outcome for item in plan.planned] == ["invalid", "same", "same", "same"]
    assert plan.counts["errors"] == 1


def test_members_of_a_household_that_has_no_row(of, village):
    plan = of(FAMILY[1:], merged=[])
    assert plan.counts["invalid"] == 3
    HouseholdFactory(village=village, head="朱甲东", id_number=number(0))
    rows = [[row[0], "马圩", "朱甲东", *row[3:]] for row in FAMILY[1:]]
    assert of.write(rows, merged=[]).counts["new"] == 3
    unknown = [[1, "马圩", "查无户", "王花", "之妻", "女", None, None, None, None]]
    assert problems(of(unknown, merged=[])) == [("head", "error", "马圩村的困难户名册里没有户主“查无户”。")]


@pytest.mark.parametrize(
    ("relation", "wrong"), [("街坊", "不是这一列可选的内容。"), (None, "与户主关系没有填。")]
)
def test_a_relation_that_says_nothing(of, relation, wrong):
    found = problems(of(changed(1, 与户主关系=relation)), 1)
    assert [(key, message) for key, _, message in found if key == "relation"] == [("relation", wrong)]


def test_sex_and_number_of_a_member_agree(of):
    assert problems(of(changed(1, 性别="男")), 1)[0][:2] == ("sex", "error")


def test_a_person_of_another_household_is_an_error(of, village):
    other = HouseholdFactory(village=village, head="朱乙东", id_number=SON)
    Member.objects.create(household=other, name="王花", relation="spouse", id_number=WIFE)
    plan = of()
    assert problems(plan, 1) == [("id_number", "error", "这个身份证号登记的是马圩村朱乙东户的王花。")]
    assert problems(plan, 2) == [("id_number", "error", "这个身份证号登记的是马圩村的户主朱乙东。")]


def test_namesakes_in_a_household_cannot_be_told(of, village):
    of.write()
    Member.objects.create(household=Household.objects.get(), name="朱丽", relation="daughter")
    assert "分不清是哪一位" in problems(of(), 3)[0][2]


def test_who_has_left_the_household_does_not_come_back(of):
    of.write()
    Member.objects.filter(name="朱小明").update(end=datetime.date(2026, 1, 5), end_reason="去世")
    assert problems(of(), 2) == [("name", "error", "朱小明 2026-01-05 已离户（去世）。")]


def test_health_is_never_shown(of):
    of.write()
    plan = of(changed(1, 健康状况="健康"))
    assert plan.planned[1].outcome == "changed"
    assert changes_shown(plan, plan.planned[1]) == {"health": ["＊＊＊", "＊＊＊"]}
