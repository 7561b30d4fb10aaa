"""Imports run one way: the frame's packages in their order, then the apps, each knowing only those before it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
FRAME = ["core", "accounts", "indicators", "duties", "ledgers", "reports", "dashboards"]
APPS = ["villages", "cadres", "projects", "livelihood"]
ORDER = [f"banzhuang.{name}" for name in FRAME] + APPS
# The roof: what joins all parts to one program.
ROOF = {"banzhuang/settings.py", "banzhuang/urls.py", "banzhuang/celery.py", "banzhuang/__init__.py"}
# Calls that import what a text names.
BY_NAME = {"import_module", "__import__", "import_string", "get_model", "get_app_config"}


def part_of(module: str) -> str:
    """banzhuang.core.dates → banzhuang.core; cadres.models.post → cadres; "" for what is not the project's."""
    names = module.split(".")
    part = ".".join(names[:2]) if names[0] == "banzhuang" else names[0]
    return part if part in ORDER else ""


def modules_imported(source: str, package: list[str]) -> Iterator[str]:
    """Everything that a module of `package` imports, at its head, inside functions, and by name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *filter(None, [node.module])])
            yield from (f"{module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and called(node.func) in BY_NAME:
            yield from (word.value for word in node.args[:1] if isinstance(word, ast.Constant))


def called(function) -> str:
    return getattr(function, "attr", getattr(function, "id", ""))


def wrong_imports(root: Path) -> list[str]:
    """ "file imports part" for each import against the order, below `root`."""
    found = []
    for part in ORDER:
        folder = root / part.replace(".", "/")
        for path in sorted(folder.rglob("*.py")):
            name = str(path.relative_to(root))
            package = list(path.relative_to(root).parent.parts)
            for module in modules_imported(path.read_text(encoding="utf-8"), package):
                other = part_of(module)
                if other and ORDER.index(other) > ORDER.index(part):
                    found.append(f"{name} imports {other}")
    return sorted(set(found))


def test_imports_run_one_way():
    assert wrong_imports(ROOT) == []


def test_every_part_has_its_place_in_the_order():
    packages = {f"banzhuang.{path.parent.name}" for path in ROOT.glob("banzhuang/*/apps.py")}
    assert packages == set(ORDER[: len(FRAME)])
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert apps <= set(APPS)


def test_modules_beside_the_packages_are_the_roof():
    entrances = {"banzhuang/asgi.py", "banzhuang/wsgi.py"}
    modules = {str(path.relative_to(ROOT)) for path in ROOT.glob("banzhuang/*.py")}
    assert modules == ROOF | entrances


TURNED_AROUND = [
    ("banzhuang/reports/views.py", "from cadres.models import Cadre", "cadres"),
    ("banzhuang/core/jobs.py", "import villages.models", "villages"),
    ("banzhuang/core/jobs.py", "def late():\n    from banzhuang.accounts import audit", "banzhuang.accounts"),
    ("banzhuang/core/jobs.py", "from ..accounts.models import User", "banzhuang.accounts"),
    ("banzhuang/core/jobs.py", "from .. import accounts", "banzhuang.accounts"),
    ("banzhuang/duties/rules/late.py", "from ...reports.tasks import KIND", "banzhuang.reports"),
    ("banzhuang/ledgers/apply.py", "import importlib\nimportlib.import_module('cadres.models')", "cadres"),
    (
        "banzhuang/ledgers/apply.py",
        "from django.apps import apps\napps.get_model('villages.Village')",
        "villages",
    ),
    ("villages/panels.py", "if True:\n    from cadres import panels", "cadres"),
    ("cadres/models/post.py", "from projects.models import Works as Work", "projects"),
]


@pytest.mark.parametrize(("file", "source", "part"), TURNED_AROUND)
def test_an_import_turned_around_is_found(tmp_path, file, source, part):
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(source)
    assert wrong_imports(tmp_path) == [f"{file} imports {part}"]


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("cadres/models/post.py", "from villages.models import Village\nfrom banzhuang.core import dates"),
        ("banzhuang/dashboards/views.py", "from banzhuang.duties.duty import pressing\nfrom . import panels"),
        (
            "banzhuang/reports/views.py",
            '"""As cadres.models says."""\nimport json\nfrom .models import cadres',
        ),
        ("banzhuang/settings.py", "import cadres"),
    ],
)
def test_an_import_in_order_is_not(tmp_path, file, source):
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(source)
    assert wrong_imports(tmp_path) == []
