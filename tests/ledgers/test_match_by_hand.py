"""Headers that the finder does not know are matched by hand; the township's next file of that form is read so."""

import pytest
from django.urls import reverse

from banzhuang.accounts.models import AuditEvent
from banzhuang.ledgers.models import FormMatch
from cadres.models import Post
from tests.factories import OTHER_TOWNSHIP, UserFactory

from .odd_book import HEADERS, choices, odd_book, shown_rows, upload
from .secretaries_book import person, register

pytestmark = pytest.mark.django_db

ROWS = [("西响石", "张建甲"), ("李小湾", "李建乙")]


@pytest.fixture
def odd(office, tmp_path):
    """The unmatched batch of an odd book, its kind already named."""
    batch, _ = upload(office, odd_book(tmp_path / "报来.xlsx", *ROWS))
    office.post(reverse("import_match", args=[batch.pk]), {"kind": "secretaries"})
    batch.refresh_from_db()
    return batch


def send(client, batch, **changes):
    data = {"kind": batch.kind, **choices(batch, **changes)}
    return client.post(reverse("import_match", args=[batch.pk]), data, follow=True)


def test_a_file_without_a_known_header_asks_what_it_is(office, tmp_path):
    batch, page = upload(office, odd_book(tmp_path / "报来.xlsx", *ROWS))
    assert batch.state == "unmatched"
    assert "没有认出表头" in page and "先选台账种类" in page
    office.post(reverse("import_match", args=[batch.pk]), {"kind": "secretaries"})
    page = office.get(reverse("import_match", args=[batch.pk])).content.decode()
    assert "至少要有这些列" in page
    assert all(header in page for header in HEADERS)


def test_matched_by_hand_it_is_planned_and_written(office, odd):
    page = send(office, odd).content.decode()
    assert "提交 2 行有效数据" in page
    odd.refresh_from_db()
    assert (odd.state, odd.counts["new"], odd.counts["errors"]) == ("staged", 2, 0)
    office.post(reverse("import_commit", args=[odd.pk]))
    assert {post.cadre.name for post in Post.objects.secretaries()} == {"张建甲", "李建乙"}


def test_remembered_for_the_form_in_the_township_and_said(office, odd, july, tmp_path, client):
    send(office, odd)
    colleague = UserFactory(role="organisation", name="孙静")
    client.force_login(colleague)
    shuffled = odd_book(tmp_path / "下月.xlsx", ("西响石", "王建丙"))
    batch, page = upload(client, shuffled)
    assert (batch.kind, batch.state, batch.counts["new"]) == ("secretaries", "staged", 1)
    assert "按 2026-07-15 周敏 的对应" in page


def test_other_townships_know_nothing_of_it(office, odd, tmp_path, client):
    send(office, odd)
    client.force_login(UserFactory(role="organisation", scope=OTHER_TOWNSHIP))
    assert upload(client, odd_book(tmp_path / "外镇.xlsx", *ROWS))[0].state == "unmatched"


def test_forgotten(office, odd, tmp_path):
    send(office, odd)
    office.post(reverse("import_forget", args=[odd.pk]))
    assert not FormMatch.objects.exists()
    odd.refresh_from_db()
    assert odd.state == "unmatched"
    assert upload(office, odd_book(tmp_path / "又来.xlsx", *ROWS))[0].state == "unmatched"
    assert AuditEvent.objects.filter(action="delete", subject__contains="报来.xlsx").count() == 1


def test_one_field_for_two_headers_is_named_and_nothing_is_lost(office, odd):
    page = send(office, odd, 编号="name")
    assert page.status_code == 422
    (error,) = page.context["form"].errors["column_2"]
    assert error == "“姓名”选了不止一列（A 编号、C 尊姓大名），留一列，其余选“不导入”。"
    assert page.context["form"]["column_3"].value() == "id_number"
    assert not FormMatch.objects.exists()


def test_what_is_missing_is_said(office, odd):
    page = send(office, odd, 尊姓大名="")
    assert "还没有哪一列是“姓名”" in page.content.decode()
    odd.refresh_from_db()
    assert odd.state == "unmatched"


def test_a_match_of_the_finder_can_be_corrected(office, villages, tmp_path):
    path = register(tmp_path / "书记.xlsx", [person(1, origin="机关干部")])
    batch, page = upload(office, path)
    assert "点一列可改" in page
    keys = {found["header"]: found["key"] for found in batch.understanding["strip"]}
    assert keys["工作经历/原身份"] == "origin"
    strip = enumerate(batch.understanding["strip"])
    data = {f"column_{place}": found["key"] for place, found in strip} | {"header": shown_rows(batch)}
    place = next(name for name, key in data.items() if key == "origin")
    office.post(reverse("import_match", args=[batch.pk]), {"kind": "secretaries", **data, place: ""})
    batch.refresh_from_db()
    assert "工作经历/原身份" in batch.understanding["unmatched"]
    office.post(reverse("import_commit", args=[batch.pk]))
    assert Post.objects.secretaries().get().origin == ""


def test_the_kind_and_the_sheets_can_be_changed(office, tmp_path):
    path = odd_book(
        tmp_path / "两张.xlsx",
        *ROWS,
        headers=["序号", "村", "姓名", "身份证号", "任现职时间", "产生方式"],
        sheets=("甲", "乙"),
    )
    batch, _ = upload(office, path, "secretaries")
    assert (batch.understanding["sheets"], batch.counts["rows"]) == (["甲", "乙"], 4)
    office.post(reverse("import_match", args=[batch.pk]), {"kind": "cadres", "sheets": ["乙"]})
    batch.refresh_from_db()
    assert (batch.kind, batch.understanding["sheets"], batch.counts["rows"]) == ("cadres", ["乙"], 2)
    assert "工作表“甲”没有读" in "".join(batch.understanding["notes"])


def test_a_forged_kind_or_field_is_refused(office, odd):
    assert office.post(reverse("import_match", args=[odd.pk]), {"kind": "households"}).status_code == 422
    assert send(office, odd, 编号="is_staff").status_code == 422


def test_a_preview_that_was_read_anew_elsewhere_is_not_committed_unseen(office, odd):
    send(office, odd)
    odd.refresh_from_db()
    seen = odd.revision
    send(office, odd, 产生途径="")
    page = office.post(reverse("import_commit", args=[odd.pk]), {"revision": seen}, follow=True)
    assert "列的对应在别处改过" in page.content.decode()
    assert not Post.objects.exists()


def test_the_choices_come_as_a_part_of_the_preview(office, odd):
    send(office, odd)
    page = office.get(reverse("import_match", args=[odd.pk]), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page and '<section class="panel" id="columns">' in page
    assert page.count("<select") == 1 + len(HEADERS)


def test_anothers_batch_is_not_found_and_a_reader_is_refused(office, odd, client, leader):
    for act in ("import_match", "import_forget"):
        url = reverse(act, args=[odd.pk])
        client.force_login(UserFactory(role="organisation"))
        assert client.post(url).status_code == 404
        client.force_login(leader)
        assert client.get(url).status_code in {404, 405}


def test_a_committed_batch_is_not_matched_again(office, odd):
    send(office, odd)
    office.post(reverse("import_commit", args=[odd.pk]))
    page = office.get(reverse("import_match", args=[odd.pk]), follow=True).content.decode()
    assert "已提交，不能再改列的对应" in page
