"""The right to import writes nothing by itself: new rows need the right to add, changed ones the right to change, in each
table that is written; what the person may not write is an error at its row, in the preview and again at commit."""

import datetime

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from banzhuang.accounts.models import Role, User
from banzhuang.ledgers import staging
from banzhuang.ledgers.apply import ApplyRefused
from banzhuang.ledgers.grid import Refused
from banzhuang.ledgers.ledger import Fact, Write, registry
from banzhuang.ledgers.plan import make_plan
from banzhuang.ledgers.rights import Rights
from banzhuang.ledgers.staging import commit, stage
from banzhuang.ledgers.undo import UndoRefused, objections, undo_batch
from cadres.models import Cadre, Post
from livelihood.models import Household
from tests.factories import id_number
from tests.livelihood import books
from villages.models import Organisation

from .secretaries_book import KEYS, person, register

DAY = datetime.date(2026, 6, 30)
pytestmark = pytest.mark.django_db


def take_away(code, *names):
    role = Role.objects.get(code=code)
    role.permissions.remove(*Permission.objects.filter(codename__in=names))


def give(code, name):
    Role.objects.get(code=code).permissions.add(Permission.objects.get(codename=name))


def again(user):
    """The account as the next request reads it."""
    return User.objects.get(pk=user.pk)


@pytest.fixture
def book(villages, tmp_path):
    """西响石村 keeps its secretary with a new phone; 李小湾村 gets another one, who is new."""
    kept = Post.objects.get(organisation__village=villages[0]).cadre
    rows = [
        person(1, name=kept.name, number=kept.id_number, born=None, sex=None, start=None, phone=13900007777),
        person(2, village="李小湾村委会", start="2024-05-06", both="是"),
    ]
    return register(tmp_path / "书记.xlsx", rows)


def planned(book, user):
    return make_plan(book, book.name, again(user), DAY)


def said(plan):
    return [
        [problem.message for _, problem in item.fact.problems if problem.severity == "error"]
        for item in plan.planned
    ]


@pytest.mark.parametrize(
    ("right", "first", "second"),
    [
        ("change_cadre", ["没有修改“干部”的权限。"], []),
        ("add_cadre", [], ["没有新增“干部”的权限。"]),
        ("add_post", [], ["没有新增“任职”的权限。"]),
        ("change_organisation", [], []),
    ],
)
def test_each_row_needs_the_right_to_what_it_does_in_each_table(
    book, organisation_office, right, first, second
):
    take_away("organisation", right)
    found = planned(book, organisation_office)
    assert said(found) == [first, second]
    invalid = bool(first) + bool(second)
    assert found.counts["invalid"] == invalid and found.counts["new"] + found.counts["changed"] == 2 - invalid


def test_the_former_secretarys_end_is_a_change_too(book, organisation_office):
    take_away("organisation", "change_post")
    assert said(planned(book, organisation_office)) == [["没有修改“任职”的权限。"]] * 2


def test_with_the_import_right_alone_nothing_is_written(book, organisation_office):
    take_away("organisation", *(f"{act}_{name}" for act in ("add", "change") for name in ("cadre", "post")))
    before = list(Cadre.objects.values()), list(Post.objects.values())
    found = planned(book, organisation_office)
    commit(stage(found, book.name, b""), DAY)
    assert found.counts["invalid"] == 2
    assert (list(Cadre.objects.values()), list(Post.objects.values())) == before


def test_the_preview_says_it_at_the_row_and_the_page_stands(client, book, organisation_office):
    take_away("organisation", "change_cadre")
    client.force_login(organisation_office)
    with book.open("rb") as file:
        page = client.post(reverse("imports"), {"file": file}, follow=True)
    assert "没有修改“干部”的权限。" in page.content.decode()


@pytest.mark.parametrize("right", ["change_cadre", "add_post"])
def test_a_right_that_went_after_the_preview_is_said_at_commit(book, organisation_office, right):
    batch = stage(planned(book, organisation_office), book.name, b"")
    take_away("organisation", right)
    before = Cadre.objects.count(), Post.objects.count()
    batch.owner = again(organisation_office)
    word = {"change_cadre": "没有修改“干部”的权限", "add_post": "没有新增“任职”的权限"}[right]
    with pytest.raises(ApplyRefused, match=word):
        commit(batch, DAY)
    assert (Cadre.objects.count(), Post.objects.count()) == before


def test_a_right_that_goes_while_it_is_judged_is_asked_again_under_the_lock(
    book, organisation_office, monkeypatch
):
    batch = stage(planned(book, organisation_office), book.name, b"")
    judge = staging.made_ready

    def judged(*given):
        ready = judge(*given)
        take_away("organisation", "change_cadre")
        return ready

    monkeypatch.setattr(staging, "made_ready", judged)
    with pytest.raises(ApplyRefused, match="没有修改“干部”的权限，没有写入"):
        commit(batch, DAY)


def test_who_only_enters_what_is_ones_own_imports_nothing(leader, tmp_path):
    """镇领导 enter their own visits by hand; the right to import would write those of all."""
    give("leader", "import_visit")
    path = books.visits(tmp_path / "走访.csv", [books.visit()])
    with pytest.raises(Refused, match="没有导入这种台账的权限"):
        books.plan_of(path, again(leader), kind="visits")


def test_members_below_a_head_that_may_not_be_added_are_refused_with_it(villages, welfare_office, tmp_path):
    take_away("welfare", "add_householdyear")
    rows = [
        books.household(0, 姓名="朱甲东"),
        books.household(1, 户主="朱甲东", 姓名="朱小明", 与户主关系="子", 家庭人口=None, 享受政策=None),
    ]
    path = books.register(tmp_path / "台账.xlsx", {villages[0].name: rows}, header=[*books.HEADER, "姓名"])
    found = books.plan_of(path, again(welfare_office))
    assert said(found)[0] == ["没有新增“家庭年度情况”的权限。"]
    assert len(said(found)[1]) == 1 and "没有通过核对" in said(found)[1][0]
    commit(stage(found, path.name, b""), DAY)
    assert not Household.objects.exists()


def test_a_row_that_another_makes_whole_is_written_by_it(organisation_office):
    """Two rows share a new person: the first is refused for its post, the second still makes the person."""
    rights = Rights(again(organisation_office))
    rights.known["add", Organisation] = False
    shared = Write(Cadre, None, {"name": "单立国"})
    ledger = registry["secretaries"]
    first, second, third = (Fact("表", number, {"name": "单立国"}) for number in (5, 6, 7))
    assert rights.refuse(ledger, first, [shared, Write(Organisation, None, {}), Write(Post, None, {})])
    assert not rights.refuse(ledger, second, [shared, Write(Post, None, {"cadre": shared})])
    assert "第 5 行" in rights.refuse(ledger, third, [Write(Post, None, {"cadre": shared})])


# --- Undo ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("right", "reason"),
    [("delete_post", "没有删除“任职”的权限"), ("change_cadre", "没有修改“干部”的权限")],
)
def test_to_take_back_is_to_delete_and_to_change(book, organisation_office, right, reason):
    batch = stage(planned(book, organisation_office), book.name, b"")
    commit(batch, DAY)
    batch.refresh_from_db()
    assert objections(batch) == []
    take_away("organisation", right)
    batch.owner = again(organisation_office)
    assert objections(batch) == [reason]
    with pytest.raises(UndoRefused, match=reason):
        undo_batch(batch, batch.owner)
    give("organisation", right)
    batch.owner = again(organisation_office)
    assert undo_batch(batch, batch.owner) > 0


# --- What a person does not write of oneself -----------------------------------------------------------------
@pytest.fixture
def own(organisation_office, villages):
    """周敏 of the office is secretary of 西响石村."""
    cadre = Post.objects.get(organisation__village=villages[0]).cadre
    cadre.user = organisation_office
    cadre.save()
    return cadre


def test_ones_own_row_is_an_error_and_the_others_are_written(book, own, organisation_office):
    found = planned(book, organisation_office)
    assert [len(words) for words in said(found)] == [1, 0]
    assert "本人" in said(found)[0][0]
    commit(stage(found, book.name, b""), DAY)
    own.refresh_from_db()
    assert own.phone == "" and Cadre.objects.filter(name="张建丙").exists()


def test_who_succeeds_oneself_is_written_by_another(own, organisation_office, tmp_path):
    path = register(tmp_path / "书记.xlsx", [person(3, start="2024-05-06")])
    assert "本人" in said(planned(path, organisation_office))[0][0]


def test_what_changes_nothing_of_oneself_is_no_error(own, organisation_office, tmp_path):
    silent = dict.fromkeys(set(KEYS) - {"village", "name", "number"})
    same = person(1, **silent | {"name": own.name, "number": own.id_number})
    path = register(tmp_path / "书记.xlsx", [same])
    assert planned(path, organisation_office).counts["same"] == 1


def test_a_batch_that_changed_oneself_is_not_taken_back_by_oneself(book, organisation_office, villages):
    batch = stage(planned(book, organisation_office), book.name, b"")
    commit(batch, DAY)
    batch.refresh_from_db()
    cadre = Post.objects.get(organisation__village=villages[0]).cadre
    Cadre.objects.filter(pk=cadre.pk).update(user=organisation_office)
    assert any("本人" in reason for reason in objections(batch))


def test_the_number_of_queries_does_not_grow_with_the_rows(
    organisation_office, villages, tmp_path, count_queries
):
    take_away("organisation", "change_cadre")
    counts = []
    for rows in (2, 12):
        people = [person(place, village="西响石", number=id_number(place)) for place in range(rows)]
        path = register(tmp_path / f"{rows}.xlsx", people)
        user = again(organisation_office)
        counts.append(count_queries(lambda path=path, user=user: make_plan(path, path.name, user, DAY)))
    assert counts[0] == counts[1]
