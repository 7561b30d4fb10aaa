"""Who sees which rows. `Model.objects.for_user(user)` is the only way to rows, and fails closed.

A scope is a prefix of a division code: 320707109 sees 320707109216. Prefixes are compared as ranges, which an
index serves on SQLite and PostgreSQL alike.
"""

from django.db import models
from django.db.models import Q

from .access import Sight, enters_only, may, sight


def in_scope(prefixes, field: str = "scope_code") -> Q:
    """Rows whose code begins with one of `prefixes`. No prefix, no row."""
    condition = Q(pk__in=[])
    for prefix in prefixes:
        if not (prefix.isascii() and prefix.isdigit()):
            continue
        # Bounds are digits too: whatever the database's language, it sorts those alike, other characters it does not.
        inside, end = Q(**{f"{field}__gte": prefix}), following(prefix)
        condition |= inside & Q(**{f"{field}__lt": end}) if end else inside
    return condition


def following(prefix: str) -> str:
    """The least text of digits after all that begin with `prefix`: 69 → 7; "" for 99…9, after which there is none."""
    kept = prefix.rstrip("9")
    return kept[:-1] + str(int(kept[-1]) + 1) if kept else ""


class ScopedQuerySet(models.QuerySet):
    """Base of every queryset of business rows."""

    def for_user(self, user):
        """The rows `user` may see: none when not logged in, without a role, or when the table is not declared."""
        match sight(user, self.model):
            case Sight.SCOPE:
                return self.within(user.scopes())
            case Sight.TOWNSHIP:
                return self.within([user.scope[:9]] if user.scope else []).published()
            case Sight.OWN:
                return self.owned_by(user)
        return self.none()

    def within(self, prefixes):
        """Rows that lie in these scopes; a model may widen it (a person is seen where a live post is)."""
        return self.filter(in_scope(prefixes))

    def owned_by(self, user):
        """Rows that `user` owes, is assigned, or is. A model that has such rows says so."""
        return self.none()

    def published(self):
        """Rows that all of the township may read. A model that publishes narrows it; the rest shows nothing."""
        return self.none()

    def editable_by(self, user):
        """Rows `user` may change: one's own of what a role only enters, else all that are seen."""
        if not may(user, "change", self.model):
            return self.none()
        return self.owned_by(user) if enters_only(user, self.model) else self.for_user(user)
