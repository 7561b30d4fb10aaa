"""村情 of one village: head facts, figures, leadership, yearly data, what is owed, timeline."""

import datetime

import pytest

from cadres.models import Post
from tests.factories import PostFactory, UserFactory
from villages.models import Area, OrganisationYear, Village, VillageYear

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]


@pytest.fixture
def village(villages):
    """西响石村 of 山西片 with its figures of 2024 and 2025, and a secretary sent in July 2017."""
    village = villages[0]
    village.area = Area.objects.create(township=village.township, name="山西片")
    village.is_resettled = True
    village.save()
    for year, people, income in [(2024, 2250, 350_000), (2025, 2236, 386_000)]:
        VillageYear.objects.create(
            village=village,
            year=year,
            population=people,
            households=700,
            collective_income=income,
            is_weak=year == 2024,
        )
        OrganisationYear.objects.create(
            organisation=village.organisations.get(kind="branch"), year=year, members=year - 1960
        )
    post = Post.objects.get(organisation__village=village)
    post.start, post.start_precision, post.selection = datetime.date(2017, 7, 1), "month", "from_office"
    post.save()
    post.cadre.name = "李玉永"
    post.cadre.save()
    return village


@pytest.fixture
def show(client, leader, village):
    """show(user=leader, code=its own, **query) → the response."""

    def opening(user=leader, code=village.code, **query):
        client.force_login(user)
        return client.get(f"/villages/{code}/", query)

    return opening


def facts(response):
    """Those of villages and cadres; what other apps say of a village is theirs to test."""
    labels = ("书记", "人口", "户数", "党员", "村集体收入")
    return {fact["label"]: fact["text"] for fact in response.context["facts"] if fact["label"] in labels}


def strip(response):
    return {figure["label"]: (figure["text"], figure["state"]) for figure in response.context["figures"]}


def test_head_facts_of_the_latest_year(show):
    assert facts(show()) == {
        "书记": "李玉永（机关选派，2017年7月任）",
        "人口": "2\u00a0236 人",
        "户数": "700 户",
        "党员": "65 人",
        "村集体收入": "2025 年 38.6 万元",
    }


def test_head_facts_of_an_earlier_day(show):
    then = facts(show(on="2024-12-31"))
    assert (then["人口"], then["党员"], then["村集体收入"]) == ("2\u00a0250 人", "64 人", "2024 年 35.0 万元")
    assert facts(show(on="2016-12-31")) == {"书记": "空缺"}


def test_what_is_not_known_is_not_said(show):
    VillageYear.objects.update(population=None, households=None, collective_income=None)
    Post.objects.all().update(start=None, selection="")
    assert facts(show()) == {"书记": "李玉永（起任不详）", "党员": "65 人"}


def test_the_head_says_code_area_and_kind(show, village):
    text = show().content.decode()
    assert village.code in text
    assert "山西片" in text
    assert "移民村" in text


def test_figures_are_words_of_the_boards_columns(show, village):
    assert list(strip(show()).items())[:4] == [
        ("书记", ("在任", "")),
        ("机关、退职干部", ("否", "")),
        ("一肩挑", ("否", "")),
        ("任期", ("未登记", "none")),
    ]
    Post.objects.filter(organisation__village=village).update(origin="official", term_end="2026-08-01")
    changed = strip(show())
    assert (changed["机关、退职干部"], changed["任期"]) == (("是", ""), ("待换届", "near"))
    Post.objects.all().delete()
    assert strip(show())["书记"] == ("空缺", "bad")


def test_each_figure_opens_the_villages_rows(show, client, village):
    Post.objects.update(origin="official", term_end="2026-08-01")
    for figure in show().context["figures"]:
        rows = client.get(figure["url"])
        assert rows.status_code == 200
        expected = 1 if figure["text"] in {"是", "待换届", "空缺"} else 0
        assert rows.context["page"].paginator.count == expected, figure["label"]


def test_leadership_in_the_order_of_titles(show, village):
    branch, committee = (
        village.organisations.get(kind="branch"),
        village.organisations.get(kind="village_committee"),
    )
    secretary = Post.objects.get(organisation=branch).cadre
    PostFactory(cadre=secretary, organisation=committee, title="director")
    PostFactory(organisation=branch, title="deputy_secretary", cadre__name="赵六")
    PostFactory(
        organisation=branch, title="committee_member", end="2026-07-15", end_reason="age", cadre__name="走了"
    )
    text = show().content.decode()
    leadership = text[text.index("村班子") :]
    assert leadership.index("书记") < leadership.index("副书记") < leadership.index("村委会主任")
    assert "书记、主任一肩挑：李玉永。" in text
    assert "走了</a>" not in text
    assert "走了" in show(on="2026-07-14").content.decode()


def test_the_way_to_succession_for_whom_may_and_today(show, village, organisation_office, leader):
    branch = village.organisations.get(kind="branch")
    way = f'href="/cadres/secretaries/{branch.pk}/succession/"'
    for word in ("书记接任", "任命书记"):
        page = show(organisation_office).content.decode()
        assert f"{way}>{word}</a>" in page
        assert way not in show(organisation_office, on="2026-07-14").content.decode()
        assert way not in show(leader).content.decode()
        Post.objects.filter(organisation=branch).delete()


def test_without_a_secretary_it_is_said(show, village):
    Post.objects.filter(organisation__village=village).update(title="deputy_secretary")
    assert "书记空缺。" in show().content.decode()


def test_yearly_data_up_to_the_day(show):
    years = [row.year for row in section(show(), "villages/_years.html")["years"]]
    assert years == [2025, 2024]
    assert "经济薄弱村" in show().content.decode()
    assert "38.6" in show().content.decode()
    assert [row.year for row in section(show(on="2024-06-30"), "villages/_years.html")["years"]] == [2024]


def section(response, template):
    (found,) = [
        context for column in response.context["columns"] for name, context in column if name == template
    ]
    return found


def test_timeline_says_the_year_where_it_changes(show, village):
    post = Post.objects.get(organisation__village=village)
    post.end, post.end_reason = datetime.date(2026, 6, 10), Post.EndReason.VIOLATION
    post.save()
    PostFactory(
        organisation=post.organisation, cadre__name="周国强", start=datetime.date(2026, 6, 10), selection=""
    )
    events = show().context["events"]
    assert {(event["text"], event["state"]) for event in events[:2]} == {
        ("李玉永不再担任西响石村书记，违规违纪", "near"),
        ("周国强任西响石村书记", ""),
    }
    assert [event["day"] for event in events] == ["2026年6月10日", "6月10日", "2017年7月"]


def test_what_is_owed_for_this_village_alone(show, villages, organisation_office):
    Post.objects.update(end="2026-03-01", end_reason="age")
    mine = show().context
    assert [duty.about for duty in mine["duties"]] == ["西响石村党组织选任书记"]
    assert (mine["overdue"], mine["near"]) == (1, 0)
    assert mine["duties"][0].act == "看情况"
    assert show(organisation_office).context["duties"][0].act == "任命书记"


def test_who_sees_it(show, villages, village_cadre, outsider):
    assert show(village_cadre).status_code == 200
    assert show(village_cadre, villages[1].code).status_code == 404
    assert show(outsider).status_code == 404
    assert show(UserFactory(role="auditor")).status_code == 404
    assert show(code="320707109999").status_code == 404


def test_a_merged_village_keeps_its_page(show, village):
    Village.objects.filter(pk=village.pk).update(valid_to=datetime.date(2026, 1, 1))
    assert show().status_code == 200


def test_queries_do_not_grow_with_the_people(show, client, village, count_queries):
    show()
    url = village.get_absolute_url()
    before = count_queries(lambda: client.get(url))
    for _ in range(12):
        PostFactory(organisation=village.organisations.get(kind="branch"), title="committee_member")
    assert count_queries(lambda: client.get(url)) == before
