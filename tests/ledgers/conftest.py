"""What the tests of matching by hand share; the other files have an office of their own."""

import pytest

from cadres.models import Post


@pytest.fixture
def office(client, organisation_office, villages):
    """组织办, logged in, in a township where no post is filled yet."""
    Post.objects.all().delete()
    client.force_login(organisation_office)
    return client
