"""How often a day an account may see whole numbers, and whom that is told."""

import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from banzhuang.accounts.models import AuditEvent, Role
from banzhuang.accounts.parameters import PARAMETERS, REVEALS, REVEALS_OF_OTHERS
from banzhuang.accounts.reveal import daily_limit
from banzhuang.core.models import ParameterValue
from banzhuang.duties.models import Notice
from tests.factories import CadreFactory, HouseholdFactory, UserFactory

NIGHT, MIDNIGHT = "2026-07-15T15:59:59+00:00", "2026-07-15T16:00:00+00:00"


@pytest.fixture
def at_most(july):
    """at_most(3, role="leader"): from today on so many a day."""

    def setting(count, role="leader", day=july):
        declared = REVEALS.get(role, REVEALS_OF_OTHERS)
        ParameterValue.objects.create(key=declared.key, value=str(count), valid_from=day)

    return setting


def reveal(client, user, row=None):
    client.force_login(user)
    row = row or CadreFactory()
    name = "reveal_household" if hasattr(row, "head") else "reveal_cadre"
    return client.post(reverse(name, args=[row.pk]), {"reason": "核对社保"})


def events(**further):
    return AuditEvent.objects.filter(action="reveal", **further)


@pytest.mark.django_db
def test_the_one_after_the_last_is_refused_in_a_sentence_and_recorded(client, leader, at_most):
    at_most(3)
    assert [reveal(client, leader).status_code for _ in range(3)] == [200] * 3
    cadre = CadreFactory()
    answer = reveal(client, leader, cadre)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "今天已查看 3 次，一天最多 3 次，没有显示。" in text and "安全管理员" in text
    assert cadre.id_number not in text and cadre.id_number_mask in text
    refused = events(succeeded=False).get()
    assert (refused.user, refused.subject, refused.detail) == (
        leader,
        f"{cadre.name}的身份证号和电话",
        {"reason": "核对社保"},
    )
    assert events(succeeded=True).count() == 3


@pytest.mark.django_db
def test_all_kinds_of_rows_count_together_and_each_account_for_itself(client, welfare_office, at_most):
    welfare_office.groups.add(Role.objects.get(code="organisation"))
    for role in ("welfare", "organisation"):
        at_most(2, role)
    assert "今天第 1 次，一天最多 2 次" in reveal(client, welfare_office, HouseholdFactory()).content.decode()
    assert reveal(client, welfare_office).status_code == 200
    assert reveal(client, welfare_office, HouseholdFactory()).status_code == 422
    assert reveal(client, UserFactory(role="welfare"), HouseholdFactory()).status_code == 200


@pytest.mark.django_db
def test_it_begins_anew_at_midnight(client, leader, at_most, time_machine):
    at_most(1)
    time_machine.move_to(NIGHT, tick=False)
    assert [reveal(client, leader).status_code for _ in range(2)] == [200, 422]
    time_machine.move_to(MIDNIGHT, tick=False)
    assert [reveal(client, leader).status_code for _ in range(2)] == [200, 422]


@pytest.mark.django_db
def test_two_hundred_in_a_row_do_not_pass_as_shipped(july):
    assert [parameter.on(july) for parameter in REVEALS.values()] == [30, 100, 100]
    assert all(parameter.security and parameter in PARAMETERS for parameter in REVEALS.values())


@pytest.mark.django_db
def test_the_most_that_a_role_allows_counts_and_another_role_has_its_own(leader, july, at_most):
    assert daily_limit(leader, july) == 30
    leader.groups.add(Role.objects.get(code="organisation"))
    both = type(leader).objects.get(pk=leader.pk)
    assert daily_limit(both, july) == 100
    at_most(0, "others")
    assert daily_limit(UserFactory(role="village"), july) == 0


# --- Who is told --------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_security_administrator_is_told_near_the_limit_and_at_it(
    client, leader, security_administrator, at_most
):
    at_most(5)
    told = []
    for _ in range(6):
        reveal(client, leader)
        told.append(sorted(Notice.objects.filter(user=security_administrator).values_list("text", flat=True)))
    near = "马强（lingdao）查看完整号码：今天已查看 4 次，接近一天的上限 5 次。"
    full = "马强（lingdao）查看完整号码：今天已查看 5 次，到了一天的上限，当天不能再查看。"
    assert told == [[], [], [], [near], [near, full], [near, full]]
    client.force_login(security_administrator)
    row = Notice.objects.get(text=near)
    assert client.get(client.get(row.get_absolute_url()).url).status_code == 200


# --- At once ------------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_many_at_once_do_not_pass_the_limit(leader, at_most):
    at_most(2)
    rows = [CadreFactory() for _ in range(6)]
    clients, found = [], []
    for _ in rows:
        client = Client()
        client.force_login(leader)
        clients.append(client)
    together = threading.Barrier(len(rows))

    def asking(client, row):
        try:
            together.wait()
            answer = client.post(reverse("reveal_cadre", args=[row.pk]), {"reason": "核对社保"})
            found.append(answer.status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=asking, args=pair) for pair in zip(clients, rows, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200] * 2 + [422] * 4
    assert (events(succeeded=True).count(), events(succeeded=False).count()) == (2, 4)
