"""The whole numbers and the health of a household and its members: against a reason, recorded once."""

import datetime

import pytest
from django.urls import reverse

from banzhuang.accounts.models import AuditEvent
from livelihood.models import Member
from tests.factories import HouseholdFactory, UserFactory, id_number

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]
WIFE = id_number(3, sex="女", birth=datetime.date(1970, 7, 16))


@pytest.fixture
def zhang(villages):
    return HouseholdFactory(village=villages[0], head="张福永", phone="13900001062", health="disabled")


@pytest.fixture
def wife(zhang):
    return Member.objects.create(
        household=zhang, name="刘春英", relation="spouse", sex="2", id_number=WIFE, health="serious"
    )


@pytest.fixture
def reveal(client, welfare_office, zhang, wife):
    """reveal(name, reason, user) → the response; name: household or member."""

    def asking(name, reason="核对低保", user=welfare_office):
        client.force_login(user)
        row = {"household": zhang, "member": wife}[name]
        return client.post(reverse(f"reveal_{name}", args=[row.pk]), {"reason": reason})

    return asking


SECRETS = {"household": ("13900001062", "残疾"), "member": (WIFE, "患有大病")}
SUBJECTS = {"household": "张福永的身份证号、电话和健康状况", "member": "刘春英的身份证号和健康状况"}


def events():
    return AuditEvent.objects.filter(action="reveal")


@pytest.mark.parametrize("name", SECRETS)
def test_with_a_reason_all_stands_there_and_is_recorded_once(reveal, welfare_office, zhang, name):
    text = reveal(name).content.decode()
    for secret in SECRETS[name]:
        assert secret in text
    assert "<html" not in text
    event = events().get()
    assert (event.user, event.subject, event.scope_code) == (welfare_office, SUBJECTS[name], zhang.scope_code)
    assert event.detail == {"reason": "核对低保"}


def test_nothing_sensitive_gets_into_the_trail(reveal, zhang):
    reveal("household", f"核对 {zhang.id_number}")
    kept = str(list(AuditEvent.objects.values()))
    for secret in (zhang.id_number, "13900001062", "残疾", "disabled"):
        assert secret not in kept


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("reason", ["", "核对号", "  核对号 "])
def test_without_a_reason_the_mask_comes_back(reveal, name, reason):
    answer = reveal(name, reason)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "写明查看的用途，至少四个字。" in text
    for secret in SECRETS[name]:
        assert secret not in text
    assert not events().exists()


@pytest.mark.parametrize("name", SECRETS)
def test_readers_are_refused(reveal, name, leader, village_cadre):
    for user in (leader, village_cadre):
        answer = reveal(name, user=user)
        assert answer.status_code == 403
        assert not any(secret in answer.content.decode() for secret in SECRETS[name])
    assert not events().exists()


@pytest.mark.parametrize("name", SECRETS)
def test_outsiders_find_nothing(reveal, name, outsider):
    other = UserFactory(role="welfare", scope=outsider.scope)
    for user in (outsider, other, UserFactory(role="works"), UserFactory(role="staff")):
        assert reveal(name, user=user).status_code == 404
    assert not events().exists()


@pytest.mark.parametrize("name", SECRETS)
def test_only_by_post(client, welfare_office, zhang, wife, name):
    client.force_login(welfare_office)
    row = zhang if name == "household" else wife
    assert client.get(reverse(f"reveal_{name}", args=[row.pk]), {"reason": "核对低保"}).status_code == 405
    assert client.post(reverse(f"reveal_{name}", args=[99999999]), {"reason": "核对低保"}).status_code == 404


def test_a_permission_taken_away_holds(reveal, welfare_office):
    role = welfare_office.groups.get()
    role.permissions.remove(role.permissions.get(codename="reveal_member"))
    assert reveal("member").status_code == 403
    assert reveal("household").status_code == 200
