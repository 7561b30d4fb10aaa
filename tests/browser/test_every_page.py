"""Every page of the portal on an office screen and on a phone: no sideways scroll, no barrier that axe finds."""

import datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from banzhuang.core.models import Job
from banzhuang.ledgers.plan import make_plan
from banzhuang.ledgers.staging import stage
from banzhuang.reports.making import make_month
from cadres.models import Cadre, Post
from tests.factories import TOWNSHIP, UserFactory
from tests.ledgers.secretaries_book import person, register
from villages.models import Organisation

from .conftest import PHONE, WIDE

pytestmark = pytest.mark.django_db(transaction=True)
GRAVE = {"serious", "critical"}


def barriers(page):
    """Rules of WCAG that the page breaks gravely, each with its first place."""
    violations = Axe().run(page).response["violations"]
    return [
        (violation["id"], violation["nodes"][0]["target"])
        for violation in violations
        if violation["impact"] in GRAVE
    ]


def sideways(page):
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def faults(page, addresses, look=barriers):
    """{address: what is wrong there}."""
    found = {}
    for address in addresses:
        answer = page.goto(address)
        page.evaluate("new Promise(done => setTimeout(done))")  # what its scripts put off until it is loaded
        wrong = look(page)
        wrong += [("status", answer.status)] if answer.status != 200 else []
        wrong += ["wider than the screen"] if sideways(page) else []
        if wrong:
            found[address] = wrong
    return found


@pytest.fixture
def read_pages(township):
    """What a leader reads."""
    post = Post.objects.secretaries().first()
    names = ["home", "overview", "duties", "notices", "villages", "secretaries", "reports", "password_change"]
    return [
        *map(reverse, names),
        "/search/?q=xxs",
        "/overview/?in=山西片&order=area&on=2026-06-30",
        reverse("village", args=[township[0].code]),
        reverse("cadre", args=[post.cadre_id]),
        reverse("figure_rows", args=["m1.serving"]),
    ]


@pytest.fixture
def task_pages(township, settings, tmp_path):
    """For a page of 组织办: what it does. → a function of the user."""
    settings.MEDIA_ROOT = tmp_path / "media"

    def pages(user):
        path = register(
            tmp_path / "书记.xlsx",
            [
                person(1, start="2024.5"),
                person(2, village="乌有村"),
                person(3, village="李小湾", start=2018.1),
            ],
        )
        plan = make_plan(path, path.name, user, datetime.date(2026, 6, 30))
        batch = stage(plan, path.name, b"")
        book = make_month(TOWNSHIP, datetime.date(2026, 6, 1), user)
        job = Job.objects.create(
            kind="x", title="生成2026年6月工作簿", owner=user, total=19, done=11, state="running"
        )
        vacant = Organisation.objects.get(village=township[5], kind="branch")
        held = Organisation.objects.get(village=township[0], kind="branch")
        cadre = Cadre.objects.first()
        return [
            reverse("imports"),
            reverse("import_batch", args=[batch.pk]),
            reverse("import_batch", args=[batch.pk]) + "?show=all&columns=all",
            reverse("import_match", args=[batch.pk]),
            reverse("succession", args=[vacant.pk]),
            reverse("succession", args=[held.pk]),
            reverse("workbook", args=[book.pk]),
            reverse("workbook_publish", args=[book.pk]),
            reverse("job", args=[job.pk]),
            reverse("cadre", args=[cadre.pk]),
            reverse("admin:index"),
            reverse("admin:cadres_cadre_changelist"),
            reverse("admin:cadres_cadre_change", args=[cadre.pk]),
            reverse("admin:villages_village_change", args=[township[0].pk]),
        ]

    return pages


@pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["office", "phone"])
def test_what_a_leader_reads(sign_in, read_pages, screen):
    assert faults(sign_in("leader", **screen), read_pages) == {}


def test_what_the_office_does(open_page, task_pages, watch):
    watch.allow("style-src")  # axe itself tries a style of its own on the admin's forms
    office = UserFactory(role="organisation", name="周敏", is_staff=True)
    pages = task_pages(office)
    assert faults(open_page(office, **WIDE), pages) == {}
    portal = [address for address in pages if not address.startswith("/admin/")]
    assert faults(open_page(office, **PHONE), portal, look=lambda page: []) == {}


@pytest.mark.parametrize("role", ["village", "staff", "admin", "auditor"])
def test_home_of_everybody_else_on_the_phone(sign_in, role):
    assert faults(sign_in(role, **PHONE), ["/"]) == {}


@pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["office", "phone"])
def test_the_door(open_page, township, screen):
    assert faults(open_page(**screen), ["/login/"]) == {}


def test_the_tab_bar_and_the_menu_of_the_phone(sign_in):
    phone = sign_in("leader", **PHONE)
    phone.goto("/")
    tabs = phone.get_by_role("navigation", name="常用")
    tabs.get_by_role("link", name="总览").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("总览")
    expect(tabs.get_by_role("link", name="总览")).to_have_attribute("aria-current", "page")
    tabs.get_by_role("button", name="全部").click()
    menu = phone.locator("#navigation")
    expect(menu).to_be_visible()
    menu.get_by_role("link", name="选准带头人").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("选准带头人")
