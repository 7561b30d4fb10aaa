"""走访表 on paper: who is due, what is known of them, and room to write."""

import datetime

import pytest

from banzhuang.accounts.models import AuditEvent
from livelihood.models import HouseholdYear
from tests.factories import (
    OTHER_TOWNSHIP,
    ContactFactory,
    HouseholdFactory,
    LeaderFactory,
    NeedFactory,
    TownshipFactory,
    VillageFactory,
    VisitFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]

ADDRESS = "/livelihood/visits/sheet/"


@pytest.fixture
def held(villages, leading_cadre):
    """张福永 waits since May, 孙燕生 was visited yesterday."""
    made = [
        (villages[1], "张福永", datetime.date(2026, 5, 21)),
        (villages[0], "孙燕生", datetime.date(2026, 7, 14)),
    ]
    households = []
    for village, head, last in made:
        household = HouseholdFactory(village=village, head=head)
        ContactFactory(household=household, cadre=leading_cadre)
        VisitFactory(household=household, visitor=leading_cadre, date=last)
        households.append(household)
    return households


def test_a_leader_prints_ones_own_due_households(client, leader, held):
    HouseholdYear.objects.create(household=held[0], year=2026, members=4, cause="illness")
    NeedFactory(household=held[0], content="屋面漏雨")
    client.force_login(leader)
    text = client.get(ADDRESS).content.decode()
    assert "联系 2 户，表上 1 户" in text
    assert "张福永" in text
    assert "因病" in text
    assert "5月21日" in text
    assert "待答复：屋面漏雨" in text
    assert "孙燕生" not in text


def test_opening_it_is_one_event_of_printing(client, leader, held):
    client.force_login(leader)
    client.get(ADDRESS)
    event = AuditEvent.objects.get(action="print")
    assert (event.subject, event.detail, event.user) == ("走访表 马强", {"rows": 1}, leader)


def test_where_there_is_nobody_to_print_for_there_is_no_event(client, welfare_office, held):
    client.force_login(welfare_office)
    client.get(ADDRESS)
    assert not AuditEvent.objects.filter(action="print").exists()


def test_all_households_on_wish(client, leader, held):
    client.force_login(leader)
    assert "孙燕生" in client.get(f"{ADDRESS}?all=1").content.decode()


def test_the_sheet_of_an_earlier_day(client, leader, held):
    client.force_login(leader)
    text = client.get(f"{ADDRESS}?on=2026-05-30").content.decode()
    assert "张福永" not in text


def test_the_office_chooses_a_leader(client, welfare_office, held, leading_cadre):
    client.force_login(welfare_office)
    assert "还没有选领导" in client.get(ADDRESS).content.decode()
    assert "张福永" in client.get(f"{ADDRESS}?leader={leading_cadre.pk}").content.decode()


def test_nobody_due_says_so(client, leader, leading_cadre):
    client.force_login(leader)
    assert "没有该访的户" in client.get(ADDRESS).content.decode()


def test_who_sees_no_contacts_is_refused(client, organisation_office, held):
    client.force_login(organisation_office)
    assert client.get(ADDRESS).status_code == 403


def test_a_leader_of_another_township_is_not_found(client, welfare_office):
    foreign = VillageFactory(township=TownshipFactory(code=OTHER_TOWNSHIP, name="外镇"))
    contact = ContactFactory(
        household=HouseholdFactory(village=foreign), cadre=LeaderFactory(township=foreign.township)
    )
    client.force_login(welfare_office)
    assert client.get(f"{ADDRESS}?leader={contact.cadre.pk}").status_code == 404


def test_a_village_sees_only_its_own_households_of_a_leader(client, village_cadre, held, leading_cadre):
    client.force_login(village_cadre)
    text = client.get(f"{ADDRESS}?leader={leading_cadre.pk}&all=1").content.decode()
    assert "孙燕生" in text
    assert "张福永" not in text


def test_asks_as_often_for_many_households(client, leader, held, leading_cadre, count_queries):
    client.force_login(leader)
    few = count_queries(lambda: client.get(f"{ADDRESS}?all=1"))
    for _ in range(10):
        ContactFactory(household=HouseholdFactory(), cadre=leading_cadre)
    assert count_queries(lambda: client.get(f"{ADDRESS}?all=1")) == few
