"""The preview stays small and quick however long the file is, and says what stands around the rows."""

import datetime

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from banzhuang.core.fields import EncryptedTextField
from banzhuang.ledgers import preview, receiving
from banzhuang.ledgers.findings import findings_of
from banzhuang.ledgers.models import ImportBatch
from banzhuang.ledgers.plan import make_plan
from banzhuang.ledgers.staging import stage
from cadres.models import Cadre, Post
from tests.factories import id_number

from .odd_book import shown_rows
from .secretaries_book import person, register, roster
from .workbooks import xls

DAY = datetime.date(2026, 6, 30)
LARGEST_PAGE = 500 * 1024

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, organisation_office, villages):
    client.force_login(organisation_office)
    return client


def upload(client, path):
    file = SimpleUploadedFile(path.name, path.read_bytes())
    page = client.post(reverse("imports"), {"file": file, "kind": ""}, follow=True)
    return ImportBatch.objects.latest("pk"), page.content.decode()


@pytest.fixture
def long_roster(office, organisation_office, tmp_path):
    """A staged roster of this many people, all new."""

    def staging(count):
        people = [(f"李{n}", "办事员", id_number(n % 100, birth=born(n))) for n in range(count)]
        path = roster(tmp_path / f"{count}.xlsx", people)
        return stage(make_plan(path, path.name, organisation_office, DAY), path.name, b"")

    return staging


def born(number):
    return datetime.date(1975, 3, 1 + number // 100)


def test_a_page_asks_as_often_and_decrypts_as_much_for_400_rows_as_for_120(
    office, long_roster, count_queries, monkeypatch
):
    decrypted = []
    read = EncryptedTextField.from_db_value
    monkeypatch.setattr(EncryptedTextField, "from_db_value", lambda *args: decrypted.append(1) or read(*args))
    costs = []
    for count in (120, 400):
        url = reverse("import_batch", args=[long_roster(count).pk])
        office.get(url)
        decrypted.clear()
        costs.append((count_queries(lambda: office.get(url)), len(decrypted)))  # noqa: B023
    assert costs[0] == costs[1]
    assert costs[1][1] < 110


def test_a_page_is_small_whatever_stands_in_the_cells(office, villages, tmp_path, monkeypatch):
    monkeypatch.setattr(receiving, "IN_REQUEST_BYTES", 10**9)
    Post.objects.all().delete()
    rows = [
        person(n, village="乌有村", note="很长的备注" * 200, way="不知道怎么产生的" * 20) for n in range(150)
    ]
    batch, _ = upload(office, register(tmp_path / "书记.xlsx", rows))
    page = office.get(reverse("import_batch", args=[batch.pk]), {"show": "all", "columns": "all"})
    assert len(page.context["preview"].rows) == preview.ROWS_A_PAGE
    assert len(page.content) < LARGEST_PAGE


def test_filter_and_columns_stay_in_the_links(office, long_roster):
    url = reverse("import_batch", args=[long_roster(150).pk])
    page = office.get(url, {"show": "new", "columns": "all"}).content.decode()
    assert 'href="?show=new&amp;columns=all&amp;page=2"' in page
    assert 'href="?show=invalid&amp;columns=all"' in page
    assert "page=2" not in office.get(url, {"show": "new", "page": "2"}).content.decode()


def test_rows_without_a_change_are_folded_with_their_numbers(office, villages, tmp_path):
    Post.objects.all().delete()
    Cadre.objects.all().delete()
    people = [(f"朱{name}", "办事员", id_number(n)) for n, name in enumerate("甲乙丙丁戊己")]
    batch, _ = upload(office, roster(tmp_path / "名册.xlsx", people))
    office.post(reverse("import_commit", args=[batch.pk]))
    people[2] = ("朱丙", "副科级干部", id_number(2))
    batch, page = upload(office, roster(tmp_path / "名册.xlsx", people))
    assert "第 3–4 行，2 行与现有一致" in page
    assert "第 6–8 行，3 行与现有一致" in page
    assert [row["number"] for row in office.get(f"/imports/{batch.pk}/").context["preview"].rows] == [5]


def test_problems_of_a_column_are_summed_up_by_kind(office, villages, tmp_path):
    Post.objects.all().delete()
    rows = [
        person(1, born="1965.13.6"),
        person(2, village="乌有村"),
        person(3, village="子虚村"),
        person(4, village="李小湾", start=2018.1),
    ]
    batch, _ = upload(office, register(tmp_path / "书记.xlsx", rows))
    found = {(item["column"], item["state"]): item["lines"] for item in findings_of(batch)["summary"]}
    assert found["村", "bad"] == ["2 处，如 B6：没有这个村，或不在账号的范围内。"]
    assert found["出生年月", "bad"] == ["F5：月份是 13，应在 1–12 之间。"]
    assert found["任现职时间", "near"][0].startswith("L8：")
    page = office.get(reverse("import_batch", args=[batch.pk])).content.decode()
    assert "B 村</td>" in page and "2 处，如 B6" in page


def test_hidden_rows_columns_and_sheets_are_named(office, villages, tmp_path):
    Post.objects.all().delete()
    path = register(
        tmp_path / "书记.xlsx", [person(1), person(2, village="李小湾"), person(3, village="乌有村")]
    )
    book = openpyxl.load_workbook(path)
    sheet = book["村书记"]
    sheet.row_dimensions[6].hidden = sheet.row_dimensions[7].hidden = True
    sheet.column_dimensions["P"].hidden = True
    book.create_sheet("说明").append(["填表说明"])
    book.create_sheet("底稿").append(["姓名"])
    book["底稿"].sheet_state = "hidden"
    book.create_sheet("Sheet3")
    book.save(path)
    batch, page = upload(office, path)
    assert batch.understanding["notes"] == [
        "工作表“说明”没有读：不是这种台账，或没有选它。",
        "工作表“底稿”没有读：是隐藏的。",
        "工作表“Sheet3”没有读：是空的。",
        "隐藏的行也读了：第 6–7 行。",
        "隐藏的列也读了：P。",
    ]
    assert all(note in page for note in batch.understanding["notes"])


def test_what_cannot_be_known_is_said(office, villages, tmp_path):
    path = xls(tmp_path / "名册.xls", [["姓名", "职务", "身份证号"], ["朱甲", "办事员", id_number(1)]])
    batch, page = upload(office, path)
    (note,) = batch.understanding["notes"]
    assert "看不出隐藏的行和列" in note and note in page


def book_of(path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


ROSTER = ["姓名", "性别", "身份证号", "职务"]


def test_two_headers_for_one_field_are_to_be_confirmed_until_a_person_has_chosen(office, tmp_path):
    rows = [
        ["干部花名册"],
        [*ROSTER, "联系电话", "手机"],
        ["张甲", "男", id_number(1), "办事员", "13900000001", ""],
    ]
    batch, page = upload(office, book_of(tmp_path / "名册.xlsx", 名册=rows))
    assert [cell["field"] for cell in preview.strip(batch) if cell["state"] == "near"] == [
        "联系电话",
        "不导入",
    ]
    assert "6 列：5 列已对上，1 列不导入；其中 2 列意思相近，请确认" in page and "不导入？" in page
    chosen = {f"column_{place}": found["key"] for place, found in enumerate(batch.understanding["strip"])}
    chosen["header"] = shown_rows(batch)
    page = office.post(
        reverse("import_match", args=[batch.pk]), {"kind": batch.kind, **chosen}, follow=True
    ).content.decode()
    assert "请确认" not in page and "5 列已对上，1 列不导入" in page


def test_of_several_sheets_each_row_left_out_names_its_own(office, tmp_path):
    """Names in another direction of writing turn nothing round them."""
    sheets = {
        name: [["干部花名册"], ROSTER, [f"张{name[0]}", "男", id_number(place), "办事员"], ["合计", "1人"]]
        for place, name in enumerate(("甲组\u202e", "乙组"))
    }
    batch, page = upload(office, book_of(tmp_path / "名册.xlsx", **sheets))
    assert batch.state == "staged"
    assert "<bdi>乙组</bdi> 第 4 行" in page and "“<bdi>甲组\u202e</bdi>”" in page


def test_a_workbook_without_a_word_is_refused(office, tmp_path):
    path = book_of(tmp_path / "空.xlsx", 空=[])
    page = office.post(reverse("imports"), {"file": SimpleUploadedFile("空.xlsx", path.read_bytes())})
    assert page.status_code == 422 and "文件里没有内容" in page.content.decode()
    assert not ImportBatch.objects.exists()


def test_what_has_nothing_to_be_written_says_what_to_do(office, tmp_path):
    _, page = upload(office, book_of(tmp_path / "名册.xlsx", 名册=[["干部花名册"], ROSTER]))
    assert "表里没有数据，填好再上传。" in page and "第 0–0 行" not in page
