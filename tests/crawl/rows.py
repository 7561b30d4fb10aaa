"""Rows for the crawl, made from the models alone, so that a new model is covered without anyone adding it.

Every text of every row holds a token of its own: where a token turns up, one knows whose row got out.
"""

import datetime
import re
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

from .shapes import PUBLISHED, SHAPES

TOKEN = re.compile(r"zq\d{6}|(?<!\d)\d{12}(?!\d)", re.IGNORECASE)
DAY = datetime.date(2022, 3, 1)
# Rows that lie in no place: they come with the portal, not with a township.
PLACELESS = {"accounts.Role": "the ten roles are shipped, and the same everywhere"}


class Unfillable(Exception):
    """A row of this model cannot be made from its declaration; the message names model and field."""


def project_models() -> list[type[models.Model]]:
    """The models of the project itself, without the versions that simple-history keeps of them."""
    own = [config.label for config in apps.get_app_configs() if Path(config.path).parent in PROJECT_FOLDERS]
    return [
        model
        for label in own
        for model in apps.get_app_config(label).get_models()
        if not issubclass(model, HistoricalChanges)
    ]


PROJECT_FOLDERS = {Path(settings.BASE_DIR), Path(settings.BASE_DIR, "banzhuang")}


def secret_fields(model) -> set[str]:
    """Names of fields whose text may be shown only masked: encrypted ones, and what a ledger calls sensitive."""
    names = {item.name for item in model._meta.concrete_fields if isinstance(item, EncryptedTextField)}
    for ledger in ledgers:
        if model in ledger.writes:
            names |= {column.key for column in ledger.columns if column.sensitive}
    return names & {item.name for item in model._meta.concrete_fields}


@dataclass(eq=False)
class Row:
    """One row, the place where it was made, and whether it is published to all of the township."""

    site: "Site"
    instance: models.Model
    published: bool = False

    @property
    def model(self):
        return type(self.instance)

    def __str__(self):
        return f"{self.model._meta.label} {self.instance.pk} ({self.site.name})"


@dataclass(frozen=True)
class Mark:
    """What a token stands for: a field of a row. A secret one may not be shown even to those who see the row."""

    row: Row
    field: str
    secret: bool = False


@dataclass(eq=False)
class Site:
    """A village with one row of every table, all belonging together, and the user who stands behind them."""

    world: "World"
    name: str
    code: str
    user: User | None = None
    rows: dict[type, Row] = field(default_factory=dict)
    further: list[Row] = field(default_factory=list)
    making: set[type] = field(default_factory=set)

    def row(self, model) -> Row:
        """The row of `model` here; made when first asked for."""
        if model not in self.rows:
            self.rows[model] = self.make(model)
        return self.rows[model]

    def all_rows(self) -> list[Row]:
        return [*self.rows.values(), *self.further]

    def make(self, model, **values) -> Row:
        self.making.add(model)
        row = Row(self, model(), published=model._meta.label in PUBLISHED and bool(values))
        shape = SHAPES.get(model._meta.label)
        given = {**(shape(row, self.world.marker(row)) if shape else {}), **values}
        for item in model._meta.concrete_fields:
            if item.name in given or not needs_value(item):
                continue
            value = self.value(item, row)
            if value is not LEFT:
                given[item.name] = value
        for name, value in given.items():
            setattr(row.instance, name, value)
        row.instance.save()
        self.making.discard(model)
        self.world.note_code(row)
        return row

    def value(self, item, row):
        """A value for one field by its type; LEFT where its default does."""
        if item.choices:
            return LEFT if item.has_default() and item.get_default() != "" else item.choices[0][0]
        if isinstance(item, models.ForeignKey):
            return self.related(item, row)
        if isinstance(item, models.FileField):
            token = self.world.token(row, item.name)
            return ContentFile(token.encode(), name=f"{token}.xlsx")
        if isinstance(item, models.JSONField):
            token = self.world.token(row, item.name)
            return [token] if item.default is list else {"note": token}
        if isinstance(item, models.CharField | models.TextField):
            if item.max_length and item.max_length < len(self.world.sample):
                return LEFT if item.has_default() else refuse(item, "is too short for a token")
            return self.world.token(row, item.name, item.name in secret_fields(row.model))
        if item.has_default() or item.null:
            return LEFT
        for kind, make in PLAIN.items():
            if isinstance(item, kind):
                return make(self.world)
        return refuse(item, f"is a {type(item).__name__}, for which the crawl has no value")

    def related(self, item, row):
        target = item.remote_field.model
        if target is User:
            return self.user or self.row(User).instance
        if target in project_models() and target not in self.making:
            return self.row(target).instance
        return LEFT if item.null else refuse(item, f"points to {target._meta.label}, which is not made yet")


LEFT = object()
PLAIN = {
    models.BooleanField: lambda world: False,
    models.DateTimeField: lambda world: datetime.datetime(2022, 3, 1, 9, tzinfo=datetime.UTC),
    models.DateField: lambda world: DAY,
    models.TimeField: lambda world: datetime.time(9),
    models.DurationField: lambda world: datetime.timedelta(days=1),
    models.DecimalField: lambda world: world.number(),
    models.FloatField: lambda world: world.number(),
    models.IntegerField: lambda world: world.number(),
    models.UUIDField: lambda world: __import__("uuid").uuid4(),
}


def refuse(item, why):
    raise Unfillable(f"{item.model._meta.label}.{item.name} {why}: give it a shape in tests/crawl/shapes.py")


def needs_value(item) -> bool:
    """Not what the database or the row itself fills in."""
    if item.primary_key or getattr(item, "auto_now", False) or getattr(item, "auto_now_add", False):
        return False
    if isinstance(item, models.ForeignKey) and not item.editable:
        return not item.null
    return not isinstance(item, DerivedField | ScopeCodeField)


class World:
    """All rows of one crawl: `home`, where the account works, and what lies beyond its sight."""

    sample = "Zq000000"

    def __init__(self):
        self.marks: dict[str, Mark] = {}
        self.sites: list[Site] = []
        self.count = 0

    def number(self) -> int:
        self.count += 1
        return 1950 + self.count % 200

    def token(self, row, name, secret=False) -> str:
        token = f"Zq{len(self.marks):06d}"
        self.marks[token.lower()] = Mark(row, name, secret)
        return token

    def marker(self, row):
        return lambda name, secret=False: self.token(row, name, secret)

    def note_code(self, row):
        """A village's code names it as well as a token does."""
        code = getattr(row.instance, "code", "")
        if len(code) == 12 and row.model._meta.label == "villages.Village":
            self.marks[code] = Mark(row, "code")

    def plant(self, name, code, user=None) -> Site:
        """One row of every model at a place; then changed once, so that their history holds a former text too."""
        site = Site(self, name, code, user)
        self.sites.append(site)
        if user is None:
            site.row(User)
            site.user = site.rows[User].instance
        for model in [*project_models(), LogEntry]:
            if model._meta.label not in PLACELESS and not (model is User and user is not None):
                site.row(model)
        for row in list(site.rows.values()):
            if hasattr(row.model, "history"):
                self.change(row)
            elif hasattr(row.model.objects.all(), "published") and narrows(row.model, "published"):
                site.further.append(site.make(row.model, **PUBLISHED[row.model._meta.label](row.instance)))
        return site

    def change(self, row) -> None:
        """Give every plain text of the row a new token: the former ones stand in its history from now on."""
        for item in row.model._meta.concrete_fields:
            value = getattr(row.instance, item.name, None)
            if isinstance(value, str) and TOKEN.fullmatch(value) and needs_value(item) and not value.isdigit():
                mark = self.marks[value.lower()]
                setattr(row.instance, item.name, self.token(row, item.name, mark.secret))
        row.instance.save()

    def tie(self, site: Site, home: Site) -> None:
        """Rows of `site` that point to rows of `home`: found through a relation, they are still not to be seen."""
        for row in list(site.rows.values()):
            for item in row.model._meta.concrete_fields:
                target = item.remote_field.model if isinstance(item, models.ForeignKey) else None
                if target is None or target is User or target not in home.rows or not scoped(row.model):
                    continue
                if item.editable:
                    self.tied_copy(site, row, item, home.rows[target].instance)

    def tied_copy(self, site, row, item, target) -> None:
        """A copy of `row` with one relation turned to `target`, kept where the copy still belongs to `site`."""
        before = set(self.marks)
        try:
            with transaction.atomic():
                copy = site.make(row.model, **self.turned(row, item, target))
                if copy.instance.scope_code != row.instance.scope_code:
                    raise Moved
        except (IntegrityError, Moved):
            for token in set(self.marks) - before:
                self.marks[token] = self.marks.get(token)
            return
        site.further.append(copy)

    def turned(self, row, item, target) -> dict:
        values = {item.name: target}
        for other in row.model._meta.concrete_fields:
            if isinstance(other, models.OneToOneField) and other.null:
                values[other.name] = None
        return values


class Moved(Exception):
    """The copy belongs to another place than it was made for."""


def scoped(model) -> bool:
    return any(isinstance(item, ScopeCodeField) for item in model._meta.concrete_fields)


def narrows(model, word) -> bool:
    """Whether the model's queryset says for itself what this word of ScopedQuerySet means."""
    method = getattr(type(model.objects.all()), word, None)
    return method is not None and method is not getattr(ScopedQuerySet, word)


def tokens_in(text: str) -> Iterator[str]:
    return (found.lower() for found in TOKEN.findall(text))
