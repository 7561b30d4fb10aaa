"""What a visit does to needs, and the same visit sent again."""

import datetime

import pytest
from django.urls import reverse

from banzhuang.accounts.models import AuditEvent
from livelihood.models import Need, Visit, VisitPhoto
from tests.core import pictures
from tests.factories import HouseholdFactory, NeedFactory, VisitFactory

from .visit_forms import address, errors, filled, pending

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]

# --- What came of it ------------------------------------------------------------------------------------


def test_a_pending_matter_raises_a_need(ma_qiang, household):
    ma_qiang.post(address(household), pending())
    need = Need.objects.get()
    assert Visit.objects.get().need == need
    assert (need.household, need.content, need.topic) == (household, "东屋后坡漏雨", "housing")
    assert (need.raised_on, need.due) == (datetime.date(2026, 7, 15), datetime.date(2026, 7, 22))
    assert (need.handler, need.scope_code) == ("works", household.village.code)


def test_who_answers_and_by_when_is_said(ma_qiang, household):
    form = ma_qiang.get(address(household)).context["form"]
    assert form["due"].value() == datetime.date(2026, 7, 22)
    assert dict(form.fields["handler"].choices)["contact"] == "联系领导（马强）"
    wrong = errors(ma_qiang.post(address(household), filled(result="pending", heard="", topics=["water"])))
    assert wrong == {
        "heard": ["要办的事还没有写。待办理的，写明户里反映的事。"],
        "handler": ["承办还没有选。"],
        "due": ["答复期限还没有写。"],
    }


@pytest.mark.parametrize(("due", "status"), [("2026-07-14", 422), ("2026-07-15", 302)])
def test_the_answer_is_not_due_before_the_visit(ma_qiang, household, due, status):
    assert ma_qiang.post(address(household), pending() | {"due": due}).status_code == status


def test_where_nobody_looks_after_it_an_office_answers(ma_qiang, villages, leading_cadre):
    alone = HouseholdFactory(village=villages[0])
    answer = ma_qiang.post(address(alone), pending() | {"handler": "contact"})
    assert "handler" in errors(answer)


@pytest.fixture
def leaking(household):
    """The open need of 21 May."""
    return NeedFactory(
        household=household, raised_on=datetime.date(2026, 5, 21), due=datetime.date(2026, 5, 28)
    )


def test_the_same_matter_joins_the_open_need(ma_qiang, household, leaking):
    ma_qiang.post(address(household), pending())
    assert Visit.objects.get().need == leaking and Need.objects.count() == 1
    leaking.refresh_from_db()
    assert leaking.due == datetime.date(2026, 5, 28)  # what is overdue does not become young by another visit


def test_another_matter_raises_another(ma_qiang, household, leaking):
    ma_qiang.post(address(household), pending(topics=["schooling"]))
    assert Need.objects.count() == 2 and Visit.objects.get().need != leaking


def test_a_new_need_may_be_asked_for(ma_qiang, household, leaking):
    ma_qiang.post(address(household), pending() | {"joins": "new"})
    assert Need.objects.count() == 2


@pytest.mark.parametrize("closed", [True, False])
def test_only_an_open_need_of_the_household_can_be_joined(ma_qiang, household, villages, closed):
    if closed:
        facts = {"closed_on": datetime.date(2026, 7, 1), "outcome": "solved", "reply": "已修好"}
        other = NeedFactory(household=household, **facts)
    else:
        other = NeedFactory(household=HouseholdFactory(village=villages[1]))
    assert "joins" in errors(ma_qiang.post(address(household), pending() | {"joins": other.pk}))
    ma_qiang.post(address(household), pending())
    assert Visit.objects.get().need != other


def test_a_forged_handler_is_refused(ma_qiang, household):
    assert "handler" in errors(ma_qiang.post(address(household), pending() | {"handler": "leader"}))


def test_a_visit_of_no_need_joins_none(ma_qiang, household, leaking):
    ma_qiang.post(address(household), filled(joins=leaking.pk))
    assert Visit.objects.get().need is None


# --- The same visit again -------------------------------------------------------------------------------


def test_the_same_visit_sent_again_is_saved_once(ma_qiang, household):
    for _ in range(2):
        body = pending(photos=[pictures.photo()])
        assert ma_qiang.post(address(household), body).status_code == 302
    assert (Visit.objects.count(), Need.objects.count(), VisitPhoto.objects.count()) == (1, 1, 1)
    assert AuditEvent.objects.filter(action="add").count() == 1


def test_another_visit_on_the_same_day_leads_to_the_first(ma_qiang, household):
    ma_qiang.post(address(household), filled())
    answer = ma_qiang.post(address(household), filled(heard="孙女九月上初中"))
    wrong = str(errors(answer)["__all__"])
    assert "马强这一天走访这一户已记过" in wrong
    assert reverse("edit_visit", args=[Visit.objects.get().pk]) in answer.content.decode()


def test_two_leaders_may_visit_on_the_same_day(ma_qiang, household):
    VisitFactory(household=household, visitor__name="林桂", date=datetime.date(2026, 7, 15))
    assert ma_qiang.post(address(household), filled()).status_code == 302
