"""干部 in the admin: scope, masked numbers, two editors, one event for each act."""

import datetime
import re

import pytest

from banzhuang.accounts.models import AuditEvent
from cadres.models import Cadre
from tests.factories import (
    OTHER_TOWNSHIP,
    CadreFactory,
    TownshipFactory,
    UserFactory,
    VillageFactory,
    id_number,
)

pytestmark = pytest.mark.django_db
LIST, ADD = "/admin/cadres/cadre/", "/admin/cadres/cadre/add/"
NUMBER, OTHER_NUMBER = id_number(7), id_number(8)


@pytest.fixture
def office(client, organisation_office):
    client.force_login(organisation_office)
    return client


@pytest.fixture
def cadre(villages):
    return CadreFactory(name="李玉永", village=villages[0], id_number=NUMBER, phone="13900001062")


@pytest.fixture
def foreign(db):
    village = VillageFactory(township=TownshipFactory(code=OTHER_TOWNSHIP, name="外镇"), name="外村")
    return CadreFactory(name="外镇人", village=village)


def change(row):
    return f"{LIST}{row.pk}/change/"


def filled(response, **changes):
    """What the form of a page would send, with some fields written anew."""
    form = response.context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    sent = {name: "" if value is None else value for name, value in values.items()}
    sent = {name: value.iso() if hasattr(value, "iso") else value for name, value in sent.items()}
    return {**sent, **changes}


def errors(response):
    return dict(response.context["adminform"].form.errors)


def names(response):
    return [row.name for row in response.context["cl"].result_list]


def acts():
    return list(AuditEvent.objects.exclude(action="login").values_list("action", "subject"))


def test_the_list_is_of_the_scope(office, cadre, foreign, villages):
    assert "外镇人" not in names(office.get(LIST))
    assert "李玉永" in names(office.get(LIST))


def test_initials_find(office, cadre):
    assert names(office.get(LIST, {"q": "lyy"})) == ["李玉永"]
    assert names(office.get(LIST, {"q": "玉"})) == ["李玉永"]


def test_added_in_scope_with_one_event(office, villages):
    sent = filled(
        office.get(ADD), name="赵新", sex="1", born="1975-03", identity=NUMBER, telephone="13900001062",
        category="village", township=villages[0].township_id, village=villages[0].pk, joined_party="1999",
    )  # fmt: skip
    response = office.post(ADD, sent)
    assert response.status_code == 302
    cadre = Cadre.objects.get(name="赵新")
    assert (cadre.id_number, cadre.phone, cadre.born.iso(), cadre.joined_party.iso()) == (
        NUMBER,
        "13900001062",
        "1975-03",
        "1999",
    )
    assert (cadre.initials, cadre.scope_code) == ("zx", villages[0].code)
    assert acts() == [("add", "干部 赵新")]


def test_masks_left_as_they_are_keep_what_is_stored(office, cadre):
    page = office.get(change(cadre))
    sent = filled(page, note="改过")
    assert (sent["identity"], sent["telephone"]) == (cadre.id_number_mask, "139****1062")
    assert office.post(change(cadre), sent).status_code == 302
    cadre.refresh_from_db()
    assert (cadre.note, cadre.id_number, cadre.phone) == ("改过", NUMBER, "13900001062")
    event = AuditEvent.objects.get(action="change")
    assert (event.subject, event.detail) == ("干部 李玉永", {"changes": {"备注": ["", "改过"]}})


def test_a_valid_number_replaces_and_an_empty_one_removes(office, cadre):
    office.post(change(cadre), filled(office.get(change(cadre)), identity=OTHER_NUMBER))
    cadre.refresh_from_db()
    assert cadre.id_number == OTHER_NUMBER
    office.post(change(cadre), filled(office.get(change(cadre)), identity=""))
    cadre.refresh_from_db()
    assert (cadre.id_number, cadre.id_number_mask, cadre.id_number_hash) == ("", "", "")


@pytest.mark.parametrize(
    "number", [NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1"), "7100**********9999", "12345", "x"]
)
def test_a_wrong_number_is_refused_at_its_field(office, cadre, number):
    page = office.post(change(cadre), filled(office.get(change(cadre)), identity=number))
    assert list(errors(page)) == ["identity"]
    cadre.refresh_from_db()
    assert cadre.id_number == NUMBER


def test_a_number_of_another_cadre_is_refused_in_words(office, cadre, villages):
    other = CadreFactory(village=villages[0])
    page = office.post(change(other), filled(office.get(change(other)), identity=NUMBER))
    assert "这个身份证号已登记过一名干部" in page.content.decode()
    assert "李玉永" not in page.content.decode()


def test_the_rules_of_the_ledgers_hold(office, cadre):
    page = office.post(
        change(cadre), filled(office.get(change(cadre)), sex="2", born="1975-04", joined_party="1993-02")
    )
    assert set(errors(page)) == {"sex", "born", "joined_party"}


@pytest.mark.parametrize("field", ["village", "birthplace", "township"])
def test_a_forged_place_of_another_township_is_refused(office, cadre, foreign, field):
    forged = foreign.township_id if field == "township" else foreign.village_id
    page = office.post(change(cadre), filled(office.get(change(cadre)), **{field: forged}))
    assert field in errors(page)
    assert "外村" not in page.content.decode()
    cadre.refresh_from_db()
    assert cadre.version == 1


def test_rows_of_another_township_are_not_there(office, foreign):
    for url in (change(foreign), f"{LIST}{foreign.pk}/history/", f"{LIST}{foreign.pk}/delete/"):
        response = office.get(url, follow=True)
        assert "外镇人" not in response.content.decode()
    office.post(change(foreign), {"name": "改"})
    foreign.refresh_from_db()
    assert foreign.name == "外镇人"


def test_no_plain_number_in_any_page(office, cadre):
    cadre.note = "改过"
    cadre.id_number = OTHER_NUMBER
    cadre.save()
    version = cadre.history.first().pk
    urls = [
        LIST,
        f"{LIST}?q=lyy",
        change(cadre),
        f"{LIST}{cadre.pk}/history/",
        f"{LIST}{cadre.pk}/history/{version}/",
    ]
    pages = [office.get(f"{url}") for url in [*urls, f"{LIST}{cadre.pk}/delete/"]]
    pages.append(office.post(change(cadre), filled(office.get(change(cadre)), name="")))
    for page in pages:
        assert page.status_code == 200
        text = page.content.decode()
        assert NUMBER not in text
        assert OTHER_NUMBER not in text
        assert "13900001062" not in text
        assert not re.search("gAAAA|1:[0-9a-f]{64}", text)


def test_the_second_editor_is_told_and_nothing_is_lost(office, cadre):
    first = filled(office.get(change(cadre)), note="第一人", position="主任")
    second = filled(office.get(change(cadre)), note="第二人")
    assert office.post(change(cadre), first).status_code == 302
    page = office.post(change(cadre), second)
    text = page.content.decode()
    assert page.status_code == 200
    assert "备注现为“第一人”" in text
    assert 'value="第二人"' in text
    cadre.refresh_from_db()
    assert (cadre.note, cadre.position) == ("第一人", "主任")
    assert [action for action, _ in acts()] == ["change"]
    assert office.post(change(cadre), filled(page)).status_code == 302
    cadre.refresh_from_db()
    assert cadre.note == "第二人"


def test_the_account_of_a_cadre_stays_when_the_editor_sees_no_accounts(office, cadre):
    cadre.user = UserFactory(role="staff", name="李玉永")
    cadre.save()
    office.post(change(cadre), filled(office.get(change(cadre)), note="改过"))
    cadre.refresh_from_db()
    assert cadre.note == "改过"
    assert cadre.user.name == "李玉永"


def test_no_account_can_be_taken_that_the_editor_does_not_see(office, cadre):
    other = UserFactory(role="staff")
    page = office.post(change(cadre), filled(office.get(change(cadre)), user=other.pk))
    assert "user" in errors(page)


def test_villages_to_choose_are_those_of_the_scope(office, foreign, villages):
    found = office.get(
        "/admin/autocomplete/",
        {"app_label": "cadres", "model_name": "cadre", "field_name": "village", "term": "村"},
    ).json()
    assert [row["text"] for row in found["results"]] == ["西响石村", "李小湾村"]


def test_deleted_with_one_event(office, cadre):
    office.post(f"{LIST}{cadre.pk}/delete/", {"post": "yes"})
    assert not Cadre.objects.filter(pk=cadre.pk).exists()
    assert acts() == [("delete", "干部 李玉永")]


def test_a_reader_reads_and_a_stranger_is_not_let_in(client, cadre):
    client.force_login(UserFactory(role="economy", is_staff=True))
    assert client.get(ADD).status_code == 403
    page = client.get(change(cadre))
    assert page.status_code == 200
    assert NUMBER not in page.content.decode()
    assert client.post(change(cadre), {"name": "改"}).status_code == 403
    client.force_login(UserFactory(role="leader"))
    assert client.get(LIST).status_code == 302


def test_queries_of_the_list_are_the_same_for_10_and_50_rows(office, villages, count_queries):
    for number in range(8):
        CadreFactory(village=villages[0], id_number=id_number(number, birth=datetime.date(1970, 1, 1)))
    office.get(LIST)
    ten = count_queries(lambda: office.get(LIST))
    for number in range(40):
        CadreFactory(village=villages[0], id_number=id_number(number, birth=datetime.date(1971, 1, 1)))
    assert count_queries(lambda: office.get(LIST)) == ten
    assert len(names(office.get(LIST))) == 50
