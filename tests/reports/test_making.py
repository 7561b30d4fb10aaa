"""Making a month, publishing it, and what becomes of it when a fact is corrected afterwards."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from openpyxl import load_workbook

from banzhuang.accounts import trail
from banzhuang.accounts.audit import Action, record
from banzhuang.accounts.models import AuditEvent, Seal
from banzhuang.reports.making import MonthRefused, corrections, cover_of, make_month, publish
from banzhuang.reports.models import MonthlyWorkbook
from banzhuang.reports.models.monthly import PublishedIsFrozen
from cadres.models import Post
from tests.factories import HouseholdFactory, NeedFactory, id_number
from villages.models import Organisation

from .conftest import TOWNSHIP, secretary_of

JUNE = datetime.date(2026, 6, 1)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("township", "july")]


def correct_a_fact():
    """The secretary of 班庄村 turns out to have been elected."""
    Post.objects.filter(cadre__name="班书记").update(selection=Post.Selection.ELECTION)


def test_the_file_says_what_the_facts_say(office):
    workbook = make_month(TOWNSHIP, JUNE, office)
    book = load_workbook(workbook.file.path)
    assert book.sheetnames[:4] == ["封面", "目录", "3村总表", "M1 选准带头人"]
    assert book.sheetnames[-2:] == ["逾期事项", "口径说明"]
    assert book["封面"]["A3"].value == "2026年第 6 期（总第 1 期）"
    assert book["封面"]["D10"].value == "未发布，仅供核对"
    rows = {row[1]: row for row in book["M1 选准带头人"].iter_rows(min_row=5, values_only=True)}
    assert rows["在任书记"][3] == 2
    assert rows["书记空缺"][3] == 1
    board = book["3村总表"]
    assert [board["B6"].value, board["C6"].value, board["C6"].number_format] == ["曹顶", 1, '"■"* 0_ ']


def test_no_number_phone_or_health_goes_out_with_it(office, tmp_path):
    """So its sheets need no purpose, no mark and no password, alone or together."""
    cadre = Post.objects.get(cadre__name="班书记").cadre
    cadre.id_number, cadre.phone = id_number(1), "13912341234"
    cadre.save()
    family = HouseholdFactory(village=cadre.village, phone="13900001111", health="disabled")
    NeedFactory(household=family, raised_on=JUNE, due=JUNE)
    written = str(make_month(TOWNSHIP, JUNE, office).content)
    assert "班书记" in written
    for row in (cadre, family):
        assert not any(
            secret in written for secret in (row.id_number, row.id_number_mask, row.phone, row.phone_mask)
        )
    assert "残疾" not in written


def test_the_row_keeps_file_checksum_and_figures(office):
    workbook = make_month(TOWNSHIP, JUNE, office)
    assert (workbook.scope_code, workbook.as_of) == (TOWNSHIP, datetime.date(2026, 6, 30))
    assert workbook.file_is_whole()
    assert workbook.made_by == office
    assert workbook.content["township"] == "班庄镇"
    event = AuditEvent.objects.get(action="add")
    assert (event.user, event.detail) == (office, {"sha256": workbook.sha256})


def test_progress_counts_up_to_all(office):
    steps = []
    make_month(TOWNSHIP, JUNE, office, lambda done, total: steps.append((done, total)))
    assert steps[-1][0] == steps[-1][1]
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)


def test_an_unpublished_one_is_replaced_with_its_file(office, leader):
    first = make_month(TOWNSHIP, JUNE, office)
    second = make_month(TOWNSHIP, JUNE, leader)
    assert first.pk == second.pk
    assert MonthlyWorkbook.objects.get().made_by == leader
    assert second.file_is_whole()


def test_publishing_freezes(office):
    workbook = make_month(TOWNSHIP, JUNE, office)
    publish(workbook, office)
    kept = MonthlyWorkbook.objects.get()
    assert kept.is_published and kept.published_by == office
    assert load_workbook(kept.file.path)["封面"]["D10"].value == "已发布，数据冻结"
    assert AuditEvent.objects.filter(action="publish").count() == 1
    for act in (kept.save, kept.delete):
        with pytest.raises(PublishedIsFrozen):
            act()


def test_the_cover_has_the_head_of_the_audit_trail_and_a_published_one_keeps_it(office):
    record(Action.CHANGE, "一件事", user=office)
    workbook = make_month(TOWNSHIP, JUNE, office)
    made = Seal.objects.get(number=1)
    assert workbook.content["trail"]["seal"] == made.groups
    line = load_workbook(workbook.file.path)["封面"]["A16"].value
    assert line == f"审计 1 条　链头 {made.groups}　封印 {timezone.localtime(made.at):%Y-%m-%d %H:%M:%S}"
    publish(workbook, office)  # after the making has been sealed too
    head = Seal.objects.get(number=2)
    record(Action.CHANGE, "后来的事", user=office)
    trail.seal_events()
    kept = MonthlyWorkbook.objects.get()
    assert kept.content["trail"]["seal"] == head.groups
    line = load_workbook(kept.file.path)["封面"]["A16"].value
    assert line.startswith(f"审计 2 条　链头 {head.groups}　")
    assert trail.find_head(kept.content["trail"]["seal"]) == head


def test_a_workbook_is_made_also_when_the_trail_cannot_be_sealed(office, settings):
    record(Action.CHANGE, "一件事", user=office)
    trail.seal_events()
    record(Action.CHANGE, "后来的事", user=office)
    settings.AUDIT_KEY = "another"
    workbook = make_month(TOWNSHIP, JUNE, office)
    line = load_workbook(workbook.file.path)["封面"]["A16"].value
    assert line == "审计链头　未取得，用 check_audit 核对"


def test_an_issue_of_before_has_no_head(office):
    workbook = make_month(TOWNSHIP, JUNE, office)
    del workbook.content["trail"]
    assert cover_of(workbook).trail == ""


def test_made_again_without_a_change_it_is_the_published_one(office):
    workbook = make_month(TOWNSHIP, JUNE, office)
    publish(workbook, office)
    before = MonthlyWorkbook.objects.get()
    again = make_month(TOWNSHIP, JUNE, office)
    assert (again.pk, again.sha256, again.is_published) == (before.pk, before.sha256, True)
    assert MonthlyWorkbook.objects.count() == 1


def test_a_corrected_fact_makes_a_numbered_correction(office):
    first = make_month(TOWNSHIP, JUNE, office)
    publish(first, office)
    frozen = MonthlyWorkbook.objects.get().content
    correct_a_fact()
    second = make_month(TOWNSHIP, JUNE, office)
    assert (second.correction, second.is_published) == (1, False)
    assert str(second) == "2026年第 6 期（第 1 次更正）"
    assert MonthlyWorkbook.objects.get(pk=first.pk).content == frozen
    changed = {
        (change.sheet, change.row, change.column): (change.old, change.new) for change in corrections(second)
    }
    assert changed["M1 选准带头人", "两推一选产生", "2026年/本月"] == ("0", "1")
    assert changed["M1 书记基本情况", "班庄村", "任现职情况/产生方式"] == ("机关选派", "两推一选")
    publish(second, office)
    assert load_workbook(second.file.path)["封面"]["D10"].value == "已发布，第 1 次更正"


def test_a_correction_that_was_taken_back_disappears(office):
    publish(make_month(TOWNSHIP, JUNE, office), office)
    correct_a_fact()
    make_month(TOWNSHIP, JUNE, office)
    Post.objects.filter(cadre__name="班书记").update(selection=Post.Selection.FROM_OFFICE)
    assert make_month(TOWNSHIP, JUNE, office).is_published
    assert MonthlyWorkbook.objects.count() == 1


def test_later_facts_do_not_change_a_past_month(office, on_day):
    publish(make_month(TOWNSHIP, JUNE, office), office)
    on_day(2026, 9, 1)
    secretary_of(Organisation.objects.get(village__name="曹顶村"), "新书记", datetime.date(2026, 8, 1))
    assert make_month(TOWNSHIP, JUNE, office).is_published


def test_a_running_month_is_made_but_not_published(office, on_day):
    on_day(2026, 6, 15)
    workbook = make_month(TOWNSHIP, JUNE, office)
    assert workbook.as_of == datetime.date(2026, 6, 15)
    with pytest.raises(MonthRefused, match="数据只到2026年6月15日，不是整月。7月1日起重新生成，再发布。"):
        publish(workbook, office)


@pytest.mark.parametrize(
    ("township", "month", "sentence"),
    [
        (TOWNSHIP, datetime.date(2026, 8, 1), "2026年8月还没有到，不能生成月报。"),
        ("320707999", JUNE, "没有代码为 320707999 的镇"),
    ],
)
def test_refusals(office, township, month, sentence):
    with pytest.raises(MonthRefused, match=sentence):
        make_month(township, month, office)
    assert not MonthlyWorkbook.objects.exists()


def test_total_issue_counts_published_months(office):
    for month in (4, 5):
        publish(make_month(TOWNSHIP, datetime.date(2026, month, 1), office), office)
    assert make_month(TOWNSHIP, JUNE, office).total_issue == 3


def test_the_database_says_no_too(office):
    workbook = make_month(TOWNSHIP, JUNE, office)
    rows = MonthlyWorkbook.objects.filter(pk=workbook.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(state="published")
    workbook.pk, workbook.correction, workbook._state.adding = None, 1, True
    with pytest.raises(IntegrityError), transaction.atomic():
        workbook.save()


def test_queries_do_not_grow_with_villages(office, township, django_assert_max_num_queries):
    from villages.models import Village

    def count():
        with django_assert_max_num_queries(120) as queries:
            make_month(TOWNSHIP, JUNE, office)
        return len(queries)

    for _ in range(2):  # the first issue opens the chain of the audit trail
        make_month(TOWNSHIP, JUNE, office)
    few = count()
    for number in range(300, 341):
        Village.objects.create(township=township, code=f"{TOWNSHIP}{number}", name=f"村{number}")
    assert count() == few
