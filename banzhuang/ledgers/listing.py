"""List pages whose rows can be exported: the rows are those of the page's own filters, there is no second way to them."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from banzhuang.core.registry import Registry

from .export import may_export
from .ledger import Ledger
from .ledger import registry as ledgers


@dataclass
class Asked:
    """What a list was asked, without the request that asked it. It stands for the request in the filters of lists.

    user, as_of, GET: as of a request; as_of_chosen: whether as_of stands in GET.
    """

    user: Any
    as_of: datetime.date
    GET: QueryDict = field(default_factory=QueryDict)
    as_of_chosen: bool = False
    path: str = ""


@dataclass(frozen=True)
class ListPage:
    """A list page that shows the rows of a ledger.

    kind: of the ledger; url_name: of the page; rows: (request or Asked) → (the rows it shows, the filters in words).
    """

    kind: str
    url_name: str
    rows: Callable[[Any], tuple[QuerySet, Sequence[str]]]


registry: Registry[ListPage] = Registry("kind")


@dataclass(frozen=True)
class Selection:
    """What an export holds: rows of a ledger's model in official order, and the filters in words."""

    ledger: Ledger
    rows: QuerySet
    words: Sequence[str] = ()


def may_export_any(user) -> bool:
    return any(may_export(user, ledger) for ledger in ledgers)


def select(ledger: Ledger, asked) -> Selection:
    """What the list page of the ledger shows; all that the register holds where no page lists it. asked: see Asked."""
    rows, page = ledger.rows(asked.user, asked.as_of), registry.get(ledger.kind)
    if page is None:
        return Selection(ledger, rows)
    shown, words = page.rows(asked)
    return Selection(ledger, rows.filter(pk__in=shown.order_by().values("pk")), words)


def export_url(request, kind: str) -> str:
    """Where what a list page shows is exported; "" for whom may not."""
    if not may_export(request.user, ledgers[kind]):
        return ""
    query = request.GET.copy()
    query.pop("page", None)
    url = reverse("export_ledger", args=[kind])
    return f"{url}?{query.urlencode()}" if query else url


def list_url(request, kind: str) -> str:
    """The way back: the list page with the same filters, or the list of all ledgers."""
    page = registry.get(kind)
    url = reverse(page.url_name if page else "exports")
    query = request.GET.urlencode()
    return f"{url}?{query}" if page and query else url
