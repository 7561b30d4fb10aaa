"""总览: every number opens what was counted; the month is stepped back and forth; an area is chosen."""

import re

import pytest
from playwright.sync_api import expect

from banzhuang.core.clock import today

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def leader(sign_in):
    page = sign_in("leader")
    page.goto("/overview/")
    return page


def figures(page):
    """{address: number} of the strip."""
    found = page.locator("a.figure").evaluate_all(
        "all => all.map(one => [one.getAttribute('href'), one.querySelector('.figure-value').firstChild.data])"
    )
    return {url: int(number) for url, number in found}


def rows(page, url):
    page.goto(url)
    return page.locator("main tbody tr td a[href*='/cadres/']").count()


def test_every_figure_opens_as_many_rows_as_it_says(leader):
    numbers = figures(leader)
    assert len(numbers) >= 5 and sum(numbers.values()) > 5
    assert {url: rows(leader, url) for url in numbers} == numbers


def test_a_cell_of_the_board_opens_its_village(leader):
    leader.locator("table.board td.cell-bad a").filter(has_text="空缺").click()
    expect(leader.get_by_role("heading", level=1)).to_have_text("书记空缺")
    expect(leader.locator("main tbody tr")).to_have_count(1)


def test_the_months_are_stepped_and_the_figures_follow(leader):
    serving = re.compile("在任村书记")
    expect(leader.get_by_role("link", name=serving)).to_contain_text("5")
    months = (today().year - 2026) * 12 + today().month - 4
    for _ in range(months):
        leader.get_by_role("link", name="上一月").click()
    expect(leader.locator("main")).to_contain_text("截至 2026年4月30日")
    expect(leader.get_by_role("link", name=serving)).to_contain_text("6")
    leader.get_by_role("link", name="下一月").click()
    expect(leader.locator("main")).to_contain_text("截至 2026年5月31日")
    expect(leader.get_by_role("link", name=serving)).to_contain_text("5")
    leader.locator("a.figure").filter(has_text="在任村书记").click()
    expect(leader.locator("main")).to_contain_text("截至 2026年5月31日")


def test_any_day_can_be_chosen_and_left_again(leader):
    leader.locator(".bar-period button[data-bs-toggle]").click()
    leader.get_by_label("看哪一天的情况").fill("2022-02-28")
    leader.get_by_role("button", name="查看").click()
    expect(leader.locator("a.figure").filter(has_text="在任村书记")).to_contain_text("0")
    leader.locator(".bar-period button[data-bs-toggle]").click()
    leader.get_by_role("link", name="回到今天").click()
    expect(leader.locator("a.figure").filter(has_text="在任村书记")).to_contain_text("5")


def test_an_area_is_chosen_and_its_figures_open_its_rows(leader):
    leader.goto("/overview/?in=山西片")
    numbers = figures(leader)
    assert max(numbers.values()) == 2
    assert {url: rows(leader, url) for url in numbers} == numbers
