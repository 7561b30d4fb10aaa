"""走访记录: what a row means for visits and needs."""

import datetime

import pytest
from django.urls import reverse

from banzhuang.ledgers.grid import Refused
from banzhuang.ledgers.staging import stage
from banzhuang.ledgers.undo import UndoRefused, undo_batch
from livelihood.models import Need, Visit
from tests.factories import (
    ContactFactory,
    HouseholdFactory,
    LeaderFactory,
    UserFactory,
    VillageFactory,
    VisitFactory,
)

from .books import VISITS, number, plan_of, problems, said, visit, visits, write

pytestmark = pytest.mark.django_db
MAY = datetime.date(2026, 5, 25)


@pytest.fixture
def leader(db):
    return LeaderFactory(name="何金")


@pytest.fixture
def household(db, leader):
    """朱甲东 of 马圩村, held by 何金 since 2022."""
    row = HouseholdFactory(
        village=VillageFactory(code="320707109209", name="马圩村"), head="朱甲东", id_number=number(0)
    )
    ContactFactory(household=row, cadre=leader)
    return row


@pytest.fixture
def of(household, welfare_office, tmp_path):
    def planning(*rows, header=VISITS, **more):
        return plan_of(visits(tmp_path / "走访记录.csv", rows, header, **more), welfare_office)

    def writing(*rows, header=VISITS, **more):
        return write(visits(tmp_path / "走访记录.csv", rows, header, **more), welfare_office)

    planning.write = writing
    return planning


def test_a_row_is_a_visit_and_its_text_stays_text(of, household, leader):
    plan, _ = of.write(visit(反映情况="=房屋漏雨"), visit(走访日期="2026-05-26", 反映情况="-无"))
    assert plan.ledger.kind == "visits"
    first, second = Visit.objects.order_by("date")
    assert (first.household, first.visitor, first.date) == (household, leader, MAY)
    assert (first.heard, first.measures, first.result) == ("=房屋漏雨", "联系施工队", "solved")
    assert second.heard == "-无"
    assert not Need.objects.exists()


def test_the_same_again_changes_nothing(of):
    rows = [visit(), visit(走访日期="2026-05-26", 解决情况="办理中")]
    of.write(*rows)
    assert of(*rows).counts["same"] == 2
    of.write(*rows)
    assert (Visit.objects.count(), Need.objects.count()) == (2, 1)


# --- Needs -------------------------------------------------------------------------------------------------------
def test_what_is_still_to_be_done_is_a_need(of, household, leader):
    plan, batch = of.write(visit(解决情况="办理中", 反映情况="孩子上学缺路费"))
    need = Need.objects.get()
    assert (need.household, need.content, need.handler) == (household, "孩子上学缺路费", "contact")
    assert (need.raised_on, need.due, need.closed_on) == (MAY, datetime.date(2026, 6, 1), None)
    assert Visit.objects.get().need == need
    assert said(plan) == ["登记诉求“孩子上学缺路费”，由联系领导何金在 2026-06-01 前答复。"]
    undo_batch(batch, batch.owner)
    assert not (Need.objects.exists() or Visit.objects.exists())


def test_an_answered_need_keeps_its_import(of):
    _, batch = of.write(visit(解决情况="办理中"))
    need = Need.objects.get()
    need.closed_on, need.outcome, need.reply = datetime.date(2026, 6, 1), "solved", "已修好"
    need.save()
    with pytest.raises(UndoRefused):
        undo_batch(batch, batch.owner)
    assert of(visit(解决情况="办理中")).counts["same"] == 1


def test_one_open_need_for_the_same_words(of):
    plan, _ = of.write(
        visit(解决情况="办理中"), visit(走访日期="2026-05-26", 解决情况="办理中", 反映情况="=房屋漏雨")
    )
    assert said(plan, 1) == ["记入户里已有的诉求“=房屋漏雨”。"]
    of.write(visit(走访日期="2026-05-27", 解决情况="办理中"))
    assert Need.objects.get().visits.count() == 3


def test_where_nothing_was_heard_the_measure_is_the_need(of):
    of.write(visit(解决情况="办理中", 反映情况="-无", 帮扶措施="申请助学金"))
    assert (Visit.objects.get().heard, Need.objects.get().content) == ("-无", "申请助学金")
    found = problems(of(visit(走访日期="2026-05-26", 解决情况="办理中", 反映情况="无", 帮扶措施=None)))
    assert found == [("heard", "error", "写的是办理中，反映情况却没有写。")]


def test_a_household_nobody_holds_has_the_office_answer(of, household):
    household.contacts.all().delete()
    of.write(visit(解决情况="办理中"))
    assert Need.objects.get().handler == "welfare"


def test_solved_at_first_then_not(of):
    of.write(visit())
    plan, _ = of.write(visit(解决情况="办理中"))
    assert plan.planned[0].outcome == "changed"
    assert (Visit.objects.get().result, Need.objects.count()) == ("pending", 1)


@pytest.mark.parametrize(
    ("result", "heard", "found"),
    [
        ("已解决", "漏雨", "solved"),
        ("当场解决", "漏雨", "solved"),
        ("未解决", "漏雨", "pending"),
        ("无需办理", "漏雨", "none"),
        (None, "无", "none"),
        (None, "漏雨", None),
    ],
)
def test_words_of_the_result(of, result, heard, found):
    plan = of(visit(解决情况=result, 反映情况=heard))
    if found is None:
        assert problems(plan)[0][:2] == ("result", "error")
    else:
        assert plan.planned[0].writes[-1].values["result"] == found


# --- Whom it speaks of -------------------------------------------------------------------------------------------
def test_whom_the_registers_do_not_know(of):
    plan = of(visit(走访干部="查无此"), visit(户主="查无户"), visit(村="查无村"))
    assert problems(plan) == [("visitor", "error", "干部名册里没有“查无此”。")]
    assert problems(plan, 1) == [("head", "error", "马圩村的困难户名册里没有户主“查无户”。")]
    assert problems(plan, 2)[0][0] == "village"
    assert plan.planned[0].fact.cells["visitor"] == 1


def test_a_visitor_who_is_not_the_contact_is_said(of, household):
    LeaderFactory(name="林桂")
    plan, _ = of.write(visit(走访干部="林桂"))
    assert problems(plan)[0][:2] == ("visitor", "warning")
    assert "不计入每周走访" in problems(plan)[0][2]
    assert Visit.objects.count() == 1


@pytest.mark.parametrize(("start", "warned"), [("2026-05-26", True), ("2026-05-25", False)])
def test_contact_on_the_day_of_the_visit(of, household, start, warned):
    household.contacts.update(start=start)
    assert bool(problems(of(visit()))) is warned


@pytest.mark.parametrize(
    ("date", "wrong"),
    [
        ("2026-07-01", "走访日期不能晚于今天（2026-06-30）。"),
        ("2026-06-30", ""),
        ("2022-01-01", ""),
        ("2021-12-31", "走访日期早于这户的建档日期（2022-01-01）。"),
        ("2026.5", "只写到2026年5月。"),
    ],
)
def test_dates(of, date, wrong):
    found = [message for key, _, message in problems(of(visit(走访日期=date))) if key == "date"]
    assert found == ([wrong] if wrong else [])


def test_a_household_that_has_left_the_register(of, household):
    household.removed_on, household.removal_reason = datetime.date(2026, 5, 25), "moved"
    household.save()
    assert "已出册" in problems(of(visit()))[0][2]
    assert problems(of(visit(走访日期="2026-05-24"))) == []


@pytest.mark.parametrize("village", ["马圩", "马圩村委会"])
def test_the_same_visit_twice_in_a_file(of, village):
    plan = of(visit(), visit(村=village, 反映情况="饮水不便"))
    assert [item.outcome for item in plan.planned] == ["new", "invalid"]
    assert problems(plan, 1)[0] == ("date", "error", "与第 3 行是同一天的同一次走访（朱甲东）。")


def test_the_village_of_the_title(of):
    header = [label for label in VISITS if label != "村"]
    assert problems(of(visit(), header=header, title="班庄镇马圩村领导走访记录")) == []


def test_other_names_of_the_columns(of, leader):
    header = ["走访时间", "走访领导", "职务", "村别", "困难户", "反映问题", "措施", "办理结果"]
    plan = of({**dict(zip(header, visit().values(), strict=True))}, header=header)
    assert (plan.ledger.kind, plan.counts["new"]) == ("visits", 1)


# --- Page, lookups -----------------------------------------------------------------------------------------------
def test_the_preview_says_what_follows(of, welfare_office, client):
    LeaderFactory(name="林桂")
    batch = stage(
        of(visit(解决情况="办理中"), visit(走访干部="林桂", 解决情况="办理中")), "走访记录.csv", b""
    )
    client.force_login(welfare_office)
    page = client.get(reverse("import_batch", args=[batch.pk])).content.decode()
    assert "登记诉求“=房屋漏雨”" in page
    assert "不计入每周走访" in page


@pytest.mark.parametrize("role", ["leader", "organisation", "staff", "village"])
def test_only_the_welfare_office_imports(household, tmp_path, role):
    with pytest.raises(Refused, match=r"权限|没有认出"):
        plan_of(visits(tmp_path / "走访记录.csv", [visit()]), UserFactory(role=role))


def test_lookups_do_not_grow_with_the_rows(of, household, leader, count_queries):
    rows = []
    for place in range(60):
        row = HouseholdFactory(village=household.village, head=f"王{place}", id_number=number(place + 1))
        VisitFactory(household=row, visitor=leader, date=MAY, heard="漏雨", measures="修", result="pending")
        rows.append(visit(户主=row.head, 反映情况="漏雨", 帮扶措施="修", 解决情况="办理中"))
    of(rows[0])  # the user's rights are read once
    few = count_queries(lambda: of(*rows[:10]))
    assert count_queries(lambda: of(*rows)) == few
