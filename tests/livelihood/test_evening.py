"""晚间补录: ten visits by keyboard; good lines are saved, the others stay as they were typed."""

import datetime

import pytest

from banzhuang.accounts.models import AuditEvent
from livelihood.models import Need, Visit
from tests.factories import (
    OTHER_TOWNSHIP,
    ContactFactory,
    HouseholdFactory,
    LeaderFactory,
    TownshipFactory,
    VillageFactory,
    VisitFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]

ADDRESS = "/livelihood/visits/evening/"
DAY = datetime.date(2026, 7, 15)


@pytest.fixture
def held(villages, leading_cadre):
    """马强 looks after three households; two heads are namesakes."""
    made = [(villages[0], "张福永"), (villages[1], "孙燕生"), (villages[0], "孙燕生")]
    return [
        ContactFactory(household=HouseholdFactory(village=village, head=head), cadre=leading_cadre).household
        for village, head in made
    ]


@pytest.fixture
def office(client, welfare_office):
    client.force_login(welfare_office)
    return client


def address(cadre):
    return f"{ADDRESS}?leader={cadre.pk}"


def sheet(*lines, total=10):
    """What the page sends: lines of (head, date, heard, measures, result), the rest with nothing but the date."""
    data = {"form-TOTAL_FORMS": str(total), "form-INITIAL_FORMS": "0"}
    for place in range(total):
        values = lines[place] if place < len(lines) else ("", "2026-07-15", "", "", "")
        names = ("household", "date", "heard", "measures", "result")
        data |= {f"form-{place}-{name}": value for name, value in zip(names, values, strict=True)}
    return data


def test_lines_become_visits(office, held, leading_cadre):
    lines = [
        ("张福永", "2026-07-15", "屋面漏雨", "联系施工队", "solved"),
        ("孙燕生（李小湾村3组）", "2026-07-14", "无", "", "none"),
    ]
    assert office.post(address(leading_cadre), sheet(*lines)).status_code == 302
    first, second = Visit.objects.order_by("-date")
    assert (first.household, first.visitor, first.heard) == (held[0], leading_cadre, "屋面漏雨")
    assert (second.household, second.date, second.heard) == (held[1], datetime.date(2026, 7, 14), "")
    assert AuditEvent.objects.filter(subject__startswith="走访记录").count() == 2


def test_ten_lines_at_once(office, leading_cadre, villages):
    heads = [f"户主{mark}" for mark in "甲乙丙丁戊己庚辛壬癸"]
    for head in heads:
        ContactFactory(household=HouseholdFactory(village=villages[0], head=head), cadre=leading_cadre)
    lines = [(head, "2026-07-15", "饮水不便", "联系水务站", "solved") for head in heads]
    assert office.post(address(leading_cadre), sheet(*lines)).status_code == 302
    assert Visit.objects.count() == 10


def test_initials_find_a_household(office, held, leading_cadre):
    office.post(address(leading_cadre), sheet(("zfy", "2026-07-15", "饮水不便", "", "solved")))
    assert Visit.objects.get().household == held[0]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("孙燕生", "2026-07-15", "饮水不便", "", "solved"), "叫这个名字的有"),
        (("查无户", "2026-07-15", "饮水不便", "", "solved"), "不在这位领导的联系户里"),
        (("张福永", "2026-07-16", "饮水不便", "", "solved"), "走访日期不能晚于今天（2026-07-15）"),
        (("张福永", "2021-12-31", "饮水不便", "", "solved"), "走访日期早于这户的建档日期"),
        (("张福永", "7月", "饮水不便", "", "solved"), "日期看不懂"),
        (("张福永", "2026-07-15", "", "", "solved"), "反映情况还没有写"),
        (("张福永", "2026-07-15", "饮水不便", "", ""), "办理结果还没有选"),
        (("", "2026-07-15", "饮水不便", "", "solved"), "户主还没有写"),
        (("张福永", "2026-07-15", "饮水不便", "", "=1+1"), "办理结果"),
    ],
)
def test_a_bad_line_stays_and_says_why_beside_a_good_one(office, held, leading_cadre, line, said):
    good = ("孙燕生（西响石村3组）", "2026-07-15", "没有", "", "none")
    answer = office.post(address(leading_cadre), sheet(good, line))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert said in text
    assert "还有 1 行要改" in text
    assert Visit.objects.get().household == held[2]
    if line[2]:
        assert f'value="{line[2]}"' in text
    assert 'name="form-0-household"' not in text


def test_a_second_submit_of_what_stayed_writes_nothing_twice(office, held, leading_cadre):
    good, bad = ("张福永", "2026-07-15", "饮水不便", "", "solved"), ("查无户", "2026-07-15", "无", "", "none")
    for _ in range(2):
        office.post(address(leading_cadre), sheet(good, bad))
    assert Visit.objects.count() == 1


def test_lines_that_left_the_page_are_not_missed(office, held, leading_cadre):
    """After the good first line is saved the page sends the second alone."""
    data = sheet(("", "", "", "", ""), ("张福永", "2026-07-15", "无", "", "none"))
    data = {key: value for key, value in data.items() if not key.startswith("form-0-")}
    assert office.post(address(leading_cadre), data).status_code == 302
    assert Visit.objects.count() == 1


def test_another_visit_of_the_same_day_is_refused(office, held, leading_cadre):
    VisitFactory(household=held[0], visitor=leading_cadre, date=DAY)
    answer = office.post(
        address(leading_cadre), sheet(("张福永", "2026-07-15", "孩子上学", "助学金", "solved"))
    )
    assert answer.status_code == 422
    assert "已记过" in answer.content.decode()
    assert Visit.objects.count() == 1


def test_a_pending_line_raises_a_need_for_the_contact(office, held, leading_cadre):
    office.post(address(leading_cadre), sheet(("张福永", "2026-07-10", "屋面漏雨", "上报村建办", "pending")))
    need = Need.objects.get()
    assert (need.content, need.handler, need.raised_on) == ("屋面漏雨", "contact", datetime.date(2026, 7, 10))
    assert need.due == datetime.date(2026, 7, 22)


def test_an_empty_sheet_writes_nothing(office, held, leading_cadre):
    assert office.post(address(leading_cadre), sheet()).status_code == 302
    assert not Visit.objects.exists()


def test_a_leader_enters_ones_own_whatever_the_address_says(client, leader, held, leading_cadre):
    other = ContactFactory(household=HouseholdFactory(village=held[0].village, head="别人户")).cadre
    client.force_login(leader)
    client.post(address(other), sheet(("张福永", "2026-07-15", "无", "", "none")))
    assert Visit.objects.get().visitor == leading_cadre
    answer = client.post(address(other), sheet(("别人户", "2026-07-15", "无", "", "none")))
    assert answer.status_code == 422


def test_readers_are_refused(client, village_cadre, organisation_office):
    for user in (village_cadre, organisation_office):
        client.force_login(user)
        assert client.get(ADDRESS).status_code == 403


def test_a_leader_of_another_township_is_not_found(office):
    foreign = VillageFactory(township=TownshipFactory(code=OTHER_TOWNSHIP, name="外镇"))
    contact = ContactFactory(
        household=HouseholdFactory(village=foreign), cadre=LeaderFactory(township=foreign.township)
    )
    assert office.get(address(contact.cadre)).status_code == 404


def test_without_a_leader_the_page_asks_for_one(office, held):
    text = office.get(ADDRESS).content.decode()
    assert "还没有选走访干部" in text
    assert "马强" in text


def test_the_page_has_ten_lines_and_offers_the_households(office, held, leading_cadre):
    text = office.get(address(leading_cadre)).content.decode()
    assert text.count("<fieldset") == 10
    assert '<option value="张福永（西响石村3组）">' in text
