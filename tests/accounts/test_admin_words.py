"""The admin's own pages are in Chinese to the last word."""

import html
import re

import pytest
from django.utils.html import strip_tags

from banzhuang.accounts.models import Assignment, Role
from banzhuang.core.models import ParameterValue
from tests import factories

pytestmark = pytest.mark.django_db
UNSEEN = re.compile(r"<(style|script|svg)\b.*?</\1>|<!--.*?-->", re.DOTALL)
SPOKEN = re.compile(r'\b(?:title|placeholder|aria-label|alt|value|data-field-name)="([^"]*)"')
# What is chosen or sent unseen has its words beside it.
UNSPOKEN = re.compile(r'(<(?:option|input type="(?:hidden|checkbox|radio)")[^>]*?) value="[^"]*"')
NO_ASSIGNMENTS = {"assignments-TOTAL_FORMS": 0, "assignments-INITIAL_FORMS": 0}
NAMES = {"zhanglei", "zhuming", "lizhi", "cadres", "term_years", "ID"}


def english(response):
    """The Latin words that somebody reads, or has read out, on a page."""
    text = UNSPOKEN.sub(r"\1", UNSEEN.sub(" ", response.content.decode()))
    spoken = [value for value in SPOKEN.findall(text) if "csrf" not in value and len(value) < 60]
    words = set(re.findall(r"[A-Za-z_]{2,}", html.unescape(f"{strip_tags(text)} {' '.join(spoken)}")))
    return words - NAMES


@pytest.fixture
def someone(db):
    """村干部 李志, who looks after a second village."""
    user = factories.UserFactory(username="lizhi", name="李志", role="village", scope="320707109216")
    Assignment.objects.create(user=user, code="320707109217", start="2026-01-01")
    return user


def test_pages_of_the_system_administrator(client, system_administrator, someone):
    client.force_login(system_administrator)
    value = ParameterValue.objects.create(key="cadres.term_years", value="3", valid_from="2026-01-01")
    pages = [
        "",
        "accounts/",
        "accounts/user/",
        "accounts/user/?q=lizhi",
        "accounts/user/?use=unused",
        "accounts/user/add/",
        f"accounts/user/{someone.pk}/change/",
        f"accounts/user/{someone.pk}/history/",
        "accounts/role/",
        f"accounts/role/{Role.objects.get(code='village').pk}/change/",
        "core/",
        "core/parametervalue/",
        "core/parametervalue/add/",
        f"core/parametervalue/{value.pk}/change/",
        f"core/parametervalue/{value.pk}/delete/",
        f"core/parametervalue/{value.pk}/history/",
    ]
    faults = []
    for page in pages:
        response = client.get(f"/admin/{page}")
        if response.status_code != 200 or english(response):
            faults.append((page, response.status_code, english(response)))
    assert faults == []


def test_pages_of_the_security_administrator(client, security_administrator, someone):
    client.force_login(security_administrator)
    village = Role.objects.get(code="village")
    pages = [
        "",
        "accounts/user/",
        f"accounts/user/{someone.pk}/change/",
        "accounts/role/",
        f"accounts/role/{village.pk}/change/",
        f"accounts/role/{village.pk}/history/",
        f"accounts/role/{Role.objects.get(code='security').pk}/change/",
        "core/parametervalue/add/",
    ]
    faults = []
    for page in pages:
        response = client.get(f"/admin/{page}")
        if response.status_code != 200 or english(response):
            faults.append((page, response.status_code, english(response)))
    assert faults == []


def test_what_is_said_of_mistakes_and_of_what_was_done(
    client, system_administrator, security_administrator, someone
):
    client.force_login(system_administrator)
    none = {"assignments-TOTAL_FORMS": "0", "assignments-INITIAL_FORMS": "0"}
    answers = [
        client.post("/admin/accounts/user/add/", none),
        client.post(
            "/admin/accounts/user/add/", {"username": "李志", "name": "李" * 30, "scope": "3207071"} | none
        ),
        client.post("/admin/accounts/user/", {"action": "end_sessions"}, follow=True),
        client.post(f"/admin/accounts/user/{someone.pk}/change/", {"name": "李志远"} | none, follow=True),
        client.post("/admin/core/parametervalue/add/", {"key": "x", "value": "", "valid_from": "x"}),
        client.get("/admin/accounts/user/999/change/", follow=True),
    ]
    client.force_login(security_administrator)
    bad = {"scope": "", "groups": ["x"], "assignments-TOTAL_FORMS": "1", "assignments-INITIAL_FORMS": "0"}
    bad |= {"assignments-0-code": "12", "assignments-0-start": "x"}
    answers.append(client.post(f"/admin/accounts/user/{someone.pk}/change/", bad))
    for answer in answers:
        assert (answer.request["PATH_INFO"], english(answer)) == (answer.request["PATH_INFO"], set())


def test_phrases_are_an_offices_not_a_programs(client, system_administrator):
    client.force_login(system_administrator)
    page = client.get("/admin/core/parametervalue/").content.decode()
    assert re.search(r"增加参数\s", page)
    assert re.search(r"按\s?启用", client.get("/admin/accounts/user/").content.decode())
    refused = client.post("/admin/accounts/user/add/", NO_ASSIGNMENTS).content.decode()
    assert "还没有填。" in refused
    assert "字段" not in refused
