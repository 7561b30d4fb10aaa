"""Forms of rows: dates with a precision, and who comes second is told what the first one wrote."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db.models import F

from banzhuang.core.dates import PartialDate
from banzhuang.core.forms import PartialDateField, RowForm
from cadres.models import Cadre, Post
from tests import factories

pytestmark = pytest.mark.django_db


class PersonForm(RowForm):
    partial_dates = {"born": "born"}
    born = PartialDateField(label="出生日期", required=False)

    class Meta:
        model = Cadre
        fields = ["name", "sex", "village", "note"]


@pytest.fixture
def person(villages):
    number = factories.id_number(1, birth=datetime.date(1975, 3, 9))
    cadre = factories.CadreFactory(name="张立国", village=villages[0], note="", sex="1", id_number=number)
    cadre.born = PartialDate(datetime.date(1975, 3, 1), "month")
    cadre.save()
    return cadre


def shown(form):
    """What a browser sends back when nothing is typed: the values as the form shows them."""
    return {field.html_name: "" if field.value() is None else str(field.value()) for field in form}


def row(person):
    return Cadre.objects.get(pk=person.pk)


# --- Nobody between ----------------------------------------------------------------------------------------
def test_shows_the_row_and_saves_it(person):
    typed = shown(PersonForm(instance=row(person)))
    assert (typed["born"], typed["read_version"]) == ("1975-03", "2")
    form = PersonForm(typed | {"note": "入户", "born": "1975-03-09"}, instance=row(person))
    assert form.is_valid() and sorted(form.changed_data) == ["born", "note"]
    form.save()
    kept = row(person)
    assert (kept.note, kept.born.iso(), kept.version) == ("入户", "1975-03-09", 3)


def test_what_was_not_touched_is_not_changed(person):
    form = PersonForm(shown(PersonForm(instance=row(person))), instance=row(person))
    assert form.is_valid() and form.changed_data == []


def test_a_new_row_has_no_version_to_carry(villages):
    form = PersonForm({"name": "新人", "sex": "", "village": villages[0].pk, "note": "", "born": ""})
    assert form.is_valid(), form.errors


# --- Somebody between --------------------------------------------------------------------------------------
@pytest.fixture
def second(person, villages, time_machine):
    """A form opened before, and submitted after somebody else has saved the row."""
    time_machine.move_to("2026-07-01 09:30:00+08:00", tick=False)
    typed = shown(PersonForm(instance=row(person))) | {"name": "张立新", "note": "后填的话"}
    first = row(person)
    first.note, first.sex, first.village, first.born = "先填的话", "2", villages[1], None
    first.save()
    return PersonForm(typed, instance=row(person))


def test_the_second_is_refused_and_told_what_stands_there(second, person):
    assert not second.is_valid()
    (sentence,) = second.non_field_errors()
    assert sentence == (
        "这一条在 07月01日 09:30 已被改过（现为第 3 版），与刚才填的不同：姓名现为“张立国”，性别现为“女”，"
        "村现为“李小湾村”，备注现为“先填的话”，出生日期现为“空”。刚才填的还在下面，核对后再提交一次，以下面的为准。"
    )
    assert row(person).note == "先填的话"


def test_nothing_typed_is_lost(second):
    second.is_valid()
    html = str(second)
    assert 'value="张立新"' in html and 'value="后填的话"' in html and 'value="1975-03"' in html
    assert 'name="read_version" value="3"' in html


def test_a_second_submit_is_meant(second, person):
    second.is_valid()
    again = PersonForm(shown(second), instance=row(person))
    assert again.is_valid(), again.errors
    again.save()
    kept = row(person)
    assert (kept.name, kept.note, kept.born.iso(), kept.version) == ("张立新", "后填的话", "1975-03", 4)


def test_the_same_typed_twice_is_said_to_be_the_same(person):
    typed = shown(PersonForm(instance=row(person))) | {"note": "一样的话"}
    first = row(person)
    first.note = "一样的话"
    first.save()
    form = PersonForm(typed, instance=row(person))
    assert not form.is_valid()
    assert "现在的内容与刚才填的相同" in form.non_field_errors()[0]


@pytest.mark.parametrize("version", [None, "", "x"])
def test_a_form_that_does_not_say_what_it_was_read_from_is_refused(person, version):
    typed = shown(PersonForm(instance=row(person))) | {"note": "入户"}
    del typed["read_version"]
    if version is not None:
        typed["read_version"] = version
    assert not PersonForm(typed, instance=row(person)).is_valid()


@pytest.fixture
def answer_of(client, organisation_office, person):
    """answer_of(**typed): what the admin's page of the person answers to a form with these values."""
    client.force_login(organisation_office)
    address = f"/admin/cadres/cadre/{person.pk}/change/"
    as_shown = shown(client.get(address).context["adminform"].form)
    return lambda **typed: client.post(address, as_shown | typed)


def test_the_admin_says_it_too(answer_of, person):
    answer = answer_of(note="后填的话", read_version="1")
    assert answer.status_code == 200
    assert "已被改过（现为第 2 版）" in answer.content.decode()
    assert row(person).note == ""


def test_somebody_between_check_and_save_is_not_overwritten_either(answer_of, person, monkeypatch):
    check = RowForm.clean

    def check_and_be_overtaken(form):
        cleaned = check(form)
        Cadre.objects.filter(pk=person.pk).update(version=F("version") + 1, note="先填的话")
        return cleaned

    monkeypatch.setattr(RowForm, "clean", check_and_be_overtaken)
    answer = answer_of(note="后填的话")
    assert answer.status_code == 409
    assert "保存之前，别人已经改过这一条" in answer.content.decode()
    assert row(person).note != "后填的话"


# --- Dates with a precision --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2018", "2018"),
        ("2018-08", "2018-08"),
        ("2018.08", "2018-08"),
        ("2018年8月5日", "2018-08-05"),
        ("", None),
    ],
)
def test_dates_as_people_write_them(text, iso):
    cleaned = PartialDateField(required=False).clean(text)
    assert (cleaned.iso() if cleaned else None) == iso


@pytest.mark.parametrize("text", ["昨天", "2018-13", "2018-02-30", "x" * 30])
def test_what_is_no_date_is_refused_in_chinese(text):
    with pytest.raises(ValidationError) as refused:
        PartialDateField(required=False).clean(text)
    assert not refused.value.messages[0].isascii()


def test_a_date_that_cannot_be_read_is_kept_in_its_box(person):
    form = PersonForm(shown(PersonForm(instance=row(person))) | {"born": "昨天"}, instance=row(person))
    assert not form.is_valid()
    assert 'value="昨天"' in str(form["born"])


# --- What the database asks --------------------------------------------------------------------------------
class HeldForm(RowForm):
    partial_dates = {"started": "started", "ended": "ended"}
    started = PartialDateField(label="任职起", required=False)
    ended = PartialDateField(label="任职止", required=False)

    class Meta:
        model = Post
        fields = ["cadre", "organisation", "title", "end_reason"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"ended": "2022-02", "end_reason": "age"}, "任职止不能早于任职起。"),
        ({"ended": "2026-03"}, "写了任职止，也要选离任原因。"),
        ({"ended": "2026-03", "end_reason": "age"}, ""),
        ({"title": "director"}, ""),
    ],
)
def test_constraints_speak_in_the_form_also_on_partial_dates(villages, typed, said):
    post = Post.objects.first()
    form = HeldForm(shown(HeldForm(instance=post)) | typed, instance=post)
    assert "".join(form.non_field_errors()) == said
    assert form.is_valid() is (not said)


def test_a_second_of_what_there_is_one_of_is_refused_in_the_form(villages):
    post = Post.objects.first()
    form = HeldForm(
        shown(HeldForm(instance=post)) | {"cadre": factories.CadreFactory().pk, "read_version": ""}
    )
    assert form.non_field_errors() == ["这个党组织已有在任书记。换人用“书记接任”，前任会同时离任。"]
