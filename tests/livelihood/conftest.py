"""马强 and the household of 张福永, which he looks after."""

import pytest

from tests.factories import ContactFactory, HouseholdFactory


@pytest.fixture
def household(villages, leading_cadre):
    """张福永户 of 西响石村, which 马强 looks after."""
    row = HouseholdFactory(village=villages[0], head="张福永")
    ContactFactory(household=row, cadre=leading_cadre)
    return row


@pytest.fixture
def ma_qiang(client, leader):
    client.force_login(leader)
    return client
