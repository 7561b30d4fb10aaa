"""The boxes that the admin draws over a select of many choices have a name, however late the machine draws them."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from cadres.models import Post
from tests.factories import UserFactory

from .conftest import WIDE

pytestmark = pytest.mark.django_db(transaction=True)
LATE = "const at = window.setTimeout; window.setTimeout = (act, wait, ...rest) => at(act, (wait || 0) + 400, ...rest);"


def test_a_slow_machine_names_them_too(open_page, township):
    page = open_page(UserFactory(role="organisation", is_staff=True), **WIDE)
    page.add_init_script(LATE)
    page.goto(reverse("admin:cadres_post_change", args=[Post.objects.first().pk]))
    boxes = page.locator("span.select2-selection")
    expect(boxes.first).to_be_visible()
    for box in boxes.all():
        expect(box).to_have_accessible_name(re.compile(r"^[^:]+: "))  # 干部: 赵立东
