"""A leader in a yard: from 首页 to a saved visit with a photo on a phone, also where there is no network."""

import datetime
import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from banzhuang.core.clock import today
from livelihood.models import Visit, VisitPhoto
from tests.conftest import sign_in as sign_in_as
from tests.core import pictures
from tests.factories import (
    ContactFactory,
    HouseholdFactory,
    LeaderFactory,
    NeedFactory,
    UserFactory,
    VisitFactory,
)

from .conftest import PHONE, WIDE
from .test_every_page import barriers, faults

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def household(township, settings, tmp_path):
    """张福永户, which 马强 looks after and has never visited; its roof has been leaking for long."""
    settings.MEDIA_ROOT = tmp_path / "media"
    user = UserFactory(username="lingdao", name="马强", role="leader")
    row = HouseholdFactory(village=township[0], head="张福永")
    ContactFactory(household=row, cadre=LeaderFactory(name="马强", user=user))
    return row


@pytest.fixture
def yard(open_page, household):
    """马强's phone, 390 pixels wide."""
    return open_page(household.contacts.get().cadre.user, **PHONE)


@pytest.fixture
def photo(tmp_path):
    """As a phone takes it: large, with the time."""
    path = tmp_path / "IMG_0412.jpg"
    path.write_bytes(pictures.encode(pictures.picture(2400, 1800), exif=pictures.exif()))
    return path


def form_of(household):
    return reverse("record_visit", args=[household.pk])


def write(page, result="当场解决"):
    page.get_by_label("住房").check()
    page.locator("#id_heard").fill("东屋后坡漏雨")
    page.get_by_label("帮扶措施").fill("联系施工队")
    page.get_by_label(result).check()


def submit(page):
    page.get_by_role("button", name="提交走访").click()


def saved(page):
    expect(page.get_by_text("已记 张福永户 的走访，本周走访 1 次。").first).to_be_visible()


def test_from_the_home_page_to_a_saved_visit_with_a_photo(yard, household, photo):
    yard.goto("/")
    yard.get_by_role("link", name=re.compile("记走访.*张福永户")).click()
    write(yard)
    yard.locator("input[type=file]").set_input_files(photo)
    expect(yard.get_by_alt_text("第 1 张照片")).to_be_visible()
    submit(yard)
    saved(yard)
    visit = Visit.objects.get()
    assert (visit.heard, visit.result, visit.household) == ("东屋后坡漏雨", "solved", household)
    stored = VisitPhoto.objects.get()
    assert (stored.width, stored.height) == (1600, 1200)
    assert stored.taken_at is not None
    yard.get_by_role("link", name=re.compile("看记录.*张福永户")).click()
    yard.get_by_role("link", name="第 1 张照片，看大图").click()
    assert "/photos/" in yard.url


def test_a_photo_is_made_small_before_it_is_sent(yard, household, photo):
    yard.goto(form_of(household))
    yard.locator("input[type=file]").set_input_files(photo)
    expect(yard.get_by_alt_text("第 1 张照片")).to_be_visible()
    expect(yard.locator(".bar-state")).to_contain_text("草稿已存")
    key = f"{household.contacts.get().cadre.user_id}/{household.pk}/new"
    kept = yard.evaluate("key => Drafts.photosOf(key).then(all => all.map(one => one.blob.size))", key)
    assert len(kept) == 1 and kept[0] < photo.stat().st_size


def test_the_matter_joins_the_open_need_or_goes_to_the_office(yard, household):
    NeedFactory(household=household, topic="water", content="饮水不便", due=today() + datetime.timedelta(3))
    yard.goto(form_of(household))
    write(yard, result="待办理")
    expect(yard.get_by_label("承办")).to_have_value("works")
    yard.get_by_label("饮水").check()
    expect(yard.get_by_label("承办")).to_be_hidden()
    expect(yard.get_by_text("不另立新件；仍由联系领导答复")).to_be_visible()
    yard.locator("#id_joins").select_option("new")
    expect(yard.get_by_label("承办")).to_be_visible()
    yard.get_by_label("没有").check()
    expect(yard.get_by_label("住房")).not_to_be_checked()


def test_errors_keep_all_that_was_written_and_the_photos(yard, household, photo, watch):
    watch.allow("422")
    yard.goto(form_of(household))
    write(yard)
    yard.locator("input[type=file]").set_input_files(photo)
    expect(yard.get_by_alt_text("第 1 张照片")).to_be_visible()
    yard.get_by_label("走访日期").fill((today() + datetime.timedelta(1)).isoformat())
    submit(yard)
    expect(yard.get_by_text("还有 1 处要改，改好就能提交。")).to_be_visible()
    expect(yard.get_by_text("走访日期不能晚于今天")).to_be_visible()
    expect(yard.locator("#id_heard")).to_have_value("东屋后坡漏雨")
    yard.get_by_label("走访日期").fill(today().isoformat())
    submit(yard)
    saved(yard)
    assert VisitPhoto.objects.count() == 1


def test_a_draft_comes_back_with_its_photo_and_leaves_with_the_visit(yard, household, photo):
    yard.goto(form_of(household))
    write(yard)
    yard.locator("input[type=file]").set_input_files(photo)
    expect(yard.get_by_alt_text("第 1 张照片")).to_be_visible()
    expect(yard.locator(".bar-state")).to_contain_text("草稿已存")
    yard.goto("/")
    yard.goto(form_of(household))
    expect(yard.locator("#id_heard")).to_have_value("东屋后坡漏雨")
    expect(yard.get_by_label("住房")).to_be_checked()
    expect(yard.get_by_alt_text("第 1 张照片")).to_be_visible()
    submit(yard)
    saved(yard)
    assert VisitPhoto.objects.count() == 1
    assert yard.evaluate("Object.keys(localStorage)") == []


def test_a_draft_may_be_given_up(yard, household):
    yard.goto(form_of(household))
    write(yard)
    expect(yard.locator(".bar-state")).to_contain_text("草稿已存")
    yard.reload()
    yard.get_by_role("button", name="不用草稿").click()
    expect(yard.locator("#id_heard")).to_have_value("")


def test_without_a_network_it_waits_and_is_sent_by_itself(yard, household, photo, watch):
    watch.allow("ERR_INTERNET_DISCONNECTED")
    yard.goto(form_of(household))
    write(yard)
    yard.locator("input[type=file]").set_input_files(photo)
    expect(yard.get_by_alt_text("第 1 张照片")).to_be_visible()
    yard.context.set_offline(True)
    submit(yard)
    expect(yard.get_by_text("没有联网，还没有提交。")).to_be_visible()
    expect(yard.get_by_text("本机待传 1 条")).to_be_visible()
    expect(yard.locator(".bar-state")).to_have_text("未联网，存于本机")
    assert not Visit.objects.exists()
    yard.context.set_offline(False)
    saved(yard)
    assert (Visit.objects.count(), VisitPhoto.objects.count()) == (1, 1)


def test_without_a_network_what_is_missing_is_said(yard, household, watch):
    watch.allow("ERR_INTERNET_DISCONNECTED")
    yard.goto(form_of(household))
    yard.context.set_offline(True)
    yard.get_by_label("走访日期").fill((today() + datetime.timedelta(1)).isoformat())
    submit(yard)
    expect(yard.get_by_text("还有 3 处要改，改好就能提交。")).to_be_visible()
    expect(yard.get_by_text("反映情况还没有写。")).to_be_visible()
    yard.get_by_label("走访日期").fill(today().isoformat())
    write(yard)
    submit(yard)
    expect(yard.get_by_text("没有联网，还没有提交。")).to_be_visible()
    expect(yard.locator(".field-error")).to_have_count(0)


def test_what_waits_is_sent_from_the_plan(yard, household, photo, watch):
    watch.allow("ERR_FAILED")
    yard.goto(form_of(household))
    write(yard)
    yard.locator("input[type=file]").set_input_files(photo)
    expect(yard.get_by_alt_text("第 1 张照片")).to_be_visible()
    yard.route("**/visits/new/", lambda route: route.abort())
    submit(yard)
    expect(yard.get_by_text("没有联网，还没有提交。")).to_be_visible()
    yard.goto(reverse("visit_plan"))
    expect(yard.get_by_text("本机待传 1 条。")).to_be_visible()
    yard.unroute("**/visits/new/")
    yard.get_by_role("button", name="现在提交").click()
    saved(yard)
    assert (Visit.objects.count(), VisitPhoto.objects.count()) == (1, 1)


SLOW_STORE = """
const keep = Drafts.keepPhotos;
Drafts.keepPhotos = (...all) => new Promise((done) => setTimeout(done, 1000)).then(() => keep(...all));
"""


def test_submitted_while_the_phone_stores_a_photo_it_waits_all_the_same(yard, household, photo, watch):
    watch.allow("ERR_FAILED")
    yard.goto(form_of(household))
    write(yard)
    yard.evaluate(f"() => {{{SLOW_STORE}}}")
    yard.locator("input[type=file]").set_input_files(photo)
    expect(yard.get_by_alt_text("第 1 张照片")).to_be_visible()
    yard.route("**/visits/new/", lambda route: route.abort())
    submit(yard)
    expect(yard.get_by_text("没有联网，还没有提交。")).to_be_visible()
    yard.wait_for_timeout(1200)  # until the photo is stored whenever that began
    yard.goto(reverse("visit_plan"))
    expect(yard.get_by_text("本机待传 1 条。")).to_be_visible()


def test_what_the_server_has_already_is_not_written_twice(yard, household, watch):
    """The answer is lost on the way, as behind a hill: the visit is there, the phone does not know."""
    watch.allow("ERR_FAILED")
    yard.goto(form_of(household))
    write(yard)

    def lose(route):
        route.fetch()
        route.abort()

    yard.route("**/visits/new/", lose)
    submit(yard)
    expect(yard.get_by_text("没有联网，还没有提交。")).to_be_visible()
    assert Visit.objects.count() == 1
    yard.unroute("**/visits/new/")
    submit(yard)
    saved(yard)
    assert Visit.objects.count() == 1


def test_after_the_session_the_words_are_kept(yard, household, settings):
    yard.goto(form_of(household))
    write(yard)
    yard.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    submit(yard)
    expect(yard.get_by_text("登录已过期。")).to_be_visible()
    expect(yard.get_by_role("link", name="去登录")).to_have_attribute(
        "href", f"/login/?next={form_of(household)}"
    )
    expect(yard.locator("#id_heard")).to_have_value("东屋后坡漏雨")


def test_nothing_stays_on_the_device_of_who_logs_out(open_page, household):
    desk = open_page(household.contacts.get().cadre.user, **WIDE)
    desk.goto(form_of(household))
    write(desk)
    expect(desk.locator("[data-draft-state]").last).to_contain_text("草稿已存")
    desk.get_by_role("button", name="马强").click()
    desk.get_by_role("button", name="退出").first.click()
    expect(desk.get_by_label("用户名")).to_be_visible()
    assert desk.evaluate("Object.keys(localStorage)") == []


def test_who_logs_out_is_told_of_what_waits(open_page, household, watch):
    watch.allow("ERR_FAILED")
    desk = open_page(household.contacts.get().cadre.user, **WIDE)
    desk.goto(form_of(household))
    write(desk)
    desk.route("**/visits/new/", lambda route: route.abort())
    submit(desk)
    expect(desk.get_by_text("本机待传 1 条")).to_be_visible()
    asked = []
    desk.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    desk.get_by_role("button", name="马强").click()
    desk.get_by_role("button", name="退出").first.click()
    assert asked == ["本机还有 1 条走访没有提交，退出后就没有了。仍要退出？"]
    assert len(desk.evaluate("Object.keys(localStorage)")) == 1


def test_nobody_finds_the_draft_of_another(yard, household, live_server):
    yard.goto(form_of(household))
    write(yard)
    expect(yard.locator(".bar-state")).to_contain_text("草稿已存")
    other = UserFactory(role="leader", name="林桂")
    LeaderFactory(name="林桂", user=other)
    sign_in_as(yard.context, live_server.url, other)
    yard.goto(form_of(household))
    expect(yard.locator("#id_heard")).to_have_value("")


def test_it_is_a_plain_form_without_a_script(open_page, household, photo):
    yard = open_page(household.contacts.get().cadre.user, java_script_enabled=False, **PHONE)
    yard.goto(form_of(household))
    write(yard, result="待办理")
    yard.get_by_label("承办").select_option("works")
    yard.locator("input[type=file]").set_input_files(photo)
    submit(yard)
    saved(yard)
    assert Visit.objects.get().need.handler == "works" and VisitPhoto.objects.count() == 1


def test_the_days_words_are_copied(yard, household):
    yard.goto(form_of(household))
    write(yard)
    submit(yard)
    saved(yard)
    yard.get_by_role("button", name="复制").click()
    expect(yard.get_by_text("已复制，可粘贴到工作日志。")).to_be_visible()
    words = yard.get_by_label("今天的工作文字").input_value()
    assert words.endswith("到西响石村走访张福永户，反映东屋后坡漏雨；帮扶：联系施工队；当场解决。")


@pytest.mark.parametrize("width", [390, 320])
def test_no_barrier_and_no_sideways_scroll(open_page, household, width):
    visit = VisitFactory(household=household, visitor=household.contacts.get().cadre)
    NeedFactory(household=household)
    screen = {**PHONE, "viewport": {"width": width, "height": 844}}
    page = open_page(visit.visitor.user, **screen)
    addresses = [reverse("visit_plan"), form_of(household), visit.get_absolute_url()]
    assert faults(page, [*addresses, reverse("edit_visit", args=[visit.pk])]) == {}
    page.goto(form_of(household))
    page.get_by_label("待办理").check()
    assert barriers(page) == []


def test_what_is_changed_while_it_waits_is_not_sent_half_written(yard, household, watch):
    watch.allow("ERR_FAILED")
    yard.goto(form_of(household))
    write(yard)
    yard.route("**/visits/new/", lambda route: route.abort())
    submit(yard)
    expect(yard.get_by_text("本机待传 1 条")).to_be_visible()
    yard.locator("#id_heard").fill("东屋后坡漏雨，西屋")
    expect(yard.get_by_text("又改过了，还没有提交。")).to_be_visible()
    expect(yard.get_by_text("本机待传 1 条")).to_be_hidden()
