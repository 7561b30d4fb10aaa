"""Templates: official head, lists and checks that Excel keeps, and our own reader takes them back."""

import datetime

import openpyxl
import pytest
from django.urls import reverse

from banzhuang.core.codes import mask_id_number
from banzhuang.ledgers import template as making
from banzhuang.ledgers.entry import entry_of
from banzhuang.ledgers.ledger import registry
from banzhuang.ledgers.lists import Several
from banzhuang.ledgers.parsers import Amount, Choice, Integer
from banzhuang.ledgers.plan import make_plan
from banzhuang.ledgers.template import FIRST_ROW, HEAD_ROW, ROWS, write_template
from cadres.models import Cadre
from tests import factories
from tests.factories import id_number

pytestmark = pytest.mark.django_db

DAY = datetime.date(2022, 7, 15)
KINDS = [ledger.kind for ledger in registry]


@pytest.fixture(autouse=True)
def few_rows(monkeypatch):
    """Formatting 500 rows takes most of the time, and the last is as the first."""
    monkeypatch.setattr(making, "ROWS", 3)


def template(kind, tmp_path, user):
    path = tmp_path / f"{kind}.xlsx"
    write_template(registry[kind], path, user, DAY)
    return path, openpyxl.load_workbook(path)


def places_of(sheet):
    """{label without star and unit: letter} of the head."""
    return {cell.value.strip("*").split("（")[0]: cell.column_letter for cell in sheet[HEAD_ROW]}


def checks_of(sheet):
    """{letter: the validation of its column}."""
    return {
        str(rule.sqref).split(":")[0].rstrip("0123456789"): rule
        for rule in sheet.data_validations.dataValidation
    }


def words_of(book, rule):
    """The words of a drop-down list, be they in the rule or on the sheet of choices."""
    if rule.formula1.startswith('"'):
        return rule.formula1.strip('"').split(",")
    ((name, area),) = book.defined_names[rule.formula1].destinations
    return [cell.value for (cell,) in book[name][area.replace("$", "")]]


@pytest.mark.parametrize("kind", KINDS)
def test_the_reader_knows_an_empty_template_by_itself(
    kind, tmp_path, villages, organisation_office, welfare_office
):
    user = welfare_office if kind in {"households", "contacts", "visits"} else organisation_office
    path, book = template(kind, tmp_path, user)
    plan = make_plan(path, "新建工作表.xlsx", user, DAY)
    assert plan.ledger.kind == kind
    (table,) = plan.tables
    assert [column.key for column in table.columns] == [column.key for column in registry[kind].columns]
    assert plan.counts["rows"] == 0
    assert [sheet.title for sheet in book if sheet.sheet_state == "visible"] == [
        registry[kind].label,
        "填表说明",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_excel_would_open_it(kind, tmp_path, villages, leader):
    """Bounds of the format: no formula of a list above 255 characters, no prompt or error either."""
    _, book = template(kind, tmp_path, leader)
    sheet = book.worksheets[0]
    checks = checks_of(sheet)
    assert set(checks) == {cell.column_letter for cell in sheet[HEAD_ROW]}
    for rule in checks.values():
        assert len(rule.formula1 or "") <= 257
        assert 0 < len(rule.prompt) <= 255
        assert len(rule.error) <= 255
        assert len(rule.promptTitle) <= 32


def test_it_looks_official(tmp_path, villages, organisation_office):
    _, book = template("secretaries", tmp_path, organisation_office)
    sheet = book.worksheets[0]
    assert sheet["A1"].value == "班庄镇村党组织书记"
    assert (sheet["A1"].font.name, sheet["A1"].font.sz) == ("方正小标宋简体", 20)
    assert sheet["A3"].font.name == "黑体"
    assert sheet["A4"].font.name == "仿宋_GB2312"
    assert "A1:" in str(sheet.merged_cells.ranges)
    assert sheet.freeze_panes == "C4"
    assert sheet.oddFooter.center.text == "第 &P 页，共 &N 页"
    assert sheet["A3"].value == "*村"


def test_five_hundred_rows_are_formatted_and_no_more(tmp_path, villages, organisation_office, monkeypatch):
    monkeypatch.setattr(making, "ROWS", ROWS)
    _, book = template("villages", tmp_path, organisation_office)
    sheet = book.worksheets[0]
    assert (ROWS, sheet.max_row) == (500, FIRST_ROW + 499)
    assert sheet["A503"].border.left.style == "thin"
    assert str(checks_of(sheet)["B"].sqref) == "B4:B503"


def test_numbers_and_half_known_dates_are_text(tmp_path, villages, organisation_office):
    _, book = template("secretaries", tmp_path, organisation_office)
    sheet = book.worksheets[0]
    places = places_of(sheet)
    for label in ("身份证号", "联系电话", "出生年月", "任现职时间"):
        assert sheet[f"{places[label]}4"].number_format == "@", label
    rule = checks_of(sheet)[places["身份证号"]]
    assert (rule.type, rule.formula1, rule.formula2) == ("textLength", "18", "18")
    assert len(mask_id_number(id_number(1))) == 18  # a masked number may stay where it is


def test_checks_of_days_whole_numbers_and_amounts(tmp_path, villages, welfare_office):
    _, book = template("visits", tmp_path, welfare_office)
    sheet = book.worksheets[0]
    rule = checks_of(sheet)[places_of(sheet)["走访日期"]]
    assert (rule.type, rule.operator, rule.formula1) == ("date", "between", "DATE(1910,1,1)")
    assert sheet[f"{places_of(sheet)['走访日期']}4"].number_format == "yyyy-mm-dd"
    assert "日期" in rule.error and rule.prompt.startswith("必填。")

    _, book = template("households", tmp_path, welfare_office)
    sheet = book.worksheets[0]
    rules, places = checks_of(sheet), places_of(sheet)
    rule = rules[places["家庭人口"]]
    assert (rule.type, rule.formula1, rule.formula2) == ("whole", "1", "30")
    assert rules[places["工资性收入"]].type == "decimal"
    assert sheet[f"{places['工资性收入']}3"].value == "工资性收入（元）"


def test_choices_are_lists(tmp_path, villages, welfare_office):
    _, book = template("households", tmp_path, welfare_office)
    sheet = book.worksheets[0]
    rules, places = checks_of(sheet), places_of(sheet)
    assert words_of(book, rules[places["性别"]]) == ["男", "女"]
    assert rules[places["性别"]].showErrorMessage
    several = rules[places["致贫原因"]]
    assert "因病" in words_of(book, several)
    assert not several.showErrorMessage  # 因病、因残 is written by hand
    assert not rules[places["性别"]].showDropDown  # which in the format means: hide the arrow


def test_every_word_offered_is_read_back(villages):
    """A list never offers what the import would refuse."""
    for ledger in registry:
        for column in ledger.columns:
            if isinstance(column.parser, Choice | Several):
                for word in entry_of(column.parser, []).words:
                    assert column.parser.parse(word).value is not None, (ledger.kind, column.key, word)
            if isinstance(column.parser, Integer | Amount):
                assert column.parser.parse(entry_of(column.parser, []).example).problem is None


def test_many_villages_stand_on_the_hidden_sheet(tmp_path, organisation_office):
    factories.township_with(66)
    factories.VillageFactory(township__code=factories.OTHER_TOWNSHIP, code="320707100301", name="外镇村")
    _, book = template("secretaries", tmp_path, organisation_office)
    sheet = book.worksheets[0]
    rule = checks_of(sheet)["A"]
    words = words_of(book, rule)
    assert rule.formula1 == "可选_village"
    assert len(words) == 66 and words[0] == "西响石村" and "外镇村" not in words
    assert book["可选值"].sheet_state == "hidden"


def test_a_village_in_scope_is_the_only_one_offered(tmp_path, villages, village_cadre):
    _, book = template("visits", tmp_path, village_cadre)
    sheet = book.worksheets[0]
    assert words_of(book, checks_of(sheet)[places_of(sheet)["村"]]) == ["西响石村"]


def test_a_name_that_begins_like_a_formula_is_text(tmp_path, organisation_office):
    for place in range(40):
        factories.VillageFactory(code=f"320707109{400 + place}", name=f"=1+{place}村的名字")
    _, book = template("secretaries", tmp_path, organisation_office)
    assert book["可选值"]["A2"].value == "=1+0村的名字"
    assert book["可选值"]["A2"].data_type != "f" or book["可选值"]["A2"].quotePrefix


def test_the_explanation_names_every_column(tmp_path, villages, welfare_office):
    _, book = template("households", tmp_path, welfare_office)
    rows = [[cell.value for cell in row] for row in book["填表说明"].iter_rows()]
    told = {row[0]: row for row in rows if row[2]}
    assert {column.label for column in registry["households"].columns} <= set(told)
    assert told["村"][1] == "必填" and told["户编号"][1] == "选填"
    words = "".join(row[0] or "" for row in rows)
    assert "“导入”页上传" in words and "一户一行" in words


def test_filled_in_it_is_imported(tmp_path, villages, organisation_office):
    path, book = template("cadres", tmp_path, organisation_office)
    sheet = book.worksheets[0]
    places = places_of(sheet)
    person = {
        "姓名": "张建国", "性别": "男", "民族": "汉族", "出生年月": "1975.03", "入党时间": "2018.10",
        "身份证号": id_number(7), "联系电话": "13900001062", "全日制学历": "大专", "村": "西响石村",
    }  # fmt: skip
    for label, value in person.items():
        sheet[f"{places[label]}4"] = value
    sheet["A2"] = "填报单位（盖章）：中共班庄镇委员会"
    book.save(path)
    plan = make_plan(path, path.name, organisation_office, DAY)
    assert {name: plan.counts[name] for name in ("rows", "new", "errors", "warnings")} == {
        "rows": 1, "new": 1, "errors": 0, "warnings": 0,
    }  # fmt: skip
    values = plan.facts[0].values
    assert (values["name"], values["id_number"], values["village"]) == (
        "张建国",
        id_number(7),
        villages[0].code,
    )
    assert values["joined_party"].iso() == "2018-10"
    assert values["education"] == Cadre.Education.COLLEGE
    assert plan.setting.metadata["填报单位"] == "中共班庄镇委员会"


def test_an_empty_template_that_is_uploaded_says_that_there_are_no_rows(
    client, tmp_path, villages, organisation_office
):
    path, _ = template("secretaries", tmp_path, organisation_office)
    client.force_login(organisation_office)
    with path.open("rb") as file:
        response = client.post(reverse("imports"), {"file": file}, follow=True)
    assert response.status_code == 200
    text = response.content.decode()
    assert "识别为 <b>村党组织书记</b>" in text and "表头下面还没有填写" in text
