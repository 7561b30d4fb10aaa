"""A committed ledger taken back as one: all that stands against it is named before, and nothing is left of it after."""

import datetime

import pytest
from django.apps import apps
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from banzhuang.accounts.models import AuditEvent
from banzhuang.core.dates import PartialDate
from banzhuang.ledgers.ledger import Fact, Setting, registry
from banzhuang.ledgers.plan import Plan, plan_facts
from banzhuang.ledgers.staging import commit, stage
from banzhuang.ledgers.undo import NAMED, Undoing, UndoRefused, objections, undo_batch
from cadres.models import Cadre, Leave, Post
from tests.factories import CadreFactory, PostFactory, UserFactory, id_number
from villages.models import Area, Village

DAY = datetime.date(2026, 6, 30)
MOVED_ON = {"version", "updated_at"}
ASIDE = {"sessions", "axes", "ledgers"}
TRAIL = {"AuditEvent", "Seal", "TrailEnd", "User"}

pytestmark = pytest.mark.django_db


def dump():
    """Every column of every row of every table but the trail, the histories and the imports' own."""
    return {
        model._meta.label: [
            {name: value for name, value in row.items() if name not in MOVED_ON}
            for row in model._base_manager.order_by("pk").values()
        ]
        for model in apps.get_models()
        if model._meta.app_label not in ASIDE
        and model.__name__ not in TRAIL
        and not model.__name__.startswith("Historical")
    }


@pytest.fixture
def write(villages, organisation_office):
    """write(kind, values, …) → the committed batch of these facts."""
    Post.objects.all().delete()
    Cadre.objects.all().delete()
    return lambda kind, *rows: written(organisation_office, kind, rows)


def written(user, kind, rows):
    ledger, setting = registry[kind], Setting(user, DAY)
    keys = {column.key for column in ledger.columns}
    facts = [
        Fact("表", number, dict(row), frozenset(keys & row.keys())) for number, row in enumerate(rows, 2)
    ]
    planned = plan_facts(ledger, facts, ledger.prepare(setting), setting)
    batch = stage(Plan(ledger, setting, [], planned), "名册.xlsx", b"")
    commit(batch, DAY)
    batch.refresh_from_db()
    return batch


def someone(place, **values):
    number = id_number(place % 100, birth=datetime.date(1975, 3, 1) + datetime.timedelta(days=place // 100))
    return {
        "name": f"张建{'甲乙丙丁戊己庚辛'[place % 8]}",
        "id_number": number,
        "position": "办事员",
    } | values


def people(count, **values):
    return [someone(place, **values) for place in range(count)]


# --- What stands against it ----------------------------------------------------------------------------------
def test_nothing_stands_against_what_was_just_written(write):
    assert objections(write("cadres", *people(3))) == []


@pytest.mark.parametrize("state", ["staged", "undone", "discarded", "expired"])
def test_only_what_was_committed_can_be_undone(write, state):
    batch = write("cadres", someone(1))
    batch.state = state
    (reason,) = objections(batch)
    assert batch.get_state_display() in reason


def test_rows_changed_since_are_named_and_those_beyond_the_fifth_counted(write):
    batch = write("cadres", *people(NAMED + 3))
    for cadre in Cadre.objects.order_by("pk")[: NAMED + 2]:
        cadre.note = "后来"
        cadre.save()
    (reason,) = objections(batch)
    names = "、".join(f"“张建{sign}”" for sign in "甲乙丙丁戊")
    assert reason == f"干部{names}等 7 条在导入之后又改过"


def test_a_row_deleted_since_is_named_as_it_was_called(write):
    batch = write("cadres", *people(2))
    Cadre.objects.get(name="张建乙").delete()
    assert objections(batch) == ["干部“张建乙”已被删除"]


def test_a_row_that_was_named_after_another_deleted_one_has_its_number(write, villages):
    batch = write("secretaries", someone(1, village=villages[0].code, start=PartialDate.parse_iso("2024-05")))
    post = Post.objects.get()
    pk = post.pk
    post.delete()
    Cadre.objects.all().delete()
    assert f"任职“编号 {pk}”已被删除" in "；".join(objections(batch))


def test_new_rows_that_others_refer_to_are_named_with_those(write):
    batch = write("cadres", *people(3))
    for cadre in Cadre.objects.order_by("pk")[:2]:
        PostFactory(cadre=cadre, title=Post.Title.COMMITTEE_MEMBER)
    (reason,) = objections(batch)
    assert reason.startswith("干部“张建甲”、“张建乙”已被别的数据引用：")
    assert reason.count("张建") == 4


def test_what_refers_and_may_not_be_seen_is_counted_only(write, outsider):
    batch = write("cadres", someone(1))
    cadre = Cadre.objects.get()
    batch.owner = outsider
    Leave.objects.create(cadre=cadre, kind="sick", start=DAY)
    assert objections(batch) == [f"干部“{cadre}”已被别的数据引用：1 条"]


def test_a_row_that_would_refer_to_something_deleted_since(write, villages):
    Village.objects.filter(pk=villages[0].pk).update(
        area=Area.objects.create(township=villages[0].township, name="旧片")
    )
    batch = write("villages", {"village": villages[0].code, "area": "新片"})
    Area.objects.get(name="旧片").delete()
    assert objections(batch) == [f"村“{villages[0]}”原来的片区已被删除"]


def secretary(place, village, start):
    return someone(place, village=village.code, start=PartialDate.parse_iso(start))


def test_a_place_that_somebody_else_has_now(write, villages):
    write("secretaries", secretary(1, villages[0], "2020-05"))
    batch = write("secretaries", secretary(2, villages[0], "2024-05"))
    assert objections(batch) == []
    later = Post.objects.get(end__isnull=True)
    Post.objects.filter(pk=later.pk).update(end=DAY, end_reason="other")
    assert objections(batch) == []
    PostFactory(organisation=later.organisation, cadre__name="王后来", start=DAY)
    (reason,) = objections(batch)
    assert reason.startswith("任职“") and reason.endswith("原来的位置已有后来登记的数据")


def test_all_reasons_are_listed_and_nothing_is_written(write, organisation_office):
    batch = write("cadres", *people(3))
    first, second, third = Cadre.objects.order_by("pk")
    first.note = "后来"
    first.save()
    second.delete()
    Leave.objects.create(cadre=third, kind="sick", start=DAY)
    before = dump()
    with pytest.raises(UndoRefused) as refused:
        undo_batch(batch, organisation_office)
    words = ["已被删除", "又改过", "引用"]
    assert [word in reason for word, reason in zip(words, refused.value.reasons, strict=True)] == [True] * 3
    assert dump() == before
    assert not AuditEvent.objects.filter(action="undo").exists()


@pytest.fixture
def meanwhile(monkeypatch):
    """meanwhile(act): act() happens after the undo has looked, before it takes its lock."""
    steps_back = Undoing.steps_back

    def happening(act):
        monkeypatch.setattr(Undoing, "steps_back", lambda undoing: (steps_back(undoing), act())[0])

    return happening


def test_a_row_changed_while_it_is_being_undone_refuses_it(write, organisation_office, meanwhile):
    batch = write("cadres", *people(2))
    meanwhile(lambda: Cadre.objects.first().save())
    with pytest.raises(UndoRefused, match="别人改过"):
        undo_batch(batch, organisation_office)
    assert (Cadre.objects.count(), batch.state) == (2, "committed")


def test_a_row_referred_to_while_it_is_being_undone_refuses_it(write, organisation_office, meanwhile):
    batch = write("cadres", *people(2))
    meanwhile(lambda: Leave.objects.create(cadre=Cadre.objects.first(), kind="sick", start=DAY))
    with pytest.raises(UndoRefused, match="引用：张建甲 2026-06-30病假"):
        undo_batch(batch, organisation_office)
    assert Cadre.objects.count() == 2


# --- Taking it back ------------------------------------------------------------------------------------------
def test_every_row_taken_back_has_its_line_in_the_history(write, organisation_office):
    CadreFactory(name="张建甲", id_number=someone(0)["id_number"], village=None, position="会计")
    batch = write("cadres", *people(3))
    who = UserFactory(role="organisation")
    assert undo_batch(batch, who) == 3
    last = {
        row.name: (row.history_type, row.history_user)
        for row in Cadre.history.filter(name__startswith="张建").order_by("history_id")
    }
    assert last == {"张建甲": ("~", who), "张建乙": ("-", who), "张建丙": ("-", who)}
    assert Cadre.objects.get().position == "会计"


def test_a_row_put_back_moves_its_version_on(write, organisation_office):
    CadreFactory(name="张建甲", id_number=someone(0)["id_number"], village=None, position="会计")
    stale = Cadre.objects.get()
    undo_batch(write("cadres", someone(0)), organisation_office)
    assert Cadre.objects.get().version == stale.version + 2


def test_as_many_queries_for_50_rows_as_for_350(write, organisation_office, count_queries):
    """Counted are queries, not rows: SQLite gets one statement with many parameters, PostgreSQL one for 500 rows."""
    counts = []
    for size in (50, 350):
        known = people(size // 2)
        write("cadres", *known)
        batch = write("cadres", *[row | {"position": "主任"} for row in known], *people(size)[size // 2 :])
        assert batch.changes.count() == size
        counts.append(count_queries(lambda batch=batch: undo_batch(batch, organisation_office)))
    assert counts[0] == counts[1]


households = st.fixed_dictionaries(
    {"village": st.integers(0, 1), "name": st.sampled_from(["王东立", "王西志", "王南国"])},
    optional={
        "id_number": st.integers(0, 3),
        "members": st.integers(1, 6),
        "labels": st.lists(st.sampled_from(["registered", "marginal"]), max_size=2, unique=True),
        "phone": st.sampled_from(["13900000001", "13900000002"]),
        "contact": st.sampled_from(["李领导", "赵领导"]),
        "contact_start": st.sampled_from(["2023-05", "2024"]),
        "note": st.just("备注"),
    },
)
secretaries = st.fixed_dictionaries(
    {
        "village": st.integers(0, 1),
        "name": st.sampled_from(["王东立", "王西志", "王南国"]),
        "start": st.sampled_from(["2019-02", "2022", "2024-05-06", "2025-01"]),
    },
    optional={
        "id_number": st.integers(0, 3),
        "phone": st.sampled_from(["13900000001", "13900000002"]),
        "also_director": st.booleans(),
        "note": st.just("备注"),
    },
)
kinds = {"households": households, "secretaries": secretaries}
ledgers = st.sampled_from(sorted(kinds)).flatmap(
    lambda kind: st.tuples(st.just(kind), st.lists(kinds[kind], min_size=1, max_size=4))
)


@pytest.fixture
def users(organisation_office, welfare_office):
    return {"secretaries": organisation_office, "households": welfare_office}


def as_values(draft, villages):
    values = draft | {"village": villages[draft["village"]].code}
    for key in {"start", "contact_start"} & values.keys():
        values[key] = PartialDate.parse_iso(values[key])
    if "id_number" in values:
        values["id_number"] = id_number(values["id_number"])
    return values


@hypothesis_settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(books=st.lists(ledgers, min_size=1, max_size=3))
def test_whatever_was_written_over_whatever_was_there_is_gone_after_the_undo(villages, users, books):
    """The last written is taken back first; each time all is as it was before it."""
    with transaction.atomic():
        for name in ("李领导", "赵领导"):
            CadreFactory(name=name, category="leader", village=None, position="党委委员")
        states, batches = [], []
        for kind, drafts in books:
            states.append(dump())
            batches.append(written(users[kind], kind, [as_values(draft, villages) for draft in drafts]))
        for state, batch in zip(reversed(states), reversed(batches), strict=True):
            undo_batch(batch, batch.owner)
            assert dump() == state
        transaction.set_rollback(True)
