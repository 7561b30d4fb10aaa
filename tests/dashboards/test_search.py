"""搜索: one or two characters, pinyin initials, only what one may see."""

import pytest

from cadres.models import Cadre, Post
from tests.factories import OTHER_TOWNSHIP, CadreFactory, TownshipFactory, UserFactory, VillageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def find(client, leader, villages):
    """find(text, user=leader) → {label of the source: titles}."""
    for village, name in zip(villages, ["李玉永", "仇志强"], strict=True):
        cadre = Post.objects.get(organisation__village=village).cadre
        cadre.name = name
        cadre.save()

    def searching(text, user=leader):
        client.force_login(user)
        groups = client.get("/search/", {"q": text}).context["groups"]
        return {group["label"]: [hit.title for hit in group["hits"]] for group in groups}

    return searching


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("永", {"干部": ["李玉永"]}),
        ("玉永", {"干部": ["李玉永"]}),
        ("李", {"村": ["李小湾村"], "干部": ["李玉永"]}),
        ("响石", {"村": ["西响石村"]}),
        ("lyy", {"干部": ["李玉永"]}),
        ("LYY", {"干部": ["李玉永"]}),
        ("qzq", {"干部": ["仇志强"]}),
        ("l", {"村": ["李小湾村"], "干部": ["李玉永"]}),
        ("xxs", {"村": ["西响石村"]}),
        ("乌有", {}),
        ("%", {}),
        ("_", {}),
    ],
)
def test_finds(find, text, found):
    assert find(text) == found


def test_hits_say_where_and_open(find, client, leader, villages):
    find("李")
    for group in client.get("/search/", {"q": "李"}).context["groups"]:
        for hit in group["hits"]:
            assert client.get(hit.url).status_code == 200
            assert hit.note in {"西响石村", villages[1].code}


def test_only_what_one_may_see(find, village_cadre, outsider):
    other = VillageFactory(township=TownshipFactory(code=OTHER_TOWNSHIP, name="外镇"), name="李家村")
    CadreFactory(name="李外", village=other)
    assert find("李") == {"村": ["李小湾村"], "干部": ["李玉永"]}
    assert find("李", village_cadre) == {"干部": ["李玉永"]}
    assert find("李", outsider) == {"村": ["李家村"], "干部": ["李外"]}


@pytest.mark.parametrize("role", ["admin", "security", "auditor", None])
def test_who_sees_no_business_finds_none(find, role):
    assert find("李", UserFactory(role=role)) == {}


def test_an_empty_search_says_what_to_write(find, client):
    assert find("  ") == {}
    assert "写要找的人或村" in client.get("/search/").content.decode()
    assert "没有找到" in client.get("/search/", {"q": "乌有"}).content.decode()


def test_text_is_cut_and_escaped(find, client, leader):
    find("x")
    page = client.get("/search/", {"q": "<b>" + "长" * 60})
    assert page.context["text"] == "<b>" + "长" * 27
    assert "<b>长" not in page.content.decode()


def test_a_number_is_not_searched(find):
    cadre = Cadre.objects.get(name="李玉永")
    assert find(cadre.id_number) == {}
    assert find(cadre.id_number_mask) == {}


def test_twenty_of_a_kind(find, villages):
    for _ in range(25):
        CadreFactory(name="周强", village=villages[0], id_number="")
    assert len(find("周强")["干部"]) == 20
