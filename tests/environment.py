"""The environment every test runs in: `-p tests.environment` puts it in place before Django reads its settings.

--database sqlite|postgres  chooses what the suite runs on; with postgres also the queue is a real server
                            (DATABASE_URL and REDIS_URL when given, else servers of our own)
--require browser,postgres,redis  makes a missing one a failure; else what is missing is named and left out
"""

import atexit
import base64
import gc
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import pytest

from tests.services import Services, missing

REQUIREMENTS = ("browser", "postgres", "redis")
URL_NAMES = {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}
OUTSIDE = (
    "DEBUG",
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "BANZHUANG_HTTPS",
    "BANZHUANG_TRUSTED_PROXIES",
    "BANZHUANG_BACKUPS",
    "BANZHUANG_BACKUP_PASSPHRASE",
    "BANZHUANG_BACKUP_PASSPHRASE_FILE",
    "BANZHUANG_PG_BIN",
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

SETTINGS = {
    "BANZHUANG_TESTING": "1",
    "BANZHUANG_DEMO": "1",
    "BANZHUANG_DEMO_PASSWORD": "Yangguang2026demo",
    "SECRET_KEY": "only-for-tests-" + "0123456789" * 4,
    "BANZHUANG_FIELD_KEYS": base64.urlsafe_b64encode(b"only-for-tests-only-for-tests-32").decode(),
    "BANZHUANG_HASH_KEY": "only-for-tests",
    "BANZHUANG_AUDIT_KEY": "only-for-tests-too",
}


def find_browser():
    """Path of the Chromium on this machine, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def pytest_addoption(parser):
    group = parser.getgroup("banzhuang")
    group.addoption("--database", choices=("sqlite", "postgres"), default="sqlite", help="database to run on")
    group.addoption("--require", default="", help=f"fail without these: any of {','.join(REQUIREMENTS)}")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config):
    """Runs before pytest-django loads the settings. Workers of pytest-xdist inherit the servers' addresses."""
    options = early_config.known_args_namespace
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        os.environ["BANZHUANG_DATA"] = str(Path(os.environ["BANZHUANG_DATA"]).with_name(worker))
        return (yield)
    signal.signal(signal.SIGTERM, interrupted)
    folder = tempfile.mkdtemp(prefix="banzhuang-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in OUTSIDE:
        os.environ.pop(name, None)
    os.environ.update(SETTINGS, BANZHUANG_DATA=str(Path(folder, "data")))
    refuse_missing(options)
    start_services(options.database)
    return (yield)


def interrupted(number, frame):
    """End in good order when asked to: folders and servers are removed at exit."""
    raise KeyboardInterrupt


def refuse_missing(options):
    """End the run at once when what it was told to require is not there."""
    required = [name for name in options.require.split(",") if name]
    unknown = set(required) - set(REQUIREMENTS)
    if unknown:
        raise pytest.UsageError(f"--require: unknown {', '.join(sorted(unknown))}")
    absent = missing(name for name in URL_NAMES if not os.environ.get(URL_NAMES[name]))
    if not find_browser():
        absent.append("browser")
    refused = [name for name in required if name in absent]
    if refused:
        raise pytest.UsageError(f"--require: not on this machine: {', '.join(refused)}")
    if options.database == "postgres" and set(absent) - {"browser"}:
        print(f"未运行：PostgreSQL、Redis 上的测试（这台机器没有 {', '.join(absent)}）。")
        sys.exit(0)


def start_services(database):
    """Set DATABASE_URL and REDIS_URL for the chosen database; without them it is SQLite and the data folder."""
    if database == "sqlite":
        for name in URL_NAMES.values():
            os.environ.pop(name, None)
        return
    wanted = [name for name in URL_NAMES if not os.environ.get(URL_NAMES[name])]
    if wanted:
        services = Services(wanted)
        atexit.register(services.stop)
        for name, url in services.start().items():
            os.environ[URL_NAMES[name]] = url


def pytest_report_header(config):
    database = config.getoption("database")
    queue = "REDIS_URL" if os.environ.get("REDIS_URL") else "embedded"
    return f"database: {database}; queue: {queue}; browser: {find_browser() or 'none'}"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Mark tests that use a page, leave out what cannot run here, and put the browser last.

    Playwright keeps an event loop in the main thread, so Django's guard against mistaken async use has to be
    off from its first test on; all other tests run before that, with the guard on.
    """
    for item in items:
        if "open_page" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    left_out = []
    if config.getoption("database") != "postgres":
        left_out.append("postgres")
    if not find_browser():
        left_out.append("browser")
    dropped = [item for item in items if any(item.get_closest_marker(mark) for mark in left_out)]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
    kept = [item for item in items if item not in dropped]
    items[:] = sorted(kept, key=lambda item: item.get_closest_marker("browser") is not None)


def pytest_collection_finish(session):
    """What is imported and collected by now stays: each full garbage collection would walk through all of it."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter):
    if not find_browser():
        terminalreporter.write_line(
            "未运行：浏览器测试（这台机器没有 Chromium，Debian 上安装 chromium 包即可）。", yellow=True
        )
