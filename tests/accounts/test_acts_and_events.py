"""An act and its event hold together: where the event cannot be written, nothing was done."""

import datetime
from types import SimpleNamespace

import pytest
from django.db import DatabaseError
from django.urls import reverse

from banzhuang.accounts.models import AuditEvent
from banzhuang.duties.models import Notice
from banzhuang.duties.notices import urge
from cadres.models import Post
from livelihood.models import Contact, Need, Visit
from tests import factories
from tests.accounts.conftest import PASSWORD
from tests.livelihood.visit_forms import address, filled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]


@pytest.fixture
def household(villages, leading_cadre):
    made = factories.HouseholdFactory(village=villages[0], head="张福永")
    factories.ContactFactory(household=made, cadre=leading_cadre)
    return made


@pytest.fixture
def no_event(monkeypatch):
    """From the log-in on no event can be written."""

    def failing(event, **kwargs):
        raise DatabaseError("the trail is not there")

    return lambda: monkeypatch.setattr(AuditEvent, "save", failing)


def test_a_visit(client, leader, household, no_event):
    client.force_login(leader)
    no_event()
    with pytest.raises(DatabaseError, match="trail"):
        client.post(address(household), filled())
    assert not Visit.objects.exists()


def test_a_visit_corrected(client, leader, leading_cadre, household, no_event):
    visit = factories.VisitFactory(household=household, visitor=leading_cadre, heard="原来的话")
    client.force_login(leader)
    no_event()
    sent = filled(heard="改过的话", date=visit.date.isoformat()) | {"read_version": visit.version}
    with pytest.raises(DatabaseError, match="trail"):
        client.post(reverse("edit_visit", args=[visit.pk]), sent)
    visit.refresh_from_db()
    assert visit.heard == "原来的话"


def test_an_answer_to_a_need(client, leader, household, no_event):
    first, due = datetime.date(2026, 7, 10), datetime.date(2026, 7, 17)
    need = factories.NeedFactory(household=household, handler="contact", raised_on=first, due=due)
    client.force_login(leader)
    no_event()
    answer = {"act": "answer", "closed_on": "2026-07-15", "outcome": "solved", "reply": "已换瓦修好"}
    with pytest.raises(DatabaseError, match="trail"):
        client.post(reverse("need", args=[need.pk]), answer | {"read_version": need.version})
    assert Need.objects.get().closed_on is None


def test_a_handover(client, welfare_office, leading_cadre, household, no_event):
    successor = factories.LeaderFactory(name="林桂")
    client.force_login(welfare_office)
    no_event()
    contact = Contact.objects.get()
    sent = {"to": successor.pk, "on": "2026-07-10", "contacts": [contact.pk]}
    with pytest.raises(DatabaseError, match="trail"):
        client.post(f"{reverse('handover')}?from={leading_cadre.pk}", sent)
    assert Contact.objects.get().cadre == leading_cadre


def test_a_succession(client, organisation_office, villages, no_event):
    former = Post.objects.get(organisation__village=villages[0])
    successor = factories.CadreFactory(village=villages[0])
    client.force_login(organisation_office)
    page = client.get(reverse("succession", args=[former.organisation_id]))
    sent = {
        "cadre": successor.pk,
        "started": "2026-07-01",
        "selection": "election",
        "origin": Post.Origin.values[0],
        "end_reason": Post.EndReason.values[0],
        "former_read": page.context["form"]["former_read"].value(),
    }
    no_event()
    with pytest.raises(DatabaseError, match="trail"):
        client.post(reverse("succession", args=[former.organisation_id]), sent)
    assert Post.objects.get(organisation=former.organisation) == former
    former.refresh_from_db()
    assert former.end is None


def test_a_password(client, clerk, no_event):
    client.force_login(clerk)
    no_event()
    new = "Shanhu7-maque-Lantian"
    with pytest.raises(DatabaseError, match="trail"):
        client.post(reverse("password_change"), {"old": PASSWORD, "new": new, "again": new})
    clerk.refresh_from_db()
    assert clerk.check_password(PASSWORD)


def test_an_urging(leader, no_event):
    owner = factories.UserFactory()
    duty = SimpleNamespace(
        owner=owner.pk, about="走访", key="k", url="/", scope_code="", rule=SimpleNamespace(label="走访")
    )
    no_event()
    with pytest.raises(DatabaseError, match="trail"):
        urge(leader, duty, datetime.date(2026, 7, 15))
    assert not Notice.objects.exists()
