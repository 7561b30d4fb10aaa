"""总览: queries, orders, scope, and that every number opens as many rows as it says."""

import datetime

import pytest

from banzhuang.core.mechanisms import MECHANISMS
from banzhuang.dashboards import panels
from cadres.models import Post
from tests import factories
from tests.factories import PostFactory, UserFactory, VillageFactory
from villages.models import Area, Village

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]
URL = "/overview/"
ALLOWED_QUERIES = 23


@pytest.fixture
def show(client, leader, villages):
    """show(user=leader, **query) → the response."""

    def opening(user=leader, **query):
        client.force_login(user)
        return client.get(URL, query)

    return opening


@pytest.fixture
def troubled(villages):
    """西响石村 well and in 山西片; 李小湾村 with a term that ends and in 库区片; 赵班庄村 vacant since March, in no area."""
    third = VillageFactory(code="320707109218", name="赵班庄村", township=villages[0].township)
    PostFactory(
        organisation__village=third, end=datetime.date(2026, 3, 1), end_reason="violation", origin="official"
    )
    for village, area in zip(villages, ["山西片", "库区片"], strict=True):
        village.area = Area.objects.create(township=village.township, name=area)
        village.save()
    Post.objects.filter(organisation__village=villages[1]).update(term_end="2026-08-01", origin="official")
    return [*villages, third]


def board(response):
    return [row["label"] for row in response.context["board"]["rows"]]


def figures(response):
    return {figure["label"]: figure for group in response.context["groups"] for figure in group["figures"]}


def light_of(response, label="选准带头人"):
    (light,) = [light for light in response.context["lights"] if light["label"] == label]
    return light


@pytest.mark.parametrize("count", [2, 44])
def test_queries_are_few_and_the_same_at_2_and_44_villages(client, leader, count_queries, count):
    factories.township_with(2)
    client.force_login(leader)
    client.get(URL)
    two = count_queries(lambda: client.get(URL))
    for number in range(2, count):
        village = VillageFactory(code=f"320707109{216 + number}", name=f"{number}号村")
        PostFactory(organisation__village=village, term_end=datetime.date(2026, 8, 1))
    assert count_queries(lambda: client.get(URL)) == two <= ALLOWED_QUERIES
    assert len(board(client.get(URL))) == count


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("problems", ["赵班庄", "李小湾", "西响石"]),
        ("area", ["西响石", "李小湾", "赵班庄"]),
        ("code", ["西响石", "李小湾", "赵班庄"]),
        ("x", ["西响石", "李小湾", "赵班庄"]),
        (None, ["赵班庄", "李小湾", "西响石"]),
    ],
)
def test_orders(show, troubled, order, expected):
    assert board(show(**({"order": order} if order else {}))) == expected


def test_areas_in_the_order_of_their_names_and_villages_without_one_last(show, troubled):
    Area.objects.filter(name="山西片").update(name="乙片")
    Area.objects.filter(name="库区片").update(name="丙片")
    assert board(show(order="area")) == ["李小湾", "西响石", "赵班庄"]


def test_the_order_chosen_is_marked_and_keeps_the_rest_of_the_address(show, troubled):
    links = show(order="code", on="2026-06-30").context["orders"]
    assert [link["label"] for link in links if link["active"]] == ["按村序"]
    assert all("on=2026-06-30" in link["url"] for link in links)


def test_every_figure_opens_as_many_rows_as_it_says(show, client, troubled):
    shown = figures(show())
    assert shown["本年调整村书记"]["value"] == shown["机关、退职干部任村书记"]["value"] == 1
    assert len(shown) == len(panels.figures)
    for label, figure in shown.items():
        assert client.get(figure["url"]).context["page"].paginator.count == figure["value"], label


@pytest.mark.parametrize("area", ["山西片", "库区片"])
def test_also_of_an_area(show, client, troubled, area):
    shown = figures(show(**{"in": area}))
    assert shown["在任村书记"]["value"] == 1
    for label, figure in shown.items():
        assert client.get(figure["url"]).context["page"].paginator.count == figure["value"], label


def test_also_of_an_earlier_day(show, client, troubled):
    shown = figures(show(on="2026-02-28"))
    assert (shown["在任村书记"]["value"], shown["本年调整村书记"]["value"]) == (3, 0)
    for label, figure in shown.items():
        assert client.get(figure["url"]).context["page"].paginator.count == figure["value"], label


def test_also_each_cell_of_the_board(show, client, troubled):
    words = {"在任": 0, "否": 0, "未登记": 0, "空缺": 1, "是": 1, "待换届": 1}
    for row in show().context["board"]["rows"]:
        for cell in row["cells"]:
            expected = words.get(cell["text"])
            expected = int(cell["text"]) if expected is None else expected
            rows = client.get(cell["url"]).context["page"]
            assert rows.paginator.count == expected, (row["label"], cell)


def test_the_board_says_states_and_sums(show, troubled):
    drawn = show().context["board"]
    worst = drawn["rows"][0]
    assert [cell["text"] for cell in worst["cells"]][:4] == ["空缺", "否", "否", "未登记"]
    assert [cell["state"] for cell in worst["cells"]][:4] == ["bad", "", "", "none"]
    assert [problem["text"] for problem in worst["problems"]] == ["书记 空缺"]
    assert drawn["total"][:4] == ["空缺 1 个", "1 人", "0 人", "待换届 1 人"]
    assert [(entry["label"], entry["count"]) for entry in drawn["legend"]] == [
        ("不达标", 1),
        ("关注", 1),
        ("未报", 2),
    ]


def test_notes_say_the_change_from_last_month(show, villages):
    PostFactory(start=datetime.date(2026, 7, 1), origin="former_official")
    PostFactory(end=datetime.date(2026, 7, 2), end_reason="age")
    shown = figures(show())
    assert shown["机关、退职干部任村书记"]["note"] == "机关 0 · 退职 1 · 较上月 +1"
    assert shown["在任村书记"]["note"] == "空缺 1 · 较上月 持平"
    PostFactory(end=datetime.date(2026, 7, 2), end_reason="age")
    assert figures(show())["在任村书记"]["note"] == "空缺 2 · 较上月 −1"


def test_lights_say_their_worst_duty_or_a_fact(show, troubled):
    light = light_of(show())
    assert (light["state"], light["label"], light["fact"]) == (
        "bad",
        "选准带头人",
        "1 村书记空缺超期",
    )
    light = light_of(show(**{"in": "库区片"}))
    assert (light["state"], light["fact"]) == ("near", "1 人任期将满")
    light = light_of(show(**{"in": "山西片"}))
    assert (light["state"], light["fact"]) == ("ok", "在任书记 1 人")


def test_a_light_tells_terms_that_are_over_from_those_that_end_soon(show, villages):
    for village, term in zip(villages, ["2026-07-14", "2026-07-15"], strict=True):
        Post.objects.filter(organisation__village=village).update(term_end=term)
    light = light_of(show())
    assert (light["state"], light["fact"]) == ("bad", "1 人任期已满、1 人任期将满")
    assert figures(show())["任期将满或已满"]["note"] == "已满 1 · 较上月 持平"
    light = light_of(show(on="2026-07-14"))
    assert (light["state"], light["fact"]) == ("near", "2 人任期将满")


def test_a_term_is_over_or_not_only_where_it_is_known(show, villages):
    Post.objects.filter(organisation__village=villages[0]).update(term_end="2030-03-01")
    Post.objects.filter(organisation__village=villages[1]).update(term_end=None)
    drawn = show(order="code").context["board"]
    column = [column["label"] for column in drawn["columns"]].index("任期")
    cells = [row["cells"][column] for row in drawn["rows"]]
    assert [(cell["text"], cell["state"]) for cell in cells] == [("未满", ""), ("未登记", "none")]


def test_a_light_opens_its_list_of_the_same_day_and_area(show, client, troubled):
    light = light_of(show(on="2026-06-30", **{"in": "库区片"}))
    rows = client.get(light["url"])
    assert [row["cells"][0]["text"] for row in rows.context["table"]["rows"]] == ["李小湾"]
    assert rows.context["as_of"] == datetime.date(2026, 6, 30)


def test_offices_and_duties_of_the_area(show, troubled):
    offices = show().context["offices"]
    assert (offices["rows"], offices["largest"]) == ([{"office": "组织办", "overdue": 1, "near": 1}], 2)
    assert show(**{"in": "山西片"}).context["offices"]["rows"] == []
    assert [duty.act for duty in show().context["duties"]] == ["看情况", "看情况"]


def test_what_a_village_cadre_sees_is_the_own_village(show, troubled, village_cadre):
    response = show(village_cadre)
    assert board(response) == ["西响石"]
    assert figures(response)["在任村书记"]["value"] == 1
    assert response.context["offices"]["rows"] == []
    assert "赵班庄" not in response.content.decode()


def test_an_area_out_of_sight_counts_as_no_choice(show, troubled, village_cadre):
    response = show(village_cadre, **{"in": "库区片"})
    assert board(response) == ["西响石"]
    assert "库区片" not in response.content.decode()


def test_an_outsider_sees_nothing_of_it(show, troubled, outsider):
    response = show(outsider)
    assert board(response) == []
    assert {figure["value"] for figure in figures(response).values()} == {0}


def test_a_village_narrows_as_an_area_does(show, client, troubled):
    response = show(**{"in": troubled[1].code})
    assert response.context["scope_label"] == "李小湾村"
    assert board(response) == ["李小湾"]
    shown = figures(response)
    assert shown["在任村书记"]["value"] == 1
    for label, figure in shown.items():
        assert client.get(figure["url"]).context["page"].paginator.count == figure["value"], label
    assert [duty.scope_code for duty in response.context["duties"]] == [troubled[1].code]
    assert response.context["offices"]["rows"] == [{"office": "组织办", "overdue": 0, "near": 1}]
    assert light_of(response)["fact"] == "1 人任期将满"


def test_a_village_out_of_sight_counts_as_no_choice(show, troubled, village_cadre):
    response = show(village_cadre, **{"in": troubled[1].code})
    assert board(response) == ["西响石"]
    assert response.context["scope_label"] == "西响石村"


@pytest.mark.parametrize("role", ["admin", "security", "auditor", None])
def test_administrators_see_no_business(show, role):
    assert show(UserFactory(role=role)).status_code == 403


def test_a_merged_village_is_not_on_the_board_of_a_later_day(show, troubled):
    Village.objects.filter(name="西响石村").update(valid_to=datetime.date(2026, 7, 1))
    assert "西响石" not in board(show())
    assert "西响石" in board(show(on="2026-06-30"))


def test_figures_stand_under_the_reports_headings(show):
    labels = [group["label"] for group in show().context["groups"]]
    assert labels == list(
        dict.fromkeys(MECHANISMS[figure.indicator.mechanism].group for figure in panels.figures)
    )
