"""Bodies to post: as the page's own forms would send them, and the same with rows and choices nobody offered.

For a page that shows no form a body is guessed from the names of the relations of all tables.
"""

import datetime
import io
from collections.abc import Iterator

from django import forms
from django.db import models
from django.forms import BaseForm, BaseFormSet

from .rows import Row, project_models

DAY = "2022-03-01"
SENTENCE = "核对任职材料"
# What nobody may set through a form that does not offer it.
RIGHTS = {
    "is_staff": "on",
    "is_superuser": "on",
    "is_system": "on",
    "version": "1",
    "scope_code": "320707100",
}


def forms_on(context: dict) -> list[BaseForm]:
    """The forms of a page, those of the admin and its inlines among them."""
    found = []
    for value in context.values():
        if isinstance(value, BaseForm):
            found.append(value)
        elif isinstance(value, BaseFormSet):
            found += [value.management_form, *value.forms]
    if "adminform" in context:
        found.append(context["adminform"].form)
    for inline in context.get("inline_admin_formsets", ()):
        found += [inline.formset.management_form, *inline.formset.forms]
    return found


def honest(page_forms: list[BaseForm]) -> dict:
    """What a person would send: everything as it stands, required gaps filled."""
    return {bound.html_name: sent(bound) for form in page_forms for bound in form if sent(bound) is not None}


def sent(bound):
    value, field = bound.value(), bound.field
    if isinstance(value, models.Manager | models.QuerySet):
        value = list(value)
    if isinstance(value, list):
        return [getattr(item, "pk", item) for item in value]
    if value in (None, "") and field.required:
        return filled(field)
    if isinstance(value, bool):
        return "on" if value else None
    return value.isoformat() if isinstance(value, datetime.date) else value


def filled(field):
    if isinstance(field, forms.ModelChoiceField):
        first = field.queryset.first()
        return first.pk if first else None
    if isinstance(field, forms.ChoiceField):
        return next((value for value, _ in field.choices if value), None)
    if isinstance(field, forms.FileField):
        return upload()
    return DAY if "date" in type(field).__name__.lower() else SENTENCE


def upload():
    """A ledger with a head that is recognised and one row of nobody."""
    file = io.BytesIO("序号,村,姓名,性别\n1,没有这个村,没有这个人,男\n".encode())
    file.name = "名册.csv"
    return file


def forged(page_forms: list[BaseForm], strangers: dict[type, Row]) -> Iterator[dict]:
    """The honest body with one relation after another turned to a row out of sight; then with unknown choices."""
    body = honest(page_forms)
    choices = {}
    for form in page_forms:
        for bound in form:
            if isinstance(bound.field, forms.ModelChoiceField):
                yield body | {bound.html_name: stranger(bound.field.queryset.model, strangers)}
            elif isinstance(bound.field, forms.ChoiceField):
                choices[bound.html_name] = "forged"
    yield body | choices | guessed(strangers, but=body)


def stranger(model, strangers) -> str:
    return str(strangers[model].instance.pk) if model in strangers else "99999999"


def guessed(strangers: dict[type, Row], but=()) -> dict:
    """A body for a form that is not shown: every relation there is, turned to a row out of sight."""
    body = {"reason": SENTENCE, "post": "yes", **RIGHTS}
    for model in project_models():
        for item in model._meta.concrete_fields:
            if isinstance(item, models.ForeignKey):
                body[item.name] = stranger(item.remote_field.model, strangers)
    return {name: value for name, value in body.items() if name not in but}


def bulk(action: str, rows: list[Row]) -> dict:
    """An action of a list of the admin on these rows."""
    return {
        "action": action,
        "_selected_action": [row.instance.pk for row in rows],
        "index": "0",
        "post": "yes",
    }
