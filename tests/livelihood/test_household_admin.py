"""困难户 in the admin: masked numbers and health, the rows below, two editors, scope."""

import datetime
import re

import pytest

from banzhuang.accounts.models import AuditEvent
from livelihood.models import Contact, Household, HouseholdLabel, HouseholdYear, Member
from tests.factories import (
    OTHER_TOWNSHIP,
    ContactFactory,
    HouseholdFactory,
    LeaderFactory,
    TownshipFactory,
    UserFactory,
    VillageFactory,
    id_number,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("july")]
LIST, ADD = "/admin/livelihood/household/", "/admin/livelihood/household/add/"
NUMBER, OTHER_NUMBER = id_number(7), id_number(8)
WIFE = id_number(3, sex="女", birth=datetime.date(1970, 7, 16))
SETS = ("contacts", "labels", "years", "members")


@pytest.fixture
def office(client, welfare_office):
    client.force_login(welfare_office)
    return client


@pytest.fixture
def household(villages):
    return HouseholdFactory(
        village=villages[0], head="张福永", id_number=NUMBER, phone="13900001062", health="disabled"
    )


@pytest.fixture
def foreign(db):
    village = VillageFactory(township=TownshipFactory(code=OTHER_TOWNSHIP, name="外镇"), name="外村")
    return HouseholdFactory(village=village, head="外镇户", id_number=OTHER_NUMBER)


def change(row):
    return f"{LIST}{row.pk}/change/"


def value_of(bound):
    value = bound.value()
    return value.iso() if hasattr(value, "iso") else "" if value is None else value


def sent(page, **changes):
    """What the page's forms would send, the rows below with it; some fields written anew."""
    body = {}
    for formset in [inline.formset for inline in page.context["inline_admin_formsets"]]:
        forms = [formset.management_form, *formset.forms]
        body |= {bound.html_name: value_of(bound) for form in forms for bound in form}
    form = page.context["adminform"].form
    body |= {bound.html_name: value_of(bound) for bound in form}
    return body | changes


def with_row(body, below, /, **fields):
    """`body` with one more row in the set `below`."""
    place = int(body[f"{below}-TOTAL_FORMS"])
    return (
        body
        | {f"{below}-TOTAL_FORMS": place + 1}
        | {f"{below}-{place}-{key}": text for key, text in fields.items()}
    )


def errors(page):
    found = dict(page.context["adminform"].form.errors)
    for inline in page.context["inline_admin_formsets"]:
        for form in inline.formset.forms:
            found |= form.errors
        found |= {"__all__": inline.formset.non_form_errors()} if inline.formset.non_form_errors() else {}
    return found


def text_of(page):
    return " ".join(str(error) for problems in errors(page).values() for error in problems)


def save(office, row, body=None, **changes):
    return office.post(change(row), (body or sent(office.get(change(row)))) | changes)


def acts():
    return list(AuditEvent.objects.exclude(action="login").values_list("action", "subject"))


# --- The household --------------------------------------------------------------------------------------


def test_added_in_scope_with_one_event(office, villages):
    body = sent(
        office.get(ADD), village=villages[0].pk, head="赵新", group="2组", identity=NUMBER, telephone="13900001062",
        condition="chronic", registered="2024-03",
    )  # fmt: skip
    assert office.post(ADD, body).status_code == 302
    row = Household.objects.get(head="赵新")
    assert (row.id_number, row.phone, row.health) == (NUMBER, "13900001062", "chronic")
    assert (row.registered.iso(), row.initials, row.scope_code) == ("2024-03", "zx", villages[0].code)
    assert acts() == [("add", "困难户 赵新")]


def test_masks_left_as_they_are_keep_what_is_stored(office, household):
    assert save(office, household, note="改过").status_code == 302
    household.refresh_from_db()
    assert (household.note, household.id_number, household.phone, household.health) == (
        "改过",
        NUMBER,
        "13900001062",
        "disabled",
    )
    assert AuditEvent.objects.get(action="change").detail == {"changes": {"备注": ["", "改过"]}}


@pytest.mark.parametrize(("chosen", "stored"), [("serious", "serious"), ("cleared", ""), ("", "disabled")])
def test_health_is_chosen_anew_cleared_or_left(office, household, chosen, stored):
    page = office.get(change(household))
    assert page.context["adminform"].form["condition"].value() in (None, "")
    assert "不改（已登记）" in page.content.decode()
    save(office, household, condition=chosen)
    household.refresh_from_db()
    assert household.health == stored


def test_nothing_sensitive_on_any_page(office, household):
    Member.objects.create(
        household=household, name="刘春英", relation="spouse", id_number=WIFE, health="serious"
    )
    household.id_number, household.health, household.phone = OTHER_NUMBER, "chronic", "13900001063"
    household.save()
    version = household.history.first().pk
    urls = [LIST, f"{LIST}?q=zfy", change(household), f"{LIST}{household.pk}/history/",
            f"{LIST}{household.pk}/history/{version}/", f"{LIST}{household.pk}/delete/"]  # fmt: skip
    pages = [office.get(url) for url in urls]
    pages.append(save(office, household, head=""))
    for page in pages:
        assert page.status_code == 200
        text = re.sub("<option.*?</option>", "", page.content.decode())
        for secret in (
            NUMBER,
            OTHER_NUMBER,
            WIFE,
            "13900001062",
            "13900001063",
            "残疾",
            "慢性病",
            "患有大病",
        ):
            assert secret not in text
        assert not re.search(
            'gAAAA|1:[0-9a-f]{64}|"selected">(?:残疾|长期|患有)|value="disabled" selected',
            page.content.decode(),
        )


@pytest.mark.parametrize(
    "number", [NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1"), "7100**********9999", "x"]
)
def test_a_wrong_number_is_refused_at_its_field(office, household, number):
    assert list(errors(save(office, household, identity=number))) == ["identity"]
    household.refresh_from_db()
    assert household.id_number == NUMBER


def test_a_head_stands_in_one_register(office, household, villages, foreign):
    other = HouseholdFactory(village=villages[0])
    assert "已在册，一户只登记一次。" in text_of(save(office, other, identity=NUMBER))
    there = HouseholdFactory(village=villages[1])
    page = save(office, there, identity=NUMBER)
    assert "这个身份证号的户主已在西响石村在册，一户只登记一次。" in text_of(page)
    assert list(errors(page)) == ["identity"]
    assert (
        save(office, there, identity=OTHER_NUMBER).status_code == 302
    )  # of another township: nothing is told


def test_a_household_that_left_may_come_again_elsewhere(office, household, villages):
    save(office, household, removed="2026-07-01", removal_reason="moved")
    there = HouseholdFactory(village=villages[1])
    assert save(office, there, identity=NUMBER).status_code == 302


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"removed": "2026-07-01"}, "removal_reason"),
        ({"removed": "2026-07-16", "removal_reason": "moved"}, "removed"),
        ({"removed": "2021-12-31", "removal_reason": "moved"}, "removed"),
        ({"registered": "2026-07-16"}, "registered"),
        ({"registered": "昨天"}, "registered"),
        ({"village": "999999"}, "village"),
    ],
)
def test_what_is_out_of_order_is_refused_at_its_field(office, household, changes, field):
    assert field in errors(save(office, household, **changes))


def test_a_place_and_rows_of_another_township_are_out_of_reach(office, household, foreign):
    assert "village" in errors(save(office, household, village=foreign.village_id))
    for url in (change(foreign), f"{LIST}{foreign.pk}/history/", f"{LIST}{foreign.pk}/delete/"):
        assert "外镇户" not in office.get(url, follow=True).content.decode()
    office.post(change(foreign), {"head": "改"})
    foreign.refresh_from_db()
    assert foreign.head == "外镇户"
    leader = LeaderFactory(village=None, township=foreign.village.township, name="外镇领导")
    body = with_row(sent(office.get(change(household))), "contacts", cadre=leader.pk, started="2026")
    assert "cadre" in errors(save(office, household, body))


def test_the_second_editor_is_told_and_nothing_is_lost(office, household):
    second = sent(office.get(change(household)), note="第二人")
    save(office, household, note="第一人", address="东街")
    page = save(office, household, second)
    assert "备注现为“第一人”" in text_of(page)
    household.refresh_from_db()
    assert (household.note, household.address) == ("第一人", "东街")


def test_found_by_name_and_initials_and_by_standing(office, household, foreign):
    def names(**query):
        return [row.head for row in office.get(LIST, query).context["cl"].result_list]

    assert names() == names(q="zfy") == names(q="福永") == names(standing="registered") == ["张福永"]
    assert names(standing="removed") == []


def test_households_to_choose_are_those_of_the_scope(office, household, foreign):
    query = {"app_label": "livelihood", "model_name": "contact", "field_name": "household", "term": ""}
    found = office.get("/admin/autocomplete/", query).json()["results"]
    assert [row["text"] for row in found] == ["张福永"]


@pytest.mark.parametrize("role", ["leader", "village", "staff"])
def test_readers_read_masked(client, household, villages, role):
    user = UserFactory(role=role, is_staff=True, scope=villages[0].code if role == "village" else "320707109")
    if role == "staff":
        ContactFactory(household=household, cadre=LeaderFactory(user=user))
    Member.objects.create(
        household=household, name="刘春英", relation="spouse", id_number=WIFE, health="serious"
    )
    client.force_login(user)
    page = client.get(change(household))
    text = page.content.decode()
    assert (
        page.status_code == 200 and "刘春英" in text and household.id_number_mask in text and "已登记" in text
    )
    for secret in (NUMBER, WIFE, "13900001062", "残疾", "患有大病"):
        assert secret not in text
    assert not re.search("Started|Ended|Born|Registered|Removed", text)
    assert client.post(change(household), {"head": "改"}).status_code == 403
    assert client.get(ADD).status_code == 403


# --- The rows below -------------------------------------------------------------------------------------


def test_rows_below_are_added_with_partial_dates_and_masked_fields(office, household):
    leader = LeaderFactory(name="马强")
    body = sent(office.get(change(household)))
    body = with_row(body, "contacts", cadre=leader.pk, started="2025-03")
    body = with_row(body, "labels", kind="minimum", started="2024")
    body = with_row(
        body, "years", year="2025", members="3", workers="1", cause="illness", other_causes=["labour"]
    )
    body = with_row(
        body,
        "members",
        name="刘春英",
        relation="spouse",
        sex="2",
        born="1970-07",
        identity=WIFE,
        condition="serious",
    )
    assert save(office, household, body).status_code == 302
    member = Member.objects.get()
    assert (member.id_number, member.health, member.born.iso()) == (WIFE, "serious", "1970-07")
    assert Contact.objects.get().started.iso() == "2025-03"
    assert HouseholdLabel.objects.get().started.iso() == "2024"
    assert HouseholdYear.objects.get().causes == ["因病", "缺劳力"]
    assert acts() == [("change", "困难户 张福永")]
    told = AuditEvent.objects.get(action="change").detail
    assert "新增家庭成员 刘春英" in told["rows_below"] and len(told["rows_below"]) == 4
    save(office, household, **{"members-0-school": "班庄中学", "members-0-condition": "cleared"})
    member.refresh_from_db()
    assert (member.school, member.id_number, member.health) == ("班庄中学", WIFE, "")
    event = AuditEvent.objects.filter(action="change").latest("pk")
    assert event.detail == {
        "changes": {"刘春英 在读学校及年级": ["", "班庄中学"]},
        "fields": ["刘春英 健康状况"],
    }
    assert event.explanation() == "刘春英 在读学校及年级：空 → 班庄中学；刘春英 健康状况（内容不记）"


def test_a_member_is_checked_against_the_number(office, household):
    body = sent(office.get(change(household)))
    wrong = with_row(
        body, "members", name="刘春英", relation="spouse", sex="1", born="1970-08", identity=WIFE
    )
    assert set(errors(save(office, household, wrong))) == {"sex", "born"}
    head = with_row(body, "members", name="张福永", relation="other", identity=NUMBER)
    assert "这是户主的身份证号。" in text_of(save(office, household, head))
    twice = with_row(body, "members", name="刘春英", relation="spouse", identity=WIFE)
    twice = with_row(twice, "members", name="刘春英", relation="spouse", identity=WIFE)
    assert "已写过一次" in text_of(save(office, household, twice))
    assert not Member.objects.exists()


@pytest.mark.parametrize(
    ("spans", "fits"),
    [
        ([("2024-01-01", "2025-03-01"), ("2025-03-01", "")], True),
        ([("2024-01-01", "2025-03-02"), ("2025-03-01", "")], False),
        ([("", "2025-03-01"), ("2025-03-01", "")], True),
        ([("", "2025-03-02"), ("2025-03-01", "")], False),
        ([("2024", ""), ("2025", "")], False),
        ([("2025-03-01", ""), ("2024-01-01", "2025-03-01")], True),
        ([("2025-03-01", "2025-03-01"), ("2024-01-01", "")], True),
    ],
)
@pytest.mark.parametrize("name", ["contacts", "labels"])
def test_no_day_has_two_contacts_or_one_kind_twice(office, household, spans, fits, name):
    body = sent(office.get(change(household)))
    for start, end in spans:
        what = {"cadre": LeaderFactory().pk} if name == "contacts" else {"kind": "minimum"}
        body = with_row(body, name, started=start, ended=end, **what)
    page = save(office, household, body)
    assert (page.status_code == 302) == fits
    assert fits or "重叠" in text_of(page)


def test_two_kinds_at_once_are_no_contradiction(office, household):
    body = sent(office.get(change(household)))
    for kind in ("minimum", "lifted"):
        body = with_row(body, "labels", kind=kind, started="2024")
    assert save(office, household, body).status_code == 302


@pytest.mark.parametrize(
    ("name", "fields", "wrong"),
    [
        ("years", {"year": "2025", "members": "2", "workers": "3"}, "workers"),
        ("years", {"year": "2027"}, "year"),
        ("labels", {"kind": "minimum", "started": "2026-07-16"}, "started"),
        ("labels", {"kind": "minimum", "started": "2026-07", "ended": "2026-06-30"}, "ended"),
        ("members", {"name": "刘", "relation": "spouse", "ended": "2026-07-16"}, "ended"),
        ("members", {"name": "刘", "relation": "spouse", "identity": "123"}, "identity"),
    ],
)
def test_a_row_out_of_order_is_refused_at_its_field(office, household, name, fields, wrong):
    page = save(office, household, with_row(sent(office.get(change(household))), name, **fields))
    assert wrong in errors(page)


def test_a_row_below_is_not_written_over(office, household):
    member = Member.objects.create(household=household, name="刘春英", relation="spouse")
    second = sent(office.get(change(household)), **{"members-0-school": "第二所"})
    save(office, household, **{"members-0-school": "第一所"})
    page = save(office, household, second)
    assert "在读学校及年级现为“第一所”" in text_of(page)
    member.refresh_from_db()
    assert member.school == "第一所"


def test_a_household_moves_with_its_rows_changed_in_the_same_act(office, household, villages):
    member = Member.objects.create(household=household, name="刘春英", relation="spouse")
    gone = Member.objects.create(
        household=household, name="老张", relation="parent", end=datetime.date(2025, 1, 1)
    )
    page = office.get(change(household))
    body = sent(page, village=villages[1].pk)
    for number in range(2):
        body[f"members-{number}-school"] = "李小湾小学"
    assert save(office, household, body).status_code == 302
    for row in (member, gone):
        row.refresh_from_db()
        assert row.school == "李小湾小学"
    assert member.scope_code == villages[1].code


def test_queries_of_the_list_are_the_same_for_10_and_50_rows(office, villages, count_queries):
    for _ in range(10):
        HouseholdFactory(village=villages[0])
    office.get(LIST)
    ten = count_queries(lambda: office.get(LIST))
    for number in range(42):
        HouseholdFactory(village=VillageFactory(township=TownshipFactory(), name=f"{number}号村"))
    assert count_queries(lambda: office.get(LIST)) <= ten
