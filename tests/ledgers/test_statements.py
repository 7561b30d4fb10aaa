"""Rows written by prepared statements are the rows that a save would have written, and so is their history."""

import datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from banzhuang.ledgers.apply import make_ready
from banzhuang.ledgers.ledger import Fact, Setting, Write, registry
from banzhuang.ledgers.models import ImportBatch
from banzhuang.ledgers.plan import Plan, Planned
from banzhuang.ledgers.statements import Table, blank_row, draw_keys
from livelihood.models import Household, HouseholdYear
from tests.factories import HouseholdFactory, VillageFactory, id_number

pytestmark = pytest.mark.django_db

TIMES = {"created_at", "updated_at"}
MODELS = {model for ledger in registry for model in ledger.writes if hasattr(model, "history")}


@pytest.fixture
def batch(welfare_office):
    return ImportBatch.objects.create(
        owner=welfare_office, kind="households", file_name="台账.xlsx", sha256="", expires_at=timezone.now()
    )


def written(batch, *writes):
    """Write these rows as a commit does."""
    plan = Plan(registry["households"], Setting(batch.owner, datetime.date(2026, 6, 30)), [], [])
    plan.planned = [Planned(Fact("Sheet", 1, {}), writes=list(writes), outcome="new")]
    for step in make_ready(plan, batch).steps:
        step.run()


def columns(row, beside=()):
    left_out = {"id", "batch_id", *TIMES, *beside}
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in left_out
    }


VALUES = {"head": "单德福", "id_number": id_number(1), "phone": "13900001111", "health": "disabled"}
FIGURES = {
    "year": 2026, "members": 3, "cause_codes": ["illness", "disability"], "wage_income": Decimal("1200.5"),
}  # fmt: skip


def test_new_rows_are_as_a_save_makes_them(batch):
    village = VillageFactory()
    saved = Household.objects.create(village=village, **VALUES)
    year = HouseholdYear(household=saved)
    for name, value in FIGURES.items():
        setattr(year, name, value)
    year.save()
    other = VillageFactory()
    main = Write(Household, None, {"village": other, **VALUES}, main=True)
    written(batch, main, Write(HouseholdYear, None, {"household": main, **FIGURES}))
    imported = Household.objects.get(village=other)
    place = {"village_id", "scope_code"}
    assert columns(imported, place) == columns(saved, place)
    assert (imported.scope_code, imported.batch_id) == (other.code, batch.pk)
    place = {"household_id", "scope_code"}
    assert columns(imported.years.get(), place) == columns(saved.years.get(), place)
    assert abs(imported.created_at - saved.created_at) < datetime.timedelta(minutes=1)


def test_a_changed_row_is_as_a_save_makes_it(batch):
    rows = [HouseholdFactory(village=VillageFactory(), head="赵甲", id_number=id_number(1)) for _ in range(2)]
    changes = {"head": "单乙", "id_number": id_number(2)}
    for name, value in changes.items():
        setattr(rows[0], name, value)
    rows[0].save()
    before = rows[1].updated_at
    written(batch, Write(Household, Household.objects.get(pk=rows[1].pk), changes, main=True))
    saved, imported = (Household.objects.get(pk=row.pk) for row in rows)
    place = {"village_id", "scope_code"}
    assert columns(imported, place) == columns(saved, place)
    assert (imported.version, imported.initials) == (2, "sy")
    assert imported.updated_at > before and imported.created_at == rows[1].created_at


@pytest.mark.parametrize("kind", ["+", "~"])
def test_the_history_has_every_column_of_the_row_and_says_who(batch, kind):
    row = None if kind == "+" else Household.objects.get(pk=HouseholdFactory(head="赵甲").pk)
    values = VALUES | ({"village": VillageFactory()} if kind == "+" else {})
    written(batch, Write(Household, row, values, main=True))
    row = Household.objects.get(head="单德福")
    last = row.history.first()
    tracked = {field.attname for field in row._meta.concrete_fields}
    assert {name: getattr(last, name) for name in tracked} == {name: getattr(row, name) for name in tracked}
    assert (last.history_type, last.history_user, last.history_change_reason) == (kind, batch.owner, None)


@pytest.mark.parametrize(
    "model", sorted(MODELS, key=lambda model: model._meta.label), ids=lambda model: model.__name__
)
def test_no_column_of_a_history_is_left_out(model, welfare_office):
    now = timezone.now()
    table = Table(model, now)
    statement = table.history([tuple(table.fields)], "+", now, welfare_office)
    history = model.history.model
    assert len(statement.rows[0]) == len(history._meta.concrete_fields) - 1  # the database gives history_id


def test_equal_numbers_are_encrypted_each_for_itself(batch):
    other = {"village": VillageFactory(), **VALUES}
    written(
        batch,
        Write(Household, None, {"village": VillageFactory(), **VALUES}),
        Write(Household, None, other),
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number, health FROM livelihood_household")
        (first, one), (second, two) = cursor.fetchall()
    assert first != second and one != two


def test_any_text_is_written_as_it_is(batch):
    address = "一组\t3号\n\\N \\. 𠮷%s\r\"甲\",'乙'"
    written(batch, Write(Household, None, {"village": VillageFactory(), **VALUES, "address": address}))
    row = Household.objects.get()
    assert (row.address, row.history.get().address) == (address, address)


def test_what_the_database_refuses_is_an_error_of_the_database(batch):
    village = VillageFactory()
    HouseholdFactory(village=village, id_number=VALUES["id_number"])
    with pytest.raises(IntegrityError), transaction.atomic():
        written(batch, Write(Household, None, {"village": village, **VALUES}))
    assert Household.objects.count() == 1


def test_keys_are_nobody_elses(batch):
    first = draw_keys(Household, 3)
    HouseholdFactory()
    taken = Household.objects.get().pk
    second = draw_keys(Household, 2)
    assert len({*first, taken, *second}) == 6
    assert draw_keys(Household, 1)[0] > max(second)


def test_a_blank_row_shares_nothing_with_the_next():
    blank = blank_row(HouseholdYear)
    first, second = blank(), blank()
    first.other_causes.append("illness")
    assert (second.other_causes, second.version, second.pk) == ([], 1, None)
