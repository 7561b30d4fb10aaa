"""What keeps the project livable: sizes, no file that nothing uses, one place where the clock is read."""

import ast
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loaders.app_directories import get_app_template_dirs

ROOT = Path(settings.BASE_DIR)
TEMPLATES, STATIC = ROOT / "templates", ROOT / "static"
CODE = ["banzhuang", "villages", "cadres", "projects", "livelihood", "tests"]
LONGEST_MODULE, LONGEST_FUNCTION, LONGEST_TEMPLATE, LONGEST_PARTIAL = 400, 50, 120, 60


def modules() -> list[Path]:
    """Python files of the project; migrations are as Django writes them."""
    found = [path for name in CODE for path in (ROOT / name).rglob("*.py")] + list(ROOT.glob("*.py"))
    return sorted(path for path in found if "migrations" not in path.parts)


def templates() -> list[Path]:
    return sorted(TEMPLATES.rglob("*.html"))


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def long_functions(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = node.end_lineno - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{node.name} has {length} lines"


def test_modules_are_short():
    assert [f"{path}: {lines(path)}" for path in modules() if lines(path) > LONGEST_MODULE] == []


def test_functions_are_short():
    long = [
        f"{path}: {what}" for path in modules() for what in long_functions(path.read_text(encoding="utf-8"))
    ]
    assert long == []


def test_templates_are_short():
    limits = {
        path: LONGEST_PARTIAL if path.name.startswith("_") else LONGEST_TEMPLATE for path in templates()
    }
    assert [f"{path}: {lines(path)}" for path, limit in limits.items() if lines(path) > limit] == []


def test_no_modules_for_everything():
    names = {path.stem for path in modules()}
    assert names & {"utils", "helpers", "helper", "misc", "common"} == set()


# --- Files that nothing uses ----------------------------------------------------------------------------


def of_packages() -> set[str]:
    """Templates of Django and of the packages installed: ours of the same name stand in their place."""
    folders = [Path(folder) for folder in get_app_template_dirs("templates")]
    return {str(path.relative_to(folder)) for folder in folders for path in folder.rglob("*.html")}


def unused(names: set[str], texts: list[str], patterns) -> set[str]:
    """Those of `names` that no text names in one of the ways `patterns(name)` gives."""
    whole = "\n".join(texts)
    return {name for name in names if not any(pattern in whole for pattern in patterns(name))}


def test_every_template_is_used():
    names = {str(path.relative_to(TEMPLATES)) for path in templates()} - of_packages()
    texts = [
        path.read_text(encoding="utf-8") for path in [*templates(), *modules()] if "tests" not in path.parts
    ]
    assert unused(names, texts, lambda name: (f'"{name}"', f"'{name}'")) == set()


def test_every_static_file_is_used():
    """By a template, a module, or another static file beside it; vendored packages are named as a folder."""
    files = [path for path in STATIC.rglob("*") if path.is_file()]
    own = {str(path.relative_to(STATIC)) for path in files if "vendor" not in path.parts}
    vendored = {str(path.relative_to(STATIC)) for path in files if "vendor" in path.parts}
    vendored = {name for name in vendored if Path(name).suffix in {".js", ".css", ".woff2", ".svg", ".png"}}
    sources = [path for path in files if path.suffix in {".css", ".js"} and "vendor" not in path.parts]
    texts = [path.read_text(encoding="utf-8") for path in [*templates(), *modules(), *sources]]
    nothing = unused(
        own | vendored, texts, lambda name: (name, f"url({Path(name).name}", f"img/{Path(name).name}")
    )
    assert nothing == set()


def test_vendored_files_are_as_they_came():
    """Each package carries its version in its name, its licence, and the checksum of every other file."""
    for folder in (STATIC / "vendor").iterdir():
        assert re.fullmatch(r"[a-z0-9-]+-\d[\w.]*", folder.name)
        listed = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
        expected = dict(reversed(line.split()) for line in listed if not line.startswith("#"))
        files = {path.name: path for path in folder.iterdir()}
        assert set(files) == {*expected, "SHA256SUMS"}
        assert any(name.startswith("LICENSE") for name in files), folder.name
        for name, checksum in expected.items():
            assert hashlib.sha256(files[name].read_bytes()).hexdigest() == checksum


# --- The clock ------------------------------------------------------------------------------------------

RULES = {"indicators", "duties", "merits", "rules", "models", "phrases"}
READS_CLOCK = {"today", "now", "localdate", "utcnow", "localtime"}
# Places among rules that must know the day: file and function, and why.
KNOWN = {
    "cadres/models/cadre.py within": "who sees a person is decided by the posts live today, whatever day is shown",
    "banzhuang/accounts/models.py scopes": "assignments count from the day they begin, whatever day is shown",
    "banzhuang/accounts/models.py change_password": "when an account's password was set",
    "banzhuang/accounts/models.py save": "when an event of the trail happened",
    "banzhuang/duties/tasks.py remind_today": "the clock's own order",
    "banzhuang/duties/management/commands/duties.py day_of": "the day of a command that names none",
}


def reads_of_clock(source: str, names=READS_CLOCK) -> Iterator[str]:
    """Functions that read the clock: localdate() of nothing does, localdate(moment) does not."""
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and not node.args and called(node) in names:
            around = [f for f in functions if f.lineno <= node.lineno <= f.end_lineno]
            yield around[-1].name if around else ""


def called(node) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def is_rule(path: Path) -> bool:
    inside = path.relative_to(ROOT)
    return bool(RULES & {*inside.parts, path.stem}) and "tests" not in inside.parts and path.stem != "views"


def test_rules_are_given_the_day():
    read = {
        f"{path.relative_to(ROOT)} {function}".strip()
        for path in modules()
        if is_rule(path)
        for function in reads_of_clock(path.read_text(encoding="utf-8"))
    }
    assert read == set(KNOWN)


def test_today_is_the_townships():
    """date.today() is the machine's day, in whatever time zone it stands; ours is core.clock.today()."""
    bare = re.compile(r"\b(?:date\.today|datetime\.now|datetime\.today|utcnow)\(\)")
    own = [path for path in modules() if "tests" not in path.parts and path.parent != ROOT]
    found = {str(path.relative_to(ROOT)) for path in own if bare.search(path.read_text(encoding="utf-8"))}
    assert found == {"banzhuang/core/codes.py"}  # knows no Django; its callers give the day where it matters


# --- The checks themselves ------------------------------------------------------------------------------


def test_a_long_function_is_found():
    source = "def long():\n" + "    x = 1\n" * 50
    assert list(long_functions(source)) == ["long has 51 lines"]
    assert list(long_functions("def fits():\n" + "    x = 1\n" * 49)) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def due():\n    return today()", ["due"]),
        ("class A:\n    def due(self):\n        return timezone.localdate() - start", ["due"]),
        ("LIMIT = datetime.now()", [""]),
        ("def day(moment):\n    return timezone.localdate(moment)", []),
        ("def due(today):\n    return today - start", []),
    ],
)
def test_a_read_of_the_clock_is_found(source, found):
    assert list(reads_of_clock(source)) == found


def test_an_unused_file_is_found():
    texts = ['{% include "components/board.html" %}', 'render(request, "villages/list.html")']
    names = {"components/board.html", "villages/list.html", "villages/old.html"}
    assert unused(names, texts, lambda name: (f'"{name}"',)) == {"villages/old.html"}
