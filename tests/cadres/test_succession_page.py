"""书记接任 and 任命书记: from the empty form to the finished act; what is refused, and that nothing typed is lost."""

import datetime

import pytest
from django.urls import reverse

from banzhuang.accounts.models import AuditEvent
from banzhuang.core.models import ParameterValue
from cadres.forms import SuccessionForm
from cadres.models import Post
from tests.factories import (
    OTHER_TOWNSHIP,
    BranchFactory,
    CadreFactory,
    TownshipFactory,
    UserFactory,
    VillageFactory,
)
from villages.models import Organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]


@pytest.fixture
def former(villages):
    """王强, secretary of 西响石村 since 1 March 2022."""
    post = Post.objects.get(organisation__village=villages[0])
    post.cadre.name = "王强"
    post.cadre.save()
    return post


@pytest.fixture
def successor(villages):
    return CadreFactory(name="李玉永", village=villages[0])


@pytest.fixture
def office(client, organisation_office):
    client.force_login(organisation_office)
    return client


def address(organisation):
    return reverse("succession", args=[getattr(organisation, "organisation_id", organisation.pk)])


def read(former):
    """What the page says of the post that ends, and brings back."""
    return f"{former.pk}:{former.version}"


def filled(former, cadre, **changes):
    return {
        "cadre": cadre.pk,
        "started": "2026-07-01",
        "selection": "election",
        "origin": "villager",
        "term_ends": "2031-07",
        "end_reason": "age",
        "end_document": "班委〔2026〕3号",
        "former_read": read(former) if former else "",
        **changes,
    }


def errors(response):
    return {field: list(found) for field, found in response.context["form"].errors.items()}


def test_from_the_empty_form_to_the_finished_act(office, former, successor):
    page = office.get(address(former)).content.decode()
    assert "书记接任" in page
    assert "王强" in page
    assert f'name="former_read" value="{read(former)}"' in page
    done = office.post(address(former), filled(former, successor), follow=True)
    assert done.redirect_chain == [(successor.get_absolute_url(), 302)]
    assert "李玉永任西响石村书记，自2026年7月1日起。" in done.content.decode()
    old, new = Post.objects.filter(organisation=former.organisation).order_by("start")
    assert (old.ended.iso(), old.end_reason, old.end_document) == ("2026-07-01", "age", "班委〔2026〕3号")
    assert (new.cadre, new.started.iso(), new.term_ends.iso(), new.end) == (
        successor,
        "2026-07-01",
        "2031-07",
        None,
    )
    assert (new.selection, new.origin, new.scope_code) == ("election", "villager", old.scope_code)


def test_recorded_once(office, former, successor):
    office.post(address(former), filled(former, successor))
    event = AuditEvent.objects.get(action="change")
    assert (event.subject, event.scope_code) == ("西响石村书记由李玉永接任", former.scope_code)


def test_an_empty_form_names_each_field(office, former):
    page = office.post(address(former), {"former_read": read(former)})
    assert set(errors(page)) == {"cadre", "started", "selection", "origin", "end_reason"}
    assert Post.objects.get(pk=former.pk).end is None


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        (
            {"started": "2026-07-16"},
            "started",
            "任职起 2026-07-16 晚于今天（2026-07-15）。到任后再登记，或改成实际日期。",
        ),
        (
            {"started": "2022-02"},
            "started",
            "任职起 2022-02 早于现任书记王强的任职起（2022-03-01）。核对两人的任职起；"
            "现任书记的起任日期有误时，先改那一条。",
        ),
        ({"started": "七月"}, "started", None),
        ({"started": "2026.1.32"}, "started", None),
        ({"term_ends": "2026-07-01"}, "term_ends", "届满 2026-07-01 应晚于任职起 2026-07-01。"),
        ({"selection": "x"}, "selection", None),
        ({"end_reason": ""}, "end_reason", None),
        ({"end_document": "文" * 61}, "end_document", None),
    ],
)
def test_errors_stand_at_their_fields_and_nothing_typed_is_lost(
    office, former, successor, changes, field, sentence
):
    typed = filled(former, successor, **changes)
    page = office.post(address(former), typed)
    found = errors(page)
    assert list(found) == [field]
    if sentence:
        assert found[field] == [sentence]
    text = page.content.decode()
    form = page.context["form"]
    for name, value in typed.items():
        assert form[name].value() == str(value)
    assert 'value="班委〔2026〕3号"' in text or field == "end_document"
    assert f'<option value="{successor.pk}" selected' in text
    assert Post.objects.get(organisation=former.organisation) == former
    assert Post.objects.get(pk=former.pk).end is None
    assert not AuditEvent.objects.filter(action="change").exists()


def test_without_a_term_it_is_reckoned_from_the_years_set(office, former, successor):
    ParameterValue.objects.create(key="cadres.term_years", value="3", valid_from=datetime.date(2026, 7, 1))
    office.post(address(former), filled(former, successor, term_ends="", started="2026-06-30"))
    assert Post.objects.get(cadre=successor).term_ends.iso() == "2031-06"
    Post.objects.filter(cadre=successor).delete()
    former.refresh_from_db()
    Post.objects.filter(pk=former.pk).update(end=None, end_reason="")
    office.post(address(former), filled(former, successor, term_ends=""))
    assert Post.objects.get(cadre=successor).term_ends.iso() == "2029-07"


def test_a_start_on_the_29th_of_february_has_a_term(office, former, successor):
    office.post(address(former), filled(former, successor, term_ends="", started="2024-02-29"))
    assert Post.objects.get(cadre=successor).term_ends.iso() == "2029-02"


def test_a_cadre_of_another_township_is_no_choice(office, former):
    other = VillageFactory(township=TownshipFactory(code=OTHER_TOWNSHIP, name="外镇"))
    foreign = CadreFactory(name="外镇人", village=other)
    page = office.post(address(former), filled(former, foreign))
    assert list(errors(page)) == ["cadre"]
    assert "外镇人" not in page.content.decode()
    assert Post.objects.count() == 2


def test_the_former_cannot_follow_himself(office, former):
    assert list(errors(office.post(address(former), filled(former, former.cadre)))) == ["cadre"]


def test_a_former_changed_meanwhile_is_told_and_nothing_is_lost(office, former, successor):
    typed = filled(former, successor)
    former.note = "改过"
    former.save()
    page = office.post(address(former), typed)
    assert "现任书记的任职刚被改过" in errors(page)["__all__"][0]
    assert page.context["form"]["end_document"].value() == "班委〔2026〕3号"
    assert Post.objects.filter(organisation=former.organisation).count() == 1


def test_once_told_the_same_is_done_with_a_second_click(office, former, successor):
    typed = filled(former, successor)
    former.save()
    page = office.post(address(former), typed)
    again = {**typed, "former_read": page.context["form"]["former_read"].value()}
    assert office.post(address(former), again).status_code == 302


def test_another_successor_meanwhile_is_not_ended_in_the_formers_place(office, former, successor):
    """Both posts have version 1: which one was seen counts, not the number alone."""
    typed = filled(former, successor)
    quicker = CadreFactory(name="孙先到", village=former.organisation.village)
    office.post(address(former), filled(former, quicker))
    page = office.post(address(former), typed)
    assert "现任书记的任职刚被改过" in errors(page)["__all__"][0]
    assert Post.objects.secretaries().get(organisation=former.organisation, end=None).cadre == quicker


def test_two_at_the_same_moment_make_one(organisation_office, villages, successor):
    """Both forms were checked before either was written."""
    branch = Organisation.objects.get(village=villages[0], kind="branch")
    Post.objects.filter(organisation=branch).delete()
    first, second = (
        SuccessionForm(filled(None, successor), user=organisation_office, organisation=branch, former=None)
        for _ in range(2)
    )
    assert first.is_valid() and second.is_valid()
    assert first.save()
    assert second.save() is None
    assert "刚被改过" in second.errors["__all__"][0]


def test_submitting_twice_makes_one(office, former, successor):
    typed = filled(former, successor)
    office.post(address(former), typed)
    again = office.post(address(former), typed)
    assert again.status_code == 200
    assert Post.objects.filter(organisation=former.organisation).count() == 2


def test_the_first_secretary(office, villages, successor):
    branch = BranchFactory(village=VillageFactory(township=villages[0].township, name="新村"))
    page = office.get(address(branch))
    assert "这个党组织现在没有书记。" in page.content.decode()
    assert set(page.context["form"].fields) == {
        "cadre",
        "started",
        "selection",
        "origin",
        "term_ends",
        "end_document",
    }
    office.post(address(branch), filled(None, successor))
    assert Post.objects.get(organisation=branch).started.iso() == "2026-07-01"


def test_no_day_with_two_after_a_vacancy(office, former, successor):
    former.end, former.end_reason = datetime.date(2026, 6, 10), "age"
    former.save()
    page = office.post(address(former), filled(None, successor, started="2026-06-09"))
    assert errors(page) == {
        "started": [
            "任职起 2026-06-09 早于前任书记王强的离任（2026-06-10）。"
            "核对两人的日期；前任的离任日期有误时，先改那一条。"
        ]
    }
    office.post(address(former), filled(None, successor, started="2026-06-10"))
    assert Post.objects.filter(cadre=successor).exists()


def test_choices_are_grouped_own_village_first(office, former, successor, villages):
    CadreFactory(
        name="赵镇长", village=None, township=villages[0].township, position="镇长", category="leader"
    )
    groups = office.get(address(former)).context["form"].fields["cadre"].choices
    assert [(name, [label for _, label in members]) for name, members in list(groups)[1:]] == [
        ("本村", ["李玉永（西响石村）"]),
        ("镇机关", ["赵镇长（镇长）"]),
        ("其他村", [f"{Post.objects.get(organisation__village=villages[1]).cadre.name}（李小湾村）"]),
    ]


@pytest.mark.parametrize("role", ["leader", "economy", "village"])
def test_a_reader_is_refused(client, former, successor, role):
    client.force_login(UserFactory(role=role))
    assert client.get(address(former)).status_code == 403
    assert client.post(address(former), filled(former, successor)).status_code == 403
    assert Post.objects.get(pk=former.pk).end is None


def test_an_outsider_finds_nothing(client, former, successor, outsider):
    client.force_login(outsider)
    assert client.get(address(former)).status_code == 404
    assert client.post(address(former), filled(former, successor)).status_code == 404


def test_only_party_organisations_have_a_secretary(office, villages):
    committee = Organisation.objects.get(village=villages[0], kind="village_committee")
    assert office.get(address(committee)).status_code == 404


def test_the_party_committee_of_the_township_has_one_too(office, villages, successor):
    committee = BranchFactory(village=None, township=villages[0].township, kind="committee", name="镇党委")
    assert office.get(address(committee)).status_code == 200
    assert office.post(address(committee), filled(None, successor)).status_code == 302
