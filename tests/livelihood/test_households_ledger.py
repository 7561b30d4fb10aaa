"""困难户台账, one household a row: where the village stands, what a row means, what a second one changes."""

import datetime

import openpyxl
import pytest

from banzhuang.core.dates import PartialDate
from cadres.models import Cadre
from livelihood.models import Contact, Household, HouseholdLabel, HouseholdYear
from tests.factories import (
    ContactFactory,
    HouseholdFactory,
    LeaderFactory,
    VillageFactory,
)
from tests.ledgers import workbooks

from .books import DAY, HEADER, household, number, plan_of, problems, register, said, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def village(db):
    return VillageFactory(code="320707109209", name="马圩村")


@pytest.fixture
def leader(db):
    return LeaderFactory(name="何金")


@pytest.fixture
def of(village, welfare_office, tmp_path):
    """of(row, …) plans a ledger of 马圩村; of.write(row, …) commits it."""

    def book(rows, header=None, **more):
        names = header or [*HEADER, *dict.fromkeys(key for row in rows for key in row if key not in HEADER)]
        return register(tmp_path / "台账.xlsx", {"马圩村": rows}, header=names, **more)

    def planning(*rows, **more):
        return plan_of(book(rows, **more), welfare_office)

    def writing(*rows, **more):
        return write(book(rows, **more), welfare_office)[0]

    planning.write = writing
    return planning


def test_a_row_is_a_household_its_year_its_labels_and_its_contact(of, village, leader):
    of.write(household(0, 享受政策="五保", 致贫原因="因病、因残", 帮扶责任人="何 金", 备注="独居"))
    row = Household.objects.get()
    assert (row.village, row.head, row.id_number, row.note) == (village, "朱甲东", number(0), "独居")
    year = HouseholdYear.objects.get()
    assert (year.household, year.year, year.members, year.workers) == (row, 2026, 4, 1)
    assert (year.cause, year.other_causes) == ("illness", ["disability"])
    labels = HouseholdLabel.objects.order_by("kind").values_list("kind", "start")
    assert list(labels) == [("destitute", None), ("registered", None)]
    contact = Contact.objects.get()
    assert (contact.household, contact.cadre, contact.start, contact.end) == (row, leader, None, None)


def test_the_same_again_changes_nothing(of, leader):
    rows = [household(0, 帮扶责任人="何金"), household(1, 享受政策=None)]
    of.write(*rows)
    assert of(*rows).counts["same"] == 2


def test_the_year_is_that_of_the_title(of):
    of.write(household(0), title="班庄镇{}2022年建档立卡户台账")
    assert HouseholdYear.objects.get().year == 2022


def test_above_is_filled_down(of):
    of.write(household(0, 致贫原因="因学"), household(1, 致贫原因="同上"), household(2, 致贫原因="〃"))
    assert set(HouseholdYear.objects.values_list("cause", flat=True)) == {"schooling"}


def test_an_empty_cell_wipes_nothing_and_ends_no_label(of):
    of.write(household(0, 备注="独居"))
    of.write(household(0, 享受政策=None, 致贫原因=None, 劳动力人数=None, 家庭人口=5))
    year = HouseholdYear.objects.get()
    assert (year.members, year.workers, year.cause) == (5, 1, "illness")
    assert Household.objects.get().note == "独居"
    assert HouseholdLabel.objects.filter(end=None).count() == 2


def test_a_label_that_has_ended_does_not_come_back(of):
    of.write(household(0))
    HouseholdLabel.objects.filter(kind="minimum").update(end=datetime.date(2026, 1, 5))
    plan = of.write(household(0))
    assert problems(plan)[0][:2] == ("labels", "warning")
    assert "已退出低保（2026-01-05）" in problems(plan)[0][2]
    assert plan.planned[0].outcome == "same"


def test_words_that_are_no_label_are_a_warning_and_the_others_count(of):
    plan = of.write(household(0, 享受政策="低保、残疾补贴"))
    assert problems(plan)[0][:2] == ("labels", "warning")
    assert "“残疾补贴”" in problems(plan)[0][2]
    assert set(HouseholdLabel.objects.values_list("kind", flat=True)) == {"registered", "minimum"}


@pytest.mark.parametrize(
    ("title", "kinds"),
    [
        ("班庄镇{}建档立卡户台账", {"registered"}),
        ("班庄镇{}低保户花名册", {"minimum"}),
        ("班庄镇{}建档立卡脱贫户台账", {"lifted"}),
        ("班庄镇{}低保户、五保户花名册", set()),
        ("班庄镇{}困难户台账", set()),
    ],
)
def test_a_title_that_names_one_kind_says_it_of_every_row(of, title, kinds):
    of.write(household(0, 享受政策=None), title=title)
    assert set(HouseholdLabel.objects.values_list("kind", flat=True)) == kinds


def test_a_new_label_of_a_known_household_is_said(of):
    of.write(household(0))
    plan = of.write(household(0, 享受政策="五保"))
    assert plan.planned[0].outcome == "changed"
    assert said(plan) == ["登记困难类别“特困”。"]


# --- Where the village stands ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("sheet", "title", "found"),
    [
        ("马圩村", "班庄镇马圩村建档立卡户台账", True),
        ("马圩", "建档立卡户台账", True),
        ("Sheet1", "班庄镇马圩村建档立卡户台账", True),
        ("班庄镇马圩村委会", "建档立卡户台账", True),
        ("山西村", "班庄镇马圩村建档立卡户台账", False),
        ("Sheet1", "班庄镇建档立卡户台账", False),
    ],
)
def test_village_of_the_sheet(village, welfare_office, tmp_path, sheet, title, found):
    VillageFactory(code="320707109218", name="山西村")
    path = register(tmp_path / "台账.xlsx", {sheet: [household(0)]}, title=title)
    plan = plan_of(path, welfare_office)
    assert plan.ledger.kind == "households"
    assert (plan.planned[0].fact.values.get("village") == village.code) is found
    assert [(key, severity) for key, severity, _ in problems(plan)] == (
        [] if found else [("village", "error")]
    )


def test_a_village_in_the_row_wins(of, village):
    other = VillageFactory(code="320707109218", name="山西村")
    of.write(household(0, 村="山西"), household(1, 村=None))
    assert {row.head: row.village for row in Household.objects.all()} == {"朱甲东": other, "朱乙东": village}


def test_an_old_workbook(village, welfare_office, tmp_path):
    rows = [household(0), household(1, 身份证号码=7.10000195510239e17)]
    lines = [
        ["班庄镇马圩村建档立卡户台账"],
        ["填报人：          联系电话："],
        HEADER,
        *([row[label] for label in HEADER] for row in rows),
        ["小计"],
    ]
    path = workbooks.xls(tmp_path / "台账.xls", lines, merged=[(0, 0, 0, 9), (1, 0, 1, 9)])
    plan, _ = write(path, welfare_office)
    assert (plan.counts["new"], plan.counts["invalid"]) == (1, 1)
    assert problems(plan, 1) == [("id_number", "error", "身份证号以数字保存，末几位已丢失。")]
    assert plan.planned[1].fact.cells["id_number"] == 3
    assert [row.reason for row in plan.tables[0].dropped] == ["小计行"]


def test_a_village_outside_the_scope_is_not_known(of, village, tmp_path, welfare_office):
    foreign = VillageFactory(
        township__code="320707100", township__name="青口镇", code="320707100200", name="外村"
    )
    path = register(tmp_path / "外.xlsx", {foreign.name: [household(0)]})
    assert problems(plan_of(path, welfare_office))[0][0] == "village"


# --- Which household it is ---------------------------------------------------------------------------------------
def test_a_number_finds_its_household_under_another_name(of, village):
    row = HouseholdFactory(village=village, head="朱佳东", id_number=number(0))
    plan = of.write(household(0))
    assert problems(plan)[0][:2] == ("name", "warning")
    row.refresh_from_db()
    assert (row.head, Household.objects.count()) == ("朱甲东", 1)


def test_without_a_number_the_only_one_of_the_name(of, village):
    row = HouseholdFactory(village=village, head="朱甲东", id_number="")
    of.write(household(0))
    row.refresh_from_db()
    assert (row.id_number, Household.objects.count()) == (number(0), 1)


def test_a_namesake_with_another_number_is_another_household(of, village):
    HouseholdFactory(village=village, head="朱甲东", id_number=number(1))
    plan = of.write(household(0))
    assert problems(plan)[0][:2] == ("id_number", "warning")
    assert "按另一户新增" in problems(plan)[0][2]
    assert Household.objects.count() == 2


def test_namesakes_without_a_number_cannot_be_told(of, village):
    for place in (1, 2):
        HouseholdFactory(village=village, head="朱甲东", id_number=number(place))
    assert "分不清" in problems(of(household(0, 身份证号码=None)))[0][2]


def test_a_name_twice_in_the_file_once_without_its_number(of):
    plan = of(household(0), household(0, 身份证号码=None))
    assert [item.outcome for item in plan.planned] == ["new", "invalid"]
    assert "分不清" in problems(plan, 1)[0][2]


def test_two_rows_of_one_household(of, village):
    HouseholdFactory(village=village, head="朱甲东", id_number="")
    plan = of(household(0), household(1, 户主="朱甲东"))
    assert "与第 4 行是同一户" in problems(plan, 1)[-1][2]


def test_the_same_number_twice(of):
    plan = of(household(0), household(0, 户主="朱乙东"))
    assert "与第 4 行重复" in problems(plan, 1)[0][2]


def test_a_number_of_another_village_is_an_error(of):
    other = VillageFactory(code="320707109218", name="山西村")
    HouseholdFactory(village=other, head="朱甲东", id_number=number(0))
    assert problems(of(household(0)))[0][1:] == ("error", "这个身份证号的户主登记在山西村，不是马圩村。")


def test_who_has_left_the_register_stays_out(of, village):
    HouseholdFactory(
        village=village, head="朱甲东", id_number=number(0), removed_on=DAY, removal_reason="improved"
    )
    assert problems(of(household(0)))[0][2] == "这户 2026-06-30 已出册（稳定脱困）。"


def test_names_with_spaces_are_one(of):
    of.write(household(0, 户主="朱　甲 东"))
    assert of(household(0)).counts["same"] == 1


# --- Figures -----------------------------------------------------------------------------------------------------
def test_workers_are_among_the_members(of):
    assert problems(of(household(0, 劳动力人数=5)))[0][:2] == ("workers", "error")
    of.write(household(0, 家庭人口=2, 劳动力人数=None))
    assert problems(of(household(0, 家庭人口=None, 劳动力人数=3)))[0][:2] == ("workers", "error")


def test_money_in_wan_and_a_date_of_registration(of):
    header = [*HEADER, "工资性收入（万元）", "建档日期"]
    of.write(household(0, **{"工资性收入（万元）": "1.2", "建档日期": "2014.1"}), header=header)
    assert HouseholdYear.objects.get().wage_income == 12000
    assert Household.objects.get().registered.iso() == "2014-01"


def test_what_cannot_be(of):
    assert problems(of(household(0, 建档日期="2026-07-01")))[0][:2] == ("registered", "error")
    assert problems(of(household(0, 工资性收入=10**9)))[0][:2] == ("wage_income", "error")
    assert problems(
        of(household(0, 联系电话="、".join(["13900000001", "13900000002", "13900000003", "13900000004"])))
    )[0][:2] == ("phone", "error")


def test_sex_and_birth_agree_with_the_number(of):
    plan = of(household(0, 性别="女", 出生日期="1941.5"))
    assert {key for key, *_ in problems(plan)} == {"sex", "born"}


# --- Who looks after it ------------------------------------------------------------------------------------------
def test_who_is_not_in_the_roster_is_an_error(of):
    plan = of(household(0, 帮扶责任人="查无此"))
    assert problems(plan)[0] == ("contact", "error", "干部名册里没有“查无此”。")
    assert "先导入干部名册" in plan.planned[0].fact.problems[0][1].remedy


def test_of_namesakes_the_leader(of, leader):
    LeaderFactory(name="何金", category=Cadre.Category.CLERK)
    of.write(household(0, 帮扶责任人="何金"))
    assert Contact.objects.get().cadre == leader


def test_two_leaders_of_one_name_cannot_be_told(of, leader):
    LeaderFactory(name="何金")
    assert "分不清" in problems(of(household(0, 帮扶责任人="何金")))[0][2]


def test_who_has_left_is_nobodys_contact(of, leader):
    leader.left = PartialDate(datetime.date(2026, 6, 30), "day")
    leader.save()
    assert (
        problems(of(household(0, 帮扶责任人="何金")))[0][2] == "何金 2026-06-30 已离岗，2026-06-30 不在岗。"
    )


@pytest.fixture
def held(village, leader):
    """朱甲东 is held by 林桂 since 2022."""
    row = HouseholdFactory(village=village, head="朱甲东", id_number=number(0))
    return ContactFactory(household=row, cadre=LeaderFactory(name="林桂"))


def test_another_contact_without_a_date_is_left_out(of, held):
    plan = of.write(household(0, 帮扶责任人="何金"))
    assert problems(plan)[0][:2] == ("contact", "warning")
    assert "换成何金要有联系起" in problems(plan)[0][2]
    assert list(Contact.objects.all()) == [held]
    assert HouseholdYear.objects.exists()


@pytest.mark.parametrize(
    ("start", "wrong"), [("2021-12-31", True), ("2022-01-01", False), ("2026-07-01", True)]
)
def test_another_contact_with_a_date_takes_over(of, held, leader, start, wrong):
    row = household(0, 帮扶责任人="何金", 联系起=start)
    plan = of(row)
    assert bool(problems(plan)) is wrong
    if wrong:
        assert problems(plan)[0][:2] == ("contact_start", "error")
        return
    assert f"林桂联系朱甲东户将止于 {start}，当天起由何金联系。" in said(plan)
    of.write(row)
    held.refresh_from_db()
    assert held.ended.iso() == start
    assert Contact.objects.live(DAY).get().cadre == leader
    assert of(row).counts["same"] == 1


def test_after_a_contact_that_has_ended_a_date_is_needed_too(of, held):
    held.end = datetime.date(2026, 1, 1)
    held.save()
    assert "由林桂联系到 2026-01-01" in problems(of(household(0, 帮扶责任人="何金")))[0][2]
    early = problems(of(household(0, 帮扶责任人="何金", 联系起="2025-12-31")))
    assert early[0][:2] == ("contact_start", "error")
    assert "与林桂的联系（2022-01-01 至 2026-01-01）重叠" in early[0][2]
    assert problems(of(household(0, 帮扶责任人="何金", 联系起="2026-01-01"))) == []


@pytest.mark.parametrize(
    "title", ["{}非低保户台账", "{}已退出低保户台账", "{}拟纳入低保户台账", "{}低保户申请台账"]
)
def test_a_title_that_says_what_they_are_not(of, title):
    of.write(household(0, 享受政策=None), title=title)
    assert not HouseholdLabel.objects.exists()


def merged(path, *ranges):
    book = openpyxl.load_workbook(path)
    for area in ranges:
        book.active.merge_cells(area)
    book.save(path)
    return path


MERGED = "这一格和别的格合并了，看不出每格各是多少。"


def test_a_figure_merged_over_two_households_is_nobodys(village, welfare_office, tmp_path):
    """Each would have the four persons of both."""
    path = register(tmp_path / "台账.xlsx", {"马圩村": [household(0), household(1)]})
    found = plan_of(merged(path, "E4:E5"), welfare_office)
    assert problems(found) == problems(found, 1) == [("members", "error", MERGED)]


def test_a_figure_merged_over_two_columns_is_neithers(village, welfare_office, tmp_path):
    path = register(tmp_path / "台账.xlsx", {"马圩村": [household(0), household(1)]})
    found = plan_of(merged(path, "E4:F4"), welfare_office)
    assert problems(found) == [("members", "error", MERGED)]
    assert problems(found, 1) == []


def test_a_figure_merged_down_the_persons_of_a_household_is_its_own(village, welfare_office, tmp_path):
    rows = [
        household(0, 姓名="朱甲", 户主="朱甲", 家庭人口=2),
        {"户主": "朱甲", "姓名": "李花", "与户主关系": "妻"},
    ]
    path = register(tmp_path / "台账.xlsx", {"马圩村": rows}, header=["姓名", *HEADER])
    found = plan_of(merged(path, "F4:F5"), welfare_office)
    assert problems(found) == []
    assert found.planned[0].fact.values["members"] == 2
