"""导出台账 in the portal: who may, what goes out, masked or whole, and what the trail says of it."""

import datetime
import io

import openpyxl
import pytest
from django.urls import reverse

from banzhuang.accounts.models import AuditEvent
from banzhuang.ledgers.views import export as export_views
from tests import factories

from .sealed import PASSWORD, unsealed

pytestmark = pytest.mark.django_db

EXPORT = AuditEvent.Action.EXPORT


@pytest.fixture
def register(villages):
    """Two households in 西响石村 and one in 李小湾村; one of another township."""
    names = [("冯德春", villages[0]), ("陈福夏", villages[0]), ("褚广秋", villages[1])]
    found = [factories.HouseholdFactory(head=head, village=village) for head, village in names]
    abroad = factories.VillageFactory(township__code=factories.OTHER_TOWNSHIP, code="320707100301")
    factories.HouseholdFactory(head="外镇户", village=abroad)
    return found


def rows_of(response, password=""):
    """{header: value} of each row of the sheet that was sent, opened with its password if it has one."""
    content = b"".join(response.streaming_content)
    content = unsealed(content, password) if password else content
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    lines = [[cell.value for cell in row] for row in sheet.iter_rows()]
    head = next(place for place, line in enumerate(lines) if "系统编号" in line)
    return [dict(zip(lines[head], line, strict=True)) for line in lines[head + 1 :]]


def page(client, user, kind="households", query=""):
    client.force_login(user)
    return client.get(reverse("export_ledger", args=[kind]) + query)


def export(client, user, kind="households", query="", **data):
    client.force_login(user)
    return client.post(reverse("export_ledger", args=[kind]) + query, data)


# --- Rights ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("role", "households", "secretaries"),
    [
        ("leader", 200, 200),
        ("organisation", 403, 200),
        ("economy", 403, 200),
        ("welfare", 200, 200),
        ("staff", 403, 403),
        ("village", 200, 200),
        ("admin", 403, 403),
        ("auditor", 403, 403),
        ("", 403, 403),
    ],
)
def test_who_may_export(client, register, role, households, secretaries):
    user = factories.UserFactory(role=role)
    for kind, status in (("households", households), ("secretaries", secretaries)):
        assert page(client, user, kind).status_code == status, kind
        if status == 403:
            assert export(client, user, kind, numbers="masked").status_code == 403, kind


def test_an_unknown_ledger_is_not_found(client, leader):
    assert page(client, leader, "nonsense").status_code == 404


def test_only_rows_in_scope_go_out(client, register, village_cadre, outsider):
    found = rows_of(export(client, village_cadre))
    assert {row["户主"] for row in found} == {"冯德春", "陈福夏"}
    assert page(client, outsider, "secretaries").context["count"] == 0


def test_the_list_of_ledgers_names_what_one_may(client, register, organisation_office, leader):
    client.force_login(organisation_office)
    text = client.get(reverse("exports")).content.decode()
    assert "干部花名册" in text and "困难户台账" not in text
    assert reverse("ledger_template", args=["cadres"]) in text
    client.force_login(leader)
    text = client.get(reverse("exports")).content.decode()
    assert "困难户台账" in text and reverse("ledger_template", args=["households"]) not in text
    client.force_login(factories.UserFactory())
    assert client.get(reverse("exports")).status_code == 403


# --- What goes out --------------------------------------------------------------------------------------------------
def test_the_filters_of_the_list_hold(client, register, villages, welfare_office):
    query = f"?village={villages[0].code}&q=冯"
    response = page(client, welfare_office, query=query)
    text = response.content.decode()
    assert response.context["count"] == 1
    assert "村：西响石村" in text and "户主或户编号有“冯”" in text
    found = rows_of(export(client, welfare_office, query=query, numbers="masked"))
    assert [row["户主"] for row in found] == ["冯德春"]


def test_the_day_of_the_list_holds(client, register, welfare_office):
    register[0].registered_on = datetime.date(2022, 6, 1)
    register[0].save()
    assert page(client, welfare_office, query="?on=2022-05-31").context["count"] == 2
    found = rows_of(export(client, welfare_office, query="?on=2022-05-31", numbers="masked"))
    assert {row["户主"] for row in found} == {"陈福夏", "褚广秋"}


def test_each_list_page_leads_to_its_export(client, register, villages, welfare_office):
    factories.VisitFactory(household=register[0])
    client.force_login(welfare_office)
    for name, kind in (("households", "households"), ("visits", "visits"), ("secretaries", "secretaries")):
        text = client.get(reverse(name) + "?q=x&page=1").content.decode()
        assert f'href="{reverse("export_ledger", args=[kind])}?q=x"' in text, name
    assert reverse("export_ledger", args=["villages"]) in client.get(reverse("villages")).content.decode()
    client.force_login(factories.UserFactory(role="staff"))
    assert "/exports/households/" not in client.get(reverse("households")).content.decode()


@pytest.mark.parametrize("kind", ["villages", "secretaries", "visits", "contacts", "cadres"])
def test_every_ledger_goes_out(client, register, villages, welfare_office, kind):
    factories.VisitFactory(household=register[0])
    factories.ContactFactory(household=register[0])
    count = page(client, welfare_office, kind).context["count"]
    found = rows_of(export(client, welfare_office, kind, numbers="masked"))
    assert count == len(found) > 0


def test_the_chips_of_the_visits_hold(client, register, welfare_office):
    factories.VisitFactory(household=register[0], date=datetime.date(2022, 6, 15))
    factories.VisitFactory(household=register[1], date=datetime.date(2022, 6, 22))
    response = page(client, welfare_office, "visits", "?week=2022-06-20")
    assert response.context["count"] == 1
    assert "6月20日至6月26日" in response.content.decode()


def test_nothing_to_export_says_so(client, villages, welfare_office):
    response = page(client, welfare_office)
    text = response.content.decode()
    assert "没有可以导出的行" in text and "<button" not in text.split('id="content"')[1].split("</main>")[0]
    assert export(client, welfare_office, numbers="masked").headers["Content-Type"].startswith("text/html")


def test_a_page_of_44_villages_asks_as_often(client, count_queries, welfare_office):
    def counted():
        return count_queries(lambda: client.get(reverse("export_ledger", args=["households"])))

    client.force_login(welfare_office)
    for village in factories.township_with(2):
        factories.HouseholdFactory(village=village)
    counted()
    few = counted()
    for place in range(42):
        factories.HouseholdFactory(village=factories.VillageFactory(code=f"320707109{400 + place}"))
    assert counted() == few


# --- Masked or whole ------------------------------------------------------------------------------------------------
def test_masked_unless_asked_for(client, register, welfare_office):
    found = rows_of(export(client, welfare_office, numbers="masked", reason="核对低保名单"))
    numbers = {row["身份证号"] for row in found}
    assert numbers == {household.id_number_mask for household in register}
    event = AuditEvent.objects.get(action=EXPORT)
    assert event.user == welfare_office and event.succeeded
    assert "困难户台账 3 行" in event.subject and "脱敏" in event.subject


def test_whole_against_a_reason(client, register, welfare_office):
    answer = export(client, welfare_office, numbers="whole", reason="核对低保名单", password=PASSWORD)
    found = rows_of(answer, PASSWORD)
    assert {row["身份证号"] for row in found} == {household.id_number for household in register}
    event = AuditEvent.objects.get(action=EXPORT)
    assert event.detail["reason"] == "核对低保名单"
    assert all(household.id_number not in str(event.detail) for household in register)


@pytest.mark.parametrize("reason", ["", "  核对  ", "三个字"])
def test_without_a_reason_nothing_goes_out(client, register, welfare_office, reason):
    response = export(client, welfare_office, numbers="whole", reason=reason)
    assert response.status_code == 422
    assert "写明用途，至少四个字" in response.content.decode()
    assert not AuditEvent.objects.filter(action=EXPORT).exists()


def test_who_may_not_reveal_is_not_asked_and_gets_masks(client, register, leader, village_cadre):
    """Nothing sent along changes that."""
    for user in (leader, village_cadre):
        response = page(client, user)
        assert response.context["form"] is None
        assert 'name="reason"' not in response.content.decode()
        found = rows_of(export(client, user, numbers="whole", reason="核对低保名单"))
        assert found and {row["身份证号"] for row in found} <= {row.id_number_mask for row in register}


# --- Templates ------------------------------------------------------------------------------------------------------
def test_who_imports_fetches_the_template(client, villages, organisation_office, leader):
    url = reverse("ledger_template", args=["secretaries"])
    client.force_login(organisation_office)
    assert url in client.get(reverse("imports")).content.decode()
    response = client.get(url)
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    assert book.sheetnames == ["村党组织书记", "填表说明"]
    assert "%E6%A8%A1%E6%9D%BF" in response["Content-Disposition"]  # 模板
    assert client.get(reverse("ledger_template", args=["nonsense"])).status_code == 404
    assert client.get(reverse("ledger_template", args=["households"])).status_code == 403
    client.force_login(leader)
    assert client.get(url).status_code == 403


def test_no_limit_is_crossed_at_once(client, register, welfare_office, monkeypatch):
    """Exactly as many rows as the request may write are written in it."""
    monkeypatch.setattr(export_views, "IN_REQUEST_ROWS", 3)
    assert len(rows_of(export(client, welfare_office, numbers="masked"))) == 3
