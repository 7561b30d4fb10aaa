"""Where the finder takes the wrong rows for the header, a person says which they are."""

import openpyxl
import pytest
from django.urls import reverse

from banzhuang.ledgers.forms import MatchForm
from banzhuang.ledgers.models import ImportBatch
from cadres.models import Post
from tests.factories import id_number

from .odd_book import HEADERS, choices, upload

pytestmark = pytest.mark.django_db

KNOWN = ["序号", "村", "姓名", "身份证号", "任现职时间", "产生方式"]
EXAMPLE = [1, "西响石", "张某某", id_number(77), "2019.2", "两推一选"]


@pytest.fixture
def book(tmp_path):
    """A form that begins with an example under headers all of which are known; the table below has its own words."""
    book = openpyxl.Workbook()
    for row in (["填写示例"], KNOWN, EXAMPLE, [], ["各村报来的情况"], HEADERS):
        book.active.append(row)
    for number, (village, name) in enumerate([("西响石", "张建甲"), ("李小湾", "李建乙")], 1):
        book.active.append([number, village, name, id_number(number), "2019.2", "两推一选"])
    book.save(tmp_path / "报来.xlsx")
    return tmp_path / "报来.xlsx"


def send(client, batch, **data):
    page = client.post(reverse("import_match", args=[batch.pk]), {"kind": "secretaries", **data}, follow=True)
    batch.refresh_from_db()
    return page.content.decode()


def test_said_by_hand_the_columns_follow_and_are_remembered(office, book):
    batch, _ = upload(office, book, "secretaries")
    assert batch.understanding["header_rows"] == {"Sheet": [2]}
    page = send(office, batch, header="6")
    assert batch.state == "unmatched" and "第 6 行没有找到“村党组织书记”的表头" in page
    assert [found["header"] for found in batch.understanding["strip"]] == HEADERS
    page = send(office, batch, **choices(batch))
    assert (batch.state, batch.counts["rows"], batch.counts["new"]) == ("staged", 2, 2)
    assert batch.understanding["header_rows"] == {"Sheet": [6]}
    office.post(reverse("import_commit", args=[batch.pk]))
    assert {post.cadre.name for post in Post.objects.secretaries()} == {"张建甲", "李建乙"}
    again, page = upload(office, book, "secretaries")
    assert (again.understanding["header_rows"], again.counts["same"]) == ({"Sheet": [6]}, 2)
    assert "的对应" in page


def test_emptied_it_is_found_again(office, book):
    batch, _ = upload(office, book, "secretaries")
    send(office, batch, header="6")
    send(office, batch, header="")
    assert (batch.state, batch.understanding["header_rows"]) == ("staged", {"Sheet": [2]})


@pytest.mark.parametrize(
    ("written", "rows"),
    [
        ("3", (3, 3)), ("3-4", (3, 4)), ("３—５", (3, 5)), ("第3行", (3, 3)), ("3 至 4 行", (3, 4)),
        ("第3行至第4行", (3, 4)), ("", ()), (" ", ()),
    ],
)  # fmt: skip
def test_ways_to_say_it(office, book, written, rows):
    batch, _ = upload(office, book, "secretaries")
    form = MatchForm({"kind": "secretaries", "header": written}, batch=batch, user=batch.owner)
    assert form.is_valid() and form.cleaned_data["header"] == rows


@pytest.mark.parametrize("written", ["0", "第三行", "4-3", "1-4", "3-4-5", "1234567", "-3"])
def test_what_is_no_row_is_refused_and_kept(office, book, written):
    batch, _ = upload(office, book, "secretaries")
    page = send(office, batch, header=written)
    assert "如 3-4" in page and f'value="{written}"' in page
    assert ImportBatch.objects.get().understanding["header_rows"] == {"Sheet": [2]}


@pytest.mark.parametrize("written", ["4", "99", "999999", "7-9"])
def test_rows_without_a_header_are_said(office, book, written):
    batch, _ = upload(office, book, "secretaries")
    assert f"第 {written} 行没有找到" in send(office, batch, header=written)
    assert batch.state == "unmatched"
