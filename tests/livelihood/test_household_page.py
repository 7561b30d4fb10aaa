"""One household: what each account is shown of it, as of which day."""

import datetime

import pytest
from django.urls import reverse

from livelihood.models import HouseholdLabel, HouseholdYear, Member, Visit
from tests.factories import (
    OTHER_TOWNSHIP,
    ContactFactory,
    HouseholdFactory,
    LeaderFactory,
    NeedFactory,
    TownshipFactory,
    UserFactory,
    VillageFactory,
    VisitFactory,
    id_number,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]
WIFE = id_number(3, sex="女", birth=datetime.date(1970, 7, 16))


@pytest.fixture
def zhang(villages, leading_cadre):
    household = HouseholdFactory(
        village=villages[0], head="张福永", number="XS-017", phone="13900001062", health="disabled"
    )
    ContactFactory(household=household, cadre=LeaderFactory(name="林桂"), end=datetime.date(2025, 3, 1))
    ContactFactory(household=household, cadre=leading_cadre, start=datetime.date(2025, 3, 1))
    HouseholdLabel.objects.create(household=household, kind="minimum", start=datetime.date(2026, 7, 1))
    HouseholdYear.objects.create(
        household=household, year=2025, members=2, workers=1, cause="illness", other_causes=["labour"],
        wage_income=12000, transfer_income=3400.5,
    )  # fmt: skip
    Member.objects.create(
        household=household, name="刘春英", relation="spouse", sex="2", born_on=datetime.date(1970, 7, 16),
        id_number=WIFE, health="serious",
    )  # fmt: skip
    need = NeedFactory(
        household=household, raised_on=datetime.date(2026, 7, 1), due=datetime.date(2026, 7, 8)
    )
    VisitFactory(
        household=household,
        visitor=leading_cadre,
        date=datetime.date(2026, 7, 1),
        result="pending",
        need=need,
    )
    return household


@pytest.fixture
def opened(client, zhang):
    """opened(user, **query) → the response."""

    def opening(user, **query):
        client.force_login(user)
        return client.get(reverse("household", args=[zhang.pk]), query)

    return opening


def test_the_welfare_office_sees_all_and_may_act(opened, welfare_office, zhang):
    page = opened(welfare_office)
    text = page.content.decode()
    for said in ("张福永户", "低保", "马强", "2025年3月1日起", "林桂", "刘春英", "配偶", "55 岁", "因病、缺劳力",
                 "15\xa0400.5", "东屋漏雨", "未答复，超 7 天", "饮水不便", "记走访", "移交…", "在册"):  # fmt: skip
        assert said in text, said
    assert reverse("record_visit", args=[zhang.pk]) in text


def test_a_leader_reads_records_and_reveals_but_hands_nothing_over(opened, leader):
    text = opened(leader).content.decode()
    assert "记走访" in text and "刘春英" in text
    assert "移交…" not in text and "查看号码和健康状况" not in text


def test_a_village_reads(opened, village_cadre):
    text = opened(village_cadre).content.decode()
    assert "刘春英" in text and "马强" in text and "历年情况" in text
    for act in ("记走访", "移交…", "/change/", "查看用途"):
        assert act not in text


def test_numbers_phone_and_health_stand_masked(opened, welfare_office, leader, zhang):
    for user in (welfare_office, leader):
        text = opened(user).content.decode()
        assert zhang.id_number_mask in text and "139****1062" in text and "已登记" in text
        for secret in (zhang.id_number, "13900001062", WIFE, "残疾", "患有大病"):
            assert secret not in text


@pytest.mark.parametrize("role", ["works", "economy", "organisation"])
def test_an_office_sees_the_head_and_the_need_it_is_to_answer(opened, zhang, role):
    user = UserFactory(role=role)
    assert opened(user).status_code == 404
    need = zhang.needs.get()
    need.handler = role
    need.save()
    page = opened(user)
    text = page.content.decode()
    assert "东屋漏雨" in text and "张福永" in text
    for hidden in ("刘春英", "因病", "饮水不便", "马强", "家庭成员", "历年情况", "联系领导"):
        assert hidden not in text, hidden
    need.closed_on, need.outcome, need.reply = datetime.date(2026, 7, 10), "solved", "已经修好"
    need.save()
    assert opened(user).status_code == 404


def test_who_has_nothing_to_do_with_it_does_not_find_it(opened, outsider):
    assert opened(outsider).status_code == 404
    assert opened(UserFactory(role="staff")).status_code == 404
    assert opened(UserFactory(role="auditor")).status_code == 404
    elsewhere = VillageFactory(township=TownshipFactory())
    assert opened(UserFactory(role="village", scope=elsewhere.code)).status_code == 404


def test_whose_household_it_is_sees_it_until_it_is_handed_over(opened, zhang):
    user = UserFactory(role="staff", name="赵干事")
    contact = zhang.contacts.get(end__isnull=True)
    contact.cadre = LeaderFactory(name="赵干事", user=user)
    contact.save()
    text = opened(user).content.decode()
    assert "记走访" in text and "刘春英" in text
    contact.end = datetime.date(2026, 7, 1)
    contact.save()
    assert opened(user).status_code == 404


def test_ones_own_ends_where_ones_scope_ends(client, villages):
    """A contact with a household of another township, which no form makes, shows nothing of it."""
    user = UserFactory(role="staff")
    elsewhere = VillageFactory(township=TownshipFactory(code=OTHER_TOWNSHIP))
    household = HouseholdFactory(village=elsewhere)
    ContactFactory(household=household, cadre=LeaderFactory(user=user))
    client.force_login(user)
    assert client.get(household.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    ("day", "shown", "hidden"),
    [
        ("2026-07-15", ["低保", "55 岁"], []),
        ("2026-07-16", ["56 岁"], ["记走访"]),
        ("2026-07-01", ["低保", "东屋漏雨", "饮水不便"], ["记走访"]),
        ("2026-06-30", ["没有走访过"], ['tag">低保', "东屋漏雨", "饮水不便"]),
        ("2025-02-28", ["林桂"], ["马强</b>"]),
        ("2021-12-31", ["2022-01-01 起在册"], []),
    ],
)
def test_as_of_a_day(opened, welfare_office, zhang, day, shown, hidden, time_machine):
    if day > "2026-07-15":
        time_machine.move_to(datetime.datetime(2026, 7, 17, 4, tzinfo=datetime.UTC), tick=False)
    text = opened(welfare_office, on=day).content.decode()
    for words in shown:
        assert words in text, words
    for words in hidden:
        assert words not in text.split('id="content"')[1], words


def test_a_household_removed_says_so_and_takes_no_visit(opened, welfare_office, zhang):
    zhang.removed_on, zhang.removal_reason = datetime.date(2026, 7, 10), "moved"
    zhang.save()
    text = opened(welfare_office).content.decode()
    assert "2026-07-10 已出册，整户迁出" in text and "记走访" not in text


def test_only_the_last_ten_visits_stand_there(opened, welfare_office, zhang, leading_cadre):
    for number in range(11):
        VisitFactory(household=zhang, visitor=leading_cadre, date=datetime.date(2026, 6, 1 + number))
    page = opened(welfare_office)
    assert len(page.context["visits"]) == 10
    assert "全部 12 次走访" in page.content.decode()


def test_asks_as_often_for_one_visit_and_for_nine(
    opened, welfare_office, zhang, leading_cadre, count_queries
):
    opened(welfare_office)
    one = count_queries(lambda: opened(welfare_office))
    for number in range(8):
        VisitFactory(household=zhang, visitor=leading_cadre, date=datetime.date(2026, 6, 1 + number))
        HouseholdYear.objects.create(household=zhang, year=2010 + number)
        Member.objects.create(household=zhang, name=f"成员{number}", relation="son")
        NeedFactory(household=zhang)
    assert count_queries(lambda: opened(welfare_office)) == one
    assert Visit.objects.count() == 9
