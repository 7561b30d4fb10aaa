"""结对联系名册: who looks after which household, from when to when."""

import datetime

import openpyxl
import pytest

from livelihood.models import Contact
from tests.factories import ContactFactory, HouseholdFactory, LeaderFactory, VillageFactory

from .books import number, plan_of, problems, said, write

pytestmark = pytest.mark.django_db
HEADER = ["序号", "村", "户主", "身份证号", "联系领导", "职务", "联系起", "联系止"]


@pytest.fixture
def village(db):
    return VillageFactory(code="320707109209", name="马圩村")


@pytest.fixture
def household(village):
    return HouseholdFactory(village=village, head="朱甲东", id_number=number(0))


@pytest.fixture
def leader(db):
    return LeaderFactory(name="何金", position="党委委员")


@pytest.fixture
def held(household):
    """朱甲东 is held by 林桂 since 2022."""
    return ContactFactory(household=household, cadre=LeaderFactory(name="林桂"))


@pytest.fixture
def of(welfare_office, tmp_path):
    def book(rows):
        workbook = openpyxl.Workbook()
        sheet = workbook.active
        sheet.append(["班庄镇领导干部结对联系困难户名册"])
        sheet.append(HEADER)
        for place, row in enumerate(rows, 1):
            sheet.append([place, *row])
        workbook.save(tmp_path / "结对.xlsx")
        return tmp_path / "结对.xlsx"

    def planning(*rows):
        return plan_of(book(rows), welfare_office)

    planning.write = lambda *rows: write(book(rows), welfare_office)[0]
    return planning


def row(leader="何金", start="2024-03-01", end=None, head="朱甲东", identity=None, position=None):
    return ["马圩", head, identity, leader, position, start, end]


def test_a_row_is_a_contact(of, household, leader):
    plan = of.write(row(start="2024.3"))
    assert plan.ledger.kind == "contacts"
    contact = Contact.objects.get()
    assert (contact.household, contact.cadre, contact.started.iso(), contact.end) == (
        household,
        leader,
        "2024-03",
        None,
    )
    assert of(row(start="2024.3")).counts["same"] == 1


def test_another_leader_ends_the_former_that_day(of, held, leader):
    plan = of.write(row())
    assert said(plan) == ["林桂联系朱甲东户将止于 2024-03-01，当天起由何金联系。"]
    assert plan.planned[0].outcome == "new"
    held.refresh_from_db()
    assert held.ended.iso() == "2024-03-01"
    assert Contact.objects.live(datetime.date(2024, 2, 29)).get() == held
    assert Contact.objects.live(datetime.date(2024, 3, 1)).get().cadre == leader
    assert of(row()).counts["same"] == 1


@pytest.mark.parametrize(
    ("start", "wrong"),
    [
        (None, "换成何金要有联系起"),
        ("2021-12-31", "早于林桂的联系起"),
        ("2022-01-01", ""),
        ("2026-06-30", ""),
        ("2026-07-01", "晚于今天"),
    ],
)
def test_a_successor_starts_in_order(of, held, leader, start, wrong):
    found = problems(of(row(start=start)))
    assert (found[0][:2], wrong in found[0][2]) == (("start", "error"), True) if wrong else found == []


def test_a_contact_that_has_ended_and_the_next(of, household, leader):
    LeaderFactory(name="林桂")
    rows = [row("林桂", "2020.1", "2024-03-01"), row()]
    of.write(*rows)
    assert list(Contact.objects.order_by("start").values_list("cadre__name", "end")) == [
        ("林桂", datetime.date(2024, 3, 1)),
        ("何金", None),
    ]
    assert of(*rows).counts["same"] == 2


def test_closing_the_one_who_holds_the_household(of, held):
    of.write(row("林桂", None, "2025-01-01"))
    held.refresh_from_db()
    assert (held.ended.iso(), Contact.objects.count()) == ("2025-01-01", 1)


def test_a_start_becomes_known(of, household, leader):
    ContactFactory(household=household, cadre=leader, start=None)
    assert of.write(row()).planned[0].outcome == "changed"
    assert Contact.objects.get().started.iso() == "2024-03-01"


def test_no_day_has_two(of, held, leader):
    held.end = datetime.date(2024, 6, 1)
    held.save()
    assert problems(of(row(start="2024-05-31")))[0][:2] == ("start", "error")
    assert problems(of(row(start="2024-06-01"))) == []
    assert problems(of(row(start="2021-01-01", end="2022-01-02")))[0][:2] == ("start", "error")
    assert problems(of(row(start="2021-01-01", end="2022-01-01"))) == []


def test_nobody_ends_before_he_began(of, household, leader):
    assert problems(of(row(end="2024-02-29")))[0][:2] == ("end", "error")


def test_two_at_once_in_one_file(of, household, leader):
    LeaderFactory(name="林桂")
    plan = of(row(), row("林桂", "2024-04-01"))
    assert [item.outcome for item in plan.planned] == ["new", "invalid"]
    assert "与何金的联系（2024-03-01 至 今）重叠" in problems(plan, 1)[0][2]


def test_whom_the_registers_do_not_know(of, household, leader):
    plan = of(row(head="查无户"), row("查无此"))
    assert problems(plan) == [("name", "error", "马圩村的困难户名册里没有户主“查无户”。")]
    assert problems(plan, 1) == [("contact", "error", "干部名册里没有“查无此”。")]


def test_a_position_tells_namesakes_apart(of, household, leader):
    LeaderFactory(name="何金", position="镇长")
    assert "分不清" in problems(of(row()))[0][2]
    of.write(row(position="党委委员"))
    assert Contact.objects.get().cadre == leader


def test_a_number_tells_households_apart(of, household, leader, village):
    HouseholdFactory(village=village, head="朱甲东", id_number=number(1))
    assert "分不清" in problems(of(row()))[0][2]
    of.write(row(identity=number(0)))
    assert Contact.objects.get().household == household
    assert problems(of(row(head="别人", identity=number(0))))[0][:2] == ("id_number", "error")


def test_lookups_do_not_grow_with_the_rows(of, village, leader, count_queries):
    rows = [
        HouseholdFactory(village=village, head=f"王{place}", id_number=number(place)) for place in range(40)
    ]
    for household in rows:
        ContactFactory(household=household, cadre=leader)
    ledger = [row("何金", "2022-01-01", head=household.head) for household in rows]
    of(ledger[0])  # the user's rights are read once
    few = count_queries(lambda: of(*ledger[:3]))
    assert count_queries(lambda: of(*ledger)) == few
    assert of(*ledger).counts["same"] == 40
