"""The township's ledgers of households, contacts and visits in their full shapes: exact findings, the same again,
undone; and any small one over whatever is there."""

import datetime
import json

import pytest
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from banzhuang.accounts.models import User
from banzhuang.ledgers.staging import stage
from banzhuang.ledgers.undo import undo_batch
from cadres.models import Cadre
from livelihood.models import Contact, Household, HouseholdLabel, HouseholdYear, Member, Need, Visit
from tests.factories import TOWNSHIP, HouseholdFactory, LeaderFactory, id_number
from tests.ledgers.secretaries_book import roster
from villages.demo import load_villages
from villages.models import Village

from .books import HEADER, household, number, plan_of, register, visit, visits, write

pytestmark = pytest.mark.django_db
TABLES = (Household, HouseholdYear, HouseholdLabel, Member, Contact, Visit, Need, Cadre)
MOVED_ON = {"version", "updated_at"}
LEADERS = [
    "朱英",
    "胡燕",
    "王强",
    "马强",
    "杨文立",
    "胡文新",
    "徐志玉",
    "吴强",
    "何金",
    "刘玉强",
    "吴梅",
    "胡胜",
    "林桂",
]
SHEETS = ["马圩村", "山西村", "石沟埃村"]
LOOKUPS = 9  # scope, villages and remembered forms once; households, cadres, years, labels, contacts, members of a chunk


def dump():
    """Every column of every row, but those that any write moves on."""
    return {
        model.__name__: [
            {name: value for name, value in row.items() if name not in MOVED_ON}
            for row in model.objects.order_by("pk").values()
        ]
        for model in TABLES
    }


@pytest.fixture
def system(db):
    """The user of commands, in the 44 villages without households."""
    load_villages()
    return User.objects.system(TOWNSHIP)


def row_of(place):
    """A row as the villages' clerks write it; place 18, the fourth of the second sheet, has a number in its number's cell."""
    return household(
        place,
        身份证号码=float(number(place)) if place == 18 else number(place),
        家庭人口=1 + place % 5,
        劳动力人数=place % 3 % (1 + place % 5),
        致贫原因="同上" if place % 5 == 4 else ["缺劳力", "因病", "因学", "因残"][place % 4],
        享受政策=["五保", "低保", None][place % 3],
        帮扶责任人=LEADERS[place % 13],
    )


def visit_of(place):
    day = datetime.date(2026, 5, 25) + datetime.timedelta(days=place % 5)
    stranger = place in {9, 25}
    return visit(
        走访日期=f"{day.year}年{day.month}月{day.day}日",
        走访干部="查无此" if stranger else LEADERS[place % 13],
        村=SHEETS[place // 15].removesuffix("村" if place % 2 else ""),
        户主="查无户" if place == 17 else household(place)["户主"],
        反映情况=["=房屋漏雨", "饮水不便", "孩子上学缺路费", "-无"][place % 4],
        解决情况="办理中" if place % 3 == 0 else "已解决",
    )


@pytest.fixture
def files(tmp_path):
    """镇领导名册, 建档立卡户台账 with three sheets, 走访记录: in the order in which they go in."""
    people = [(name, "党委委员", id_number(place)) for place, name in enumerate(LEADERS)]
    sheets = {name: [row_of(15 * order + place) for place in range(15)] for order, name in enumerate(SHEETS)}
    records = [visit_of(place) for place in range(45) if place not in {4, 18, 31, 39, 44}]
    return [
        roster(tmp_path / "镇领导名册.xlsx", people),
        register(tmp_path / "建档立卡户台账_分村.xlsx", sheets),
        visits(tmp_path / "走访记录.csv", records),
    ]


def test_found_written_the_same_again_and_undone(system, files):
    empty = dump()
    found, batches = [], []
    for path in files:
        plan, batch = write(path, system)
        found.append((plan.ledger.kind, plan.counts["new"], plan.counts["invalid"], plan.counts["warnings"]))
        batches.append(batch)
    assert found == [("cadres", 13, 0, 0), ("households", 44, 1, 0), ("visits", 37, 3, 0)]
    assert (Household.objects.count(), Contact.objects.count(), HouseholdYear.objects.count()) == (44, 44, 44)
    after = dump()
    for path, (kind, new, invalid, _) in zip(files, found, strict=True):
        counts = write(path, system)[0].counts
        assert (kind, counts["same"], counts["new"], counts["changed"]) == (kind, new, 0, 0)
        assert counts["invalid"] == invalid
    assert dump() == after
    for batch in reversed(batches):
        undo_batch(batch, system)
    assert dump() == empty


def test_cells_of_what_is_wrong(system, files):
    for path in files[:2]:
        plan, _ = write(path, system)
    faults = [
        (item.fact.sheet, item.fact.number, item.fact.problems) for item in plan.planned if item.fact.problems
    ]
    assert [(sheet, row, [key for key, _ in found]) for sheet, row, found in faults] == [
        ("山西村", 7, ["id_number"])
    ]
    assert [(table.sheet, left.row, left.reason) for table in plan.tables for left in table.dropped] == [
        (sheet, 19, "小计行") for sheet in SHEETS
    ]
    plan = plan_of(files[2], system)
    assert [
        (item.fact.number, key) for item in plan.planned for key, _ in item.fact.problems
    ] == [(11, "visitor"), (19, "head"), (26, "visitor")]  # fmt: skip


def test_the_command_says_it_in_the_agreed_shape(system, files, capsys):
    write(files[0], system)
    call_command("import_ledger", str(files[1]), "--json")
    found = json.loads(capsys.readouterr().out)
    assert (found["kind"], found["rows"], found["sheets"]) == ("households", 45, SHEETS)
    assert found["header_rows"] == {sheet: [3] for sheet in SHEETS}
    assert found["columns"] == {
        "户主": "name", "与户主关系": "relation", "身份证号码": "id_number", "家庭人口": "members",
        "劳动力人数": "workers", "致贫原因": "causes", "享受政策": "labels", "帮扶责任人": "contact", "备注": "note",
    }  # fmt: skip
    assert found["errors"][0]["cell"] == "D7"
    assert found["sample"][0] == {
        "village": Village.objects.get(name="马圩村").code,
        "name": "朱甲东",
        "relation": "户主",
        "id_number": number(0)[:4] + "*" * 10 + number(0)[-4:],
        "members": "1",
        "workers": "0",
        "causes": ["缺劳力"],
        "labels": ["建档立卡户", "特困"],
        "contact": "朱英",
    }
    assert len(found["sample"]) == 20


def test_the_preview_shows_the_village_of_the_sheet(system, files, welfare_office, client):
    batch = stage(plan_of(files[1], welfare_office), files[1].name, b"")
    client.force_login(welfare_office)
    page = client.get(reverse("import_batch", args=[batch.pk])).content.decode()
    assert "马圩" in page
    assert "建档立卡户、特困" in page
    assert number(0) not in page


@pytest.mark.parametrize("sheets", [2, 44])
def test_lookups_are_as_many_for_44_villages_as_for_2(system, tmp_path, count_queries, sheets):
    villages = list(Village.objects.order_by("code"))[:sheets]
    leader = LeaderFactory(name="何金")
    rows = {village.name: [household(place, 帮扶责任人="何金")] for place, village in enumerate(villages)}
    for place, village in enumerate(villages):
        row = HouseholdFactory(village=village, head=household(place)["户主"], id_number=number(place))
        HouseholdYear.objects.create(household=row, year=2026)
        Contact.objects.create(household=row, cadre=leader)
    path = register(tmp_path / "台账.xlsx", rows)
    assert count_queries(lambda: plan_of(path, system)) == LOOKUPS


@pytest.mark.parametrize("size", [10, 500])
def test_lookups_are_as_many_for_500_rows_as_for_10(system, tmp_path, count_queries, size):
    LeaderFactory(name="何金")
    HouseholdFactory(village=Village.objects.get(name="马圩村"), head="朱甲东", id_number=number(0))
    rows = [household(place, 户主=f"朱{place}", 帮扶责任人="何金") for place in range(1, size)]
    path = register(tmp_path / "台账.xlsx", {"马圩村": [household(0), *rows]})
    assert count_queries(lambda: plan_of(path, system)) == LOOKUPS


HEADS = ["朱甲", "朱 甲", "朱乙"]
drafts = st.fixed_dictionaries(
    {
        "sheet": st.sampled_from(SHEETS[:2]),
        "户主": st.sampled_from(HEADS),
        "身份证号码": st.none() | st.integers(0, 2),
        "家庭人口": st.none() | st.integers(1, 3),
        "劳动力人数": st.none() | st.integers(0, 3),
        "致贫原因": st.sampled_from([None, "因病", "因病、因残", "同上"]),
        "享受政策": st.sampled_from([None, "五保", "低保、残疾补贴"]),
        "帮扶责任人": st.sampled_from([None, "何金", "林桂", "查无此"]),
        "联系起": st.sampled_from([None, "2020.5", "2024-03-01"]),
        "与户主关系": st.sampled_from(["户主", "户主", "长子"]),
    }
)
ledgers = st.lists(drafts, min_size=1, max_size=4)


def drafted(path, drafts):
    sheets = {draft["sheet"]: [] for draft in drafts}
    for draft in drafts:
        identity = None if draft["身份证号码"] is None else number(draft["身份证号码"])
        sheets[draft["sheet"]].append({**draft, "身份证号码": identity})
    return register(path, sheets, header=[*HEADER, "联系起"])


@hypothesis_settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(before=ledgers, ledger=ledgers)
def test_whatever_is_imported_over_whatever_is_there_can_be_taken_back(tmp_path, system, before, ledger):
    path = tmp_path / "台账.xlsx"
    with transaction.atomic():
        for name in ("何金", "林桂"):
            LeaderFactory(name=name)
        write(drafted(path, before), system, kind="households")
        there = dump()
        plan, batch = write(drafted(path, ledger), system, kind="households")
        again = plan_of(path, system, kind="households").counts
        # A row in error may be right the next time: 朱甲 was another household until a row above renamed that one.
        assert plan.counts["invalid"] or (again["new"], again["changed"]) == (0, 0)
        undo_batch(batch, system)
        assert dump() == there
        transaction.set_rollback(True)
