"""结对联系, 走访记录 and 诉求 in the admin: the rules of the pages, scope, two editors."""

import datetime

import pytest

from banzhuang.accounts.models import AuditEvent
from livelihood.models import Contact, Need, Visit, VisitPhoto
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
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]
TABLES = {"contact": Contact, "visit": Visit, "need": Need}


@pytest.fixture
def office(client, welfare_office):
    client.force_login(welfare_office)
    return client


@pytest.fixture
def zhang(villages):
    return HouseholdFactory(village=villages[0], head="张福永")


@pytest.fixture
def rows(zhang, leading_cadre):
    """One of each table, of 张福永 and 马强."""
    return {
        "contact": ContactFactory(household=zhang, cadre=leading_cadre, start=datetime.date(2025, 3, 1)),
        "visit": VisitFactory(household=zhang, visitor=leading_cadre, date=datetime.date(2026, 7, 10)),
        "need": NeedFactory(
            household=zhang,
            raised_on=datetime.date(2026, 7, 10),
            due=datetime.date(2026, 7, 17),
            handler="welfare",
        ),
    }


@pytest.fixture
def foreign(db):
    township = TownshipFactory(code=OTHER_TOWNSHIP, name="外镇")
    household = HouseholdFactory(village=VillageFactory(township=township, name="外村"), head="外镇户")
    leader = LeaderFactory(name="外镇领导", township=township)
    return {
        "contact": ContactFactory(household=household, cadre=leader),
        "visit": VisitFactory(household=household, visitor=leader),
        "need": NeedFactory(household=household),
    }


def address(name, row=None):
    base = f"/admin/livelihood/{name}/"
    return f"{base}{row.pk}/change/" if row else f"{base}add/"


def value_of(bound):
    value = bound.value()
    return value.iso() if hasattr(value, "iso") else "" if value is None else value


def sent(page, **changes):
    form = page.context["adminform"].form
    return {bound.html_name: value_of(bound) for bound in form if bound.value() is not False} | changes


def save(office, name, row=None, **changes):
    return office.post(address(name, row), sent(office.get(address(name, row)), **changes))


def errors(page):
    return dict(page.context["adminform"].form.errors)


@pytest.mark.parametrize("name", TABLES)
def test_what_stands_there_is_saved_unchanged_with_one_event(office, rows, name):
    assert save(office, name, rows[name]).status_code == 302
    events = AuditEvent.objects.exclude(action="login")
    assert [(event.action, event.subject) for event in events] == [
        ("change", f"{TABLES[name]._meta.verbose_name} {rows[name]}")
    ]


@pytest.mark.parametrize("name", TABLES)
def test_rows_of_another_township_are_neither_there_nor_to_be_chosen(office, rows, foreign, name):
    text = office.get(f"/admin/livelihood/{name}/").content.decode()
    assert "张福永" in text and "外镇户" not in text
    assert office.get(address(name, foreign[name])).status_code == 302
    page = save(office, name, rows[name], household=foreign[name].household_id)
    assert list(errors(page)) == ["household"]


@pytest.mark.parametrize("name", TABLES)
def test_an_overtaken_copy_is_not_written(office, rows, name):
    page = office.get(address(name, rows[name]))
    save(office, name, rows[name])
    again = office.post(address(name, rows[name]), sent(page))
    assert "已被改过" in again.content.decode()


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("role", ["leader", "village"])
def test_who_enters_only_the_own_does_so_on_the_pages(client, villages, rows, name, role):
    scope = villages[0].code if role == "village" else "320707109"
    client.force_login(UserFactory(role=role, is_staff=True, scope=scope))
    assert client.get(address(name, rows[name])).status_code == 200
    assert client.post(address(name, rows[name]), {"note": "改"}).status_code == 403
    assert client.get(address(name)).status_code == 403


# --- Contacts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "fits"),
    [
        ("2024-01-01", "2025-03-01", True),
        ("2024-01-01", "2025-03-02", False),
        ("", "2025-03-01", True),
        ("", "2026-01-01", False),
        ("2025-03-01", "2026-01-01", False),
    ],
)
def test_no_second_leader_on_one_day(office, rows, zhang, start, end, fits):
    other = LeaderFactory(name="林桂")
    page = save(office, "contact", household=zhang.pk, cadre=other.pk, started=start, ended=end)
    assert (page.status_code == 302) == fits
    assert fits or "重叠，一户同一天只有一名联系领导。" in page.content.decode()


def test_a_second_live_leader_is_led_to_the_handover(office, rows, zhang):
    page = save(office, "contact", household=zhang.pk, cadre=LeaderFactory().pk, started="2026-07-01")
    assert "移交联系户" in page.content.decode()
    assert Contact.objects.count() == 1


def test_nothing_that_has_not_begun(office, rows):
    assert "started" in errors(save(office, "contact", rows["contact"], started="2026-07-16"))


# --- Visits ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"date": "2026-07-16"}, "date"),
        ({"date": "2021-12-31"}, "date"),
        ({"result": ""}, "result"),
        ({"topics": ["x"]}, "topics"),
    ],
)
def test_a_visit_out_of_order_is_refused(office, rows, changes, field):
    assert field in errors(save(office, "visit", rows["visit"], **changes))


def test_a_visit_and_a_need_are_of_one_household(office, rows, villages):
    other = NeedFactory(household=HouseholdFactory(village=villages[0]))
    assert "need" in errors(save(office, "visit", rows["visit"], need=other.pk, result="pending"))
    assert "result" in errors(save(office, "visit", rows["visit"], need=rows["need"].pk, result="solved"))
    assert save(office, "visit", rows["visit"], need=rows["need"].pk, result="pending").status_code == 302


def test_the_same_visit_twice_is_refused(office, rows, zhang, leading_cadre):
    page = save(
        office, "visit", household=zhang.pk, visitor=leading_cadre.pk, date="2026-07-10", result="none"
    )
    assert "这一户这一天的走访已记过。" in page.content.decode()


def test_photos_stand_small_on_the_page_and_are_not_uploaded_there(office, rows, welfare_office):
    photo = VisitPhoto(
        visit=rows["visit"], uploaded_by=welfare_office, width=1, height=1, bytes=1, sha256="0" * 64
    )
    photo.save()
    text = office.get(address("visit", rows["visit"])).content.decode()
    assert f'src="/livelihood/visits/photos/{photo.pk}/thumbnail/"' in text
    assert 'type="file"' not in text


# --- Needs ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"raised_on": "2026-07-16", "due": "2026-07-20"}, "raised_on"),
        ({"taken_on": "2026-07-09"}, "taken_on"),
        ({"closed_on": "2026-07-16", "outcome": "solved", "reply": "已经修好"}, "closed_on"),
        ({"closed_on": "2026-07-15"}, "outcome"),
        ({"closed_on": "2026-07-15", "outcome": "solved"}, "reply"),
        ({"outcome": "solved", "reply": "已经修好"}, "closed_on"),
        ({"due": "2026-07-09"}, "__all__"),
    ],
)
def test_a_need_out_of_order_is_refused(office, rows, changes, field):
    assert field in errors(save(office, "need", rows["need"], **changes))


def test_a_need_is_not_deleted_while_a_visit_says_it_was_raised_there(office, rows):
    need, visit = rows["need"], rows["visit"]
    visit.need, visit.result = need, Visit.Result.PENDING
    visit.save()
    delete = f"/admin/livelihood/need/{need.pk}/delete/"
    assert office.post(delete, {"post": "yes"}).status_code == 403
    whole = {"action": "delete_selected", "_selected_action": [need.pk], "post": "yes"}
    office.post("/admin/livelihood/need/", whole)
    assert Need.objects.filter(pk=need.pk).exists()
    visit.need, visit.result = None, Visit.Result.NONE
    visit.save()
    assert office.post(delete, {"post": "yes"}).status_code == 302
    assert not Need.objects.filter(pk=need.pk).exists()
