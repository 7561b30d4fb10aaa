"""Rows for the crawl, made from the models alone, so that a new model is covered without anyone adding it.

Every text of every row holds a token of its own: where a token turns up, one knows whose row got out.
"""

import datetime
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core.files.base import ContentFile
from django.db import IntegrityError, models, transaction
from simple_history.models import HistoricalChanges

from banzhuang.accounts.models import User
from banzhuang.core.fields import DerivedField, EncryptedTextField, ScopeCodeField
from banzhuang.core.scoping import ScopedQuerySet
from banzhuang.ledgers.ledger import registry as ledgers
from tests.factories import id_number

from .shapes import PUBLISHED, SHAPES

# A word, a village's code, an identity number.
TOKEN = re.compile(r"zq\d{6}|(?<!\d)\d{12}(?!\d)|710000\d{11}[\dx]", re.IGNORECASE)
TOKEN_LENGTH = 8
# Tables that lie in no place: their rows come with the portal, not with a township.
PLACELESS = {
    "accounts.Role": "the ten roles are shipped, and the same everywhere",
    "accounts.Seal": "the sealer makes them, and no page shows them",
    "accounts.TrailEnd": "one row, which the sealer locks",
}
LEFT = object()
PLAIN = {
    models.BooleanField: lambda number: False,
    models.DateTimeField: lambda number: datetime.datetime(2022, 3, 1, 9, tzinfo=datetime.UTC),
    models.DateField: lambda number: datetime.date(2022, 3, 1),
    models.TimeField: lambda number: datetime.time(9),
    models.DurationField: lambda number: datetime.timedelta(days=1),
    models.DecimalField: lambda number: 1 + number,
    models.FloatField: lambda number: 1.0 + number,
    models.IntegerField: lambda number: 1950 + number % 200,
    models.UUIDField: lambda number: uuid.uuid4(),
}


class Unfillable(Exception):
    """A row of this model cannot be made from its declaration; the message names model and field."""


def project_models() -> list[type[models.Model]]:
    """The models of the project itself, without the versions that simple-history keeps of them."""
    root = Path(settings.BASE_DIR)
    own = [
        config for config in apps.get_app_configs() if Path(config.path).parent in {root, root / "banzhuang"}
    ]
    found = [model for config in own for model in config.get_models()]
    return [model for model in found if not issubclass(model, HistoricalChanges)]


def secret_fields(model) -> set[str]:
    """Names of fields whose text is shown only masked: encrypted ones, and what a ledger calls sensitive."""
    sensitive = {
        column.key
        for ledger in ledgers
        if model in ledger.writes
        for column in ledger.columns
        if column.sensitive
    }
    return {
        item.name
        for item in model._meta.concrete_fields
        if isinstance(item, EncryptedTextField) or item.name in sensitive
    }


@dataclass(eq=False)
class Row:
    """One row, the site it was made at, and whether it is published to all of the township."""

    site: "Site"
    instance: models.Model
    published: bool = False

    @property
    def model(self):
        return type(self.instance)

    def __str__(self):
        return f"{self.model._meta.label} {self.instance.pk} at {self.site.name}"


@dataclass(frozen=True)
class Mark:
    """What a token stands for: a field of a row. A secret one is not shown even to those who see the row."""

    row: Row
    field: str
    secret: bool = False

    def __str__(self):
        return f"{self.field} of {self.row}"


@dataclass(eq=False)
class Site:
    """A village with one row of every table, all belonging together, and the user who stands behind them."""

    marks: dict[str, Mark]
    name: str
    code: str
    user: User | None = None
    beside: "Site | None" = None
    rows: dict[type, Row] = field(default_factory=dict)
    further: list[Row] = field(default_factory=list)
    making: set[type] = field(default_factory=set)

    def all_rows(self) -> list[Row]:
        return [row for row in [*self.rows.values(), *self.further] if row.site is self]

    def row(self, model) -> Row:
        """The row of `model` here, made when first asked for; what a township has only once is shared in it."""
        if model not in self.rows:
            try:
                with transaction.atomic():
                    self.rows[model] = self.make(model)
            except IntegrityError:
                if self.beside is None:
                    raise
                self.rows[model] = self.beside.row(model)
        return self.rows[model]

    def make(self, model, **values) -> Row:
        """A saved row of `model`: `values`, then what its shape says, then a value by the type of each field."""
        self.making.add(model)
        row = Row(self, model())
        given = dict(values)
        if model._meta.label in SHAPES:
            shape = SHAPES[model._meta.label]
            given = shape(row, lambda name, secret=False: self.token(row, name, secret)) | given
        for item in model._meta.concrete_fields:
            value = given.get(item.name, LEFT)
            if value is LEFT and needs_value(item):
                value = self.value(item, row)
            if value is not LEFT:
                setattr(row.instance, item.name, value)
        self.making.discard(model)
        row.instance.save()
        code = getattr(row.instance, "code", "")
        if model._meta.label == "villages.Village":
            self.marks[code] = Mark(row, "code")
        return row

    def token(self, row, name, secret=False) -> str:
        token = f"Zq{len(self.marks):06d}"
        if name == "id_number":
            token = identity_number(len(self.marks))
        self.marks[token.lower()] = Mark(row, name, secret)
        return token

    def value(self, item, row):
        """A value for one field by its type; LEFT where its default will do."""
        if item.choices:
            return LEFT if item.get_default() else item.choices[0][0]
        if isinstance(item, models.ForeignKey):
            return self.related(item)
        if isinstance(item, models.FileField):
            token = self.token(row, item.name)
            return ContentFile(token.encode(), name=f"{token}.xlsx")
        if isinstance(item, models.JSONField):
            token = self.token(row, item.name)
            return [token] if item.default is list else {"note": token}
        if isinstance(item, models.CharField | models.TextField):
            return self.text(item, row)
        if item.has_default() or item.null:
            return LEFT
        for kind, make in PLAIN.items():
            if isinstance(item, kind):
                return make(len(self.marks))
        raise unfillable(item, f"is a {type(item).__name__}, for which the crawl has no value")

    def text(self, item, row):
        if not item.max_length or item.max_length >= TOKEN_LENGTH:
            return self.token(row, item.name, item.name in secret_fields(row.model))
        if item.has_default() or item.blank:
            return LEFT
        raise unfillable(item, "is too short for a token")

    def related(self, item):
        target = item.remote_field.model
        if target is User:
            return self.user
        if target in project_models() and target not in self.making:
            return self.row(target).instance
        if item.null:
            return LEFT
        raise unfillable(item, f"points to {target._meta.label}, which the crawl does not make before it")


def identity_number(count: int) -> str:
    """A valid number of a man who does not exist."""
    return id_number(count % 100, birth=datetime.date(1960 + count // 100, 3, 9))


def unfillable(item, why) -> Unfillable:
    return Unfillable(f"{item.model._meta.label}.{item.name} {why}: give it a shape in tests/crawl/shapes.py")


def needs_value(item) -> bool:
    """Whether nobody but us gives it one: not the database, not the row itself, not an import."""
    if item.primary_key or getattr(item, "auto_now", False) or getattr(item, "auto_now_add", False):
        return False
    if isinstance(item, models.ForeignKey) and not item.editable:
        return not item.null
    return not isinstance(item, DerivedField | ScopeCodeField)


class World:
    """All rows of one crawl, and what each token stands for."""

    def __init__(self):
        self.marks: dict[str, Mark] = {}
        self.sites: dict[str, Site] = {}

    def rows(self) -> list[Row]:
        return [row for site in self.sites.values() for row in site.all_rows()]

    def plant(self, name, code, user=None, beside=None) -> Site:
        """One row of every model at a place; versioned rows are changed once, so that a former text is kept too.

        `beside` is another site in the same township.
        """
        site = self.sites[name] = Site(self.marks, name, code, user, beside)
        if user is None:
            site.user = site.row(User).instance
        for model in [*project_models(), LogEntry]:
            if model._meta.label not in PLACELESS and model is not User:
                site.row(model)
        for row in site.all_rows():
            if hasattr(row.model, "history"):
                self.change(row)
            if publishes(row.model):
                further = site.make(row.model, **PUBLISHED[row.model._meta.label](row.instance))
                further.published = True
                site.further.append(further)
        return site

    def change(self, row) -> None:
        """Give every plain text of the row a new token: the former ones stand in its history from now on."""
        for item in row.model._meta.concrete_fields:
            mark = self.marks.get(str(getattr(row.instance, item.name, "")).lower())
            if mark and mark.row is row and mark.field == item.name and item.name != "code":
                setattr(row.instance, item.name, row.site.token(row, item.name, mark.secret))
        row.instance.save()

    def tie(self, site: Site, home: Site, but=()) -> None:
        """Turn rows of `site` to rows of `home`, where they stay what they are: reached through a relation, as a
        post of another township that our cadre holds, they are still not to be seen. `but`: not of these models."""
        for row in [row for row in site.rows.values() if row.model not in but]:
            for item in row.model._meta.concrete_fields:
                target = (
                    home.rows.get(item.remote_field.model) if isinstance(item, models.ForeignKey) else None
                )
                if target is not None and is_scoped(row.model) and item.editable and in_village(target):
                    self.turn(row.instance, item.name, target.instance)

    def turn(self, instance, name, target) -> None:
        former, place = getattr(instance, name), instance.scope_code
        setattr(instance, name, target)
        if instance.place_code == place:
            instance.save()
        else:
            setattr(instance, name, former)


def in_village(row) -> bool:
    """Not a township, nor what belongs to one: nothing points to those of another township."""
    return len(getattr(row.instance, "scope_code", "")) == 12 and row.model is not User


def is_scoped(model) -> bool:
    return any(isinstance(item, ScopeCodeField) for item in model._meta.concrete_fields)


def publishes(model) -> bool:
    """Whether the model's queryset says for itself what is published."""
    method = getattr(type(model._default_manager.all()), "published", ScopedQuerySet.published)
    return method is not ScopedQuerySet.published


def tokens_in(text: str) -> Iterator[str]:
    return (found.lower() for found in TOKEN.findall(text))
