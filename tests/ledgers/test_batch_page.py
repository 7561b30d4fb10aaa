"""The history of one's own batches, what became of each, and what stands against undo."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from banzhuang.ledgers.models import ImportBatch
from banzhuang.ledgers.views import batch as batch_views
from cadres.models import Cadre, Post
from tests.factories import UserFactory

from .secretaries_book import person, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, organisation_office, villages):
    Post.objects.all().delete()
    Cadre.objects.all().delete()
    client.force_login(organisation_office)
    return client


@pytest.fixture
def upload(office, tmp_path):
    """upload(row, …) → the staged batch of a register of these rows."""

    def uploading(*rows):
        path = register(tmp_path / "书记.xlsx", rows)
        office.post(
            reverse("imports"), {"file": SimpleUploadedFile(path.name, path.read_bytes()), "kind": ""}
        )
        return ImportBatch.objects.latest("pk")

    return uploading


def page_of(client, batch, **query):
    return client.get(reverse("import_batch", args=[batch.pk]), query).content.decode()


def act(client, name, batch):
    return client.post(reverse(name, args=[batch.pk]))


# --- History ------------------------------------------------------------------------------------------------
def test_history_says_what_became_of_each_and_is_filtered(upload, office, tmp_path):
    waiting, committed, undone, given_up = [upload(person(n, village="李小湾")) for n in range(1, 5)]
    act(office, "import_discard", given_up)
    act(office, "import_commit", undone)
    act(office, "import_undo", undone)
    act(office, "import_commit", committed)
    shown = {
        state: {row.pk for row in office.get(reverse("imports"), {"state": state}).context["page"]}
        for state in ("", "waiting", "committed", "undone", "ended", "无此")
    }
    everything = {waiting.pk, committed.pk, undone.pk, given_up.pk}
    assert shown == {
        "": everything, "waiting": {waiting.pk}, "committed": {committed.pk}, "undone": {undone.pk},
        "ended": {given_up.pk}, "无此": everything,
    }  # fmt: skip
    page = office.get(reverse("imports"), {"kind": "villages"}).content.decode()
    assert "没有符合条件的批次" in page


def test_the_history_asks_as_often_for_10_batches_as_for_2(office, organisation_office, count_queries):
    def staged(count):
        later = timezone.now() + datetime.timedelta(hours=1)
        rows = [
            ImportBatch(owner=organisation_office, kind="villages", file_name=f"{n}.xlsx", expires_at=later)
            for n in range(count)
        ]
        ImportBatch.objects.bulk_create(rows)

    staged(2)
    office.get(reverse("imports"))
    few = count_queries(lambda: office.get(reverse("imports")))
    staged(8)
    assert count_queries(lambda: office.get(reverse("imports"))) == few


def test_leaders_auditors_and_colleagues_do_not_see_it(upload, office, client, leader):
    batch = upload(person(1))
    for user in (leader, UserFactory(role="auditor"), UserFactory(role="organisation")):
        client.force_login(user)
        assert client.get(reverse("import_batch", args=[batch.pk])).status_code == 404
        assert "书记.xlsx" not in client.get(reverse("imports")).content.decode()


def test_a_batch_says_who_when_and_what(upload, office, july):
    batch = upload(person(1), person(2, village="乌有村"))
    act(office, "import_commit", batch)
    page = page_of(office, batch)
    assert all(
        text in page
        for text in ("周敏", "7月15日 12:00", "<dt>新增</dt><dd>1 行</dd>", "<dt>错误未写</dt><dd>1 行</dd>")
    )


# --- Undo ---------------------------------------------------------------------------------------------------
def test_what_stands_against_undo_is_listed_in_place_of_the_button(upload, office):
    batch = upload(person(1))
    act(office, "import_commit", batch)
    assert "撤销这一批" in page_of(office, batch)
    cadre = Cadre.objects.get()
    cadre.note = "后来改的"
    cadre.save()
    page = page_of(office, batch)
    assert "现在不能整批撤销" in page and f"{cadre.name}" in page and "在导入之后又改过" in page
    assert "撤销这一批" not in page


def test_of_a_large_batch_it_is_asked_on_demand(upload, office, monkeypatch):
    batch = upload(person(1))
    act(office, "import_commit", batch)
    monkeypatch.setattr(batch_views, "IN_REQUEST_ROWS", 0)
    monkeypatch.setattr(batch_views, "objections", lambda row: ["干部“甲”已被删除"])
    assert "查看能否撤销" in page_of(office, batch) and "已被删除" not in page_of(office, batch)
    assert "干部“甲”已被删除" in page_of(office, batch, check="1")
