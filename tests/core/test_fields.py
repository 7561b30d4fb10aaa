"""Encrypted and derived columns, the version of a row, and dates of two columns."""

import datetime
import threading

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError
from django.db import connection, models
from simple_history.utils import bulk_create_with_history

from banzhuang.core.dates import PartialDate
from banzhuang.core.fields import (
    DerivedField,
    EncryptedTextField,
    Partial,
    PrecisionField,
    decrypt,
    encrypt,
    keyed_hash,
)
from banzhuang.core.models import StaleObject
from cadres.models import Cadre, Post
from tests import factories

NUMBER, OTHER = factories.id_number(1), factories.id_number(2)


def stored(column, table="cadres_cadre"):
    """What stands in the database, as somebody with a copy of the file reads it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} ORDER BY id")
        return [value for (value,) in cursor.fetchall()]


def new_cadre(**fields):
    return Cadre(
        **{"name": "单立国", "category": "village", "township": factories.TownshipFactory()} | fields
    )


# --- Encrypted text ----------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_numbers_stand_encrypted_and_each_time_otherwise():
    factories.CadreFactory(id_number=NUMBER)
    factories.CadreFactory(
        id_number=NUMBER, township=factories.TownshipFactory(code="320707100"), village=None
    )
    first, second = stored("id_number")
    assert first != second
    assert NUMBER not in first + second and NUMBER[-4:] not in first + second
    assert decrypt(first) == decrypt(second) == NUMBER
    assert {cadre.id_number for cadre in Cadre.objects.all()} == {NUMBER}


@pytest.mark.django_db
def test_no_column_of_row_or_history_holds_a_number():
    cadre = factories.CadreFactory(id_number=NUMBER)
    cadre.id_number = OTHER
    cadre.save()
    for table in ("cadres_cadre", "cadres_historicalcadre"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table}")
            rows = str(cursor.fetchall())
        assert NUMBER not in rows and OTHER not in rows
    before, after = stored("id_number", "cadres_historicalcadre")[-2:]
    assert (decrypt(before), decrypt(after)) == (NUMBER, OTHER)
    assert [row.id_number for row in cadre.history.all()] == [OTHER, NUMBER]


@pytest.mark.django_db
@pytest.mark.parametrize("make", [factories.CadreFactory, factories.HouseholdFactory])
def test_no_column_of_row_or_history_holds_a_phone(make):
    row = make(phone="13900001062")
    row.phone = "13900001063、051887654321"
    row.save()
    for model in (type(row), row.history.model):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")
            rows = str(cursor.fetchall())
        assert all(number not in rows for number in ("13900001062", "13900001063", "051887654321"))
    assert [(former.phone, former.phone_mask) for former in row.history.all()] == [
        ("13900001063、051887654321", "139****1063、051*****4321"),
        ("13900001062", "139****1062"),
    ]


@pytest.mark.django_db
def test_an_empty_number_stays_empty():
    factories.CadreFactory(id_number="")
    assert stored("id_number") == stored("id_number_hash") == stored("id_number_mask") == [""]
    assert stored("phone") == stored("phone_mask") == [""]
    assert Cadre.objects.get().id_number == ""


@pytest.mark.parametrize(
    "lookup", ["exact", "iexact", "contains", "startswith", "in", "gt", "regex", "length", "range"]
)
def test_nothing_is_looked_up_by_the_ciphertext(lookup):
    """It would find nothing and seem to say that there is nothing; or let somebody guess digit by digit."""
    with pytest.raises(FieldError):
        Cadre.objects.filter(**{f"id_number__{lookup}": [NUMBER] if lookup in {"in", "range"} else NUMBER})


@pytest.mark.django_db
def test_only_whether_there_is_a_value_may_be_asked():
    factories.CadreFactory()
    assert Cadre.objects.filter(id_number__isnull=False).count() == 1


def test_a_second_key_still_reads_what_the_first_wrote(settings):
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    settings.FIELD_KEYS = [old]
    token = encrypt(NUMBER)
    settings.FIELD_KEYS = [new, f" {old} "]
    assert decrypt(token) == NUMBER
    renewed = encrypt(NUMBER)
    settings.FIELD_KEYS = [new]
    assert decrypt(renewed) == NUMBER


@pytest.mark.django_db
def test_a_wrong_key_says_so(settings):
    factories.CadreFactory(id_number=NUMBER)
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(ValueError, match="密文与 BANZHUANG_FIELD_KEYS 中的密钥不符") as error:
        Cadre.objects.get()
    assert NUMBER not in str(error.value)


@pytest.mark.django_db
def test_a_changed_ciphertext_is_not_read_as_something_else():
    cadre = factories.CadreFactory(id_number=NUMBER)
    token = stored("id_number")[0]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cadres_cadre SET id_number = %s",
            [token[:60] + ("A" if token[60] != "A" else "B") + token[61:]],
        )
    with pytest.raises(ValueError, match="密钥不符"):
        Cadre.objects.get(pk=cadre.pk)


# --- Derived columns ---------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_found_by_its_hash_and_shown_by_its_mask():
    cadre = factories.CadreFactory(id_number=NUMBER)
    factories.CadreFactory(id_number=OTHER)
    assert Cadre.objects.get(id_number_hash=keyed_hash(NUMBER)) == cadre
    assert cadre.id_number_mask == f"7100**********{NUMBER[-4:]}"


def test_the_hash_says_its_version_and_hangs_on_the_key(settings):
    before = keyed_hash(NUMBER)
    assert before == keyed_hash(NUMBER) != keyed_hash(OTHER)
    assert before.startswith("1:") and len(before) == 66
    settings.HASH_KEY = "another"
    assert keyed_hash(NUMBER) != before


@pytest.mark.django_db
def test_filled_also_in_bulk_and_with_history():
    bulk_create_with_history([new_cadre(id_number=NUMBER)], Cadre)
    Cadre.objects.bulk_create([new_cadre(id_number=OTHER)])
    assert stored("id_number_hash") == [keyed_hash(NUMBER), keyed_hash(OTHER)]
    assert stored("id_number_mask") == [f"7100**********{number[-4:]}" for number in (NUMBER, OTHER)]
    assert stored("initials") == ["slg", "slg"]
    assert stored("scope_code") == [factories.TOWNSHIP] * 2
    assert stored("id_number_hash", "cadres_historicalcadre") == [keyed_hash(NUMBER)]


@pytest.mark.django_db
def test_follow_a_change():
    cadre = factories.CadreFactory(id_number=NUMBER, name="赵立国")
    cadre.id_number, cadre.name = "", "仇立国"
    cadre.save()
    kept = Cadre.objects.get()
    assert (kept.id_number_hash, kept.id_number_mask, kept.initials) == ("", "", "qlg")


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("赵班庄", "zbz"),
        ("单国强", "sgq"),
        ("仇和", "qh"),
        ("解学军", "xxj"),
        ("查德胜", "zds"),
        ("王单", "wd"),  # as a surname only where surnames stand
        ("Li 强", "lq"),
        ("王" * 40, "w" * 30),
        ("", ""),
    ],
)
def test_initials_are_of_names(name, initials):
    cadre = Cadre(name=name)
    assert Cadre._meta.get_field("initials").pre_save(cadre, True) == cadre.initials == initials


@pytest.mark.django_db
def test_a_row_of_a_village_has_its_code_also_in_bulk():
    village = factories.VillageFactory()
    Cadre.objects.bulk_create([new_cadre(village=village, township=village.township), new_cadre()])
    assert stored("scope_code") == [village.code, factories.TOWNSHIP]
    bulk_create_with_history([new_cadre(village=village, township=village.township)], Cadre)
    assert stored("scope_code", "cadres_historicalcadre") == [village.code]


def test_a_derived_column_that_does_not_say_how_is_a_mistake():
    with pytest.raises(TypeError, match="says how"):
        DerivedField(source="name").derive("x")


def test_a_migration_keeps_the_source():
    _, _, _, options = Cadre._meta.get_field("id_number_hash").deconstruct()
    assert options["source"] == "id_number"


# --- The version of a row ----------------------------------------------------------------------------------
@pytest.mark.django_db
def test_of_two_copies_the_second_to_be_saved_is_refused():
    pk = factories.CadreFactory(note="").pk
    first, second = Cadre.objects.get(pk=pk), Cadre.objects.get(pk=pk)
    first.note = "先存"
    first.save()
    second.note = "后存"
    with pytest.raises(StaleObject):
        second.save()
    kept = Cadre.objects.get(pk=pk)
    assert (kept.note, kept.version, first.version, second.version) == ("先存", 2, 2, 1)
    assert kept.history.count() == 2


@pytest.mark.django_db
def test_every_save_is_a_new_version():
    cadre = factories.CadreFactory()
    for version in (2, 3):
        cadre.save()
        assert cadre.version == Cadre.objects.get().version == version
    assert [row.version for row in cadre.history.all()] == [3, 2, 1]


@pytest.mark.django_db
def test_a_deleted_row_is_not_saved_into_being():
    cadre = factories.CadreFactory()
    copy = Cadre.objects.get()
    cadre.delete()
    with pytest.raises(StaleObject):
        copy.save()
    assert not Cadre.objects.exists()


@pytest.mark.django_db
def test_a_save_that_fails_leaves_version_and_row_as_they_were():
    cadre = factories.CadreFactory()
    cadre.township_id = None
    with pytest.raises(Exception, match=r"(?i)null"):
        cadre.save()
    assert cadre.version == 1
    cadre.refresh_from_db()
    assert cadre.version == 1
    cadre.save()
    assert cadre.version == 2


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_is_saved():
    pk = factories.CadreFactory().pk
    saved, refused, others = [], [], []
    ready = threading.Barrier(5)

    def save(number):
        try:
            copy = Cadre.objects.get(pk=pk)
            copy.note = f"第 {number} 个"
            ready.wait(10)
            copy.save()
            saved.append(copy.note)
        except StaleObject:
            refused.append(number)
        except Exception as error:
            others.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (others, len(saved), len(refused)) == ([], 1, 4)
    kept = Cadre.objects.get(pk=pk)
    assert ([kept.note], kept.version) == (saved, 2)


# --- Dates of two columns ----------------------------------------------------------------------------------
def test_a_partial_date_is_two_columns():
    post = Post()
    assert post.started is None
    post.started = PartialDate(datetime.date(2018, 8, 1), "month")
    assert (post.start, post.start_precision) == (datetime.date(2018, 8, 1), "month")
    assert post.started == PartialDate(datetime.date(2018, 8, 1), "month")
    post.started = None
    assert (post.start, post.start_precision, post.started) == (None, "day", None)
    assert isinstance(Post.started, Partial) and Post.started.column == "start"


def test_columns_of_the_frame_have_their_words():
    assert PrecisionField().verbose_name == "日期精度"
    assert isinstance(EncryptedTextField("x"), models.TextField)
