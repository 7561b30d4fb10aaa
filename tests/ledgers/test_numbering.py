"""系统编号: a row that has one is that row of the register; one that cannot be right is an error in its cell."""

import datetime
import itertools

import openpyxl
import pytest

from banzhuang.accounts.models import User
from banzhuang.ledgers.ledger import registry
from banzhuang.ledgers.numbering import UNKNOWN, number_of, pk_of
from banzhuang.ledgers.staging import commit, stage
from cadres.models import Cadre, Post
from livelihood.models import Household
from tests.factories import (
    OTHER_TOWNSHIP,
    TOWNSHIP,
    CadreFactory,
    HouseholdFactory,
    TownshipFactory,
    id_number,
)
from villages.models import Village

from .rich_township import DAY, edited, export, plan, problems, rich_township

pytestmark = pytest.mark.django_db

CADRES = registry["cadres"]


@pytest.fixture
def system(db):
    rich_township()
    return User.objects.system(TOWNSHIP)


@pytest.fixture
def exported(system, tmp_path):
    """exported(kind, *edits): an export with cells changed."""

    def exporting(kind, *cells):
        return edited(export(kind, system, tmp_path / f"{kind}.xlsx"), cells)

    return exporting


# --- The number itself ---------------------------------------------------------------------------------------------
def test_a_number_names_its_row_in_its_own_ledger_only():
    number = number_of(CADRES, 128)
    assert number.startswith("128-") and len(number) == 8
    assert pk_of(CADRES, f" {number.lower()} ") == 128
    assert pk_of(registry["households"], number) is None


@pytest.mark.parametrize("wrong", ["", "128", "128-", "0128-7K3Q", "-1-7K3Q", "9" * 30 + "-7K3Q"])
def test_what_is_no_number_names_nothing(wrong):
    assert pk_of(CADRES, wrong) is None


def test_a_number_filled_down_names_nothing():
    number = number_of(CADRES, 128)
    following = f"129{number[3:]}", number[:-1] + ("8" if number[-1] == "7" else "7")
    assert [pk_of(CADRES, text) for text in following] == [None, None]


# --- Numbers that cannot be right ------------------------------------------------------------------------------------
def foreign_row():
    return CadreFactory(village=None, township=TownshipFactory(code=OTHER_TOWNSHIP, name="城头镇")).pk


def deleted_row():
    cadre = CadreFactory(village=Village.objects.first())
    pk = cadre.pk
    cadre.delete()
    return pk


@pytest.mark.parametrize("row", [foreign_row, deleted_row, lambda: 10**17])
def test_a_row_out_of_sight_a_deleted_one_and_none_are_refused_in_the_same_words(row, exported, system):
    path = exported("cadres", ("备注人3", "系统编号", number_of(CADRES, row())))
    assert [(key, words) for _, key, words in problems(plan(path, system))] == [("system_number", UNKNOWN)]


@pytest.mark.parametrize("number", ["128-AAAA", number_of(registry["households"], 1), "自编1"])
def test_a_forged_number_and_one_of_another_ledger_are_refused_in_the_same_words(number, exported, system):
    path = exported("cadres", ("备注人3", "系统编号", number))
    found = plan(path, system)
    assert [words for _, key, words in problems(found) if key == "system_number"] == [UNKNOWN]


def test_a_number_twice_in_a_file_is_refused_the_second_time(exported, system):
    number = number_of(CADRES, Cadre.objects.get(name="备注人3").pk)
    found = plan(exported("cadres", ("备注人4", "系统编号", number)), system)
    ((_, key, words),) = problems(found)
    assert key == "system_number" and "系统编号相同" in words
    assert found.counts["changed"] == 0


def test_a_scope_that_has_shrunk_since_the_preview_writes_nothing(exported, system, organisation_office):
    path = exported("cadres", ("备注人3", "备注", "改了"))
    batch = stage(plan(path, organisation_office), path.name, path.read_bytes())
    organisation_office.scope = Village.objects.get(name="李小湾村").code
    organisation_office.save()
    with pytest.raises(Exception, match="没有写入"):
        commit(batch, DAY)
    assert not Cadre.objects.filter(note="改了").exists()


# --- Masked cells ----------------------------------------------------------------------------------------------------
def test_a_masked_number_that_is_not_the_rows_own_says_what_to_do(exported, system):
    found = plan(exported("households", ("冯德春", "身份证号", "3207**********0000")), system)
    item = next(item for item in found.planned if item.fact.problems)
    ((key, problem),) = item.fact.problems
    mask = Household.objects.get(head="冯德春").id_number_mask
    assert (key, problem.severity) == ("id_number", "error")
    assert mask in problem.message and "填写完整" in problem.remedy


@pytest.mark.parametrize(("header", "text"), [("身份证号", None), ("联系电话", None), ("健康状况", "＊＊＊")])
def test_a_masked_cell_without_a_number_is_refused(header, text, exported, system):
    path = exported("households", ("冯德春", "系统编号", None))
    if text is None:
        household = Household.objects.get(head="冯德春")
        text = household.id_number_mask if header == "身份证号" else household.phone_mask
    found = plan(edited(path, [("冯德春", header, text)]), system)
    labels = {found.ledger.column(key).label: words for _, key, words in problems(found)}
    assert "没有系统编号" in labels[header]


MASKS = ["139****0000", "139＊＊＊＊0000", "7100XXXXXXXXXX9437"]
HOLDERS = [
    ("cadres", "备注人3", Cadre),
    ("secretaries", "江苏赣榆", Cadre),
    ("households", "冯德春", Household),
]


@pytest.mark.parametrize(("kind", "name", "model"), HOLDERS)
@pytest.mark.parametrize("header", ["身份证号", "联系电话"])
def test_no_mask_typed_into_a_ledger_is_ever_written(kind, name, model, header, exported, system):
    """With or without 系统编号, in whatever signs: an error at its cell, and what is registered stays."""
    before = [(row.id_number, row.phone) for row in model.objects.order_by("pk")]
    for text, numbered in itertools.product(MASKS, (True, False)):
        path = exported(kind, (name, header, text), *([] if numbered else [(name, "系统编号", None)]))
        found = plan(path, system)
        assert header in {found.ledger.column(key).label for _, key, _ in problems(found)}
        commit(stage(found, path.name, path.read_bytes()), DAY)
    assert [(row.id_number, row.phone) for row in model.objects.order_by("pk")] == before


def test_the_phone_of_who_filled_the_table_in_is_kept_masked(system, tmp_path):
    path = tmp_path / "名册.xlsx"
    book = openpyxl.Workbook()
    for row in (["联系电话：13900001062"], ["序号", "姓名", "职务"], [1, "新来的", "办事员"]):
        book.active.append(row)
    book.save(path)
    batch = stage(plan(path, system), path.name, path.read_bytes())
    assert batch.understanding["metadata"]["联系电话"] == "139****1062"


def test_what_stood_masked_is_not_staged(exported, system):
    path = exported("households", ("冯德春", "备注", "改了"))
    batch = stage(plan(path, system), path.name, path.read_bytes())
    household = Household.objects.get(head="冯德春")
    content = "".join(batch.rows.values_list("content", flat=True))
    assert household.id_number not in content and household.phone not in content
    assert household.id_number_mask in content
    commit(batch, DAY)
    after = Household.objects.get(head="冯德春")
    assert (after.note, after.id_number, after.phone) == ("改了", household.id_number, household.phone)


# --- What changes beside a number ------------------------------------------------------------------------------------
def test_a_number_of_another_person_is_not_given_to_the_row(exported, system):
    owner = CadreFactory(name="赵别人", village=Village.objects.first())
    found = plan(exported("cadres", ("备注人3", "身份证号", owner.id_number)), system)
    assert [(key, "赵别人" in words) for _, key, words in problems(found)] == [("id_number", True)]


def test_a_secretary_is_not_moved_to_another_village(exported, system):
    found = plan(exported("secretaries", ("江苏赣榆", "村", "李小湾村")), system)
    assert [key for _, key, _ in problems(found)] == ["village"]


def test_a_new_name_and_start_beside_a_number_is_a_successor(exported, system):
    path = exported(
        "secretaries",
        ("江苏赣榆", "姓名", "新书记"),
        ("江苏赣榆", "任现职时间", datetime.date(2026, 6, 1)),
        ("江苏赣榆", "身份证号", id_number(1, birth=datetime.date(1990, 3, 9))),
        ("江苏赣榆", "是否一肩挑", None),
    )
    former = Post.objects.secretaries().get(note="=跨村")
    found = plan(path, system)
    assert [words for _, key, words in problems(found) if key != "born"] == []
    commit(stage(found, path.name, path.read_bytes()), DAY)
    former.refresh_from_db()
    new = Post.objects.secretaries().get(organisation=former.organisation, end=None)
    assert (former.ended.iso(), new.cadre.name, new.cadre.phone) == ("2026-06-01", "新书记", "")
    assert former.cadre.name != "新书记"


def test_a_successor_does_not_take_over_the_formers_number(exported, system):
    path = exported(
        "secretaries",
        ("江苏赣榆", "姓名", "新书记"),
        ("江苏赣榆", "任现职时间", datetime.date(2026, 6, 1)),
    )
    assert [key for _, key, _ in problems(plan(path, system))] == ["id_number"]


def test_a_post_that_has_ended_since_is_not_changed(exported, system):
    path = exported("secretaries", ("江苏赣榆", "备注", "改了"))
    post = Post.objects.secretaries().get(note="=跨村")
    post.end, post.end_reason = datetime.date(2026, 6, 20), Post.EndReason.AGE
    post.save()
    assert [key for _, key, _ in problems(plan(path, system))] == ["system_number"]


@pytest.mark.parametrize(("kind", "text"), [("contacts", "褚福秋"), ("visits", "=屋漏")])
def test_a_row_of_a_household_does_not_become_another_households(kind, text, exported, system):
    found = plan(exported(kind, (text, "户主", "冯德春")), system)
    key = "name" if kind == "contacts" else "head"
    assert [key for _, key, _ in problems(found)] == [key]


def test_another_contact_needs_another_start(exported, system):
    path = exported("contacts", ("褚福秋", "联系领导", "马强"), ("褚福秋", "职务", "党委委员"))
    unchanged = plan(path, system)
    assert problems(unchanged) == []  # 马强 is who looks after the household
    CadreFactory(name="新领导", category="leader", village=None)
    found = plan(exported("contacts", ("褚福秋", "联系领导", "新领导")), system)
    assert [key for _, key, _ in problems(found)] == ["start"]
    path = exported("contacts", ("褚福秋", "联系领导", "新领导"), ("褚福秋", "联系起", "2026.05"))
    found = plan(path, system)
    assert (problems(found), found.counts["new"]) == ([], 1)


def test_a_household_does_not_move_in_a_ledger(exported, system):
    assert [
        key for _, key, _ in problems(plan(exported("households", ("冯德春", "村", "李小湾村")), system))
    ] == ["village"]


def test_a_label_that_is_left_out_does_not_end_and_is_named(exported, system):
    found = plan(exported("households", ("冯德春", "享受政策", "低保")), system)
    ((_, key, words),) = problems(found)
    assert key == "labels" and "建档立卡户" in words


def test_a_second_visit_of_the_same_day_is_refused(exported, system):
    path = exported("visits", ("=屋漏", "走访日期", datetime.date(2027, 1, 1)))
    assert "date" in [key for _, key, _ in problems(plan(path, system))]


def test_a_row_without_a_number_that_is_a_row_with_one_is_twice(exported, system):
    path = exported("cadres")
    book = openpyxl.load_workbook(path)
    owner = Cadre.objects.exclude(id_number_hash="").filter(village__name="李小湾村").first()
    place = next(row for row in book.active.iter_rows(values_only=True) if owner.name in row)
    copy = [owner.id_number if value == owner.id_number_mask else value for value in place[:-1]]
    book.active.append(copy)
    book.save(path)
    assert any("重复" in words for _, _, words in problems(plan(path, system)))


def test_namesakes_in_a_file_are_told_apart_by_their_numbers(exported, system):
    HouseholdFactory(head="冯德春", village=Village.objects.first(), id_number="")
    found = plan(exported("households"), system)
    assert (problems(found), found.counts["same"]) == ([], found.counts["rows"])
