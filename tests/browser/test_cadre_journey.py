"""A successor in one act; the whole identity number against a reason."""

import re

import pytest
from playwright.sync_api import expect

from banzhuang.accounts.models import AuditEvent
from cadres.models import Post
from tests.factories import CadreFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office(sign_in):
    return sign_in("organisation")


def test_succession_ends_the_one_and_begins_the_other(office, township):
    former = Post.objects.secretaries().get(organisation__village=township[1])
    successor = CadreFactory(name="钱接任", village=township[1])
    office.goto(f"/cadres/secretaries/{former.organisation_id}/succession/")
    office.get_by_label("任职起").fill("2026.13")
    office.get_by_role("button", name="办理接任").click()
    expect(office.get_by_label("任职起")).to_have_value("2026.13")
    expect(office.locator(".field-error").first).to_be_visible()

    office.get_by_label("新任书记").select_option(label="钱接任（李小湾村）")
    office.get_by_label("任职起").fill("2026-03")
    office.get_by_label("产生方式").select_option("两推一选")
    office.get_by_label("原身份").select_option("本村")
    office.get_by_label("前任离任原因").select_option("届满")
    office.get_by_role("button", name="办理接任").click()
    expect(office.get_by_role("heading", level=1)).to_have_text("钱接任")
    expect(office.get_by_text("钱接任任李小湾村书记，自2026年3月起。")).to_be_visible()

    former.refresh_from_db()
    new = Post.objects.secretaries().get(cadre=successor)
    assert (former.ended.iso(), former.end_reason) == ("2026-03", "term")
    assert (new.started.iso(), new.end, new.organisation) == ("2026-03", None, former.organisation)
    office.goto(f"/cadres/{former.cadre_id}/")
    expect(office.get_by_role("row").filter(has_text="届满").first).to_be_visible()


def test_the_vacancy_is_filled_from_the_list(office, township):
    CadreFactory(name="孙新任", village=township[5])
    office.goto("/cadres/secretaries/")
    office.get_by_role("link", name="任命书记").click()
    office.get_by_label("新任书记").select_option(label="孙新任（5号村）")
    office.get_by_label("任职起").fill("2026-06-01")
    office.get_by_label("产生方式").select_option("两推一选")
    office.get_by_label("原身份").select_option("本村")
    office.get_by_role("button", name="任命").click()
    expect(office.get_by_text("孙新任任5号村书记，自2026年6月1日起。")).to_be_visible()
    office.goto("/cadres/secretaries/")
    expect(office.get_by_role("link", name="任命书记")).to_have_count(0)


def test_the_number_is_shown_against_a_reason_and_masked_again(office, township, watch):
    watch.allow("422")
    cadre = Post.objects.secretaries().get(organisation__village=township[0]).cadre
    office.goto(f"/cadres/{cadre.pk}/")
    identity = office.locator(".identity")
    expect(identity).to_contain_text(re.compile(r"7100\*+"))
    office.get_by_label("查看用途").fill("看")
    office.get_by_role("button", name="查看完整号码").click()
    expect(identity).to_contain_text("至少四个字")
    assert not AuditEvent.objects.filter(action="reveal").exists()
    office.get_by_label("查看用途").fill("核对参保信息")
    office.get_by_role("button", name="查看完整号码").click()
    expect(identity).to_contain_text(cadre.id_number)
    assert AuditEvent.objects.get(action="reveal").detail["reason"] == "核对参保信息"
    office.reload()
    expect(identity).not_to_contain_text(cadre.id_number)
