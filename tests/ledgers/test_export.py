"""A ledger written as a workbook: typed cells, masked or whole, in the user's scope, whole on disk or not at all."""

import datetime
import os
import re

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied

from banzhuang.accounts.models import AuditEvent, User
from banzhuang.ledgers import export as exporting
from banzhuang.ledgers.export import has_sensitive, may_export, may_reveal, write_ledger
from banzhuang.ledgers.ledger import registry
from cadres.models import Cadre
from livelihood.models import Household
from tests.factories import TOWNSHIP, CadreFactory, UserFactory, VillageFactory, township_with
from villages.models import Village

from .rich_township import DAY, KINDS, export, plan, problems, rich_township

pytestmark = pytest.mark.django_db

FORMULAS = ["=1+1", "+86", "-1", "@SUM(A1)", "\t制表"]
HEADERS = {
    "villages": "村 区划代码 片区 别名 移民村 人口 户数 经济薄弱村 系统编号",
    "contacts": "村 户主 身份证号 联系领导 职务 联系起 联系止 系统编号",
    "visits": "走访日期 时段 走访干部 职务 村 户主 身份证号 反映类别 反映情况 帮扶措施 解决情况 系统编号",
}


@pytest.fixture
def system(db):
    rich_township()
    return User.objects.system(TOWNSHIP)


def sheet_of(path):
    return openpyxl.load_workbook(path).active


def cells(sheet, header):
    """The cells below a header, without the blank ones."""
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value == header:
                below = sheet.iter_rows(cell.row + 1, sheet.max_row, cell.column, cell.column)
                return [found for (found,) in below if found.value is not None]
    raise AssertionError(f"no column {header}")


# --- The sheet -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", HEADERS)
def test_the_sheet_has_a_title_the_day_and_the_official_headers(kind, system, tmp_path):
    sheet = sheet_of(export(kind, system, tmp_path / "a.xlsx"))
    assert (sheet.title, sheet["A1"].value) == (registry[kind].label,) * 2
    assert sheet["A2"].value == "填报单位：班庄镇　　填报日期：2026-06-30"
    head = 3 + has_sensitive(registry[kind])
    assert [cell.value for cell in sheet[head]] == HEADERS[kind].split()
    assert sheet.freeze_panes[1:] == str(head + 1) and sheet.column_dimensions["A"].width >= 8


@pytest.mark.parametrize(("kind", "paper", "frozen"), [("contacts", 9, "C5"), ("households", 8, "D5")])
def test_a_sheet_can_be_printed_as_it_is(kind, paper, frozen, system, tmp_path):
    """A4 across, A3 where nobody could read it on A4; the head on every page, the number of the page, every cell ruled."""
    sheet = sheet_of(export(kind, system, tmp_path / "a.xlsx"))
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", paper)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0
    assert (sheet.print_title_rows, sheet.oddFooter.center.text) == ("$4:$4", "第 &P 页，共 &N 页")
    assert (sheet.freeze_panes, sheet["A5"].border.left.style) == (frozen, "thin")


def test_days_are_dates_and_months_and_years_are_text(system, tmp_path):
    path = export("secretaries", system, tmp_path / "a.xlsx")
    row = next(row for row in sheet_of(path).iter_rows() if "江苏赣榆" in [cell.value for cell in row])
    by_header = dict(zip([cell.value for cell in sheet_of(path)[4]], row, strict=True))
    assert by_header["参加工作时间"].value == datetime.datetime(1995, 8, 5)
    assert by_header["参加工作时间"].number_format == "yyyy-mm-dd"
    assert [by_header[name].value for name in ("任现职时间", "届满时间", "是否一肩挑")] == [
        "2021.03",
        "2026",
        "是",
    ]


def test_a_day_that_spreadsheets_are_not_sure_of_is_text(system, tmp_path):
    Cadre.objects.filter(name="备注人2").update(born_on=datetime.date(1905, 5, 1))
    born = {cell.value for cell in cells(sheet_of(export("cadres", system, tmp_path / "a.xlsx")), "出生年月")}
    assert {"1899-05-06", "1905-05-01"} <= born


def test_amounts_are_numbers_and_labels_are_words(system, tmp_path):
    sheet = sheet_of(export("households", system, tmp_path / "a.xlsx"))
    (wage,) = cells(sheet, "工资性收入")
    assert (wage.value, wage.number_format, wage.data_type) == (12000.5, "0.00", "n")
    assert [cell.value for cell in cells(sheet, "转移性收入")] == [0]
    assert [cell.value for cell in cells(sheet, "致贫原因")] == ["因病、缺资金"]
    assert [cell.value for cell in cells(sheet, "享受政策")] == ["低保、建档立卡户"]
    (number,) = cells(sheet, "户编号")
    assert (number.value, number.number_format) == ("0012", "@")


def test_what_looks_like_a_formula_is_text(system, tmp_path):
    found = {
        cell.value: cell for cell in cells(sheet_of(export("cadres", system, tmp_path / "a.xlsx")), "备注")
    }
    for text in FORMULAS:
        assert (found[text].data_type, found[text].number_format) == ("s", "@")


def test_what_xml_cannot_hold_is_left_out(system, tmp_path):
    Cadre.objects.filter(name="备注人2").update(note="甲\x01\x0b乙\r\n丙\ufffe")
    found = [cell.value for cell in cells(sheet_of(export("cadres", system, tmp_path / "a.xlsx")), "备注")]
    assert "甲乙\n丙" in found


def test_an_empty_ledger_has_its_headers(system, tmp_path):
    rows = Village.objects.none()
    path = export("villages", system, tmp_path / "a.xlsx", rows=rows)
    assert [cell.value for cell in sheet_of(path)[3]] == HEADERS["villages"].split()
    assert write_ledger(registry["villages"], rows, path, system, DAY) == 0


def test_more_rows_than_a_sheet_holds_go_on_the_next(system, tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "ROWS_A_SHEET", 2)
    path = export("villages", system, tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    assert [(sheet.title, sheet.max_row) for sheet in book] == [("村庄基本情况1", 5), ("村庄基本情况2", 4)]
    found = plan(path, system)
    assert (problems(found), found.counts["same"]) == ([], 3)


# --- Masked or whole ---------------------------------------------------------------------------------------------------
def test_numbers_phones_and_health_are_masked(system, tmp_path):
    sheet = sheet_of(export("households", system, tmp_path / "a.xlsx"))
    assert {cell.value for cell in cells(sheet, "身份证号")} <= {
        row.id_number_mask for row in Household.objects.all()
    }
    assert [cell.value for cell in cells(sheet, "联系电话")] == ["139****1111"]
    assert [cell.value for cell in cells(sheet, "健康状况")] == ["＊＊＊"]
    assert not AuditEvent.objects.filter(action="export").exists()


@pytest.mark.parametrize("kind", ["cadres", "secretaries", "households", "contacts", "visits"])
def test_with_a_reason_they_are_whole_and_that_is_recorded(kind, system, tmp_path):
    owner = registry[kind].sensitive_of or registry[kind].model
    sheet = sheet_of(export(kind, system, tmp_path / "a.xlsx", reason="慰问：核对"))
    numbers = {cell.value for cell in cells(sheet, "身份证号")}
    assert numbers and numbers <= {row.id_number for row in owner.objects.all()}
    said = sheet["A3"].value
    assert re.fullmatch(
        "导出说明：系统（system-320707109）于 20[0-9-]+ .{6} 导出，含完整号码，用途是慰问 核对", said
    )
    assert sheet.oddHeader.right.text == said.removeprefix("导出说明：")
    (event,) = AuditEvent.objects.filter(action="export")
    assert event.detail["reason"] == "慰问：核对" and event.detail["rows"] == len(list(sheet.rows)) - 4
    assert (event.detail["kind"], event.detail["sensitive"]) == (kind, True)


def test_what_the_sheet_says_of_the_export_is_not_said_of_the_table(system, tmp_path):
    found = plan(export("households", system, tmp_path / "a.xlsx", reason="核对 期间：2019年"), system)
    assert found.setting.metadata.keys() == {"填报单位", "填报日期", "导出说明"}
    assert (found.setting.metadata["填报日期"], found.tables[0].title) == ("2026-06-30", "困难户台账")


def test_who_may_not_reveal_gets_nothing_whole(system, tmp_path):
    economy = UserFactory(role="economy")
    path = tmp_path / "a.xlsx"
    assert may_export(economy, registry["cadres"]) and not may_reveal(economy, registry["cadres"])
    with pytest.raises(PermissionDenied):
        export("cadres", economy, path, reason="核对名单")
    assert list(tmp_path.iterdir()) == []
    assert not AuditEvent.objects.filter(action="export").exists()


def test_the_right_to_numbers_of_secretaries_is_that_to_cadres(system, organisation_office):
    assert may_reveal(organisation_office, registry["secretaries"])
    assert not may_reveal(organisation_office, registry["contacts"])
    assert not may_reveal(system, registry["villages"])  # nothing there is masked


# --- Scope -----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", KINDS)
def test_a_village_cadre_has_the_rows_of_the_own_village(kind, system, tmp_path):
    cadre = UserFactory(role="village", scope=Village.objects.get(name="李小湾村").code)
    assert may_export(cadre, registry[kind])
    text = str([cell.value for row in sheet_of(export(kind, cadre, tmp_path / "a.xlsx")) for cell in row])
    assert "填报单位：李小湾村" in text and "西响石" not in text and "冯德春" not in text
    assert kind == "cadres" or "李小湾村" in text


def test_who_does_not_see_figures_of_households_gets_none(system, tmp_path):
    """经发办 has the cadres, but no households at all."""
    economy = UserFactory(role="economy")
    assert not may_export(economy, registry["households"])
    sheet = sheet_of(export("households", economy, tmp_path / "a.xlsx", rows=Household.objects.all()))
    for header in ("家庭人口", "享受政策", "帮扶责任人"):
        assert cells(sheet, header) == []


# --- Whole or not at all, in few queries ---------------------------------------------------------------------------------------
def test_a_failure_leaves_the_file_that_was_there(system, tmp_path, monkeypatch):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"before")
    monkeypatch.setattr(exporting.Rows, "read", failing)
    with pytest.raises(OSError, match="disk"):
        export("cadres", system, path)
    assert (path.read_bytes(), os.listdir(tmp_path)) == (b"before", ["a.xlsx"])


def failing(rows):
    yield next(iter([("甲",) * 18]))
    raise OSError("disk")


@pytest.mark.parametrize("kind", KINDS)
def test_as_many_queries_for_44_villages_as_for_2(kind, db, tmp_path, count_queries):
    system = User.objects.system(TOWNSHIP)
    township_with(2)
    export(kind, system, tmp_path / "a.xlsx")  # what the user may see is asked once
    few = count_queries(lambda: export(kind, system, tmp_path / "a.xlsx"))
    for place in range(42):
        CadreFactory(village=VillageFactory(code=f"{TOWNSHIP}{400 + place}"))
    assert count_queries(lambda: export(kind, system, tmp_path / "b.xlsx")) == few


def test_rows_are_looked_up_together(system, tmp_path, count_queries, monkeypatch):
    """A chunk is the rows of one query more for each look-up, not one for each row."""
    ledger = registry["households"]
    export("households", system, tmp_path / "a.xlsx")
    whole = count_queries(lambda: export("households", system, tmp_path / "a.xlsx"))
    monkeypatch.setattr(exporting, "TOGETHER", 2)
    chunks = -(-ledger.rows(system, DAY).count() // 2)
    assert chunks > 1
    assert count_queries(lambda: export("households", system, tmp_path / "b.xlsx")) == whole + 3 * (
        chunks - 1
    )
