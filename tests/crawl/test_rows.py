"""The rows of the crawl: every table has some, every text of theirs is a token, and what cannot be made is named."""

import pytest
from django.db import connection, models

from .rows import PLACELESS, TOKEN, TOKEN_LENGTH, Site, Unfillable, World, needs_value, project_models
from .shapes import SHAPES
from .sight import HOME, NEIGHBOUR

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = World()
    world.plant("home", HOME)
    return world


def test_every_table_has_a_row(world):
    planted = {row.model._meta.label for row in world.rows()}
    assert {model._meta.label for model in project_models()} - planted == set(PLACELESS)


def test_every_text_is_a_token(world):
    """Choices and what a shape says aside; also in files, JSON and encrypted text."""
    plain = []
    for row in world.rows():
        for item in row.model._meta.concrete_fields:
            if not needs_value(item) or item.choices or not isinstance(item, TEXTS) or is_short(item):
                continue
            if row.model._meta.label not in SHAPES and not TOKEN.search(text_of(row.instance, item)):
                plain.append(f"{row.model._meta.label}.{item.name}")
    assert plain == []


def text_of(instance, item) -> str:
    """The text of a field; of a file, what stands in it, for its name may say nothing."""
    value = getattr(instance, item.name)
    return value.read().decode() if isinstance(item, models.FileField) else str(value)


TEXTS = models.CharField | models.TextField | models.JSONField | models.FileField


def is_short(item) -> bool:
    return bool(item.max_length) and item.max_length < TOKEN_LENGTH


def test_versions_hold_former_texts(world):
    cadre = next(row.instance for row in world.rows() if row.model._meta.label == "cadres.Cadre")
    names = set(cadre.history.values_list("name", flat=True))
    assert len(names) == 2 and all(world.marks[name.lower()].field == "name" for name in names)


def test_villages_of_one_township_share_it(world):
    beside = world.plant("neighbour", NEIGHBOUR, beside=world.sites["home"])
    places = {row.model._meta.label: row for row in beside.rows.values()}
    assert places["villages.Township"].site is world.sites["home"]
    assert places["villages.Village"].site is beside


def test_a_field_that_cannot_be_filled_is_named():
    class Odd(models.Field):
        """Of a type that nobody has seen."""

    class Thing(models.Model):  # noqa: DJ008  never shown
        odd = Odd()

        class Meta:
            app_label = "crawled"

    with pytest.raises(Unfillable, match=r"crawled\.Thing\.odd is a Odd"):
        Site({}, "home", HOME).make(Thing)
    assert "crawled_thing" not in connection.introspection.table_names()
