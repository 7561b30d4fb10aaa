"""The whole identity number: against a reason, recorded once, for those who may."""

import pytest
from django.urls import reverse

from banzhuang.accounts.models import AuditEvent
from cadres.models import Cadre, Post
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def cadre(villages):
    cadre = Post.objects.get(organisation__village=villages[0]).cadre
    cadre.name, cadre.phone = "李玉永", "13900001062"
    cadre.save()
    return cadre


@pytest.fixture
def reveal(client, cadre, leader):
    """reveal(reason, user=leader) → the response."""

    def asking(reason, user=leader):
        client.force_login(user)
        return client.post(reverse("reveal_cadre", args=[cadre.pk]), {"reason": reason})

    return asking


def events():
    return AuditEvent.objects.filter(action="reveal")


def test_with_a_reason_the_numbers_stand_there(reveal, cadre):
    response = reveal("核对社保")
    assert response.status_code == 200
    assert cadre.id_number in response.content.decode()
    assert "13900001062" in response.content.decode()
    assert "no-store" in response["Cache-Control"]


def test_recorded_once_with_reason_place_and_without_the_number(reveal, cadre, leader):
    reveal(f"核对社保 {cadre.id_number}")
    event = events().get()
    assert (event.user, event.subject, event.scope_code) == (
        leader,
        "李玉永的身份证号和电话",
        cadre.scope_code,
    )
    assert event.detail == {"reason": f"核对社保 {cadre.id_number_mask}"}
    assert cadre.id_number not in str(AuditEvent.objects.values())
    reveal("再核对一次")
    assert events().count() == 2


@pytest.mark.parametrize("reason", ["", "核对号", "  核对号  "])
def test_without_four_characters_only_the_box_comes_back(reveal, cadre, reason):
    response = reveal(reason)
    text = response.content.decode()
    assert response.status_code == 422
    assert "<html" not in text
    assert "写明查看的用途，至少四个字。" in text
    assert cadre.id_number not in text
    assert not events().exists()


@pytest.mark.parametrize("role", ["economy", "welfare", "works"])
def test_a_reader_is_refused(reveal, cadre, role):
    response = reveal("核对社保", UserFactory(role=role))
    assert response.status_code == 403
    assert cadre.id_number not in response.content.decode()
    assert not events().exists()


def test_a_village_cadre_is_refused(reveal, village_cadre):
    assert reveal("核对社保", village_cadre).status_code == 403


def test_an_outsider_finds_nothing(reveal, outsider):
    assert reveal("核对社保", outsider).status_code == 404
    assert reveal("", outsider).status_code == 404
    assert not events().exists()


def test_only_by_post(client, leader, cadre):
    client.force_login(leader)
    assert client.get(reverse("reveal_cadre", args=[cadre.pk]), {"reason": "核对社保"}).status_code == 405
    assert not events().exists()


def test_a_permission_taken_away_holds(reveal, cadre, leader):
    role = leader.groups.get()
    role.permissions.remove(role.permissions.get(codename="reveal_cadre"))
    assert reveal("核对社保").status_code == 403


def test_the_page_is_masked_again_afterwards(reveal, client, cadre):
    reveal("核对社保")
    assert cadre.id_number not in client.get(cadre.get_absolute_url()).content.decode()
    assert Cadre.objects.get(pk=cadre.pk).version == cadre.version
