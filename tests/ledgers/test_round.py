"""The township's two first ledgers in their full shapes: exact findings, the same again, undone; any small one too."""

import datetime
import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from banzhuang.accounts.models import User
from banzhuang.ledgers.plan import make_plan
from banzhuang.ledgers.staging import commit, stage
from banzhuang.ledgers.undo import undo_batch
from cadres.models import Cadre, Post
from tests.factories import TOWNSHIP, UserFactory, id_number
from villages.demo import load_villages
from villages.models import Organisation, Village

from .secretaries_book import person, register, roster

DAY = datetime.date(2026, 6, 30)
TABLES = (Village, Organisation, Cadre, Post)
MOVED_ON = {"version", "updated_at"}
SHAPES = [
    "{:%Y-%m-%d}",
    "{0.year}/{0.month}/{0.day}",
    "{:%Y%m%d}",
    None,
    "{:%Y.%m}",
    "{0.year}.{0.month}",
    "{0.year}年{0.month}月",
]
PRECISIONS = ["day", "day", "day", "day", "month", "month", "month"]

pytestmark = pytest.mark.django_db


def dump():
    """Every column of every business row, but those that any write moves on."""
    return {
        model.__name__: [
            {name: value for name, value in row.items() if name not in MOVED_ON}
            for row in model.objects.order_by("pk").values()
        ]
        for model in TABLES
    }


def as_written(day, shape):
    return shape.format(day) if shape else datetime.datetime(day.year, day.month, day.day)


def row_of(place, village):
    """A row as the clerk of this place in the list writes it: names in three forms, dates in seven."""
    sex = "女" if place % 9 == 8 else "男"
    birth = datetime.date(1960 + place % 25, 1 + place % 12, 1 + place % 28)
    start = datetime.date(2012 + place % 9, 1 + place * 5 % 12, 1 + place % 28)
    number = id_number(place, sex, birth)
    if place == 29:
        number = number[:-1] + ("1" if number[-1] != "1" else "2")
    return person(
        place,
        village=village + ["", "村委会", "村"][place % 3],
        name=f"王{'东西南北'[place % 4]}{'立志国强建文金玉福海明'[place % 11]}",
        sex=sex + " " * (place % 5 == 4),
        ethnic="汉" if place % 2 else "汉族",
        born=as_written(birth, SHAPES[place % 7]),
        joined=f"{birth.year + 25}.{birth.month}",
        worked=f"{birth.year + 18}年8月",
        serving="大专" if place % 2 else None,
        start=2018.1 if place == 11 else as_written(start, SHAPES[(place + 3) % 7]),
        both="否√是"[place % 3],
        number=number,
        phone=13900000000 + place if place % 4 == 3 else f"1390000{place:04}",
    )


@pytest.fixture
def township(db):
    """44 villages with their organisations, nobody in post."""
    load_villages()


@pytest.fixture
def book(township, tmp_path):
    names = [village.short_name for village in Village.objects.order_by("code")]
    rows = [row_of(place, name) for place, name in enumerate(names)]
    return register(tmp_path / "村党组织书记信息表.xlsx", rows)


def plan_of(path):
    return make_plan(path, path.name, User.objects.system(TOWNSHIP), DAY)


def written(path):
    batch = stage(plan_of(path), path.name, path.read_bytes())
    commit(batch, DAY)
    batch.refresh_from_db()
    return batch


def test_the_register_is_understood_to_the_cell(book):
    plan = plan_of(book)
    assert plan.ledger.kind == "secretaries"
    assert plan.counts == {
        "rows": 44, "new": 43, "changed": 0, "same": 0, "invalid": 1, "errors": 1, "warnings": 1,
    }  # fmt: skip
    problems = [
        (item.fact.number, key, problem.severity)
        for item in plan.planned
        for key, problem in item.fact.problems
    ]
    assert problems == [(16, "start", "warning"), (34, "id_number", "error")]
    (table,) = plan.tables
    assert table.header_rows == [3, 4]
    assert [(left.row, left.reason) for left in table.dropped] == [(49, "合计“44人”"), (51, "签字栏")]


def test_dates_are_written_as_far_as_they_are_known(book):
    written(book)
    for post in Post.objects.secretaries().select_related("cadre"):
        place = int(post.scope_code) - 320707109200
        birth = datetime.date(1960 + place % 25, 1 + place % 12, 1 + place % 28)
        assert post.cadre.born.precision == PRECISIONS[place % 7]
        assert post.cadre.born.first == (
            birth if post.cadre.born.precision == "day" else birth.replace(day=1)
        )
        assert post.start is None if place == 11 else post.started.precision == PRECISIONS[(place + 3) % 7]


def test_both_offices_where_the_register_says_so(book):
    written(book)
    assert Post.objects.secretaries().count() == 43
    # Two of three say so; the row in error, place 29, would have been one of them.
    assert Post.objects.filter(title=Post.Title.DIRECTOR).count() == 28


def test_the_same_again_changes_nothing_and_undo_brings_all_back(book):
    before = dump()
    batch = written(book)
    again = plan_of(book).counts
    assert (again["new"], again["changed"], again["same"], again["invalid"]) == (0, 0, 43, 1)
    after = dump()
    written(book)
    assert dump() == after
    undo_batch(batch, User.objects.system(TOWNSHIP))
    assert dump() == before


def test_the_roster_and_then_the_register(township, book, tmp_path):
    people = [(f"李{name}", "党委委员", id_number(50 + place)) for place, name in enumerate("甲乙丙丁戊己庚")]
    leaders = roster(tmp_path / "镇领导名册.xlsx", people)
    assert plan_of(leaders).counts["new"] == 7
    before = dump()
    batches = [written(leaders), written(book)]
    assert plan_of(leaders).counts["same"] == 7
    for batch in reversed(batches):
        undo_batch(batch, User.objects.system(TOWNSHIP))
    assert dump() == before


@pytest.mark.django_db(transaction=True)
def test_the_command_as_a_process_prints_one_object_and_ends_with_0_or_2(book, tmp_path):
    """Also what the process prints beside it counts: a warning on stdout would break whoever reads the JSON."""

    def run(path):
        command = [sys.executable, "manage.py", "import_ledger", str(path), "--json"]
        environment = {**os.environ, "DATABASE_URL": database_url()}
        return subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True)

    found = run(book)
    assert (found.returncode, found.stderr) == (0, "")
    assert json.loads(found.stdout)["new"] == 43
    wrong = tmp_path / "报告.xlsx"
    wrong.write_bytes(b"PK\x03\x04 not a workbook")
    refused = run(wrong)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.strip().count("\n") == 0
    assert "文件已损坏" in refused.stderr


def database_url():
    """The address of the test's own database, for a process beside this one."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    return f"postgres://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"


months = st.dates(datetime.date(2010, 1, 1), datetime.date(2026, 6, 1)).map(lambda day: f"{day:%Y.%m}")
rows = st.fixed_dictionaries(
    {
        "place": st.integers(0, 3),
        "name": st.sampled_from(["王东立", "王西志", "王南国"]),
        "number": st.none() | st.integers(0, 5),
        "start": st.none() | months,
        "both": st.sampled_from(["是", "否", None]),
        "way": st.sampled_from(["两推一选", "跨村任职", None]),
        "origin": st.sampled_from(["机关干部", "返乡", None]),
        "phone": st.sampled_from(["13900000001", "13900000002", None]),
        "note": st.sampled_from(["备注", None]),
    }
)


def drafted(draft, villages):
    number = None if draft["number"] is None else id_number(draft["number"])
    known = {key: draft[key] for key in ("name", "start", "both", "way", "origin", "phone", "note")}
    return person(0, village=villages[draft["place"]], number=number, born=None, joined=None, **known)


ledgers = st.lists(rows, min_size=1, max_size=4)


@hypothesis_settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(before=ledgers, ledger=ledgers)
def test_whatever_is_imported_over_whatever_is_there_can_be_taken_back(township, tmp_path, before, ledger):
    villages = [village.short_name for village in Village.objects.order_by("code")[:4]]
    path = tmp_path / "书记.xlsx"
    with transaction.atomic():
        written(register(path, [drafted(draft, villages) for draft in before]))
        there = dump()
        batch = written(register(path, [drafted(draft, villages) for draft in ledger]))
        undo_batch(batch, User.objects.system(TOWNSHIP))
        assert dump() == there
        transaction.set_rollback(True)


def test_a_user_of_the_office_imports_as_the_system_does(book):
    office = UserFactory(role="organisation")
    assert make_plan(book, book.name, office, DAY).counts == plan_of(book).counts
