"""移交联系户: a leader's households move in one act, with the date; what cannot be moved is said."""

import datetime

import pytest
from django.urls import reverse

from banzhuang.accounts.models import AuditEvent
from livelihood.models import Contact
from tests.factories import (
    OTHER_TOWNSHIP,
    ContactFactory,
    HouseholdFactory,
    LeaderFactory,
    NeedFactory,
    TownshipFactory,
    VillageFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]

ADDRESS = "/livelihood/contacts/handover/"


@pytest.fixture
def successor(leading_cadre):
    return LeaderFactory(name="林桂")


@pytest.fixture
def held(villages, leading_cadre):
    """马强 looks after three households in two villages."""
    return [
        ContactFactory(household=HouseholdFactory(village=village, head=head), cadre=leading_cadre)
        for village, head in zip([*villages, villages[0]], ["张福永", "孙燕生", "陈梅新"], strict=True)
    ]


@pytest.fixture
def office(client, welfare_office):
    client.force_login(welfare_office)
    return client


def address(cadre):
    return f"{ADDRESS}?from={cadre.pk}"


def filled(to, contacts, **changes):
    return {"to": to.pk, "on": "2026-07-10", "contacts": [contact.pk for contact in contacts]} | changes


def live_holders():
    return set(Contact.objects.filter(end__isnull=True).values_list("household__head", "cadre__name"))


def test_all_households_move_with_one_date(office, held, leading_cadre, successor):
    answer = office.post(address(leading_cadre), filled(successor, held))
    assert answer.status_code == 302
    assert live_holders() == {("张福永", "林桂"), ("孙燕生", "林桂"), ("陈梅新", "林桂")}
    former = Contact.objects.filter(cadre=leading_cadre)
    assert {contact.end for contact in former} == {datetime.date(2026, 7, 10)}
    assert {contact.start for contact in Contact.objects.filter(cadre=successor)} == {
        datetime.date(2026, 7, 10)
    }


def test_the_day_before_still_has_the_former_contact(office, held, leading_cadre, successor):
    office.post(address(leading_cadre), filled(successor, held))
    before, after = datetime.date(2026, 7, 9), datetime.date(2026, 7, 10)
    assert set(Contact.objects.live(before).values_list("cadre__name", flat=True)) == {"马强"}
    assert set(Contact.objects.live(after).values_list("cadre__name", flat=True)) == {"林桂"}


def test_some_may_stay(office, held, leading_cadre, successor):
    office.post(address(leading_cadre), filled(successor, held[:1]))
    assert live_holders() == {("张福永", "林桂"), ("孙燕生", "马强"), ("陈梅新", "马强")}


def test_a_leader_who_leaves_is_registered_in_the_same_act(office, held, leading_cadre, successor):
    office.post(address(leading_cadre), filled(successor, held, leaves="on"))
    leading_cadre.refresh_from_db()
    assert leading_cadre.left_on == datetime.date(2026, 7, 10)


def test_who_leaves_keeps_no_household(office, held, leading_cadre, successor):
    answer = office.post(address(leading_cadre), filled(successor, held[:2], leaves="on"))
    assert answer.status_code == 422
    assert "离岗的领导不能再留有联系户" in answer.content.decode()
    assert {name for _, name in live_holders()} == {"马强"}


def test_one_event_in_the_trail(office, held, leading_cadre, successor):
    office.post(address(leading_cadre), filled(successor, held))
    event = AuditEvent.objects.get(subject__contains="移交")
    assert event.subject == "马强的 3 户联系户移交林桂"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"on": "2026-07-16"}, "移交日期不能晚于今天（2026-07-15）"),
        ({"on": "2021-12-31"}, "有 3 户在这一天还不由马强联系"),
        ({"contacts": []}, "移交的户还没有选"),
        ({"to": ""}, "接手的领导"),
    ],
)
def test_what_is_refused_moves_nothing_and_keeps_what_was_chosen(
    office, held, leading_cadre, successor, changes, said
):
    answer = office.post(address(leading_cadre), filled(successor, held) | changes)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert said in text
    assert {name for _, name in live_holders()} == {"马强"}
    if changes.get("contacts") is None:
        assert text.count(" checked") == 3


def test_the_first_day_of_the_contact_is_the_earliest(office, held, leading_cadre, successor):
    office.post(address(leading_cadre), filled(successor, held, on="2022-01-01"))
    assert {name for _, name in live_holders()} == {"林桂"}


def test_a_household_that_was_moved_meanwhile_is_not_moved_twice(office, held, leading_cadre, successor):
    Contact.objects.hand_over([held[0]], LeaderFactory(name="吴强"), datetime.date(2026, 7, 1))
    answer = office.post(address(leading_cadre), filled(successor, held))
    assert answer.status_code == 422
    assert live_holders() == {("张福永", "吴强"), ("孙燕生", "马强"), ("陈梅新", "马强")}


def test_a_form_sent_twice_moves_once(office, held, leading_cadre, successor):
    for _ in range(2):
        office.post(address(leading_cadre), filled(successor, held))
    assert Contact.objects.count() == 6


def test_neither_to_oneself_nor_to_somebody_of_another_township(office, held, leading_cadre, successor):
    elsewhere = LeaderFactory(name="外镇人", township=TownshipFactory(code=OTHER_TOWNSHIP, name="外镇"))
    for cadre in (leading_cadre, elsewhere):
        assert office.post(address(leading_cadre), filled(cadre, held)).status_code == 422
    assert {name for _, name in live_holders()} == {"马强"}


def test_the_page_names_what_goes_along(office, held, leading_cadre):
    NeedFactory(household=held[0].household)
    text = office.get(address(leading_cadre)).content.decode()
    assert "联系 3 户" in text
    assert "有 1 件诉求没有答复" in text
    assert "待答复" in text


def test_without_a_choice_the_leaders_are_listed(office, held):
    text = office.get(ADDRESS).content.decode()
    assert "马强" in text
    assert "联系 3 户" in text


def test_an_empty_register_says_what_to_do(office):
    assert "先在“结对联系”里登记" in office.get(ADDRESS).content.decode()


def test_readers_are_refused(client, leader, village_cadre, held, leading_cadre):
    for user in (leader, village_cadre):
        client.force_login(user)
        assert client.get(ADDRESS).status_code == 403
        assert client.post(address(leading_cadre), {}).status_code == 403


def test_a_leader_of_another_township_is_not_found(office):
    foreign = VillageFactory(township=TownshipFactory(code=OTHER_TOWNSHIP, name="外镇"))
    contact = ContactFactory(
        household=HouseholdFactory(village=foreign),
        cadre=LeaderFactory(township=foreign.township),
    )
    assert office.get(address(contact.cadre)).status_code == 404
    assert office.get(f"{reverse('handover')}?from=abc").status_code == 404


def test_asks_as_often_for_many_villages(office, leading_cadre, villages, count_queries):
    ContactFactory(household=HouseholdFactory(village=villages[0]), cadre=leading_cadre)
    few = count_queries(lambda: office.get(address(leading_cadre)))
    for _ in range(10):
        ContactFactory(household=HouseholdFactory(), cadre=leading_cadre)
    assert count_queries(lambda: office.get(address(leading_cadre))) == few
