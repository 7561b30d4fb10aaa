"""The version of a row: saves of a few fields, copies read anew, and one row of history a save."""

import datetime

import pytest

from banzhuang.core.fields import keyed_hash
from banzhuang.core.models import StaleObject
from cadres.models import Cadre
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def cadre():
    return factories.CadreFactory(name="张立国", note="")


def kept():
    return Cadre.objects.get()


def test_a_new_row_is_version_one(cadre):
    assert (cadre.version, kept().version, cadre.history.count()) == (1, 1, 1)


def test_a_copy_read_anew_is_saved(cadre):
    copy = kept()
    cadre.note = "先存"
    cadre.save()
    with pytest.raises(StaleObject):
        copy.save()
    copy.refresh_from_db()
    copy.name = "张立新"
    copy.save()
    assert (kept().note, kept().name, kept().version) == ("先存", "张立新", 3)


def test_saving_some_fields_is_a_version_too(cadre):
    copy = kept()
    cadre.note, cadre.name = "写入", "不写入"
    cadre.save(update_fields=["note"])
    assert (cadre.version, kept().version) == (2, 2)
    assert (kept().note, kept().name) == ("写入", "张立国")
    with pytest.raises(StaleObject):
        copy.save(update_fields=["note"])
    assert kept().note == "写入"


def test_what_is_derived_follows_a_save_of_some_fields(cadre, time_machine):
    number, before = factories.id_number(77), cadre.updated_at
    time_machine.move_to(before + datetime.timedelta(minutes=1))
    cadre.name, cadre.id_number = "仇立新", number
    cadre.save(update_fields=["name", "id_number"])
    row = kept()
    assert (row.initials, row.id_number_hash) == ("qlx", keyed_hash(number))
    assert row.id_number_mask == f"7100**********{number[-4:]}"
    assert row.updated_at > before


def test_a_moved_row_is_seen_from_its_new_place(cadre):
    other = factories.VillageFactory()
    cadre.village = other
    cadre.save(update_fields=["village"])
    assert kept().scope_code == other.code


def test_each_save_leaves_one_row_of_history_with_its_version(cadre):
    cadre.note = "二"
    cadre.save()
    cadre.note = "三"
    cadre.save(update_fields=["note"])
    assert [(row.version, row.note, row.history_type) for row in cadre.history.all()] == [
        (3, "三", "~"),
        (2, "二", "~"),
        (1, "", "+"),
    ]


def test_a_refused_save_leaves_no_history(cadre):
    copy = kept()
    cadre.save()
    with pytest.raises(StaleObject):
        copy.save()
    assert cadre.history.count() == 2
