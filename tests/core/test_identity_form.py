"""Masked numbers in a form: the row's own mask is no change, any other is no value; what is typed is whole and right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banzhuang.core.codes import mask_id_number, mask_phone
from cadres.forms import CadreForm
from cadres.models import Cadre
from livelihood.models import Household, Member
from livelihood.register_forms import HouseholdForm, MemberForm
from tests.factories import id_number

NUMBER, PHONES = id_number(7), "13900001062、051887654321"
FORMS = [(CadreForm, Cadre), (HouseholdForm, Household), (MemberForm, Member)]
STORED = {"identity": NUMBER, "telephone": PHONES}
COLUMNS = {"identity": "id_number", "telephone": "phone"}
FIELDS = [(form, model, name) for form, model in FORMS for name in STORED if name in form.base_fields]


def asked(form, model, name, text, stored=STORED):
    """→ (what is wrong at the field, the value that would be saved) of a row with these numbers."""
    row = model(
        **{column: stored.get(field, "") for field, column in COLUMNS.items() if hasattr(model, column)}
    )
    for column in COLUMNS.values():
        if hasattr(model, column):
            model._meta.get_field(f"{column}_mask").pre_save(row, True)
    found = form({name: text}, instance=row)
    problems = found.errors.get(name, [])
    return " ".join(problems), found.cleaned_data.get(name)


def mask(name):
    return mask_phone(PHONES) if name == "telephone" else mask_id_number(NUMBER)


@pytest.mark.django_db
@pytest.mark.parametrize(("form", "model", "name"), FIELDS)
def test_its_own_mask_is_no_change_however_it_is_typed(form, model, name):
    for text in (mask(name), f" {mask(name)} ", mask(name).replace("*", "＊")):
        assert asked(form, model, name, text) == ("", STORED[name])
    assert asked(form, model, name, "") == ("", "")


@pytest.mark.django_db
@pytest.mark.parametrize(("form", "model", "name"), FIELDS)
@pytest.mark.parametrize(
    "text", ["139****0000", "139＊＊＊＊1062", "7100**********0000", "***", "139****1062", "13900**1062"]
)
def test_another_mask_is_refused_at_the_field_and_says_what_stands_there(form, model, name, text):
    wrong, value = asked(form, model, name, text)
    assert value is None
    assert "打了星号" in wrong and mask(name) in wrong and "填写完整" in wrong
    assert asked(form, model, name, text, stored={})[0].startswith("打了星号，与登记的（空白）不同")


@pytest.mark.django_db
@pytest.mark.parametrize(("form", "model", "name"), FIELDS)
@pytest.mark.parametrize(
    "text", ["139xxxx0000", "139●●●●0000", "139····0000", "139#0000", "7100XXXXXXXXXX9437"]
)
def test_what_hides_digits_otherwise_is_no_number_either(form, model, name, text):
    wrong, value = asked(form, model, name, text)
    assert value is None and wrong.endswith("。")


@pytest.mark.django_db
def test_phones_are_kept_as_the_ledgers_keep_them():
    kept = [
        asked(CadreForm, Cadre, "telephone", text) for text in ("139 0000 1063", "13900001063/0518-87651234")
    ]
    assert kept == [("", "13900001063"), ("", "13900001063、051887651234")]
    four = "、".join(f"1390000100{place}" for place in range(4))
    assert asked(CadreForm, Cadre, "telephone", four)[0] == "电话多于三个。留下常用的三个。"


DIGITS = st.text("0123456789", min_size=4, max_size=18)


@pytest.mark.django_db
@given(head=DIGITS, hidden=st.integers(2, 10), tail=st.text("0123456789X", max_size=6), wide=st.booleans())
def test_no_mask_is_ever_a_value(head, hidden, tail, wide):
    text = head + ("＊" if wide else "*") * hidden + tail
    for name in STORED:
        wrong, value = asked(CadreForm, Cadre, name, text)
        own = text.replace("＊", "*") == mask(name)
        assert (wrong, value) == ("", STORED[name]) if own else (wrong and value is None)
