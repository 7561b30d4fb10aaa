"""A year's 调休 as a table into 节假日和调休: all of it or nothing, in the words and dates that people write."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from banzhuang.core.models import CalendarDay
from banzhuang.core.workdays import calendar_of
from banzhuang.ledgers.models import ImportBatch
from banzhuang.ledgers.resource import ReferenceResource
from tests.factories import UserFactory
from tests.ledgers.workbooks import book

pytestmark = pytest.mark.django_db
LIST, IMPORT = "/admin/core/calendarday/", "/admin/core/calendarday/import/"
HEAD = ["日期", "安排", "说明"]
NATIONAL = [
    ["2027-10-01", "休息", "国庆节"],
    [datetime.date(2027, 10, 4), "放假", "国庆节"],
    ["2027年10月9日", "上班", "国庆节调休"],
    ["2027.10.10", "补班", None],
]


@pytest.fixture
def office(organisation_office):
    client = Client()
    client.force_login(organisation_office)
    return client


def look_over(client, *rows, head=HEAD, content=None, name="2027年放假安排.xlsx"):
    """The page after the upload: nothing is written yet."""
    file = SimpleUploadedFile(name, content if content is not None else book(head, *rows))
    return client.post(IMPORT, {"file": file}, follow=True)


def confirm(client, page):
    return client.post(IMPORT, {"confirmed": page.context["confirmed"]}, follow=True)


def upload(client, *rows, **asked):
    """Looked over, and confirmed where there is anything to confirm."""
    page = look_over(client, *rows, **asked)
    return confirm(client, page) if page.context and page.context.get("rows") is not None else page


def text(page) -> str:
    return page.content.decode()


def kept() -> dict:
    return {f"{row.day:%m-%d}": (row.working, row.note) for row in CalendarDay.objects.all()}


def test_a_year_is_brought_at_once(office):
    page = upload(office, *NATIONAL)
    assert "已导入：新增 4 天，修改 0 天，0 天与登记的相同。" in text(page)
    assert page.redirect_chain == [(LIST, 302)]
    assert kept() == {
        "10-01": (False, "国庆节"),
        "10-04": (False, "国庆节"),
        "10-09": (True, "国庆节调休"),
        "10-10": (True, ""),
    }
    saturday = datetime.date(2027, 10, 9)
    assert calendar_of(saturday, saturday).is_working(saturday)


def test_it_is_looked_over_before_anything_is_written(office):
    upload(office, *NATIONAL)
    page = look_over(office, ["2027-10-09", "休息", None], ["2027-10-11", "休息", "国庆节"], NATIONAL[0])
    assert "新增 1 天，修改 1 天，1 天与登记的相同。" in text(page) and "<del>上班</del> 休息" in text(page)
    assert [row["new"] for row in page.context["rows"]] == [False, True]
    assert kept()["10-09"] == (True, "国庆节调休") and "10-11" not in kept()


def test_nobody_confirms_what_another_saw_or_what_has_changed_since(office, system_administrator, leader):
    page = look_over(office, *NATIONAL)
    for user, status in ((system_administrator, 200), (leader, 403)):
        user.is_staff = True
        user.save()
        client = Client()
        client.force_login(user)
        assert confirm(client, page).status_code == status
    assert office.post(IMPORT, {"confirmed": "nothing"}).status_code == 302
    assert not CalendarDay.objects.exists()
    CalendarDay.objects.create(day="2027-10-01", working=False)
    assert "核对之后有别人改过同样的日子" in text(confirm(office, page))
    assert CalendarDay.objects.count() == 1


def test_the_same_table_again_changes_nothing(office, events):
    upload(office, *NATIONAL)
    page = upload(office, *NATIONAL)
    assert "新增 0 天，修改 0 天，4 天与登记的相同" in text(page)
    assert CalendarDay.objects.count() == CalendarDay.history.count() == 4


def test_a_day_that_is_known_is_changed_and_keeps_its_note(office):
    upload(office, *NATIONAL)
    page = upload(office, ["2027-10-09", "休息", None])
    assert "新增 0 天，修改 1 天" in text(page)
    assert kept()["10-09"] == (False, "国庆节调休")
    assert list(CalendarDay.history.filter(day="2027-10-09").values_list("history_type", flat=True)) == [
        "~",
        "+",
    ]


def test_one_row_in_error_and_nothing_is_written(office, events):
    page = upload(office, *NATIONAL, ["2027-10-11", "是", None], ["十月", "上班", None])
    assert "2027年放假安排.xlsx 有 2 处错误，一行也没有写入。" in text(page)
    assert [problem["cell"] for problem in page.context["problems"]] == ["B6", "A7"]
    assert "不是这一列可选的内容。填写上班、休息。" in text(page)
    assert not CalendarDay.objects.exists()
    assert not events("import")


def test_yes_is_no_arrangement(office):
    """The package's BooleanWidget would take 是, and any word it does not know, for no."""
    for word in ("是", "1", "半天", "True"):
        upload(office, ["2027-10-09", word, None])
    assert not CalendarDay.objects.exists()


def test_a_day_twice_in_the_table(office):
    page = upload(office, NATIONAL[0], ["2027/10/1", "上班", None])
    assert "与第 2 行重复（2027-10-01）" in text(page)
    assert not CalendarDay.objects.exists()


def test_a_table_without_the_key_is_refused(office):
    """Without 日期 the package would make each row anew, time after time."""
    page = upload(office, ["休息", "国庆节"], head=["安排", "说明"])
    assert "没有“日期”这一列" in text(page)
    assert not CalendarDay.objects.exists()


def test_a_column_nobody_knows_is_named(office):
    page = look_over(office, [1, "2027-10-01", "休息", "五"], head=["序号", "日期", "安排", "星期"])
    assert "没有读这些列：星期。" in text(page)
    confirm(office, page)
    assert kept() == {"10-01": (False, "")}


def test_title_rows_and_csv_are_read_as_in_any_ledger(office):
    content = "2027年部分节假日安排\n日期,安排,说明\n2027-10-01,休息,国庆节\n".encode("gb18030")
    upload(office, content=content, name="安排.csv")
    assert kept() == {"10-01": (False, "国庆节")}


def test_sizes_are_limited(office, monkeypatch):
    monkeypatch.setattr(ReferenceResource, "MOST", 3)
    assert "表里有 4 行，最多 3 行。" in text(upload(office, *NATIONAL))
    assert "超过 20 MB" in text(upload(office, content=b"0" * (20 * 1024 * 1024 + 1)))
    assert not CalendarDay.objects.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"nothing of the kind" * 9, "。"),
        (book(["甲", "乙"], [1, 2]), "没有找到“节假日和调休”的表头，至少要有这些列：日期、安排。"),
        (book(HEAD), "表头下面没有填内容。"),
    ],
)
def test_what_is_no_such_table_is_said_in_a_sentence(office, content, said):
    page = upload(office, content=content)
    assert said in page.context["adminform"].form.errors["file"][0]
    assert not CalendarDay.objects.exists()


def test_one_event_says_what_was_done(office, events):
    upload(office, *NATIONAL)
    (event,) = events("import")
    assert event.subject == "节假日和调休 2027年放假安排.xlsx"
    assert (event.detail["new"], event.username) == (4, "zuzhi")
    assert {row.history_user.username for row in CalendarDay.history.all()} == {"zuzhi"}


def test_nothing_of_the_upload_is_left(office, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    upload(office, *NATIONAL)
    assert not ImportBatch.objects.exists()
    assert not list(tmp_path.rglob("*"))
    assert office.post(f"{LIST}process_import/", {"import_file_name": "x"}).status_code in {302, 404}


def test_nobody_else_brings_any(leader, auditor, clerk, village_cadre):
    for user in (leader, auditor, clerk, village_cadre, UserFactory(role="security")):
        user.is_staff = True
        user.save()
        client = Client()
        client.force_login(user)
        assert client.get(IMPORT).status_code == 403
        assert upload(client, *NATIONAL).status_code == 403
    assert not CalendarDay.objects.exists()


def test_the_system_administrator_brings_them_too(system_administrator):
    client = Client()
    client.force_login(system_administrator)
    assert IMPORT in text(client.get(LIST))
    upload(client, *NATIONAL)
    assert CalendarDay.objects.count() == 4
