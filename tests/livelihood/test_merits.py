"""What M14 has to say for a cadre at the year's end: weeks and visits of the year, and never a veto."""

import datetime

import pytest

from banzhuang.duties.merit import standing
from tests.factories import ContactFactory, LeaderFactory, UserFactory, VisitFactory

pytestmark = pytest.mark.django_db
# A Sunday: the weeks that ended in the year are those of 29 December to 4 January, four working days, and of 5 January.
DAY = datetime.date(2026, 1, 11)


@pytest.fixture
def contact(villages):
    """马强 looks after 张福永 in 西响石村."""
    return ContactFactory(
        household__village=villages[0], household__head="张福永", cadre=LeaderFactory(name="马强")
    )


def visit(contact, *day):
    return VisitFactory(household=contact.household, visitor=contact.cadre, date=datetime.date(*day))


def texts(contact, day, user):
    return [item.text for _, evidence in standing(contact.cadre, day, user) for item in evidence]


def test_visits_and_weeks_of_the_year(contact, leader):
    visit(contact, 2025, 12, 31)
    visit(contact, 2026, 1, 5)
    visit(contact, 2026, 1, 8)
    assert texts(contact, DAY, leader) == [
        "本年走访 2 次，最近一次是1月8日到西响石村张福永户",
        "本年应走访 2 周，完成 2 周",
    ]


def test_weeks_missed_and_made_up_are_said_and_are_no_veto(contact, leader):
    visit(contact, 2026, 1, 5)
    visit(contact, 2026, 1, 28)
    visit(contact, 2026, 1, 29)
    day = datetime.date(2026, 2, 1)
    ((merit, evidence),) = standing(contact.cadre, day, leader)
    assert not merit.veto
    assert evidence[1].text == "本年应走访 5 周，完成 3 周（其中补访 1 周），漏访 2 周"


def test_a_running_week_is_not_counted_yet(contact, leader):
    visit(contact, 2026, 1, 6)
    assert texts(contact, datetime.date(2026, 1, 10), leader) == [
        "本年走访 1 次，最近一次是1月6日到西响石村张福永户"
    ]


def test_nothing_before_the_first_visit_and_in_another_year(contact, leader):
    visit(contact, 2026, 1, 6)
    assert standing(contact.cadre, datetime.date(2026, 1, 5), leader) == []
    assert standing(contact.cadre, datetime.date(2027, 1, 31), leader) == []


def test_of_others_nothing(contact, leader):
    visit(contact, 2026, 1, 6)
    assert standing(LeaderFactory(), DAY, leader) == []


def test_who_sees_only_a_part_is_told_nothing_and_the_cadre_is(contact, village_cadre, outsider):
    visit(contact, 2026, 1, 6)
    staff = UserFactory(role="staff")
    assert [standing(contact.cadre, DAY, user) for user in (village_cadre, outsider, staff)] == [[]] * 3
    contact.cadre.user = staff
    contact.cadre.save()
    assert len(texts(contact, DAY, staff)) == 2


def test_evidence_opens_for_whom_it_is_shown(contact, leader, client, time_machine):
    time_machine.move_to(datetime.datetime(2026, 1, 12, 4, tzinfo=datetime.UTC), tick=False)
    visit(contact, 2026, 1, 6)
    staff = UserFactory(role="staff")
    contact.cadre.user = staff
    contact.cadre.save()
    for user in (leader, staff):
        client.force_login(user)
        for _, evidence in standing(contact.cadre, DAY, user):
            assert [client.get(item.url).status_code for item in evidence] == [200, 200]
            # The day that a page is of is put behind the address, so that it may have no question of its own.
            assert not any("?" in item.url for item in evidence)
