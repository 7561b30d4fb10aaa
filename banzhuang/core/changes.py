"""What the last save of a row changed, in words, for those who may know that it was changed but not read the row."""

from django.db import models

from .dates import PartialDate
from .fields import DerivedField, EncryptedTextField, PrecisionField, ScopeCodeField

UNTOLD = {"id", "version", "batch", "updated_at"}
LONGEST = 100  # characters of a value

Changes = tuple[dict[str, list[str]], list[str]]


def changes_of(row) -> Changes:
    """({label: [before, after]}, labels of what is told by name alone), from the row's history."""
    after, before = [*row.history.order_by("-history_id")[:2], None, None][:2]
    changes, named = {}, []
    for field in row._meta.concrete_fields if before else []:
        if field.name in UNTOLD or isinstance(field, DerivedField | ScopeCodeField | PrecisionField):
            continue
        if raw(before, field) == raw(after, field):
            continue
        if is_sensitive(row, field):
            named.append(str(field.verbose_name))
        else:
            changes[str(field.verbose_name)] = [in_words(before, field), in_words(after, field)]
    return changes, named


def is_sensitive(row, field) -> bool:
    return isinstance(field, EncryptedTextField) or field.name in getattr(row, "sensitive", ())


def raw(version, field) -> tuple:
    return getattr(version, field.attname), getattr(version, f"{field.name}_precision", "")


def in_words(version, field) -> str:
    """The value as a person reads it; "" where there is none."""
    value, precision = raw(version, field)
    if value in (None, "", []):
        return ""
    if isinstance(field, models.ForeignKey):
        return str(field.related_model._base_manager.filter(pk=value).first() or value)[:LONGEST]
    if precision:
        return PartialDate(value, precision).iso()
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(map(str, value))[:LONGEST]
    return str(dict(field.flatchoices).get(value, value))[:LONGEST]
