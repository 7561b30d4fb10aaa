"""Who sees only the own rows of a table is shown no number of it: 首页, 总览, 村情, the rows behind a figure."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import Permission

from banzhuang.core import access
from banzhuang.indicators.indicator import registry, visible
from cadres.indicators import SERVING, VACANT
from cadres.models import Cadre, Post
from tests.factories import PostFactory, UserFactory
from villages.models import Organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]


@pytest.fixture
def staff(villages):
    """机关干部 林晓: posts are the own alone, party organisations of the whole township. 李小湾村 is vacant since March."""
    Post.objects.filter(organisation__village=villages[1]).update(end="2026-03-01", end_reason="age")
    return UserFactory(role="staff", name="林晓")


@pytest.fixture
def show(client, staff):
    def opening(url, user=staff, **query):
        client.force_login(user)
        return client.get(url, query)

    return opening


def given(monkeypatch, model, role, sight):
    """What the access table would say: `role` sees `model` as far as `sight`."""
    label = model._meta.label_lower
    row = {**access.ACCESS[label], role: access.cell(role, model)._replace(sight=sight)}
    monkeypatch.setitem(access.ACCESS, label, row)


@pytest.mark.parametrize(
    ("sight", "shown"),
    [
        (access.Sight.NONE, False),
        (access.Sight.OWN, False),
        (access.Sight.TOWNSHIP, False),
        (access.Sight.SCOPE, True),
    ],
)
def test_only_who_sees_all_rows_is_shown_the_number(monkeypatch, leader, sight, shown):
    given(monkeypatch, Post, "leader", sight)
    assert (SERVING in visible(leader)) == shown
    assert VACANT in visible(leader)


def test_a_number_of_other_tables_too_needs_the_sight_of_those(monkeypatch, leader):
    counted = replace(SERVING, behind=(Organisation,))
    assert counted.visible_to(leader)
    given(monkeypatch, Organisation, "leader", access.Sight.OWN)
    assert not counted.visible_to(leader)
    assert SERVING.visible_to(leader)


def test_a_view_that_an_administrator_took_away_takes_the_numbers_too(leader):
    leader.groups.get().permissions.remove(Permission.objects.get(codename="view_post"))
    assert SERVING not in visible(leader)


def test_all_is_shown_to_the_system_and_to_a_village_its_own(village_cadre, django_user_model):
    system = django_user_model.objects.system("320707109")
    assert visible(system) == visible(village_cadre) == list(registry)


def test_overview_has_only_what_is_seen_whole(show):
    page = show("/overview/")
    assert page.context["groups"] == []
    assert [column["label"] for column in page.context["board"]["columns"]] == ["书记"]
    assert page.context["board"]["total"] == ["空缺 1 个"]
    (light,) = page.context["lights"]
    assert light["fact"] == "1 村书记空缺超期"
    assert "只列本账号能看全的项目" in page.content.decode()
    assert "在任书记" not in page.content.decode()


def test_a_light_without_duties_says_a_figure_that_is_seen(show):
    Post.objects.update(end=None, end_reason="")
    (light,) = show("/overview/").context["lights"]
    assert (light["state"], light["fact"]) == ("ok", "书记空缺 0 个")


def test_own_duties_are_not_the_townships(show, staff, villages):
    """Who is sent to a village as secretary owes nothing more to 总览 than the others."""
    PostFactory(cadre__user=staff, term_end="2026-08-01", cadre__name="林晓")
    assert [duty.rule.code for duty in show("/overview/").context["duties"]] == ["m1.vacancy"]
    assert "林晓任期届满" in show("/duties/").content.decode()


def test_leaders_are_shown_all_and_told_nothing(show, leader):
    page = show("/overview/", leader)
    assert len(page.context["board"]["columns"]) == sum(indicator.board for indicator in registry)
    assert "只列本账号" not in page.content.decode()


def test_who_is_shown_no_number_has_no_overview(show, monkeypatch, leader):
    for model in {indicator.model for indicator in registry}:
        given(monkeypatch, model, "leader", access.Sight.OWN)
    home = show("/", leader)
    assert "总览" not in [place["label"] for place in home.context["places"]]
    assert show("/overview/", leader).status_code == 403


def test_a_mechanism_out_of_sight_has_no_entry_and_no_light(show, monkeypatch, leader):
    given(monkeypatch, Post, "leader", access.Sight.NONE)
    given(monkeypatch, Organisation, "leader", access.Sight.OWN)
    page = show("/overview/", leader)
    assert page.status_code == 200
    entries = [item["label"] for office in page.context["navigation"] for item in office["items"]]
    assert "选准带头人" not in entries + [light["label"] for light in page.context["lights"]]


def test_a_mechanism_that_is_entered_but_not_seen_whole_has_an_entry_and_no_light(show, monkeypatch, leader):
    for model in (Post, Organisation):
        given(monkeypatch, model, "leader", access.Sight.OWN)
    page = show("/overview/", leader)
    entries = [item["label"] for office in page.context["navigation"] for item in office["items"]]
    assert "选准带头人" in entries
    assert "选准带头人" not in [light["label"] for light in page.context["lights"]]


def test_home_writes_no_sentence_of_what_is_not_seen(show, leader):
    assert show("/").context["sentences"] == []
    assert "名机关干部" not in show("/").content.decode()
    assert "名机关干部" in show("/", leader).content.decode()


def test_a_village_says_nothing_of_posts(show, villages):
    page = show(villages[0].get_absolute_url())
    assert [(figure["label"], figure["text"]) for figure in page.context["figures"]] == [("书记", "在任")]
    assert "书记" not in [fact["label"] for fact in page.context["facts"]]
    text = page.content.decode()
    for false in ("村班子", "大事记", "没有登记", "书记空缺。", "没有临近或逾期的事项。"):
        assert false not in text
    assert "您能查看的事项中，没有临近或逾期的。" in text


def test_rows_behind_a_number_are_refused(show):
    assert show("/figures/m1.serving/").status_code == 403
    assert show("/figures/m1.vacant/").status_code == 200


def test_the_register_says_whose_it_is(show, staff, villages):
    text = show("/cadres/secretaries/").content.decode()
    assert "书记名册只列本人" in text
    assert "您没有担任村党组织书记" in text
    assert "还没有登记书记" not in text
    assert "在任村党组织书记" not in text
    Cadre.objects.filter(posts__organisation__village=villages[0]).update(user=staff)
    assert "西响石" in show("/cadres/secretaries/").content.decode()
