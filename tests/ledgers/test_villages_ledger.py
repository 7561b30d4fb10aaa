"""村庄基本情况: aliases, areas, the year of the figures, new villages by their code."""

import datetime

import openpyxl
import pytest

from banzhuang.ledgers.grid import Refused
from banzhuang.ledgers.plan import make_plan
from banzhuang.ledgers.staging import commit, stage
from villages.models import Area, Village, VillageYear

DAY = datetime.date(2026, 6, 30)
HEAD = "序号,村名,区划代码,片区,别名,移民村,人口（人）,户数"


@pytest.fixture
def plan(villages, organisation_office, tmp_path):
    def planning(*rows, title="2025年村庄基本情况统计表"):
        path = tmp_path / "村.csv"
        path.write_text("\n".join([title, HEAD, *rows]), encoding="gb18030")
        return make_plan(path, path.name, organisation_office, DAY)

    return planning


def test_written_and_the_same_again(plan, villages):
    rows = ['1,西响石,320707109216,抗日山片,响石,是,"2,236",721', "2,李小湾村,,抗日山片,,,1500,"]
    commit(stage(plan(*rows), "村.csv", b""), DAY)
    village = Village.objects.get(pk=villages[0].pk)
    assert (village.aliases, village.is_resettled, village.area) == (["响石"], True, Area.objects.get())
    years = VillageYear.objects.order_by("village__code").values_list("year", "population", "households")
    assert list(years) == [(2025, 2236, 721), (2025, 1500, None)]
    assert plan(*rows).counts["same"] == 2


def test_an_alias_then_finds_the_village(plan):
    commit(stage(plan("1,西响石,,,响石,,,"), "村.csv", b""), DAY)
    assert plan("1,响石村委会,,,,,100,").planned[0].outcome == "changed"


def test_figures_without_a_year_are_this_years(plan):
    commit(stage(plan("1,西响石,,,,,100,", title="村庄基本情况"), "村.csv", b""), DAY)
    assert VillageYear.objects.get().year == 2026


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("二〇二四年村庄基本情况", 2024),
        ("2024村庄基本情况", 2024),
        ("2024.12村庄基本情况", 2024),
        ("2014—2024年村庄基本情况", 2024),
        ("村庄基本情况\n填报日期：二〇二四年十二月三十日", 2024),
        ("2024年村庄基本情况\n填报日期：2025-01-10", 2024),
        ("2016年建档立卡村2025年基本情况\n填报日期：2025-12-30", 2025),
        ("村庄基本情况\n填报日期：42036", 2026),  # a day number of Excel, no year
    ],
)
def test_the_year_of_the_figures(plan, title, year):
    commit(stage(plan("1,西响石,,,,,100,", title=title), "村.csv", b""), DAY)
    assert VillageYear.objects.get().year == year


@pytest.mark.parametrize(
    ("title", "sentence"),
    [
        ("2016年建档立卡村2025年基本情况", "表上方的年份是 2016、2025，看不出"),
        ("2014年以来村庄基本情况\n填报日期：2025-12-30", "表上方的年份是 2014，填报日期是 2025 年，看不出"),
    ],
)
def test_a_year_in_doubt_is_refused(plan, title, sentence):
    with pytest.raises(Refused, match=sentence):
        plan("1,西响石,,,,,100,", title=title)


def of_years(tmp_path, *titles):
    book = openpyxl.Workbook()
    for number, title in enumerate(titles):
        sheet = book.create_sheet(f"{number}片")
        for row in [[title], ["村", "人口", "户数"], [("西响石", "李小湾")[number], 1200, 400]]:
            sheet.append(row)
    book.save(tmp_path / "村.xlsx")
    return tmp_path / "村.xlsx"


def test_sheets_of_several_years_are_not_put_into_one(villages, organisation_office, tmp_path):
    path = of_years(tmp_path, "2024年村庄基本情况", "2025年村庄基本情况")
    with pytest.raises(Refused, match="各工作表的年份不同（2024、2025）"):
        make_plan(path, path.name, organisation_office, DAY)


def test_a_sheet_without_a_year_is_of_the_others(villages, organisation_office, tmp_path):
    path = of_years(tmp_path, "2024年村庄基本情况", "村庄基本情况")
    commit(stage(make_plan(path, path.name, organisation_office, DAY), path.name, b""), DAY)
    assert set(VillageYear.objects.values_list("year", flat=True)) == {2024}


def test_a_new_village_needs_its_code(plan):
    assert "新设的村要写区划代码" in plan("1,新设村,,,,,,").planned[0].fact.problems[0][1].remedy
    commit(stage(plan("1,新设村,320707109290,洪爽片,,,800,"), "村.csv", b""), DAY)
    assert Village.objects.get(code="320707109290").years.get().population == 800


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ("1,西响石,320707109217,,,,,", "与表里的 320707109217 不符"),
        ("1,新设村,320707109216,,,,,", "代码 320707109216 是西响石村的"),
        ("1,新设村,320707100290,,,,,", "不在账号的范围内"),
        ("1,新设村,32070710,,,,,", "这里是 8 位"),
    ],
)
def test_codes_that_cannot_be_right(plan, row, wrong):
    found = plan(row)
    assert found.counts["invalid"] == 1
    assert any(wrong in problem.message for _, problem in found.planned[0].fact.problems)


def test_a_figure_merged_over_two_villages_is_neithers(villages, organisation_office, tmp_path):
    book = openpyxl.Workbook()
    for row in [["村庄基本情况"], ["村", "人口", "户数"], ["西响石", 2400, 400], ["李小湾", None, 300]]:
        book.active.append(row)
    book.active.merge_cells("B3:B4")
    book.save(tmp_path / "村.xlsx")
    found = make_plan(tmp_path / "村.xlsx", "村.xlsx", organisation_office, DAY)
    wrong = "这一格和别的格合并了，看不出每格各是多少。"
    assert [
        (item.fact.number, key, problem.message)
        for item in found.planned
        for key, problem in item.fact.problems
    ] == [(3, "population", wrong), (4, "population", wrong)]
