"""Who looked after a household before: one's own visits stay as they were; the present contact, new needs and what others
wrote are not one's own any more."""

import datetime

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from banzhuang.accounts.models import Role
from livelihood.models import Contact, Need, Visit
from tests.factories import (
    CadreFactory,
    ContactFactory,
    HouseholdFactory,
    LeaderFactory,
    NeedFactory,
    UserFactory,
)

from .visit_forms import address, errors, filled, pending

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]
CHANGED = datetime.date(2026, 7, 10)


@pytest.fixture
def lin_hai(client):
    """机关干部 林海, a cadre of the township."""
    user = UserFactory(username="linhai", name="林海", role="staff")
    CadreFactory(name="林海", user=user, village=None, category="clerk")
    client.force_login(user)
    return user


@pytest.fixture
def household(villages, lin_hai):
    """张福永户, which 林海 looks after."""
    row = HouseholdFactory(village=villages[0], head="张福永", phone="13900001062")
    ContactFactory(household=row, cadre=lin_hai.cadre)
    return row


@pytest.fixture
def hand_over(household):
    """hand_over(): from 10 July on 马英才 looks after it."""
    leader = LeaderFactory(name="马英才")

    def handing():
        Contact.objects.hand_over(household.contacts.filter(end=None), leader, CHANGED)
        return leader

    return handing


def visited(client, household, body=None):
    """A visit that 林海 entered while he was the contact."""
    client.post(address(household), body or filled(date="2026-07-08"))
    return Visit.objects.get()


def edit(visit):
    return reverse("edit_visit", args=[visit.pk])


def test_while_he_is_the_contact_he_is_named_and_may_raise_a_need(client, household):
    form = client.get(address(household)).context["form"]
    assert dict(form.fields["handler"].choices)["contact"] == "联系领导（林海）"
    assert visited(client, household, pending(date="2026-07-08")).need


def test_his_own_visit_stays_his_to_read_and_to_correct(client, household, hand_over):
    visit = visited(client, household)
    hand_over()
    page = client.get(visit.get_absolute_url()).content.decode()
    assert "东屋后坡漏雨" in page and edit(visit) in page
    assert (
        client.post(edit(visit), filled(date="2026-07-08", heard="西屋也漏", read_version=1)).status_code
        == 302
    )
    visit.refresh_from_db()
    assert visit.heard == "西屋也漏" and visit.need is None


def test_no_page_names_the_present_contact(client, household, hand_over):
    visit = visited(client, household)
    NeedFactory(household=household, content="新的诉求", raised_on=CHANGED, due=datetime.date(2026, 7, 20))
    leader = hand_over()
    past = "?on=2026-07-09"
    lists = [
        reverse(name) for name in ("visits", "visit_plan", "visit_sheet", "needs", "households", "duties")
    ]
    pages = [edit(visit), visit.get_absolute_url(), reverse("home"), reverse("evening_visits"), *lists]
    pages += [f"{url}{past}" for url in [visit.get_absolute_url(), *lists]] + [
        f"{reverse('visit_sheet')}?all=1"
    ]
    pages += [f"{reverse('search')}?q=张福永"]
    for url in pages:
        answer = client.get(url)
        assert answer.status_code in {200, 403}, url
        text = answer.content.decode()
        assert leader.name not in text and "新的诉求" not in text, url
    refused = client.post(edit(visit), {"result": ""})
    assert refused.status_code == 422 and leader.name not in refused.content.decode()


def test_the_household_its_needs_and_a_new_visit_are_not_his(client, household, hand_over):
    need = NeedFactory(household=household)
    hand_over()
    for url in (household.get_absolute_url(), need.get_absolute_url(), address(household)):
        assert client.get(url).status_code == 404
    assert client.post(address(household), pending()).status_code == 404
    assert not Visit.objects.exists()


@pytest.mark.parametrize("changes", [{}, {"joins": "new"}])
def test_no_need_is_raised_from_an_old_visit(client, household, hand_over, changes):
    visit = visited(client, household)
    hand_over()
    form = client.get(edit(visit)).context["form"]
    assert not {"joins", "handler", "due"} & set(form.fields)
    assert [value for value, _ in form.fields["result"].choices] == ["solved", "none"]
    answer = client.post(edit(visit), pending(date="2026-07-08", read_version=1) | changes)
    assert "不再另立诉求" in str(errors(answer)["result"])
    assert not Need.objects.exists()


@pytest.mark.parametrize("lost", [True, False])
def test_what_raised_a_need_stays_pending_and_raises_no_other(client, household, hand_over, lost):
    visit = visited(client, household, pending(date="2026-07-08"))
    if lost:
        Need.objects.all().delete()
    need = Need.objects.first()
    hand_over()
    body = pending(date="2026-07-08", heard="西屋也漏", topics=["schooling"], read_version=1) | {
        "joins": "new"
    }
    assert client.post(edit(visit), body).status_code == 302
    visit.refresh_from_db()
    assert (visit.heard, visit.need, Need.objects.count()) == ("西屋也漏", need, 0 if lost else 1)
    answer = client.post(edit(visit), filled(date="2026-07-08", read_version=2))
    assert "不再另立诉求" in str(errors(answer)["result"])


@pytest.mark.parametrize("how", ["entered", "corrected"])
def test_what_another_wrote_is_read_alone(client, household, hand_over, welfare_office, lin_hai, how):
    if how == "entered":
        client.force_login(welfare_office)
        client.post(address(household), filled(date="2026-07-08", visitor=lin_hai.cadre.pk))
        visit = Visit.objects.get()
    else:
        visit = visited(client, household)
        client.force_login(welfare_office)
        assert (
            client.post(edit(visit), filled(date="2026-07-08", heard="核实过", read_version=1)).status_code
            == 302
        )
    client.force_login(lin_hai)
    assert client.get(edit(visit)).status_code == 200
    hand_over()
    page = client.get(visit.get_absolute_url())
    assert page.status_code == 200 and edit(visit) not in page.content.decode()
    assert client.get(edit(visit)).status_code == 403
    assert client.post(edit(visit), filled(date="2026-07-08")).status_code == 403


def test_an_office_that_answers_a_need_does_not_learn_the_contacts_name(
    client, household, hand_over, lin_hai
):
    """林海 is of 村建环卫办 too: he sees the household for the need that his office answers, and who looks after it not."""
    leader = hand_over()
    lin_hai.groups.add(Role.objects.get(code="works"))
    NeedFactory(household=household, handler="works")
    page = client.get(address(household))
    assert page.status_code == 200 and leader.name not in page.content.decode()
    assert dict(page.context["form"].fields["handler"].choices)["contact"] == "联系领导"


def test_who_may_not_add_needs_raises_none_by_a_visit(client, household):
    Role.objects.get(code="staff").permissions.remove(Permission.objects.get(codename="add_need"))
    answer = client.post(address(household), pending())
    assert "没有新增“诉求”的权限" in str(errors(answer)["result"])
    assert not Need.objects.exists()
    need = NeedFactory(household=household)
    assert client.post(address(household), pending()).status_code == 302
    assert Visit.objects.get().need == need


def test_the_welfare_office_corrects_all_as_before(client, household, hand_over, welfare_office):
    visit = visited(client, household)
    leader = hand_over()
    client.force_login(welfare_office)
    page = client.get(edit(visit))
    assert dict(page.context["form"].fields["handler"].choices)["contact"] == f"联系领导（{leader.name}）"
    assert client.post(edit(visit), pending(date="2026-07-08", read_version=1)).status_code == 302
    assert Need.objects.count() == 1
