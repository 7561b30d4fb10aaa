"""导出 and 导出所选 in the admin: what the list shows, in the scope, masked, and whole only against a reason."""

import csv
import datetime
import io
from decimal import Decimal

import openpyxl
import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile

from banzhuang.accounts.models import AuditEvent
from banzhuang.core.models import CalendarDay, ParameterValue
from banzhuang.ledgers import ledger_admin
from banzhuang.ledgers.csv_writer import text_of
from banzhuang.ledgers.formats import FORMATS
from banzhuang.ledgers.parameters import WHOLE_ROWS
from cadres.models import Cadre, Post
from tests import factories
from tests.factories import (
    BranchFactory,
    CadreFactory,
    CommitteeFactory,
    PostFactory,
    UserFactory,
    VillageFactory,
    id_number,
)
from villages.models import Village

from .sealed import PASSWORD, unsealed

pytestmark = pytest.mark.django_db
LIST, EXPORT = "/admin/cadres/cadre/", "/admin/cadres/cadre/export/"
VILLAGES = "/admin/villages/village/"
XLSX, CSV = "0", "1"
NUMBER, PHONE = id_number(5), "13905120001"
REASON = "上报组织部核对任职年龄"


@pytest.fixture
def office(client, organisation_office):
    client.force_login(organisation_office)
    return client


@pytest.fixture
def cadre(villages):
    """Of 西响石村, with a number, a phone and a birthday known to the day."""
    return CadreFactory(
        name="张建国",
        village=villages[0],
        id_number=NUMBER,
        phone=PHONE,
        born_on=datetime.date(1975, 3, 9),
        born_on_precision="day",
    )


def export(client, address=EXPORT, file_format=XLSX, **more):
    return client.post(address, {"resource": "0", "format": file_format, **more})


def content_of(answer) -> bytes:
    assert answer.status_code == 200, answer.get("Location", "")
    assert "attachment" in answer["Content-Disposition"]
    return b"".join(answer)


def rows_of(answer) -> list[dict]:
    """The rows of a workbook below its header, by the header's words."""
    sheet = openpyxl.load_workbook(io.BytesIO(content_of(answer))).active
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    head = next(place for place, row in enumerate(rows) if "系统编号" in row or "安排" in row)
    return [dict(zip(rows[head], row, strict=True)) for row in rows[head + 1 :] if any(row)]


def names(answer) -> set[str]:
    return {row["姓名"] for row in rows_of(answer)}


def events() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action="export").order_by("pk"))


# --- Which rows ---------------------------------------------------------------------------------------------------
def test_the_list_as_it_is_filtered(office, cadre):
    others = set(Cadre.objects.exclude(pk=cadre.pk).values_list("name", flat=True))
    assert others
    assert names(export(office)) == {"张建国", *others}
    assert names(export(office, f"{EXPORT}?q=张建国")) == {"张建国"}
    assert f'href="{EXPORT}?q=' in office.get(LIST, {"q": "张建国"}).content.decode()
    assert "干部花名册：1 条。" in office.get(EXPORT, {"q": "张建国"}).content.decode()


def test_rows_beyond_the_scope_stay_there(client, cadre, villages, village_cadre):
    CadreFactory(name="李外村", village=villages[1])
    village_cadre.is_staff = True
    village_cadre.save()
    client.force_login(village_cadre)
    found = names(export(client))
    assert "张建国" in found
    assert "李外村" not in found


def test_selected_rows_alone(office, cadre):
    page = office.post(LIST, {"action": "export_selected", "_selected_action": [cadre.pk], "index": "0"})
    text = page.content.decode()
    assert "：1 条。" in text
    assert f'name="export_items" value="{cadre.pk}"' in text
    assert f'action="{EXPORT}"' in text
    assert names(export(office, export_items=[cadre.pk])) == {"张建国"}
    assert events()[-1].detail["filters"] == ["所选 1 条"]


def test_rows_that_the_ledger_does_not_hold_are_left_out(office, villages):
    """The list has all posts, the ledger the secretaries in post: another would come back as one."""
    member = PostFactory(
        organisation=CommitteeFactory(village=VillageFactory()), title=Post.Title.DIRECTOR_MEMBER
    )
    ended = PostFactory(
        organisation=BranchFactory(village=VillageFactory()),
        end=datetime.date(2024, 1, 1),
        end_reason=Post.EndReason.TERM,
    )
    posts = "/admin/cadres/post/"
    assert "：2 条。另有 2 条今天不在台账里，不导出。" in office.get(f"{posts}export/").content.decode()
    assert len(rows_of(export(office, f"{posts}export/"))) == 2
    assert rows_of(export(office, f"{posts}export/", export_items=[member.pk, ended.pk])) == []


def test_who_chose_all_pages_gets_the_list(office, cadre):
    body = {"action": "export_selected", "_selected_action": [cadre.pk], "select_across": "1", "index": "0"}
    answer = office.post(f"{LIST}?q=张", body)
    assert (answer.status_code, answer["Location"]) == (302, f"{EXPORT}?q=%E5%BC%A0")


@pytest.mark.parametrize("forged", ["foreign", "999999", "x", "1 OR 1=1"])
def test_a_forged_choice_is_refused_as_a_whole(client, cadre, outsider, organisation_office, forged):
    village = VillageFactory(
        township=factories.TownshipFactory(code=factories.OTHER_TOWNSHIP, name="外镇"), name="外村"
    )
    foreign = CadreFactory(name="外镇干部", village=village)
    chosen = [cadre.pk, foreign.pk if forged == "foreign" else forged]
    client.force_login(organisation_office)
    answer = client.post(EXPORT, {"resource": "0", "format": XLSX, "export_items": chosen}, follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    text = answer.content.decode()
    assert "所选的有已不在这张表里的，没有执行。" in text
    assert "外镇干部" not in text
    body = {"action": "export_selected", "_selected_action": chosen, "index": "0"}
    assert "所选的有已不在这张表里的" in client.post(LIST, body, follow=True).content.decode()
    assert events() == []


# --- Who may ------------------------------------------------------------------------------------------------------
def test_who_has_no_right_is_refused(client, cadre, organisation_office):
    client.force_login(organisation_office)
    assert EXPORT in client.get(LIST).content.decode()
    organisation_office.groups.get().permissions.remove(Permission.objects.get(codename="export_cadre"))
    page = client.get(LIST).content.decode()
    assert EXPORT not in page
    assert "export_selected" not in page
    assert client.get(EXPORT).status_code == 403
    assert export(client).status_code == 403
    body = {"action": "export_selected", "_selected_action": [cadre.pk], "index": "0"}
    assert "attachment" not in client.post(LIST, body).get("Content-Disposition", "")


def test_who_sees_only_what_is_the_own_takes_nothing_out(client, cadre):
    staff = UserFactory(role="staff", is_staff=True)
    client.force_login(staff)
    assert client.get(EXPORT).status_code == 403
    assert export(client).status_code == 403


# --- What stands masked -------------------------------------------------------------------------------------------
def test_numbers_are_masked(office, cadre):
    answer = export(office, f"{EXPORT}?q=张建国")
    (row,) = rows_of(answer)
    assert (row["身份证号"], row["联系电话"]) == (cadre.id_number_mask, cadre.phone_mask)
    (event,) = events()
    assert (event.username, event.detail["filters"]) == ("zuzhi", ["q=%E5%BC%A0%E5%BB%BA%E5%9B%BD"])


def test_whole_numbers_need_a_reason_and_a_password_and_leave_one_event(office, cadre):
    content = unsealed(content_of(export(office, reason=REASON, password=PASSWORD)))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    text = "\n".join(str(value) for row in sheet.values for value in row if value)
    for said in (NUMBER, PHONE, "周敏", REASON):
        assert said in text
    (event,) = events()
    assert (event.detail["reason"], event.detail["sensitive"]) == (REASON, True)
    assert NUMBER not in str(event.detail)


def test_a_csv_takes_no_password_and_so_no_whole_numbers(office, cadre):
    text = export(office, file_format=CSV, reason=REASON, password=PASSWORD).content.decode()
    assert "文本（.csv）设不了打开密码，不能导出完整号码。" in text
    assert NUMBER not in text
    assert events() == []
    assert cadre.id_number_mask in content_of(export(office, file_format=CSV, password=PASSWORD)).decode()


@pytest.mark.parametrize(
    ("password", "why"), [("", "至少 10 位"), ("abc123", "至少 10 位"), ("密码密码密码密码密码", "只用字母")]
)
def test_a_password_that_is_none_opens_nothing(office, cadre, password, why):
    text = export(office, reason=REASON, password=password).content.decode()
    assert why in text
    assert events() == []


def test_more_whole_numbers_than_a_day_allows_are_refused(office, cadre):
    ParameterValue.objects.create(key=WHOLE_ROWS.key, value="1", valid_from="2020-01-01")
    text = export(office, reason=REASON, password=PASSWORD).content.decode()
    assert "一天最多导出 1 行完整号码" in text
    assert [(event.succeeded, event.detail["reason"][:4]) for event in events()] == [(False, "一天最多")]
    assert names(export(office)) > {"张建国"}


def test_a_reason_says_something(office, cadre):
    answer = export(office, reason="核对")
    assert "写明用途，至少四个字" in answer.content.decode()
    assert events() == []


def test_who_may_not_reveal_is_not_asked_and_gets_masks(client, welfare_office, cadre):
    client.force_login(welfare_office)
    page = client.get(EXPORT).content.decode()
    assert "用途" not in page and "打开密码" not in page
    rows = rows_of(export(client, f"{EXPORT}?q=张建国", reason=REASON, password=PASSWORD))
    assert rows[0]["身份证号"] == cadre.id_number_mask


@pytest.mark.parametrize(
    "look_up", ["id_number_hash__startswith=a", "phone__startswith=139", "id_number_mask=x"]
)
def test_the_export_tells_no_number_bit_by_bit(office, cadre, look_up):
    assert office.get(f"{EXPORT}?{look_up}").status_code == 400
    assert export(office, f"{EXPORT}?{look_up}").status_code == 400


# --- The file -----------------------------------------------------------------------------------------------------
def test_formats_stand_in_their_order(office):
    """They are posted by their place."""
    assert [found.extension for found in FORMATS] == ["xlsx", "csv"]
    page = office.get(EXPORT)
    form = page.context["adminform"].form
    assert [value for value, _ in form.fields["format"].choices] == [XLSX, CSV]
    assert "列表里没有“2”这一项" in export(office, file_format="2").content.decode()


def test_cells_have_their_types(office, cadre):
    (row,) = rows_of(export(office, f"{EXPORT}?q=张建国"))
    assert row["出生年月"] == datetime.datetime(1975, 3, 9)
    assert None in row.values()
    assert "None" not in row.values()


@pytest.mark.parametrize("written", ["=1+1", "-2+3"])
def test_text_is_no_formula(office, villages, written):
    """The package's own escaping would take the sign away, and make None a word."""
    Village.objects.filter(pk=villages[0].pk).update(aliases=[written])
    address = f"{VILLAGES}export/"
    workbook = openpyxl.load_workbook(io.BytesIO(content_of(export(office, address))))
    cells = [cell for row in workbook.active.iter_rows() for cell in row if written in str(cell.value)]
    assert [(cell.value, cell.data_type) for cell in cells] == [(written, "s")]
    text = content_of(export(office, address, CSV)).decode("utf-8-sig")
    found = [cell for row in csv.reader(io.StringIO(text)) for cell in row if written in cell]
    assert found == [f"\u3000{written}"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (0, "0"),
        (-3, "-3"),
        (Decimal("1200.50"), "1200.5"),
        (datetime.date(2018, 8, 5), "2018-08-05"),
        ("+86 139", "\u3000+86 139"),
        ("@SUM(A1)", "\u3000@SUM(A1)"),
        ("\t=1", "\u3000\t=1"),
        ("低保", "低保"),
    ],
)
def test_cells_of_a_csv(value, text):
    assert text_of(value) == text


def test_a_csv_is_read_by_excel_and_comes_back_unchanged(office, villages):
    content = content_of(export(office, f"{VILLAGES}export/", CSV))
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"None" not in content
    upload = SimpleUploadedFile("村.csv", content)
    preview = office.post(f"{VILLAGES}import/", {"file": upload}, follow=True)
    counts = preview.context["batch"].counts
    assert (counts["same"], counts["rows"]) == (2, 2)


def test_filters_that_are_none_are_dropped(office):
    answer = office.get(f"{EXPORT}?left_on__isempty=x", follow=True)
    assert answer.redirect_chain == [(EXPORT, 302)]
    assert "筛选条件看不懂，已去掉。" in answer.content.decode()
    assert office.get(f"{EXPORT}?p=y&o=-9&e=1").status_code == 200


def test_too_many_rows_are_no_work_of_the_request(office, cadre, monkeypatch):
    monkeypatch.setattr(ledger_admin, "IN_REQUEST_ROWS", 2)
    answer = export(office)
    assert "先在列表里筛选" in answer.content.decode()
    assert names(export(office, f"{EXPORT}?q=张建国")) == {"张建国"}


def test_it_asks_as_often_for_many_villages_as_for_few(office, count_queries):
    township = factories.township_with(2)[0].township
    few = count_queries(lambda: content_of(export(office, f"{VILLAGES}export/")))
    VillageFactory.create_batch(42, township=township)
    assert len(rows_of(export(office, f"{VILLAGES}export/"))) == 44
    assert count_queries(lambda: content_of(export(office, f"{VILLAGES}export/"))) == few


# --- The calendar -------------------------------------------------------------------------------------------------
def test_the_calendar_comes_out_and_goes_back(office):
    CalendarDay.objects.create(day="2027-10-09", working=True, note="国庆节调休")
    CalendarDay.objects.create(day="2027-10-01", working=False)
    address = "/admin/core/calendarday/"
    answer = export(office, f"{address}export/")
    content = content_of(answer)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    rows = [row for row in sheet.values if "上班" in row or "休息" in row]
    assert rows == [
        (datetime.datetime(2027, 10, 1), "休息", None),
        (datetime.datetime(2027, 10, 9), "上班", "国庆节调休"),
    ]
    page = office.post(f"{address}import/", {"file": SimpleUploadedFile("年.xlsx", content)}, follow=True)
    assert "新增 0 天，修改 0 天，2 天与登记的相同。" in page.content.decode()


def test_the_calendar_is_given_to_nobody_else(client, leader):
    leader.is_staff = True
    leader.save()
    client.force_login(leader)
    assert client.get("/admin/core/calendarday/export/").status_code == 403
