"""The three administrators, a clerk with a password, and how to log in."""

import pytest

from banzhuang.accounts.models import AuditEvent
from tests import factories

PASSWORD = "Qingshan#2026"


@pytest.fixture
def clerk(db):
    """机关干部 林晓, who knows her password."""
    user = factories.UserFactory(username="jiguan", name="林晓", role="staff")
    user.change_password(PASSWORD)
    return user


@pytest.fixture
def system_administrator(db):
    """系统管理员 张磊: opens and closes accounts."""
    return factories.UserFactory(username="zhanglei", name="张磊", role="admin", is_staff=True)


@pytest.fixture
def security_administrator(db):
    """安全管理员 朱明: gives roles and places."""
    return factories.UserFactory(username="zhuming", name="朱明", role="security", is_staff=True)


@pytest.fixture
def auditor(db):
    """安全审计员 孙静: reads the audit trail."""
    return factories.UserFactory(username="sunjing", name="孙静", role="auditor")


@pytest.fixture
def signed_in(client):
    """signed_in(user): the test's client with a session of that user."""

    def signing(user):
        client.force_login(user)
        return client

    return signing


@pytest.fixture
def log_in(client):
    """log_in(username, password): what the log-in page answers."""

    def logging(username, password=PASSWORD, **more):
        return client.post("/login/", {"username": username, "password": password}, **more)

    return logging


@pytest.fixture
def events(db):
    """events("login", …): the trail's events of these acts, oldest first."""
    return lambda *actions: list(AuditEvent.objects.filter(action__in=actions).order_by("pk"))


def submit(client, address, form):
    """A form of the admin posted as a browser does that has just opened the page: with what the row was like."""
    context = client.get(address).context or {}
    shown = context["adminform"].form if "adminform" in context else {}
    read = (
        {"read_version": shown["read_version"].value() or ""}
        if "read_version" in getattr(shown, "fields", {})
        else {}
    )
    return client.post(address, read | form)
