"""Duties of M1: a vacancy that must be filled, a term that ends; the day is passed in."""

import datetime

import pytest

from banzhuang.core.dates import PartialDate
from banzhuang.core.models import ParameterValue
from banzhuang.duties.duty import duties_seen_by
from banzhuang.indicators.figures import compute
from cadres.indicators import TERM_ENDING
from cadres.models import Post
from tests.factories import BranchFactory, PostFactory
from villages.models import Organisation

pytestmark = pytest.mark.django_db
START, END = datetime.date(2022, 3, 1), datetime.date(2026, 6, 10)
ONE = datetime.timedelta(days=1)
VACANCY_DUE = END + 60 * ONE


def ended(**fields):
    return PostFactory(**{"start": START, "end": END, "end_reason": "term", **fields})


def only(user, day):
    (duty,) = duties_seen_by(user, day)
    return duty


def test_a_vacancy_is_due_sixty_days_after_the_formers_end(leader):
    post = ended(organisation__village__name="西响石村")
    duty = only(leader, END)
    assert (duty.about, duty.due, duty.state) == ("西响石村党组织选任书记", VACANCY_DUE, "near")
    assert duty.detail == "组织办 · 6月10日起空缺 · 还有 60 天"
    assert (duty.act, duty.url) == ("任命书记", f"/cadres/secretaries/{post.organisation_id}/succession/")
    assert duty.scope_code == post.organisation.village.code


@pytest.mark.parametrize(
    ("day", "state", "words"),
    [
        (VACANCY_DUE - ONE, "near", "还有 1 天"),
        (VACANCY_DUE, "near", "今天到期"),
        (VACANCY_DUE + ONE, "bad", "超 1 天"),
        (VACANCY_DUE + 30 * ONE, "bad", "超 30 天"),
    ],
)
def test_a_vacancy_on_and_after_its_day(leader, day, state, words):
    ended()
    duty = only(leader, day)
    assert duty.state == state
    assert duty.detail.endswith(f" · {words}")


def test_no_vacancy_while_in_post_nor_after_the_next_one(leader):
    post = ended()
    PostFactory(organisation=post.organisation, start=END + 5 * ONE)
    assert duties_seen_by(leader, END - ONE) == []
    assert only(leader, END + 4 * ONE).rule.code == "m1.vacancy"
    assert duties_seen_by(leader, END + 5 * ONE) == []


def test_a_vacancy_runs_from_the_last_secretary_not_from_another_post(leader):
    post = ended()
    ended(organisation=post.organisation, title=Post.Title.COMMITTEE_MEMBER, end=END + 20 * ONE)
    assert only(leader, END + 30 * ONE).due == VACANCY_DUE


def test_a_vacancy_seen_from_an_earlier_day_knows_nothing_of_later_ends(leader):
    post = ended()
    ended(organisation=post.organisation, start=END + 40 * ONE, end=END + 50 * ONE)
    assert only(leader, END + 30 * ONE).due == VACANCY_DUE
    assert only(leader, END + 60 * ONE).due == END + 110 * ONE


def test_without_a_former_it_runs_from_the_start_of_the_organisation(leader):
    BranchFactory(start=START)
    assert only(leader, START).due == START + 60 * ONE


def test_without_any_date_it_runs_from_the_local_day_of_entry(leader):
    branch = BranchFactory()
    entered = datetime.datetime(2026, 6, 9, 17, 0, tzinfo=datetime.UTC)  # one o'clock on 10 June here
    Organisation.objects.filter(pk=branch.pk).update(created_at=entered)
    assert only(leader, END).due == VACANCY_DUE


def test_days_allowed_are_a_setting_of_the_day(leader):
    ended()
    ParameterValue.objects.create(
        key="cadres.vacancy_days", value="10", valid_from=datetime.date(2026, 6, 20)
    )
    assert only(leader, END + 9 * ONE).due == VACANCY_DUE
    assert only(leader, END + 10 * ONE).due == END + 10 * ONE


def serving_until(text):
    post = PostFactory(organisation__village__name="西响石村", cadre__name="王强")
    post.term_ends = PartialDate.parse_iso(text)
    post.save()
    return post


@pytest.mark.parametrize(
    ("term", "last", "written"),
    [
        ("2027-03-15", datetime.date(2027, 3, 15), "2027年3月15日"),
        ("2027-03", datetime.date(2027, 3, 31), "2027年3月"),
        ("2027", datetime.date(2027, 12, 31), "2027年"),
    ],
)
def test_a_term_ends_with_the_last_day_that_is_known(leader, term, last, written):
    post = serving_until(term)
    assert duties_seen_by(leader, last - 181 * ONE) == []
    assert [only(leader, day).state for day in (last - 180 * ONE, last, last + ONE)] == [
        "near",
        "near",
        "bad",
    ]
    duty = only(leader, last)
    assert (duty.about, duty.due) == ("西响石村书记王强任期届满", last)
    assert duty.detail == f"组织办 · {written}届满 · 今天到期"
    assert (duty.act, duty.url) == ("办理换届", f"/cadres/secretaries/{post.organisation_id}/succession/")


def test_a_term_and_its_figure_begin_on_the_same_day(leader):
    serving_until("2027-02")
    days = [datetime.date(2027, 2, 28) - by * ONE for by in (181, 180)]
    figures = compute([TERM_ENDING], days, leader)
    assert [figures.value(TERM_ENDING, day) for day in days] == [
        len(duties_seen_by(leader, day)) for day in days
    ]
    assert figures.value(TERM_ENDING, days[1]) == 1


def test_reminder_days_are_a_setting(leader):
    serving_until("2027-03-15")
    ParameterValue.objects.create(key="cadres.term_near_days", value="30", valid_from=START)
    last = datetime.date(2027, 3, 15)
    assert duties_seen_by(leader, last - 31 * ONE) == []
    assert only(leader, last - 30 * ONE).state == "near"


def test_no_term_no_duty_and_none_after_leaving(leader):
    PostFactory(term_end=None)
    post = serving_until("2026-01-01")
    post.end, post.end_reason = END, "term"
    post.save()
    assert [duty.rule.code for duty in duties_seen_by(leader, END - ONE)] == ["m1.term_end"]
    assert [duty.rule.code for duty in duties_seen_by(leader, END)] == ["m1.vacancy"]
