"""导入 by page: upload, preview, commit, undo; each batch its owner's alone."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from banzhuang.ledgers.models import ImportBatch
from cadres.models import Post
from tests.factories import BranchFactory, UserFactory, VillageFactory, id_number

from .secretaries_book import person, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, organisation_office):
    client.force_login(organisation_office)
    return client


@pytest.fixture
def upload(office, villages, tmp_path):
    """Upload a register of these rows; → the response after the redirect."""

    def uploading(*rows):
        path = register(tmp_path / "书记.xlsx", rows)
        file = SimpleUploadedFile("书记.xlsx", path.read_bytes())
        return office.post(reverse("imports"), {"file": file, "kind": ""}, follow=True)

    return uploading


def text(response):
    return response.content.decode()


def test_from_upload_to_undo(upload, office, villages):
    Post.objects.all().delete()
    page = upload(person(1), person(2, village="李小湾村"))
    batch = ImportBatch.objects.get()
    assert "核对" in text(page)
    assert "提交 2 行有效数据" in text(page)
    office.post(reverse("import_commit", args=[batch.pk]))
    assert Post.objects.secretaries().count() == 2
    office.post(reverse("import_undo", args=[batch.pk]))
    assert not Post.objects.exists()


def test_preview_shows_old_over_new_and_masks(upload, office, villages):
    cadre = Post.objects.get(organisation__village=villages[0]).cadre
    same = {"name": cadre.name, "number": cadre.id_number, "born": None, "start": None}
    upload(person(1, origin="机关干部", **same))
    page = text(office.get(reverse("import_batch", args=[ImportBatch.objects.get().pk]), {"columns": "all"}))
    assert "<del>本村</del><ins>机关干部</ins>" in page
    assert cadre.id_number not in page
    assert cadre.id_number_mask in page


def test_preview_names_the_cell_and_the_remedy(upload):
    page = text(upload(person(1, born="1965.13.6")))
    assert "<strong>F5</strong>" in page
    assert "月份是 13，应在 1–12 之间。" in page
    assert "提交 0 行有效数据" in page


def test_counters_are_the_filter(upload, office, villages):
    Post.objects.all().delete()
    upload(person(1), person(2, village="乌有村"), person(3, village="李小湾", start=2018.1))
    url = reverse("import_batch", args=[ImportBatch.objects.get().pk])
    shown = {
        key: [row["number"] for row in office.get(url, {"show": key}).context["preview"].rows]
        for key in ("all", "attention", "new", "changed", "same", "invalid", "warned", "无此")
    }
    assert shown == {
        "all": [5, 6, 7], "attention": [5, 6, 7], "new": [5, 7], "changed": [], "same": [],
        "invalid": [6], "warned": [7], "无此": [5, 6, 7],
    }  # fmt: skip
    counts = {counter["url"]: counter["count"] for counter in office.get(url).context["counters"]}
    assert counts == {f"?show={key}": len(rows) for key, rows in shown.items() if key != "无此"}


def test_a_consequence_many_rows_share_is_said_once(upload, villages):
    Post.objects.all().delete()
    third = BranchFactory(village=VillageFactory(code="320707109240", name="东窝子村")).village
    rows = [
        person(place, village=name, both="是") for place, name in enumerate(["西响石", "李小湾", third.name])
    ]
    preview = upload(*rows).context["preview"]
    assert list(preview.common.values()) == [3]
    assert not any(row["said"] for row in preview.rows)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("报告.xlsx", b"PK\x03\x04rubbish", "。"),
        ("网页.xls", b"<html><table></table></html>", "网页"),
        ("空.xlsx", b"", "空"),
    ],
)
def test_a_wrong_file_gets_one_sentence_and_leaves_nothing(office, villages, name, content, sentence):
    page = office.post(reverse("imports"), {"file": SimpleUploadedFile(name, content), "kind": ""})
    assert page.status_code == 422
    (error,) = page.context["form"].errors["file"]
    assert sentence in error
    assert not ImportBatch.objects.exists()


def test_no_file(office, villages):
    page = office.post(reverse("imports"), {"kind": ""})
    assert page.context["form"].errors["file"] == ["先选一个台账文件。"]


def test_a_forged_kind_is_refused(office, villages):
    file = SimpleUploadedFile("名单.csv", b"x")
    assert office.post(reverse("imports"), {"file": file, "kind": "../etc"}).status_code == 422


def test_anothers_batch_is_not_found(upload, client, villages):
    upload(person(1))
    other = UserFactory(role="organisation")
    client.force_login(other)
    pk = ImportBatch.objects.get().pk
    assert client.get(reverse("import_batch", args=[pk])).status_code == 404
    for act in ("import_commit", "import_discard", "import_undo"):
        assert client.post(reverse(act, args=[pk])).status_code == 404


def test_right_withdrawn_between_preview_and_commit(upload, office, organisation_office):
    upload(person(1, village="李小湾村", number=id_number(70), start="2025-01-01"))
    organisation_office.groups.clear()
    pk = ImportBatch.objects.get().pk
    assert office.post(reverse("import_commit", args=[pk])).status_code == 404
    assert ImportBatch.objects.get().state == "staged"


def test_readers_cannot_import(client, leader, village_cadre):
    for user in (leader, village_cadre):
        client.force_login(user)
        assert client.get(reverse("imports")).status_code == 403


def test_acts_are_posts(upload, office):
    upload(person(1))
    pk = ImportBatch.objects.get().pk
    for act in ("import_commit", "import_discard", "import_undo"):
        assert office.get(reverse(act, args=[pk])).status_code == 405


def test_given_up(upload, office):
    upload(person(1))
    pk = ImportBatch.objects.get().pk
    page = office.post(reverse("import_discard", args=[pk]), follow=True)
    assert "没有写入任何数据" in text(page)
    assert "已放弃" in text(office.get(reverse("import_batch", args=[pk])))
