"""What the security administrators are warned of: on their 首页, once a day for each thing."""

import pytest

from banzhuang.accounts.warnings import warn_security
from banzhuang.duties.models import Notice
from tests.factories import OTHER_TOWNSHIP, TOWNSHIP, UserFactory

pytestmark = pytest.mark.django_db


def warn(**further):
    warn_security("有人连着试密码", "同一地址已试 20 个账号。", key="spray:10.0.0.8", **further)


@pytest.mark.usefixtures("july")
def test_it_stands_on_the_first_page_of_each_security_administrator_alone(
    client, security_administrator, system_administrator, organisation_office
):
    UserFactory(role="security", is_active=False)
    warn()
    assert [notice.user for notice in Notice.objects.all()] == [security_administrator]
    client.force_login(security_administrator)
    page = client.get("/").content.decode()
    assert "有人连着试密码：同一地址已试 20 个账号。" in page
    assert "安全提醒" in page
    row = Notice.objects.get()
    assert client.get(row.get_absolute_url()).url == "/notices/"


def test_once_a_day_for_each_key(security_administrator, july, time_machine):
    warn()
    warn(url="/elsewhere/")
    assert Notice.objects.count() == 1
    warn_security("另一件", "事", key="spray:10.0.0.9")
    assert Notice.objects.count() == 2
    time_machine.move_to("2026-07-16T04:00:00+00:00", tick=False)
    warn()
    assert Notice.objects.count() == 3


def test_who_looks_after_another_place_is_not_told(security_administrator):
    elsewhere = UserFactory(role="security", scope=OTHER_TOWNSHIP)
    county = UserFactory(role="security", scope=TOWNSHIP[:6])
    warn(scope_code=f"{TOWNSHIP}216")
    assert {notice.user for notice in Notice.objects.all()} == {security_administrator, county}
    assert elsewhere not in {notice.user for notice in Notice.objects.all()}


def test_a_long_text_and_key_fit(security_administrator):
    warn_security("长" * 150, "文" * 150, key="k" * 300)
    assert len(Notice.objects.get().text) == 200
