"""All addresses of the portal, found by walking the resolver, and what stands in their parameters.

An address whose parameters nobody knows fails the crawl with its name: a new one is crawled or noticed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from django.apps import apps
from django.urls import URLPattern, get_resolver

from banzhuang.indicators.indicator import registry as indicators
from banzhuang.ledgers.ledger import registry as ledgers

from .rows import Row

PARAMETER = re.compile(r"<(?:\w+:)?(?P<path>\w+)>|\((?:\?P<(?P<named>\w+)>)?(?:\[[^\]]*\]|[^()\[\]])*\)")


@dataclass(frozen=True)
class Address:
    """One pattern of the resolver. `name` with its namespaces; `route` as written, from the root."""

    name: str
    route: str

    @property
    def label(self) -> str:
        return self.name or f"/{self.route}"

    @property
    def parameters(self) -> list[str]:
        """Names of the parameters, positional ones by their place."""
        found = [match["path"] or match["named"] for match in PARAMETER.finditer(self.route)]
        return [name or str(place) for place, name in enumerate(found)]

    def url(self, values: dict[str, str]) -> str:
        given = iter([values[name] for name in self.parameters])
        filled = PARAMETER.sub(lambda match: str(next(given)), self.route)
        return "/" + re.sub(r"[\^$]|\\(?=[./-])", "", filled)

    @property
    def in_admin(self) -> bool:
        return self.route.startswith("admin/")


def all_addresses(patterns=None, route="", namespace="") -> Iterator[Address]:
    """Every pattern below the resolver, with the route and the namespaces that lead to it."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield Address(f"{namespace}{pattern.name}" if pattern.name else "", here)
        else:
            space = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from all_addresses(pattern.url_patterns, here, space)


def pk(row):
    return str(row.instance.pk)


def code(row):
    return row.instance.code


def version(row):
    """The number of the row's newest version; of one that does not exist where none are kept."""
    history = getattr(row.instance, "history", None)
    return str(history.latest().pk) if history is not None else "1"


def of_admin(address: Address) -> list[str]:
    """The model of an address of the admin, from its route."""
    return [apps.get_model(*address.route.split("/")[1:3])._meta.label]


# Address name, or route where it has none → the tables of whose rows it speaks, and what fills its parameters:
# a function of such a row, or the values to try. The first rule that fits counts.
RULES = [
    ("workbook_sheet", ["reports.MonthlyWorkbook"], {"pk": pk, "number": ["1", "99"]}),
    ("workbook*", ["reports.MonthlyWorkbook"], {"pk": pk}),
    ("import_*", ["ledgers.ImportBatch"], {"pk": pk}),
    ("export_ledger", [], {"kind": lambda: [ledger.kind for ledger in ledgers]}),
    ("ledger_template", [], {"kind": lambda: [ledger.kind for ledger in ledgers]}),
    ("export_*", ["core.Job"], {"pk": pk}),
    ("job", ["core.Job"], {"pk": pk}),
    ("notice", ["duties.Notice"], {"pk": pk}),
    ("village", ["villages.Village"], {"code": code}),
    ("succession", ["villages.Organisation"], {"organisation": pk}),
    ("cadre", ["cadres.Cadre"], {"pk": pk}),
    ("reveal_cadre", ["cadres.Cadre"], {"pk": pk}),
    ("household", ["livelihood.Household"], {"pk": pk}),
    ("reveal_household", ["livelihood.Household"], {"pk": pk}),
    ("reveal_member", ["livelihood.Member"], {"pk": pk}),
    ("need", ["livelihood.Need"], {"pk": pk}),
    ("visit", ["livelihood.Visit"], {"pk": pk}),
    ("edit_visit", ["livelihood.Visit"], {"pk": pk}),
    ("visit_photo", ["livelihood.VisitPhoto"], {"pk": pk, "size": ["photo", "thumbnail"]}),
    ("record_visit", ["livelihood.Household"], {"pk": pk}),
    ("figure_rows", [], {"code": lambda: [indicator.code for indicator in indicators]}),
    ("admin:*_simple_history", of_admin, {"0": pk, "1": version}),
    ("admin:app_list", [], {"app_label": lambda: [config.label for config in apps.get_app_configs()]}),
    ("admin:*", of_admin, {"object_id": pk}),
    ("/admin/*<path:object_id>/", of_admin, {"object_id": pk}),
    ("/admin/(?P<url>.*)$", [], {"url": ["no-such-page/"]}),
]


class UnknownAddress(Exception):
    """No rule says what stands in the parameters of an address."""


def fits(rule, address: Address) -> bool:
    pattern, _, sources = rule
    return fnmatchcase(address.label, pattern) and set(sources) == set(address.parameters)


def rule_of(address: Address) -> tuple[list[str], dict]:
    """(labels of tables, sources of parameters); nothing for an address without parameters."""
    if not address.parameters:
        return [], {}
    for rule in RULES:
        if fits(rule, address):
            _, tables, sources = rule
            return tables(address) if callable(tables) else tables, sources
    raise UnknownAddress(
        f"{address.label}: no rule in tests/crawl/addresses.py for {', '.join(address.parameters)}"
    )


@dataclass(frozen=True)
class Target:
    """A URL to visit, and the row it speaks of."""

    address: Address
    url: str
    row: Row | None = None


def targets_of(address: Address, rows: list[Row]) -> Iterator[Target]:
    """The URLs of an address: one for each row of its tables and each fixed value; one alone without parameters."""
    tables, sources = rule_of(address)
    fixed = {name: source for name, source in sources.items() if isinstance(source, list)}
    fixed |= {name: source() for name, source in sources.items() if callable(source) and not tables}
    for row in [row for row in rows if row.model._meta.label in tables] if tables else [None]:
        for values in combinations(fixed):
            of_row = {name: source(row) for name, source in sources.items() if name not in fixed}
            yield Target(address, address.url(values | of_row), row)


def combinations(fixed: dict[str, list[str]]) -> Iterator[dict[str, str]]:
    if not fixed:
        yield {}
        return
    (name, values), *others = fixed.items()
    for value in values:
        for rest in combinations(dict(others)):
            yield {name: value, **rest}
