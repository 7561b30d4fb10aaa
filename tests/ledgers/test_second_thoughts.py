"""What the engine must not do behind anybody's back: count twice, write late, take others' rows along, mistake persons."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from banzhuang.accounts.models import User
from banzhuang.ledgers.apply import ApplyRefused
from banzhuang.ledgers.ledger import Column, Fact
from banzhuang.ledgers.models import ImportBatch, StagedRow
from banzhuang.ledgers.parsers import PartialDateParser
from banzhuang.ledgers.plan import Reading, make_plan, parse_cell
from banzhuang.ledgers.staging import commit, stage
from banzhuang.ledgers.undo import UndoRefused, undo_batch
from cadres.models import Cadre, Post
from tests.factories import CadreFactory, PostFactory, UserFactory, VillageFactory, id_number
from villages.models import Area, Village, VillageYear

from .secretaries_book import person, register, roster

DAY = datetime.date(2026, 6, 30)
START = datetime.date(2022, 3, 1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def empty(villages):
    """The two villages with nobody in post."""
    Post.objects.all().delete()
    Cadre.objects.all().delete()
    return villages


@pytest.fixture
def plan(organisation_office, tmp_path):
    """plan(row, …) → the plan of a register of these rows."""

    def planning(*rows):
        path = register(tmp_path / "书记.xlsx", rows)
        return make_plan(path, path.name, organisation_office, DAY)

    return planning


@pytest.fixture
def write(plan):
    """write(row, …) → the committed batch."""

    def writing(*rows):
        return committed(plan(*rows))

    return writing


@pytest.fixture
def villages_book(organisation_office, tmp_path):
    """villages_book(line, …) → the committed batch of 村庄基本情况."""

    def writing(*lines):
        path = tmp_path / "村.csv"
        path.write_text("\n".join(["村庄基本情况", "村名,区划代码,片区,户数", *lines]), encoding="utf-8")
        return committed(make_plan(path, path.name, organisation_office, DAY))

    return writing


def committed(plan):
    batch = stage(plan, "台账", b"")
    commit(batch, DAY)
    batch.refresh_from_db()
    return batch


def problems(plan, place=0):
    return [(key, found.severity) for key, found in plan.planned[place].fact.problems]


def secretary(village, **fields):
    return PostFactory(organisation=village.organisations.get(kind="branch"), start=START, **fields)


# --- Counted once ------------------------------------------------------------------------------------------
def test_what_the_rules_found_is_counted_once_at_the_commit(empty, plan):
    secretary(empty[0], cadre__name="王前任")
    PostFactory(
        organisation=empty[1].organisations.get(kind="village_committee"),
        title=Post.Title.DIRECTOR,
        cadre__name="王主任",
    )
    found = plan(person(1, start=None), person(2, village="李小湾村", both="是"))
    assert (found.counts["errors"], found.counts["warnings"]) == (1, 1)
    batch = committed(found)
    assert (batch.counts["errors"], batch.counts["warnings"], batch.counts["invalid"]) == (1, 1, 1)


def test_a_required_cell_in_doubt_is_an_error():
    column = Column("date", "日期", PartialDateParser(), required=True)
    fact = Fact("表", 5, {}, raw={"date": 2018.1})
    parse_cell(column, Reading(column.parser, None), fact)
    assert [problem.severity for _, problem in fact.problems] == ["warning", "error"]
    assert not fact.valid


def test_a_person_moved_to_a_village_belongs_to_it(empty, organisation_office, tmp_path):
    cadre = CadreFactory(name="李一", village=None, id_number=id_number(1))
    assert cadre.scope_code == "320707109"
    path = tmp_path / "名册.csv"
    path.write_text(f"干部花名册\n姓名,身份证号,村\n李一,{id_number(1)},西响石\n", encoding="utf-8")
    batch = committed(make_plan(path, path.name, organisation_office, DAY))
    cadre.refresh_from_db()
    assert cadre.scope_code == empty[0].code
    undo_batch(batch, organisation_office)
    cadre.refresh_from_db()
    assert (cadre.village, cadre.scope_code) == (None, "320707109")


# --- A day long --------------------------------------------------------------------------------------------
def test_after_a_day_nothing_is_written_even_before_the_clock_came_by(empty, plan):
    batch = stage(plan(person(1)), "书记.xlsx", b"")
    ImportBatch.objects.update(expires_at=timezone.now())
    with pytest.raises(ApplyRefused, match="超过一天"):
        commit(batch, DAY)
    assert not Post.objects.exists()


def test_after_a_day_the_page_says_so_and_the_rows_are_gone(empty, plan, client, organisation_office):
    batch = stage(plan(person(1)), "书记.xlsx", b"")
    ImportBatch.objects.update(expires_at=timezone.now())
    client.force_login(organisation_office)
    assert "已过期" in client.get(reverse("import_batch", args=[batch.pk])).content.decode()
    assert not StagedRow.objects.exists()


def test_what_was_written_is_not_said_to_be_given_up(empty, write, client, organisation_office):
    batch = write(person(1))
    client.force_login(organisation_office)
    page = client.post(reverse("import_discard", args=[batch.pk]), follow=True).content.decode()
    assert "这一批已提交，不能再放弃。" in page
    assert "没有写入任何数据" not in page
    assert Post.objects.count() == 1


# --- Taken back --------------------------------------------------------------------------------------------
def test_a_later_row_that_the_undo_would_delete_along_stands_against_it(
    villages, villages_book, organisation_office
):
    batch = villages_book("新设村,320707109290,,")
    VillageYear.objects.create(village=Village.objects.get(name="新设村"), year=2026, population=800)
    with pytest.raises(UndoRefused, match="村“新设村”已被别的数据引用：新设村 2026年"):
        undo_batch(batch, organisation_office)
    assert VillageYear.objects.get().population == 800


def test_a_later_row_that_the_undo_would_cut_loose_stands_against_it(
    villages, villages_book, organisation_office
):
    batch = villages_book("西响石,,抗日山片,")
    villages[1].area = Area.objects.get()
    villages[1].save()
    with pytest.raises(UndoRefused, match="片区“抗日山片”已被别的数据引用：李小湾村"):
        undo_batch(batch, organisation_office)
    villages[1].refresh_from_db()
    assert villages[1].area.name == "抗日山片"


def test_what_the_batch_itself_wrote_does_not_stand_against_it(villages, villages_book, organisation_office):
    batch = villages_book("新设村,320707109290,抗日山片,260", "西响石,,抗日山片,721")
    undo_batch(batch, organisation_office)
    assert (Village.objects.count(), Area.objects.count(), VillageYear.objects.count()) == (2, 0, 0)


def test_a_later_import_taken_back_does_not_stand_against_the_earlier(empty, write, organisation_office):
    first = write(person(1))
    second = write(person(1, phone=13911112222, note="又一次"))
    with pytest.raises(UndoRefused, match="在导入之后又改过"):
        undo_batch(first, organisation_office)
    undo_batch(second, organisation_office)
    undo_batch(first, organisation_office)
    assert not Post.objects.exists()


def test_a_refused_undo_says_nothing_in_the_trail_and_can_be_tried_again(empty, write, organisation_office):
    batch = write(person(1))
    extra = PostFactory(cadre=Cadre.objects.get(), title=Post.Title.COMMITTEE_MEMBER)
    with pytest.raises(UndoRefused, match="引用"):
        undo_batch(batch, organisation_office)
    extra.delete()
    batch.refresh_from_db()
    undo_batch(batch, organisation_office)
    assert not Post.objects.exists()


def test_the_history_of_what_was_taken_back_names_who_did_it(empty, write):
    batch = write(person(1))
    other = UserFactory(role="organisation")
    pk = Cadre.objects.get().pk
    undo_batch(batch, other)
    last = Cadre.history.filter(id=pk).latest()
    assert (last.history_type, last.history_user) == ("-", other)


# --- Persons -----------------------------------------------------------------------------------------------
def test_a_number_under_another_name_is_a_warning_that_says_what_will_be(empty, plan):
    CadreFactory(name="张健乙", id_number=id_number(1), village=empty[0])
    found = plan(person(1))
    assert problems(found) == [("name", "warning")]
    assert (
        found.planned[0].fact.problems[0][1].message == "这个身份证号登记的姓名是张健乙，提交后改为张建乙。"
    )


def test_another_number_under_the_secretarys_name_is_no_succession(empty, plan):
    secretary(empty[0], cadre__name="张建乙", cadre__id_number=id_number(60))
    found = plan(person(1, start="2024.5"))
    assert problems(found) == [("id_number", "error")]
    assert "7100" in found.planned[0].fact.problems[0][1].message
    assert id_number(60) not in found.planned[0].fact.problems[0][1].message


def test_without_a_number_the_secretary_in_post_is_meant_wherever_at_home(empty, plan):
    secretary(empty[0], cadre__name="张建乙", cadre__village=empty[1])
    found = plan(person(1, number=None, born=None, sex=None, start=None, note="跨村"))
    assert (problems(found), found.planned[0].outcome) == ([], "changed")


def test_one_person_in_two_rows_must_be_the_same_in_both(empty, plan):
    found = plan(person(1), person(1, village="李小湾村", phone=13911112222, full="初中"))
    assert [item.outcome for item in found.planned] == ["new", "invalid"]
    assert set(problems(found, 1)) == {("phone", "error"), ("education", "error")}
    assert "与第 5 行是同一个身份证号" in found.planned[1].fact.problems[0][1].message


def test_what_only_the_second_row_says_of_a_person_is_no_contradiction(empty, write, plan):
    rows = person(1, phone=None), person(1, village="李小湾村")
    assert plan(*rows).counts["new"] == 2
    write(*rows)
    assert Cadre.objects.count() == 1
    assert plan(*rows).counts["invalid"] == 0


def test_a_roster_and_its_people(empty, organisation_office, tmp_path):
    """Of the roster two rows with one number: the second is in error, whatever else it says."""
    path = roster(tmp_path / "名册.xlsx", [("李一", "镇长", id_number(1)), ("李二", "镇长", id_number(1))])
    found = make_plan(path, path.name, organisation_office, DAY)
    assert [item.outcome for item in found.planned] == ["new", "invalid"]


def test_a_village_of_another_township_stays_out(empty, plan):
    VillageFactory(township__code="320707100", township__name="青口镇", code="320707100200", name="外村")
    assert problems(plan(person(1, village="外村"))) == [("village", "error")]


def test_two_new_villages_with_one_code(villages, organisation_office, tmp_path):
    path = tmp_path / "村.csv"
    path.write_text("村庄基本情况\n村名,区划代码\n甲村,320707109290\n乙村,320707109290\n", encoding="utf-8")
    found = make_plan(path, path.name, organisation_office, DAY)
    assert [item.outcome for item in found.planned] == ["new", "invalid"]
    assert "与第 3 行相同" in found.planned[1].fact.problems[0][1].message


def test_the_district_gives_an_area_to_a_village(villages, tmp_path):
    district = UserFactory(role="organisation", scope="320707")
    path = tmp_path / "村.csv"
    path.write_text("村庄基本情况\n村名,片区\n西响石,抗日山片\n", encoding="utf-8")
    committed(make_plan(path, path.name, district, DAY))
    assert Area.objects.get().township == villages[0].township


def test_a_village_that_left_the_scope_since_the_preview_refuses_the_commit(empty, plan, organisation_office):
    batch = stage(plan(person(1), person(2, village="李小湾村")), "书记.xlsx", b"")
    User.objects.filter(pk=organisation_office.pk).update(scope=empty[0].code)
    with pytest.raises(ApplyRefused, match="第 6 行"):
        commit(batch, DAY)
    assert not Post.objects.exists()
