"""组织 in the admin: scope, choices, members by year, two editors, one event for each act."""

import pytest

from banzhuang.accounts.models import AuditEvent
from tests.factories import OTHER_TOWNSHIP, BranchFactory, TownshipFactory, VillageFactory
from villages.models import Organisation, OrganisationYear

pytestmark = pytest.mark.django_db
LIST, ADD = "/admin/villages/organisation/", "/admin/villages/organisation/add/"


@pytest.fixture
def office(client, organisation_office):
    client.force_login(organisation_office)
    return client


@pytest.fixture
def branch(villages):
    return villages[0].organisations.get(kind="branch")


@pytest.fixture
def foreign(db):
    village = VillageFactory(township=TownshipFactory(code=OTHER_TOWNSHIP, name="外镇"), name="外村")
    return BranchFactory(village=village, name="外支部")


def change(row):
    return f"{LIST}{row.pk}/change/"


def sent(response, years=(), **changes):
    form = response.context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    values = {name: "" if value is None else value for name, value in values.items()}
    below = {"years-TOTAL_FORMS": len(years), "years-INITIAL_FORMS": 0}
    for number, year in enumerate(years):
        below |= {f"years-{number}-{name}": value for name, value in year.items()}
    return {**values, **below, **changes}


def errors(response):
    return dict(response.context["adminform"].form.errors)


def acts():
    return list(AuditEvent.objects.exclude(action="login").values_list("action", "subject"))


def test_the_list_is_of_the_scope_and_initials_find(office, branch, foreign):
    rows = office.get(LIST).context["cl"].result_list
    assert {row.scope_code[:9] for row in rows} == {"320707109"}
    assert {row.village.name for row in office.get(LIST, {"q": "xxs"}).context["cl"].result_list} == {
        "西响石村"
    }


def test_added_with_its_members_and_one_event(office, villages):
    page = sent(
        office.get(ADD), [{"year": 2025, "members": 65}], kind="general_branch", name="西响石村党总支",
        township=villages[0].township_id, village=villages[0].pk,
    )  # fmt: skip
    assert office.post(ADD, page).status_code == 302
    added = Organisation.objects.get(name="西响石村党总支")
    assert (added.scope_code, OrganisationYear.objects.get().members) == (villages[0].code, 65)
    assert acts() == [("add", "组织 西响石村党总支")]


def test_a_second_of_a_kind_is_refused(office, villages):
    page = office.post(
        ADD,
        sent(
            office.get(ADD),
            kind="branch",
            name="再一个",
            township=villages[0].township_id,
            village=villages[0].pk,
        ),
    )
    assert "这个村已有同类组织，先撤销原来的。" in page.content.decode()
    assert acts() == []


@pytest.mark.parametrize("field", ["township", "village", "parent"])
def test_a_forged_row_of_another_township_is_refused(office, branch, foreign, field):
    forged = foreign.pk if field == "parent" else getattr(foreign, f"{field}_id")
    page = office.post(change(branch), sent(office.get(change(branch)), **{field: forged}))
    assert field in errors(page)
    assert "外" not in "".join(map(str, errors(page).values()))
    branch.refresh_from_db()
    assert branch.version == 1


@pytest.mark.parametrize("field", ["village", "parent"])
def test_what_can_be_chosen_is_of_the_scope(office, branch, foreign, field):
    query = {"app_label": "villages", "model_name": "organisation", "field_name": field, "term": ""}
    texts = str(office.get("/admin/autocomplete/", query).json())
    assert "西响石" in texts
    assert "外" not in texts


def test_rows_of_another_township_are_not_there(office, foreign):
    for url in (change(foreign), f"{LIST}{foreign.pk}/history/", f"{LIST}{foreign.pk}/delete/"):
        assert "外支部" not in office.get(url, follow=True).content.decode()


def test_changed_with_one_event(office, branch):
    assert (
        office.post(change(branch), sent(office.get(change(branch)), start="2020-01-01")).status_code == 302
    )
    assert acts() == [("change", f"组织 {branch.name}")]


def test_the_second_editor_is_not_written_over_the_first(office, branch):
    second = sent(office.get(change(branch)), name="第二")
    office.post(change(branch), sent(office.get(change(branch)), name="第一"))
    page = office.post(change(branch), second)
    branch.refresh_from_db()
    assert branch.name == "第一"
    assert page.status_code == 200
    assert "名称现为“第一”" in page.content.decode()
    assert 'value="第二"' in page.content.decode()


def test_queries_of_the_list_are_the_same_for_10_and_50_rows(office, villages, count_queries):
    def more(count):
        for _ in range(count):
            BranchFactory()

    more(6)
    office.get(LIST)
    ten = count_queries(lambda: office.get(LIST))
    more(40)
    assert count_queries(lambda: office.get(LIST)) == ten
    assert len(office.get(LIST).context["cl"].result_list) == 50
