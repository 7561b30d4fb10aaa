"""One issue's page, and its files: the workbook, a single sheet."""

import datetime
import io
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from banzhuang.accounts.models import AuditEvent
from banzhuang.reports.making import make_month, publish
from banzhuang.reports.models import MonthlyWorkbook

from .conftest import TOWNSHIP

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("township", "july")]


@pytest.fixture
def draft(office):
    return make_month(TOWNSHIP, datetime.date(2026, 6, 1), office)


@pytest.fixture
def published(draft, office):
    publish(draft, office)
    return MonthlyWorkbook.objects.get()


def addresses(workbook):
    return [
        reverse("workbook", args=[workbook.pk]),
        reverse("workbook_download", args=[workbook.pk]),
        reverse("workbook_sheet", args=[workbook.pk, 1]),
        reverse("workbook_differences", args=[workbook.pk]),
    ]


def body(response) -> bytes:
    return b"".join(response.streaming_content)


def test_office_sees_contents_checksum_and_publishing(sign_in, office, draft):
    html = sign_in(office).get(draft.get_absolute_url()).content.decode()
    for words in ("M1 选准带头人", "3村总表", "口径说明", draft.sha256[:16], "发布第 6 期…", "重新生成"):
        assert words in html


def test_leader_reads_a_draft_without_buttons(sign_in, leader, draft):
    html = sign_in(leader).get(draft.get_absolute_url()).content.decode()
    assert "M1 选准带头人" in html
    assert "发布第 6 期…" not in html and "重新生成" not in html


def test_staff_reads_once_it_is_published(sign_in, staff, office, draft):
    client = sign_in(staff)
    assert [client.get(address).status_code for address in addresses(draft)] == [404] * 4
    publish(draft, office)
    assert [client.get(address).status_code for address in addresses(draft)] == [200] * 4


def test_outsiders_and_villages_find_nothing(sign_in, outsider, villager, published):
    for user in (outsider, villager):
        client = sign_in(user)
        assert [client.get(address).status_code for address in addresses(published)] == [404] * 4


def test_download_is_the_file_and_is_recorded_once(sign_in, staff, published):
    response = sign_in(staff).get(reverse("workbook_download", args=[published.pk]))
    content = body(response)
    with published.file.open("rb") as kept:
        assert content == kept.read()
    assert "no-store" in response["Cache-Control"]
    assert "2026" in response["Content-Disposition"] and "attachment" in response["Content-Disposition"]
    event = AuditEvent.objects.get(action="export")
    assert (event.user, event.subject, event.scope_code) == (
        staff,
        "下载 班庄镇党建与民生工作月报2026年6月.xlsx",
        TOWNSHIP,
    )


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(path.read_bytes() + b"x")])
def test_a_lost_or_damaged_file_is_written_again_from_the_figures(sign_in, staff, published, damage):
    with published.file.open("rb") as kept:
        whole = kept.read()
    damage(Path(published.file.path))
    assert body(sign_in(staff).get(reverse("workbook_download", args=[published.pk]))) == whole


def test_a_single_sheet(sign_in, leader, draft):
    number = [sheet["name"] for sheet in draft.content["sheets"]].index("M1 书记基本情况") + 1
    response = sign_in(leader).get(reverse("workbook_sheet", args=[draft.pk, number]))
    book = load_workbook(io.BytesIO(body(response)))
    assert book.sheetnames == ["M1 书记基本情况"]
    assert book.active["A1"].value == "班庄镇村党组织书记基本情况表"
    assert AuditEvent.objects.filter(action="export").count() == 1


@pytest.mark.parametrize("number", [0, 99])
def test_a_sheet_that_is_not_there(sign_in, leader, draft, number):
    assert sign_in(leader).get(reverse("workbook_sheet", args=[draft.pk, number])).status_code == 404


def test_page_reads_the_archive_once(sign_in, leader, draft):
    client = sign_in(leader)
    with CaptureQueriesContext(connection) as queries:
        client.get(draft.get_absolute_url())
    assert sum("reports_monthlyworkbook" in query["sql"] for query in queries) == 1
