"""Duties of M14: the week, the households, the needs; who owes them, in which words, and who sees them."""

import datetime

import pytest

from banzhuang.core.dates import PartialDate
from banzhuang.core.models import ParameterValue
from banzhuang.duties.duty import duties_seen_by, owed_by
from cadres.models import Cadre, Leave
from livelihood import duties
from livelihood.parameters import BY_HOUSEHOLD
from livelihood.weeks import ONE, WEEK
from tests.factories import (
    TOWNSHIP,
    ContactFactory,
    HouseholdFactory,
    LeaderFactory,
    NeedFactory,
    TownshipFactory,
    UserFactory,
    VillageFactory,
    VisitFactory,
)

pytestmark = pytest.mark.django_db
MONDAY = datetime.date(2026, 6, 8)
WEDNESDAY, SUNDAY = MONDAY + 2 * ONE, MONDAY + 6 * ONE
LONG_AGO = datetime.date(2022, 1, 1)


@pytest.fixture
def village():
    return VillageFactory(name="西响石村", township=TownshipFactory())


@pytest.fixture
def welfare():
    return UserFactory(name="李敏", role="welfare")


@pytest.fixture
def chen(village):
    """陈立志, with an account of his own and one household, 张福永."""
    account = UserFactory(name="陈立志", role="leader")
    cadre = LeaderFactory(name="陈立志", user=account)
    ContactFactory(cadre=cadre, household__village=village, household__head="张福永")
    return cadre


def household_of(cadre):
    return cadre.contacts.get().household


def visit(cadre, date, **fields):
    return VisitFactory(**{"household": household_of(cadre), "visitor": cadre, "date": date, **fields})


def setting(name, value):
    ParameterValue.objects.create(key=f"livelihood.{name}", value=value, valid_from=LONG_AGO)


def found(user, day, rule):
    return [duty for duty in duties_seen_by(user, day) if duty.rule is rule]


def only(user, day, rule):
    (duty,) = found(user, day, rule)
    return duty


# --- Each week ---------------------------------------------------------------------------------------------


@pytest.fixture
def weekly(welfare, chen):
    """weekly(day) → the duties of 陈立志's weeks; the week before was met unless `last` says otherwise."""

    def asking(day, last=True):
        if last:
            visit(chen, MONDAY - ONE)
        return [
            (duty.about, duty.state, duty.detail, duty.due) for duty in found(welfare, day, duties.WEEKLY)
        ]

    return asking


@pytest.mark.parametrize(
    ("day", "state"),
    [(MONDAY, "ok"), (MONDAY + ONE, "ok"), (WEDNESDAY, "near"), (MONDAY + 4 * ONE, "near"), (SUNDAY, "near")],
)
def test_the_running_week_is_near_from_two_working_days_before_its_last(weekly, day, state):
    assert weekly(day) == [("本周走访", state, "陈立志 · 本周 0 次，至少 1 次 · 周日前", SUNDAY)]


def test_near_counts_working_days(weekly):
    """国庆 2026: of the week from 28 September Monday to Wednesday are worked."""
    monday = datetime.date(2026, 9, 28)
    assert weekly(monday, last=False)[-1][1] == "near"


def test_the_running_week_is_done_when_met(weekly, chen):
    visit(chen, MONDAY)
    assert weekly(MONDAY) == [("本周走访", "done", "陈立志 · 本周 1 次，至少 1 次", SUNDAY)]


def test_the_running_week_is_excused_with_its_reason(weekly, chen):
    Leave.objects.create(cadre=chen, kind="sick", start=MONDAY)
    assert weekly(MONDAY) == [("本周走访", "exempt", "陈立志 · 请假，本周免走访", SUNDAY)]


def test_excused_after_a_handover(weekly, chen):
    ContactFactory(cadre=chen, start=MONDAY + 4 * ONE)
    first = chen.contacts.earliest("start")
    visit_of_last_week = VisitFactory(household=first.household, visitor=chen, date=MONDAY - ONE)
    first.ended = PartialDate(WEDNESDAY)
    first.save()
    assert visit_of_last_week and weekly(MONDAY + 3 * ONE, last=False) == [
        ("本周走访", "exempt", "陈立志 · 联系户有移交，本周免走访", SUNDAY)
    ]


def test_a_holiday_week_is_excused(weekly):
    spring_festival = datetime.date(2026, 2, 16)
    (*_, week) = weekly(spring_festival, last=False)
    assert week[:3] == ("本周走访", "exempt", "陈立志 · 假期周，免走访")


@pytest.mark.parametrize(("day", "shown"), [(SUNDAY, False), (SUNDAY + ONE, True), (SUNDAY + 7 * ONE, True)])
def test_a_week_missed_is_overdue_while_it_can_be_made_up(weekly, day, shown):
    missed = [row for row in weekly(day) if row[1] == "bad"]
    assert (
        missed
        == [
            ("上周走访", "bad", "陈立志 · 6月8日至14日 0 次，至少 1 次 · 6月21日前可补", SUNDAY),
        ][: int(shown)]
    )


def test_a_week_missed_is_over_after_that(weekly):
    day = SUNDAY + 8 * ONE
    assert [row[3] for row in weekly(day) if row[1] == "bad"] == [SUNDAY + WEEK]


def test_a_week_made_up_is_no_duty(weekly, chen):
    visit(chen, SUNDAY + ONE)
    visit(chen, SUNDAY + 2 * ONE)
    assert [row[:2] for row in weekly(SUNDAY + ONE)] == [("上周走访", "bad"), ("本周走访", "done")]
    assert [row[:2] for row in weekly(SUNDAY + 2 * ONE, last=False)] == [("本周走访", "done")]


def test_without_making_up_a_week_missed_shows_in_the_next_one(weekly):
    setting("make_up_weeks", "0")
    shown = weekly(SUNDAY + ONE)
    assert shown[0] == ("上周走访", "bad", "陈立志 · 6月8日至14日 0 次，至少 1 次", SUNDAY)
    assert [row[0] for row in weekly(SUNDAY + 8 * ONE, last=False) if row[1] == "bad"] == ["上周走访"]


def test_longer_making_up_names_the_days_of_earlier_weeks(weekly):
    setting("make_up_weeks", "3")
    shown = weekly(datetime.date(2026, 7, 8))
    assert [row[0] for row in shown if row[1] == "bad"] == [
        "6月15日至21日走访",
        "6月22日至28日走访",
        "上周走访",
    ]
    assert shown[2][2] == "陈立志 · 6月29日至7月5日 0 次，至少 1 次 · 7月26日前可补"


def test_by_household_in_its_own_words(weekly, chen):
    setting("quota", BY_HOUSEHOLD)
    visit(chen, SUNDAY - 31 * ONE)
    assert weekly(SUNDAY - ONE, last=False)[-1][1:3] == ("done", "陈立志 · 本周没有超过 30 天未走访的户")
    assert weekly(SUNDAY, last=False)[-1][1:3] == (
        "near",
        "陈立志 · 本周有 1 户超过 30 天未走访 · 周日前",
    )
    assert weekly(SUNDAY + ONE, last=False)[0][1:3] == (
        "bad",
        "陈立志 · 6月8日至14日有 1 户超过 30 天未走访",
    )


def test_the_leader_owes_his_week_at_the_plan(welfare, chen):
    visit(chen, MONDAY - ONE)
    duty = only(chen.user, WEDNESDAY, duties.WEEKLY)
    assert (duty.owner, duty.url, duty.act) == (chen.user_id, "/livelihood/visits/plan/", "记走访")
    assert duty.scope_code == TOWNSHIP
    assert duty in owed_by(chen.user, [duty]) and owed_by(welfare, [duty]) == []


def test_without_an_account_the_welfare_office_owes_it(welfare, chen):
    visit(chen, MONDAY - ONE)
    chen.user.is_active = False
    chen.user.save()
    duty = only(welfare, WEDNESDAY, duties.WEEKLY)
    assert duty.owner is None and owed_by(welfare, [duty]) == [duty]
    assert duty.detail.startswith("陈立志（没有账号） · ")
    assert duty.url == f"/livelihood/visits/plan/?leader={chen.pk}"
    Cadre.objects.filter(pk=chen.pk).update(user=None)
    assert only(welfare, WEDNESDAY, duties.WEEKLY).owner is None


def test_who_has_left_owes_no_week(welfare, chen):
    chen.left = PartialDate(WEDNESDAY)
    chen.save()
    assert found(welfare, WEDNESDAY, duties.WEEKLY) == []


def test_who_sees_a_leaders_week(welfare, chen, village, outsider):
    visit(chen, MONDAY - ONE, household=household_of(chen))
    staff = UserFactory(role="staff")
    other = ContactFactory(cadre__user=staff, household__village=village).cadre
    VisitFactory(household=household_of(other), visitor=other, date=MONDAY - ONE)
    assert len(found(welfare, WEDNESDAY, duties.WEEKLY)) == 2
    assert [duty.owner for duty in found(staff, WEDNESDAY, duties.WEEKLY)] == [staff.pk]
    village_cadre = UserFactory(role="village", scope=village.code)
    assert found(village_cadre, WEDNESDAY, duties.WEEKLY) == found(outsider, WEDNESDAY, duties.WEEKLY) == []
    # Of one village's rows a leader's week cannot be told.
    within = duties_seen_by(welfare, WEDNESDAY, [village.code])
    assert not {duties.WEEKLY.code, duties.LOADED.code} & {duty.rule.code for duty in within}


# --- Households --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("least", "shown"), [(1, 0), (2, 1)])
def test_fewer_households_than_the_setting_says(welfare, chen, least, shown):
    setting("load", str(least))
    rows = found(welfare, MONDAY, duties.LOADED)
    assert [(duty.about, duty.detail, duty.state) for duty in rows] == [
        ("给陈立志分配联系户", "民政帮扶办 · 联系 1 户，至少 2 户，少 1 户", "bad")
    ][:shown]
    assert owed_by(welfare, rows) == rows and owed_by(chen.user, rows) == []


def test_load_is_of_the_day_and_of_leaders_at_work(welfare, chen, village):
    setting("load", "1")
    HouseholdFactory(village=village)
    contact = chen.contacts.get()
    contact.ended = PartialDate(MONDAY)
    contact.save()
    LeaderFactory(category=Cadre.Category.CLERK)
    ContactFactory(cadre__category=Cadre.Category.CLERK)
    LeaderFactory(left_on=MONDAY - ONE)
    assert found(welfare, MONDAY - ONE, duties.LOADED) == []
    assert [duty.about for duty in found(welfare, MONDAY, duties.LOADED)] == ["给陈立志分配联系户"]


def test_removed_households_do_not_count(welfare, chen):
    setting("load", "1")
    household = household_of(chen)
    HouseholdFactory(village=household.village)
    household.removed, household.removal_reason = PartialDate(MONDAY), "moved"
    household.save()
    assert [len(found(welfare, day, duties.LOADED)) for day in (MONDAY - ONE, MONDAY)] == [0, 1]


def test_where_no_household_is_registered_nobody_lacks_any(welfare):
    LeaderFactory()
    assert found(welfare, MONDAY, duties.LOADED) == []


@pytest.mark.parametrize(("days", "shown"), [(30, False), (31, True)])
def test_households_unseen_for_longer_than_the_setting(chen, days, shown):
    visit(chen, MONDAY - days * ONE)
    rows = found(chen.user, MONDAY, duties.UNSEEN)
    assert bool(rows) == shown
    if shown:
        (duty,) = rows
        assert duty.detail == "陈立志 · 最久的西响石村张福永 31 天"
        assert (duty.about, duty.state, duty.due) == ("1 户超过 30 天未走访", "bad", MONDAY - ONE)
        assert (duty.owner, duty.url, duty.act) == (chen.user_id, "/livelihood/visits/plan/", "看走访计划")


def test_unseen_households_are_one_duty_a_leader_within_what_one_sees(welfare, chen, village):
    visit(chen, MONDAY - 40 * ONE)
    other = ContactFactory(cadre=chen, household__village__name="前集村").household
    VisitFactory(household=other, visitor=chen, date=MONDAY - 35 * ONE)
    duty = only(welfare, MONDAY, duties.UNSEEN)
    assert duty.detail == "陈立志 · 最久的西响石村张福永 40 天"
    assert duty.scope_code == TOWNSHIP
    seen = only(UserFactory(role="village", scope=village.code), MONDAY, duties.UNSEEN)
    assert seen.detail == "陈立志 · 最久的西响石村张福永 40 天"
    assert seen.scope_code == village.code


def test_unseen_households_of_who_has_left_are_the_welfare_offices(welfare, chen):
    chen.left = PartialDate(MONDAY)
    chen.save()
    duty = only(welfare, MONDAY, duties.UNSEEN)
    assert duty.detail.startswith("陈立志（已离岗） · 最久的") and owed_by(welfare, [duty]) == [duty]


def test_households_without_a_leader_by_village(welfare, chen, village):
    HouseholdFactory.create_batch(2, village=village)
    HouseholdFactory(village=village, registered_on=MONDAY + ONE)
    duty = only(welfare, MONDAY, duties.UNCONTACTED)
    assert (duty.about, duty.state) == ("给西响石村的户分配联系领导", "near")
    assert duty.detail == "民政帮扶办 · 2 户没有联系领导"
    assert duty.scope_code == village.code and owed_by(welfare, [duty]) == [duty]
    chen.left = PartialDate(MONDAY)
    chen.save()
    assert only(welfare, MONDAY, duties.UNCONTACTED).detail == (
        "民政帮扶办 · 2 户没有联系领导 · 1 户的联系领导已离岗"
    )
    assert only(welfare, MONDAY - ONE, duties.UNCONTACTED).detail == "民政帮扶办 · 2 户没有联系领导"


# --- All together ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", duties.RULES, ids=lambda rule: rule.code)
def test_facts_of_the_light_say_the_number(rule):
    assert all("3" in rule.fact(3, state) for state in ("bad", "near"))


def test_queries_are_the_same_at_2_and_44_villages(welfare, count_queries):
    def fill(count):
        for _ in range(count):
            place = VillageFactory()
            contact = ContactFactory(household__village=place)
            HouseholdFactory(village=place)
            VisitFactory(household=contact.household, visitor=contact.cadre, date=MONDAY - 50 * ONE)
            NeedFactory(household=contact.household)

    def ask():
        for rule in duties.RULES:
            list(rule.describe(rule.rows(MONDAY).for_user(welfare), MONDAY))

    fill(2)
    ask()
    two = count_queries(ask)
    fill(42)
    assert count_queries(ask) == two <= 10
    counts = {rule.code: len(found(welfare, MONDAY, rule)) for rule in duties.RULES}
    # Each leader: the week that runs and the one missed.
    assert counts == {
        "m14.week": 88,
        "m14.unseen": 44,
        "m14.need": 44,
        "m14.load": 44,
        "m14.uncontacted": 44,
    }


@pytest.mark.parametrize("role", ["organisation", "economy", "works"])
def test_whoever_sees_no_visit_is_told_of_no_leaders_week(chen, role):
    seen = duties_seen_by(UserFactory(role=role), SUNDAY)
    assert not {duty.rule.code for duty in seen} & {"m14.week", "m14.load"}
    assert {"m14.week", "m14.load"} <= {
        duty.rule.code for duty in duties_seen_by(UserFactory(role="leader"), SUNDAY)
    }
