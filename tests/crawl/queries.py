"""Query strings to try: days, places, pages, orders, look-ups of the admin, and parts of texts out of sight."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.contrib import admin
from django.db import models

from banzhuang.core.fields import DerivedField

from . import bodies
from .addresses import Target
from .rows import World, secret_fields
from .sight import Account

PREFIX = "Zq0"
# Pages of the admin that narrow rows by what stands in their address.
NARROWED = ("_changelist", "_export")


def of(target: Target, world: World, strangers) -> Iterator[str]:
    """The queries for one URL. Pages of one row get them all at once, lists one by one."""
    abroad = place(world, "abroad")
    together = {"on": "2022-06-30", "page": "999", "order": "x", "show": "all", "q": PREFIX, "columns": "all"}
    if target.address.in_admin:
        yield from of_admin(target, world, strangers)
        return
    yield urlencode(together)
    yield urlencode({"in": abroad.code, "q": PREFIX})
    if target.row is None:
        yield "on=nonsense"
        yield urlencode({"in": abroad.area.name, "order": "area"})
        yield urlencode(
            {"in": place(world, "home").code, "page": "x", "show": "x", "selection": "x", "origin": "x"}
        )
        yield urlencode({"q": "z", "who": PREFIX, "action": "change", "order": "code"})


def place(world, name):
    return next(
        row.instance for row in world.sites[name].all_rows() if row.model._meta.label == "villages.Village"
    )


def of_admin(target: Target, world: World, strangers) -> Iterator[str]:
    name = target.address.name
    if name == "admin:autocomplete":
        yield from of_autocomplete(strangers)
    elif name.endswith("_add"):
        relations = bodies.guessed(strangers)
        yield urlencode(relations | {"_popup": "1"})
        yield "_to_field=scope_code&_popup=1"
    elif name.endswith(NARROWED):
        yield from of_list(model_of(target), world)


def model_of(target: Target):
    app, model = target.address.route.split("/")[1:3]
    return next(found for found in admin.site._registry if found._meta.label_lower == f"{app}.{model}")


def of_list(model, world) -> Iterator[str]:
    """Of a list of the admin: its own parameters, wrong ones, and look-ups through relations."""
    yield urlencode({"q": PREFIX, "p": "999", "o": "-1.2.99", "_facets": "True"})
    yield "e=1"
    yield "all=&p=x"
    yield "no_such_field=1"
    yield "id__exact=x"
    yield f"scope_code__startswith={place(world, 'abroad').code[:9]}"
    yield "batch__owner__password__startswith=m"


def telling(target: Target, world: World) -> Iterator[str]:
    """Look-ups in a list of the admin that would tell a hidden text letter by letter, if they were answered."""
    if not target.address.name.endswith(NARROWED):
        return
    model = model_of(target)
    for name in sorted(secret_fields(model)):
        yield f"{name}__startswith=Z"
        for item in model._meta.concrete_fields:
            if isinstance(item, DerivedField) and item.source == name:
                yield f"{item.name}__startswith=1"
    for item in model._meta.concrete_fields:
        if isinstance(item, models.ForeignKey):
            for name in sorted(secret_fields(item.remote_field.model)):
                yield f"{item.name}__{name}__startswith=7"


def of_autocomplete(strangers) -> Iterator[str]:
    """Every relation there is, whether a form of the admin offers it or not."""
    for model in strangers:
        for item in model._meta.concrete_fields:
            if isinstance(item, models.ForeignKey):
                names = {"app_label": model._meta.app_label, "model_name": model._meta.model_name}
                yield urlencode({"term": PREFIX, **names, "field_name": item.name})
    yield "term=a&app_label=auth&model_name=permission&field_name=content_type"
    yield "term=a&app_label=x&model_name=y&field_name=z"


def bulk_bodies(target: Target, world: World, account: Account) -> Iterator[dict]:
    """Actions of a list of the admin on rows out of sight, and on these and rows in sight together; their export."""
    if not target.address.name.endswith(NARROWED):
        return
    model = model_of(target)
    rows = [row for row in world.rows() if row.model is model]
    if all(row in account.mine for row in rows):
        return
    if target.address.name.endswith("_export"):
        chosen = [row.instance.pk for row in rows]
        yield {"action": "export", "resource": "0", "format": "0", "export_items": chosen}
        return
    for action in ("delete_selected", *(admin.site._registry[model].actions or ())):
        yield bodies.bulk(action, [row for row in rows if row not in account.mine])
        yield bodies.bulk(action, rows)
