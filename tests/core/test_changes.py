"""What a save changed, as the trail tells it: in words, and of sensitive fields the name alone."""

import datetime

import pytest

from banzhuang.core.changes import LONGEST, changes_of
from banzhuang.core.dates import PartialDate
from banzhuang.core.fields import EncryptedTextField
from cadres.models import Cadre
from tests import factories
from tests.crawl.rows import project_models, secret_fields

pytestmark = pytest.mark.django_db


@pytest.fixture
def cadre(villages):
    born = datetime.date(1975, 3, 1)
    return factories.CadreFactory(village=villages[0], born_on=born, born_on_precision="month")


def changed(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return changes_of(row)


def test_words_for_choices_relations_and_dates_as_far_as_they_are_known(cadre, villages):
    changes, named = changed(
        cadre,
        sex=Cadre.Sex.FEMALE,
        village=villages[1],
        born=PartialDate.parse_iso("1975-03-09"),
        note="甲" * 150,
    )
    assert named == []
    assert changes["性别"][1] == "女"
    assert changes["村"] == [str(villages[0]), str(villages[1])]
    assert changes["出生日期"] == ["1975-03", "1975-03-09"]
    assert changes["备注"] == ["", "甲" * LONGEST]
    assert set(changes) == {"性别", "村", "出生日期", "备注"}


def test_a_date_that_is_only_known_better_is_a_change(cadre):
    changes, _ = changed(cadre, born=PartialDate.parse_iso("1975"))
    assert changes == {"出生日期": ["1975-03", "1975"]}


def test_numbers_and_phones_by_name_alone(cadre):
    number = factories.id_number(7)
    assert changed(cadre, id_number=number, phone="13912341062") == ({}, ["身份证号", "联系电话"])


def test_a_new_row_and_a_save_without_a_change_tell_nothing(cadre):
    assert changes_of(cadre) == ({}, [])
    assert changed(cadre) == ({}, [])


def test_yes_and_no(villages):
    changes, _ = changed(villages[0], is_resettled=True)
    assert changes == {"移民村": ["否", "是"]}


def test_what_a_ledger_calls_sensitive_no_event_tells():
    told = [
        f"{model._meta.label}.{name}"
        for model in project_models()
        for name in secret_fields(model)
        if hasattr(model, "history")
        and not isinstance(model._meta.get_field(name), EncryptedTextField)
        and name not in model.sensitive
    ]
    assert told == []


def test_what_is_called_sensitive_is_a_field():
    for model in project_models():
        for name in getattr(model, "sensitive", ()):
            assert model._meta.get_field(name)
