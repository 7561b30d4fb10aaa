"""From an empty township to the figures, by page: upload, preview, commit, the same again, undo."""

import pytest
from playwright.sync_api import expect

from cadres.models import Cadre, Post
from tests.factories import UserFactory, id_number
from tests.ledgers.secretaries_book import person, register, roster
from villages.demo import load_villages

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(open_page):
    """组织办's page in a township with villages and roles only."""
    load_villages()
    office = UserFactory(username="zuzhi", name="周敏", role="organisation", is_staff=True)
    return open_page(office, viewport={"width": 1366, "height": 768})


def upload(desk, path):
    desk.goto("/imports/")
    desk.set_input_files("input[type=file]", path)
    desk.get_by_role("button", name="上传并核对").click()


def test_roster_and_register_into_an_empty_township(desk, tmp_path):
    people = [(f"朱{name}", "党委委员", id_number(60 + place)) for place, name in enumerate("英燕强立新")]
    upload(desk, roster(tmp_path / "镇领导名册.xlsx", people))
    desk.get_by_role("button", name="提交 5 行有效数据").click()
    expect(desk.get_by_text("已写入：新增 5 行")).to_be_visible()

    rows = [
        person(1, village="西响石"),
        person(2, village="李小湾村委会", start=2018.1),
        person(3, village="乌有村"),
    ]
    path = register(tmp_path / "书记信息表.xlsx", rows)
    upload(desk, path)
    expect(desk.get_by_text("没有这个村，或不在账号的范围内。")).to_be_visible()
    expect(desk.get_by_text("L6", exact=True)).to_be_visible()
    desk.get_by_role("button", name="提交 2 行有效数据").click()
    expect(desk.get_by_text("已写入：新增 2 行")).to_be_visible()
    assert Post.objects.secretaries().count() == 2

    upload(desk, path)
    expect(desk.get_by_role("button", name="提交 0 行有效数据")).to_be_disabled()

    desk.goto("/imports/")
    desk.get_by_role("row").filter(has_text="已提交").filter(has_text="书记信息表").get_by_role(
        "link"
    ).click()
    desk.get_by_role("button", name="撤销这一批").click()
    expect(desk.get_by_text("恢复到导入前")).to_be_visible()
    assert (Post.objects.count(), Cadre.objects.count()) == (0, 5)


def test_a_wrong_file_gets_one_sentence(desk, tmp_path, watch):
    watch.allow("422")
    path = tmp_path / "其实是文档.xlsx"
    path.write_bytes(b"PK\x03\x04 not a workbook")
    upload(desk, path)
    expect(desk.locator(".field-error")).to_be_visible()


def test_a_figure_opens_as_many_rows_as_it_says(desk, tmp_path):
    upload(
        desk, register(tmp_path / "书记.xlsx", [person(1, origin="机关干部"), person(2, village="李小湾村")])
    )
    desk.get_by_role("button", name="提交 2 行有效数据").click()
    desk.goto("/overview/")
    desk.get_by_role("link", name="在任村书记").click()
    expect(desk.locator("main tbody tr")).to_have_count(2)
