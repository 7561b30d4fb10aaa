"""An import asks as often for every chunk of its rows: to read, to stage, to judge again and to write."""

import datetime

import pytest

from banzhuang.ledgers.plan import make_plan
from banzhuang.ledgers.staging import commit, stage
from cadres.models import Cadre, Post
from tests.factories import id_number

from .secretaries_book import roster

DAY = datetime.date(2026, 6, 30)
CHUNK = 4
SIZES = [1, 2 * CHUNK, 3 * CHUNK, 5 * CHUNK]  # the first also asks what the user may do

pytestmark = pytest.mark.django_db


@pytest.fixture
def small_chunks(villages, monkeypatch):
    for module in ("plan", "staging", "apply"):
        monkeypatch.setattr(f"banzhuang.ledgers.{module}.CHUNK", CHUNK)


def people(count, position):
    names = [f"朱{'甲乙丙丁'[number % 4]}{'东南西北中'[number // 4]}" for number in range(count)]
    return [(name, position, id_number(number)) for number, name in enumerate(names)]


def same_for_every_chunk(counts):
    """What each chunk adds to the queries of files of SIZES is the same."""
    _, two, three, five = counts
    assert five - three == 2 * (three - two), counts
    assert three > two


@pytest.mark.parametrize("known", [False, True], ids=["new", "changed"])
def test_every_chunk_asks_as_often(small_chunks, organisation_office, count_queries, tmp_path, known):
    planning, staging, writing = [], [], []
    for size in SIZES:
        Post.objects.all().delete()
        Cadre.objects.all().delete()
        if known:
            before = roster(tmp_path / "名册.xlsx", people(size, "办事员"))
            commit(stage(plan_of(before, organisation_office), before.name, b""), DAY)
        path = roster(tmp_path / "名册.xlsx", people(size, "主任"))
        kept = {}
        planning.append(
            count_queries(lambda kept=kept, path=path: kept.update(plan=plan_of(path, organisation_office)))
        )
        assert kept["plan"].counts["changed" if known else "new"] == size
        staging.append(
            count_queries(lambda kept=kept: kept.update(batch=stage(kept["plan"], "名册.xlsx", b"")))
        )
        writing.append(count_queries(lambda kept=kept: commit(kept["batch"], DAY)))
        assert Cadre.objects.filter(position="主任").count() == size
    same_for_every_chunk(planning)
    same_for_every_chunk(staging)
    same_for_every_chunk(writing)


def plan_of(path, user):
    return make_plan(path, path.name, user, DAY, "cadres")
