"""导入 in the admin: the portal's engine and preview behind it, and none of what django-import-export would let through."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import get_commands
from django.urls import NoReverseMatch, reverse

from banzhuang.ledgers import receiving
from banzhuang.ledgers.ledger import registry
from banzhuang.ledgers.ledger_admin import LedgerAdmin
from banzhuang.ledgers.models import ImportBatch
from cadres.models import Cadre, Post
from livelihood.models import Household
from tests.factories import UserFactory
from villages.models import Village, VillageYear

from .secretaries_book import person, register
from .workbooks import book

pytestmark = pytest.mark.django_db
LIST, IMPORT = "/admin/villages/village/", "/admin/villages/village/import/"
SIX = [
    "villages.village",
    "cadres.cadre",
    "cadres.post",
    "livelihood.household",
    "livelihood.contact",
    "livelihood.visit",
]


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def office(client, organisation_office):
    client.force_login(organisation_office)
    return client


def upload(client, content, name="村情.xlsx", address=IMPORT, **more):
    return client.post(address, {"file": SimpleUploadedFile(name, content), **more})


def address(label, name="import") -> str:
    return reverse(f"admin:{label.replace('.', '_')}_{name}")


def test_the_upload_leads_to_the_portals_preview(office, villages):
    answer = upload(office, book(["村", "人口"], [villages[0].name, 1234]))
    batch = ImportBatch.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("import_batch", args=[batch.pk]))
    assert (batch.kind, batch.state, batch.counts["changed"] + batch.counts["new"]) == (
        "villages",
        "staged",
        1,
    )
    assert not VillageYear.objects.filter(population=1234).exists()
    office.post(reverse("import_commit", args=[batch.pk]))
    assert VillageYear.objects.get(population=1234).village == villages[0]


def test_a_register_of_secretaries_as_it_is(office, villages, tmp_path):
    Post.objects.all().delete()
    path = register(tmp_path / "书记.xlsx", [person(1)])
    upload(office, path.read_bytes(), path.name, address("cadres.post"))
    assert ImportBatch.objects.get().kind == "secretaries"


def test_a_file_of_another_ledger_does_not_get_in_here(office, villages, tmp_path):
    path = register(tmp_path / "书记.xlsx", [person(1)])
    upload(office, path.read_bytes(), path.name, address("livelihood.household"))
    assert not ImportBatch.objects.exists()
    upload(office, book(["甲", "乙"], [1, 2]))
    assert [batch.state for batch in ImportBatch.objects.all()] == ["unmatched"]


def test_the_file_is_dropped_as_in_the_portal(office):
    """The browser's own button would speak the browser's language."""
    page = office.get("/admin/cadres/cadre/import/").content.decode()
    assert "data-drop" in page and "portal/drop.js" in page and "把文件拖到这里" in page


def test_each_table_with_a_ledger_has_the_page(organisation_office, welfare_office, client):
    for label in SIX:
        user = welfare_office if label.startswith("livelihood") else organisation_office
        client.force_login(user)
        page = client.get(address(label)).content.decode()
        ledger = next(item for item in registry if item.model._meta.label_lower == label)
        assert f"{ledger.label}能导入的列：" in page
        assert f'href="{address(label)}"' in client.get(address(label, "changelist")).content.decode()


def test_every_ledger_has_its_admin():
    with_page = {model for model, page in admin.site._registry.items() if isinstance(page, LedgerAdmin)}
    assert {ledger.model for ledger in registry} <= with_page


# --- Who may -------------------------------------------------------------------------------------------------
def test_who_only_reads_is_refused(client, leader, village_cadre, villages):
    for user in (leader, village_cadre):
        user.is_staff = True
        user.save()
        client.force_login(user)
        assert client.get(LIST).status_code == 200
        assert IMPORT not in client.get(LIST).content.decode()
        assert client.get(IMPORT).status_code == 403
        assert upload(client, book(["村", "人口"], ["西响石", 1])).status_code == 403
    assert not ImportBatch.objects.exists()


def test_permissions_are_on_by_the_settings(client, organisation_office):
    """The package asks for none until it is told their code: who has add and change, but not import, is refused."""
    role = organisation_office.groups.get()
    role.permissions.remove(Permission.objects.get(codename="import_village"))
    client.force_login(organisation_office)
    assert client.get(f"{LIST}add/").status_code == 200
    assert client.get(IMPORT).status_code == 403
    assert upload(client, book(["村", "人口"], ["西响石", 1])).status_code == 403


def test_the_table_of_access_decides_beside_the_permission(client, leader, villages):
    """A permission given by hand opens nothing that the role may not see."""
    security = UserFactory(role="security", is_staff=True)
    security.user_permissions.add(Permission.objects.get(codename="import_village"))
    client.force_login(security)
    assert client.get(IMPORT).status_code == 403


def test_a_village_beyond_the_scope_is_an_error(outsider, villages, client):
    client.force_login(outsider)
    upload(client, book(["村", "区划代码", "人口"], [villages[0].name, villages[0].code, 9]))
    batch = ImportBatch.objects.get()
    assert (batch.counts["invalid"], batch.counts["rows"]) == (1, 1)
    client.post(reverse("import_commit", args=[batch.pk]))
    assert not VillageYear.objects.filter(population=9).exists()


# --- What the package's own pages would let through -------------------------------------------------------------
def test_nothing_waits_here_for_anybody_to_confirm(office, outsider, client, villages):
    """The package keeps the upload under a name that whoever knows it may confirm."""
    with pytest.raises(NoReverseMatch):
        reverse("admin:villages_village_process_import")
    assert office.post(f"{LIST}process_import/", {"import_file_name": "x", "format": "0"}).status_code in {
        302,
        404,
    }
    upload(office, book(["村", "人口"], [villages[0].name, 1234]))
    batch = ImportBatch.objects.get()
    client.force_login(outsider)
    for name in ("import_commit", "import_discard"):
        assert client.post(reverse(name, args=[batch.pk])).status_code == 404
    assert client.get(reverse("import_batch", args=[batch.pk])).status_code == 404
    batch.refresh_from_db()
    assert batch.state == "staged"


def test_no_command_writes_past_the_engine():
    """The package as an installed app would bring two of its own."""
    assert {"import", "export"} & set(get_commands()) == set()


def test_an_upload_that_cannot_be_read_leaves_nothing(office, tmp_path):
    page = upload(office, b"%PDF-1.7 and so on", "名册.xlsx")
    assert page.status_code == 200
    assert not ImportBatch.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_sizes_are_limited(office):
    page = upload(office, b"0" * (20 * 1024 * 1024 + 1)).content.decode()
    assert "超过 20 MB" in page
    assert not ImportBatch.objects.exists()


def test_a_large_file_is_no_work_of_the_request(office, villages, monkeypatch):
    monkeypatch.setattr(receiving, "IN_REQUEST_BYTES", 100)
    upload(office, book(["村", "人口"], [villages[0].name, 1234]))
    assert ImportBatch.objects.get().job.kind == receiving.READ


def test_yes_is_yes(office, villages):
    """The package's BooleanWidget reads 是 as no."""
    Village.objects.filter(pk=villages[0].pk).update(is_resettled=False)
    upload(office, book(["村", "移民村"], [villages[0].name, "是"]))
    office.post(reverse("import_commit", args=[ImportBatch.objects.get().pk]))
    assert Village.objects.get(pk=villages[0].pk).is_resettled is True


def test_a_choice_that_is_none_is_an_error(office, villages):
    upload(
        office,
        book(["姓名", "性别", "村"], ["张建国", "未知数", villages[0].name]),
        address=address("cadres.cadre"),
    )
    batch = ImportBatch.objects.get()
    assert batch.counts["invalid"] == 1
    assert not Cadre.objects.filter(name="张建国").exists()


def test_a_column_nobody_knows_is_named(office, villages):
    upload(office, book(["村", "人口", "星座"], [villages[0].name, 1234, "双鱼"]))
    batch = ImportBatch.objects.get()
    assert batch.understanding["unmatched"] == ["星座"]
    assert "星座" in office.get(reverse("import_batch", args=[batch.pk])).content.decode()


def test_the_same_sheet_twice_doubles_nothing(office, villages):
    """No column of it is a key of the database."""
    before = Village.objects.count()
    for _ in range(2):
        upload(office, book(["村", "人口"], [villages[0].name, 1234]))
        office.post(reverse("import_commit", args=[ImportBatch.objects.latest("pk").pk]))
    assert ImportBatch.objects.latest("pk").counts["same"] == 1
    assert Village.objects.count() == before
    assert VillageYear.objects.filter(population=1234).count() == 1


def test_dates_as_people_write_them(welfare_office, client, villages):
    """The package knows 2018-08-05 alone."""
    client.force_login(welfare_office)
    written = {"张甲": "2018.08", "张乙": "2018年8月", "张丙": "2018/8", "张丁": "二〇一八年八月"}
    rows = [[villages[0].name, head, date] for head, date in written.items()]
    content = book(["村", "户主姓名", "建档日期"], *rows)
    upload(client, content, address=address("livelihood.household"))
    client.post(reverse("import_commit", args=[ImportBatch.objects.get().pk]))
    registered = {row.head: row.registered.iso() for row in Household.objects.all()}
    assert registered == dict.fromkeys(written, "2018-08")


def test_a_commit_with_rows_in_error_says_so(office, villages):
    """The package reports success of what it rolled back, and passes over rows in error."""
    upload(office, book(["村", "人口"], [villages[0].name, "很多"], [villages[1].name, 55]))
    batch = ImportBatch.objects.get()
    assert (batch.counts["invalid"], batch.counts["rows"]) == (1, 2)
    page = office.post(
        reverse("import_commit", args=[batch.pk]), {"all_or_nothing": "1"}, follow=True
    ).content.decode()
    assert "有 1 行错误" in page
    assert not VillageYear.objects.filter(population=55).exists()


def test_errors_speak_chinese(office):
    for content, name in [
        (b"", "空.xlsx"),
        (b"%PDF-1.7 and so on", "表.pdf"),
        (b"PK\x03\x04broken", "坏.xlsx"),
    ]:
        page = upload(office, content, name)
        errors = page.context["adminform"].form.errors["file"]
        assert all(not any(letter in error for letter in ("Error", "Invalid", "file")) for error in errors), (
            name
        )
        assert errors[0].endswith("。"), name
    assert "先选一个台账文件。" in office.post(IMPORT, {}).content.decode()
