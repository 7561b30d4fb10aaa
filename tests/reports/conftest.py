"""A township of three villages with their secretaries, and the people of the tests of reports."""

import datetime

import pytest

from banzhuang.accounts.models import Role, User
from banzhuang.core import clock
from cadres.models import Cadre, Post
from villages.models import Organisation, Township, Village

TOWNSHIP = "320707109"
VILLAGES = {"320707109200": "班庄村", "320707109201": "曹顶村", "320707109216": "西响石村"}


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def on_day(monkeypatch):
    """Sets the day of the tests: on_day(2026, 7, 1)."""

    def setting(*day):
        from banzhuang.reports import making, tasks, views

        for module in (clock, making, tasks, views):
            monkeypatch.setattr(module, "today", lambda: datetime.date(*day))

    return setting


@pytest.fixture
def july(on_day):
    on_day(2026, 7, 1)


@pytest.fixture
def township(db):
    """班庄镇: three villages, two with a secretary since 2021."""
    township = Township.objects.create(code=TOWNSHIP, name="班庄镇")
    for code, name in VILLAGES.items():
        village = Village.objects.create(township=township, code=code, name=name)
        organisation = Organisation.objects.create(
            kind=Organisation.Kind.BRANCH, name=f"{name}党支部", township=township, village=village
        )
        if name != "曹顶村":
            secretary_of(organisation, f"{name[0]}书记")
    return township


def secretary_of(organisation, name, start=datetime.date(2021, 3, 1), **fields):
    cadre = Cadre.objects.create(name=name, township=organisation.township, village=organisation.village)
    return Post.objects.create(
        cadre=cadre,
        organisation=organisation,
        title=Post.Title.SECRETARY,
        start=start,
        **{"origin": Post.Origin.OFFICIAL, "selection": Post.Selection.FROM_OFFICE, **fields},
    )


@pytest.fixture
def add_user(db):
    """add_user("leader", scope): a user with a role, as the groups were shipped."""

    def adding(role, scope=TOWNSHIP, name="周敏"):
        user = User.objects.create_user(
            f"{role}{scope}", "Yangguang2026demo", name=name, scope=scope, must_change_password=False
        )
        if role:
            Role.objects.get(code=role).user_set.add(user)
        return user

    return adding


@pytest.fixture
def office(add_user):
    """组织办: makes and publishes."""
    return add_user("organisation")


@pytest.fixture
def leader(add_user):
    """镇领导: reads also what is not published."""
    return add_user("leader", name="赵书记")


@pytest.fixture
def staff(add_user):
    """机关干部: reads what is published."""
    return add_user("staff", name="钱干部")


@pytest.fixture
def villager(add_user):
    """西响石村干部."""
    return add_user("village", "320707109216", name="孙村干部")


@pytest.fixture
def outsider(add_user):
    """组织办 of another township."""
    return add_user("organisation", "320707100", name="李外人")


@pytest.fixture
def sign_in(client):
    def signing(user):
        client.force_login(user)
        return client

    return signing
