"""村 in the admin: scope, codes, yearly rows beside them, two editors, one event for each act."""

import pytest

from banzhuang.accounts.models import AuditEvent
from tests.factories import OTHER_TOWNSHIP, TownshipFactory, UserFactory, VillageFactory
from villages.models import Area, Village, VillageYear

pytestmark = pytest.mark.django_db
LIST, ADD = "/admin/villages/village/", "/admin/villages/village/add/"


@pytest.fixture
def office(client, organisation_office):
    client.force_login(organisation_office)
    return client


@pytest.fixture
def foreign(db):
    township = TownshipFactory(code=OTHER_TOWNSHIP, name="外镇")
    return VillageFactory(
        township=township, name="外村", area=Area.objects.create(township=township, name="外片")
    )


def change(row):
    return f"{LIST}{row.pk}/change/"


def sent(response, years=(), **changes):
    """What the page would send, with some fields written anew and yearly rows added below."""
    form = response.context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    values = {name: "" if value is None else value for name, value in values.items()}
    values["aliases"] = values["initial-aliases"] = "[]"
    below = {"years-TOTAL_FORMS": len(years), "years-INITIAL_FORMS": 0}
    for number, year in enumerate(years):
        below |= {f"years-{number}-{name}": value for name, value in year.items()}
    return {**values, **below, **changes}


def errors(response):
    return dict(response.context["adminform"].form.errors)


def names(response):
    return [row.name for row in response.context["cl"].result_list]


def acts():
    return list(AuditEvent.objects.exclude(action="login").values_list("action", "subject"))


def test_the_list_is_of_the_scope_and_is_found_by_initials_or_code(office, villages, foreign):
    assert names(office.get(LIST)) == ["西响石村", "李小湾村"]
    assert names(office.get(LIST, {"q": "xxs"})) == ["西响石村"]
    assert names(office.get(LIST, {"q": "320707109217"})) == ["李小湾村"]


def test_added_in_scope_with_its_year_and_one_event(office, villages):
    year = {"year": 2025, "population": 1200, "households": 390}
    response = office.post(
        ADD, sent(office.get(ADD), [year], township=villages[0].township_id, code="320707109299", name="新村")
    )
    assert response.status_code == 302
    village = Village.objects.get(name="新村")
    assert (village.scope_code, village.initials, village.is_resettled) == ("320707109299", "xc", False)
    assert VillageYear.objects.get().population == 1200
    assert acts() == [("add", "村 新村")]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("320707100299", "班庄镇的村，代码应以 320707109 开头。"),
        ("32070710929", "村的区划代码是 12 位数字。"),
        ("320707109216", None),
    ],
)
def test_a_code_outside_the_scope_or_the_shape_is_refused_at_its_field(office, villages, code, sentence):
    page = office.post(ADD, sent(office.get(ADD), township=villages[0].township_id, code=code, name="新村"))
    assert list(errors(page)) == ["code"]
    if sentence:
        assert sentence in errors(page)["code"]
    assert Village.objects.count() == 2
    assert acts() == []


def test_a_code_beyond_an_office_of_one_village_is_refused(client, villages):
    client.force_login(UserFactory(role="organisation", scope=villages[0].code, is_staff=True))
    page = client.post(
        ADD, sent(client.get(ADD), township=villages[0].township_id, code="320707109299", name="新村")
    )
    assert page.status_code == 200
    assert errors(page)
    assert Village.objects.count() == 2


@pytest.mark.parametrize("field", ["township", "area", "successor"])
def test_a_forged_row_of_another_township_is_refused(office, villages, foreign, field):
    forged = foreign.pk if field == "successor" else getattr(foreign, f"{field}_id")
    page = office.post(change(villages[0]), sent(office.get(change(villages[0])), **{field: forged}))
    assert field in errors(page)
    assert "外" not in "".join(map(str, errors(page).values()))
    assert "外片" not in page.content.decode()


def test_rows_of_another_township_are_not_there(office, foreign):
    for url in (change(foreign), f"{LIST}{foreign.pk}/history/", f"{LIST}{foreign.pk}/delete/"):
        assert "外村" not in office.get(url, follow=True).content.decode()


def test_changed_with_one_event_and_a_history(office, villages):
    assert (
        office.post(change(villages[0]), sent(office.get(change(villages[0])), is_resettled="on")).status_code
        == 302
    )
    villages[0].refresh_from_db()
    assert villages[0].is_resettled
    assert acts() == [("change", "村 西响石村")]
    assert AuditEvent.objects.get(action="change").detail == {"changes": {"移民村": ["否", "是"]}}
    assert "周敏" in office.get(f"{LIST}{villages[0].pk}/history/").content.decode()


def test_a_village_with_rows_is_not_deleted(office, villages):
    office.post(f"{LIST}{villages[0].pk}/delete/", {"post": "yes"})
    assert Village.objects.filter(pk=villages[0].pk).exists()
    assert acts() == []


@pytest.mark.parametrize("role", ["leader", "economy", "village"])
def test_a_reader_only_reads(client, villages, role):
    VillageYear.objects.create(village=villages[0], year=2025, population=2236)
    client.force_login(UserFactory(role=role, is_staff=True))
    assert "2236" in client.get(change(villages[0])).content.decode()
    assert client.get(ADD).status_code == 403
    assert client.post(change(villages[0]), {"name": "改"}).status_code == 403


def test_the_second_editor_is_not_written_over_the_first(office, villages):
    second = sent(office.get(change(villages[0])), name="第二村")
    office.post(change(villages[0]), sent(office.get(change(villages[0])), name="第一村"))
    page = office.post(change(villages[0]), second)
    villages[0].refresh_from_db()
    assert villages[0].name == "第一村"
    assert page.status_code == 200
    assert "村名现为“第一村”" in page.content.decode()
    assert 'value="第二村"' in page.content.decode()


def test_a_yearly_row_is_not_written_over_either(office, villages):
    row = VillageYear.objects.create(village=villages[0], year=2025, population=1)

    def year(population):
        return {
            "id": row.pk,
            "village": villages[0].pk,
            "year": 2025,
            "population": population,
            "read_version": 1,
        }

    page = office.get(change(villages[0]))
    for population in (100, 200):
        again = office.get(change(villages[0]))
        body = sent(again, [year(population)], **{"years-INITIAL_FORMS": 1})
        response = office.post(change(villages[0]), body)
    row.refresh_from_db()
    assert row.population == 100
    assert "人口现为“100”" in response.content.decode()
    assert 'name="years-0-read_version" value="1"' in page.content.decode()


def test_queries_of_the_list_are_the_same_for_10_and_50_rows(office, villages, count_queries):
    def more(count, area):
        area = Area.objects.create(township=villages[0].township, name=area)
        for _ in range(count):
            VillageFactory(area=area)

    more(8, "甲片")
    office.get(LIST)
    ten = count_queries(lambda: office.get(LIST))
    more(40, "乙片")
    assert count_queries(lambda: office.get(LIST)) == ten
    assert len(names(office.get(LIST))) == 50
