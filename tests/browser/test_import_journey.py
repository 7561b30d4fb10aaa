"""From an empty township to the figures, by page: upload, preview, commit, the same again, undo."""

import pytest
from playwright.sync_api import expect

from banzhuang.accounts.models import User
from cadres.models import Cadre, Post
from tests.factories import UserFactory, id_number
from tests.ledgers.odd_book import odd_book
from tests.ledgers.secretaries_book import person, register, roster
from villages.demo import load_villages

from .conftest import PHONE

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
    expect(desk.get_by_text("没有这个村，或不在账号的范围内。", exact=True)).to_be_visible()
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


CHOICES = {
    "哪个村的": "村",
    "尊姓大名": "姓名",
    "身份号": "身份证号",
    "上任的日子": "任现职时间",
    "产生途径": "产生方式",
}


def test_odd_headers_matched_by_hand_written_and_taken_back(desk, tmp_path, open_page):
    path = odd_book(tmp_path / "各村报来.xlsx", ("西响石", "张建甲"), ("李小湾", "李建乙"))
    upload(desk, path)
    desk.get_by_label("台账种类").select_option("村党组织书记")
    desk.get_by_role("button", name="按所选台账读取").click()
    for header, field in CHOICES.items():
        desk.get_by_label(header).select_option(field)
    desk.get_by_role("button", name="按此对应重新核对").click()
    expect(desk.get_by_role("button", name="提交 2 行有效数据")).to_be_visible()
    expect(desk.get_by_text("周敏 的对应")).to_be_visible()

    desk.locator("#columns").get_by_role("link", name="产生方式").click()
    desk.get_by_label("产生途径").select_option("不导入")
    desk.get_by_role("button", name="按此对应重新核对").click()
    expect(desk.get_by_text("6 列：4 列已对上，2 列不导入")).to_be_visible()

    phone = open_page(User.objects.get(username="zuzhi"), **PHONE)
    phone.goto(desk.url)
    expect(phone.get_by_role("button", name="提交 2 行有效数据")).to_be_visible()
    phone.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    ends = phone.evaluate(
        "[...document.querySelectorAll('.content .panel')].pop().getBoundingClientRect().bottom"
    )
    assert ends <= phone.locator(".action-bar").bounding_box()["y"]
    phone.get_by_role("link", name="换一种表").click()
    expect(phone.get_by_label("哪个村的")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390

    desk.get_by_role("button", name="提交 2 行有效数据").click()
    expect(desk.get_by_text("已写入：新增 2 行")).to_be_visible()
    desk.get_by_role("button", name="撤销这一批").click()
    expect(desk.get_by_text("恢复到导入前")).to_be_visible()
    assert not Post.objects.exists()


def test_a_large_file_is_read_while_one_waits_and_opens_by_itself(desk, tmp_path, worker, monkeypatch):
    monkeypatch.setattr("banzhuang.ledgers.receiving.IN_REQUEST_ROWS", 2)
    people = [(f"朱{name}", "办事员", id_number(60 + place)) for place, name in enumerate("英燕强")]
    upload(desk, roster(tmp_path / "名册.xlsx", people))
    expect(desk.get_by_text("正在读取")).to_be_visible()
    worker()
    desk.get_by_role("button", name="提交 3 行有效数据").click()
    expect(desk.get_by_text("正在写入")).to_be_visible()
    worker()
    expect(desk.get_by_text("已提交").first).to_be_visible()
    assert Cadre.objects.count() == 3


def test_a_large_one_is_marked_while_one_waits_and_downloaded(desk, tmp_path, worker, monkeypatch, settings):
    settings.DATA_DIR = tmp_path / "data"
    upload(desk, register(tmp_path / "书记.xlsx", [person(1), person(2, village="乌有村")]))
    monkeypatch.setattr("banzhuang.ledgers.receiving.IN_REQUEST_ROWS", 1)
    bar = desk.locator(".action-bar").bounding_box()
    assert bar["y"] + bar["height"] <= 768  # in sight without scrolling
    desk.get_by_role("button", name="下载标注表").click()
    expect(desk.get_by_text("可以离开")).to_be_visible()
    worker()
    with desk.expect_download() as download:
        desk.get_by_role("link", name="下载", exact=True).click()
    assert download.value.suggested_filename == "书记（标注）.xlsx"
    desk.get_by_role("link", name="回到核对").click()
    expect(desk.get_by_role("button", name="提交 1 行有效数据")).to_be_visible()


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
