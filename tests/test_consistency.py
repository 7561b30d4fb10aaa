"""What is declared holds together: tables and rights, addresses and log-in, declarations and registries, words."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.management import call_command
from django.db import models
from django.urls import URLPattern, get_resolver
from django.utils.module_loading import import_string

from banzhuang.core import parameters
from banzhuang.core.access import ACCESS
from banzhuang.core.fields import ScopeCodeField
from banzhuang.core.scoping import ScopedQuerySet
from banzhuang.dashboards import panels
from banzhuang.duties import duty, merit
from banzhuang.indicators import indicator
from banzhuang.ledgers import ledger, listing
from banzhuang.reports import phrase, sheets
from tests.crawl.rows import project_models
from tests.crawl.sight import FOLLOWS

# --- Tables and rights ----------------------------------------------------------------------------------

# Tables that the access table does not name, because nobody is shown their rows as such.
UNLISTED = {
    **{label: f"seen as part of its {parent}" for label, parent in FOLLOWS.items()},
    "accounts.FailedLogIn": "hashes by which attempts to log in are counted",
    "accounts.FamiliarAddress": "by which attempts to log in are judged",
    "accounts.Seal": "seals of the audit trail, for check_audit",
    "accounts.TrailEnd": "one row, which the sealer of the audit trail locks",
}
# Tables in the access table whose rows lie in no place: who may see the table sees all of it.
WITHOUT_PLACE = {"core.ParameterValue": "settings hold for the whole portal"}


def labels(found) -> set[str]:
    return {model._meta.label for model in found}


def test_every_table_stands_in_the_access_table():
    listed = {model for model in project_models() if model._meta.label_lower in ACCESS}
    assert labels(set(project_models()) - listed) == set(UNLISTED)


def test_the_access_table_names_only_tables():
    assert set(ACCESS) <= {model._meta.label_lower for model in project_models()}


def test_every_table_gives_rows_through_for_user():
    without = [
        model
        for model in project_models()
        if model._meta.label not in UNLISTED and not isinstance(model._default_manager.all(), ScopedQuerySet)
    ]
    assert labels(without) == set(WITHOUT_PLACE)


def has_place(model) -> bool:
    """Whether its rows belong to a village or township: by their code, or by a relation to one."""
    village, township = apps.get_model("villages.Village"), apps.get_model("villages.Township")
    return any(
        isinstance(item, ScopeCodeField)
        or (isinstance(item, models.ForeignKey) and item.remote_field.model in {village, township})
        for item in model._meta.concrete_fields
    )


def test_what_belongs_to_a_village_is_scoped_and_listed():
    placed = [model for model in project_models() if has_place(model)]
    assert len(placed) > 8
    for model in placed:
        assert model._meta.label_lower in ACCESS, model._meta.label
        assert isinstance(model._default_manager.all(), ScopedQuerySet), model._meta.label
        assert isinstance(model._meta.get_field("scope_code"), ScopeCodeField), model._meta.label
        assert model.place_code is not None, model._meta.label


def test_what_people_edit_keeps_its_history():
    """Rows with a version against lost updates keep their former versions too; frozen issues need none."""
    kept = [model for model in project_models() if any(item.name == "version" for item in model._meta.fields)]
    without = [model for model in kept if not hasattr(model, "history")]
    assert labels(without) == {"reports.MonthlyWorkbook", "ledgers.BatchChange"}


# --- Addresses ------------------------------------------------------------------------------------------

# What answers whoever asks; tests/crawl/test_anonymous.py says what it answers.
OPEN = {"login", "logout", "health", "admin:login"}


def views(patterns=None, namespace="") -> Iterator[tuple[str, object]]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", pattern.callback
        else:
            space = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from views(pattern.url_patterns, space)


def test_every_address_needs_a_log_in():
    found = [import_string(name) for name in settings.MIDDLEWARE]
    assert any(isinstance(item, type) and issubclass(item, LoginRequiredMiddleware) for item in found)
    assert {name for name, view in views() if not getattr(view, "login_required", True)} == OPEN


def test_names_of_addresses_are_told_apart():
    names = [name for name, _ in views() if not name.endswith("None")]
    assert len(names) == len(set(names))


def test_every_middleware_of_the_portal_is_in_use():
    own = {
        f"{module.__name__}.{name}"
        for module in modules_of("banzhuang")
        for name, item in vars(module).items()
        if name.endswith("Middleware") and getattr(item, "__module__", "") == module.__name__
    }
    assert own == {name for name in settings.MIDDLEWARE if name.startswith("banzhuang.")}


# --- Declarations and registries ------------------------------------------------------------------------

REGISTRIES = {
    indicator.Indicator: indicator.registry,
    ledger.Ledger: ledger.registry,
    listing.ListPage: listing.registry,
    sheets.Sheet: sheets.registry,
    duty.DutyRule: duty.registry,
    merit.Merit: merit.registry,
    phrase.Phrase: phrase.registry,
    parameters.Parameter: parameters.registry,
    panels.Figure: panels.figures,
    panels.Section: panels.sections,
    panels.HeadFact: panels.head_facts,
    panels.NavigationItem: panels.navigation,
    panels.Place: panels.places,
    panels.Timeline: panels.timelines,
    panels.SearchSource: panels.search_sources,
}


def modules_of(package: str) -> list:
    root = importlib.import_module(package)
    found = pkgutil.walk_packages(root.__path__, f"{package}.")
    beside = ("migrations", "management", "celery", "asgi", "wsgi", "settings", "reading.child")
    names = [item.name for item in found if not any(word in item.name for word in beside)]
    return [root, *map(importlib.import_module, names)]


def app_names() -> list[str]:
    """The apps beside the frame."""
    own = {model._meta.app_config.name for model in project_models()}
    return sorted(name for name in own if not name.startswith("banzhuang."))


def declared_in(value) -> Iterator:
    """Declarations at module level, alone or in lists of them."""
    if isinstance(value, tuple(REGISTRIES)):
        yield value
    elif isinstance(value, list | tuple | set):
        for item in value:
            yield from declared_in(item)
    elif isinstance(value, dict):
        yield from declared_in(list(value.values()))


def unregistered(module) -> list[str]:
    found = []
    for name, value in vars(module).items():
        for item in declared_in(value):
            registry = next(registry for kind, registry in REGISTRIES.items() if isinstance(item, kind))
            if not any(item is other for other in registry):
                found.append(f"{module.__name__}.{name}")
    return found


@pytest.mark.parametrize("app", app_names())
def test_every_declaration_is_registered(app):
    found = [name for module in modules_of(app) for name in unregistered(module)]
    assert found == []


def test_every_declaration_of_the_frame_is_registered():
    assert [name for module in modules_of("banzhuang") for name in unregistered(module)] == []


def test_every_kind_of_ledger_is_registered():
    for app in app_names():
        modules_of(app)
    kinds = [
        kind for kind in subclasses(ledger.Ledger) if kind.kind and not kind.__module__.startswith("tests.")
    ]
    assert len(kinds) > 2
    assert [kind for kind in kinds if not any(type(item) is kind for item in ledger.registry)] == []


def subclasses(kind) -> Iterator[type]:
    for below in kind.__subclasses__():
        yield below
        yield from subclasses(below)


def test_every_registry_is_looked_after():
    """A new registry of the frame belongs into REGISTRIES above; loaders of a township, checks of 运行情况 do not."""
    from banzhuang.core import running, setup
    from banzhuang.core.registry import Registry

    known = {id(registry) for registry in [*REGISTRIES.values(), setup.registry, running.registry]}
    found = {
        f"{module.__name__}.{name}"
        for module in modules_of("banzhuang")
        for name, value in vars(module).items()
        if isinstance(value, Registry) and id(value) not in known
    }
    assert found == set()


def test_a_forgotten_declaration_is_found():
    module = type(panels)("forgotten")
    module.PANELS = [panels.SearchSource("nowhere", "无", lambda user, text: [])]
    module.KNOWN = list(panels.search_sources)
    assert unregistered(module) == ["forgotten.PANELS"]


# --- Migrations and words -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_migrations_are_complete(capsys):
    call_command("makemigrations", check=True, dry_run=True)


CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Fields that no page shows: what the program keeps for itself.
UNSEEN = {
    "accounts.Role.group_ptr",
    "accounts.Role.shipped",
    "accounts.User.former_passwords",
    "accounts.User.sessions_since",
    "cadres.Cadre.id_number_hash",
    "cadres.Cadre.initials",
    "core.Job.arguments",
    "core.Job.result",
    "ledgers.BatchChange.after",
    "ledgers.BatchChange.batch",
    "ledgers.BatchChange.before",
    "ledgers.ImportBatch.counts",
    "ledgers.StagedRow.batch",
    "ledgers.StagedRow.content",
    "livelihood.Household.id_number_hash",
    "livelihood.Household.initials",
    "livelihood.Member.id_number_hash",
    "villages.Village.initials",
}


def words_of(model) -> Iterator[tuple[str, str]]:
    """(where, what) of all that a model says to people; an empty help is none."""
    label = model._meta.label
    yield label, model._meta.verbose_name
    yield f"{label} (plural)", model._meta.verbose_name_plural
    for item in model._meta.get_fields():
        if not isinstance(item, models.Field) or item.auto_created or f"{label}.{item.name}" in UNSEEN:
            continue
        yield f"{label}.{item.name}", item.verbose_name
        yield from ((f"{label}.{item.name} help", text) for text in [item.help_text] if text)
        yield from ((f"{label}.{item.name}={value}", words) for value, words in item.flatchoices if value)
    for constraint in model._meta.constraints:
        yield f"{label} {constraint.name}", constraint.violation_error_message


# Constraints that no form can break.
INTERNAL = {"staged_row_once"}


def test_models_speak_chinese():
    spoken = [pair for model in project_models() for pair in words_of(model)]
    assert len(spoken) > 200
    english = [where for where, what in spoken if not CHINESE.search(str(what))]
    assert "\n".join(where for where in english if where.split()[-1] not in INTERNAL) == ""


def test_declarations_speak_chinese():
    for kind, registry in REGISTRIES.items():
        for item in registry:
            for name in ("label", "title", "words", "counting", "help"):
                text = getattr(item, name, "")
                assert not text or CHINESE.search(text), f"{kind.__name__} {item}: {name}"
    for item in ledger.registry:
        assert all(CHINESE.search(column.label) for column in item.columns), item.kind


def test_apps_are_named_in_chinese():
    own = {model._meta.app_config for model in project_models()}
    assert [config.name for config in own if not CHINESE.search(str(config.verbose_name))] == []
