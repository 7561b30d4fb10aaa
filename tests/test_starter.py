"""dev.py and supervise.py: keys, the data folder, starting and stopping, the locks."""

import contextlib
import re
import signal
import stat
import sys
import time
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

import dev
import supervise

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def plain_environment(monkeypatch):
    for name in ("BANZHUANG_DEMO", "BANZHUANG_DEMO_PASSWORD", "BANZHUANG_FIELD_KEYS"):
        monkeypatch.delenv(name, raising=False)


def pins(name):
    return set(re.findall(r"^([a-z0-9-]+==[^ ;\\]+)", (dev.ROOT / name).read_text(), re.MULTILINE))


def test_both_locks_agree_and_name_no_place():
    runtime, development = pins("requirements.lock"), pins("requirements-dev.lock")
    assert runtime and runtime < development
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (dev.ROOT / name).read_text()
        assert "://" not in text and "--index" not in text and "--find-links" not in text


@pytest.mark.parametrize("attempt", range(20))
def test_new_password_has_all_kinds(attempt):
    password = dev.new_password()
    assert len(password) == 16
    assert re.search("[a-z]", password) and re.search("[A-Z]", password) and re.search("[0-9]", password)
    assert not set(password) & set("0O1lI")


def test_first_setup_writes_private_keys_and_keeps_them(tmp_path, plain_environment):
    data = tmp_path / "data"
    assert dev.ensure_data(data, empty=False) is True
    first = dev.read_portal_env(data)
    Fernet(first["BANZHUANG_FIELD_KEYS"])
    assert first["BANZHUANG_DEMO"] == "1" and len(first["BANZHUANG_DEMO_PASSWORD"]) >= 12
    assert stat.S_IMODE((data / "portal.env").stat().st_mode) == 0o600
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert dev.ensure_data(data, empty=False) is True
    assert dev.read_portal_env(data) == first


def test_empty_setup_is_no_demonstration(tmp_path, plain_environment):
    assert dev.ensure_data(tmp_path, empty=True) is False
    assert "BANZHUANG_DEMO" not in dev.read_portal_env(tmp_path)
    assert dev.ensure_data(tmp_path, empty=False) is False


def test_empty_setup_refuses_a_demonstration_folder(tmp_path, plain_environment):
    dev.ensure_data(tmp_path, empty=False)
    with pytest.raises(supervise.Stopped, match="演示数据目录"):
        dev.ensure_data(tmp_path, empty=True)


def test_lost_keys_are_not_replaced_beside_a_database(tmp_path, plain_environment):
    (tmp_path / "db.sqlite3").touch()
    with pytest.raises(supervise.Stopped, match=r"portal\.env"):
        dev.ensure_data(tmp_path, empty=False)


def test_a_data_folder_is_used_once_at_a_time(tmp_path):
    first, second = (supervise.sole_use(tmp_path, f"http://127.0.0.1:{port}/") for port in (8000, 8001))
    with first, pytest.raises(supervise.Stopped, match="已在运行"), second:
        pass
    with supervise.sole_use(tmp_path, "http://127.0.0.1:8001/"):
        pass


def test_a_taken_port_is_named(live_server):
    port = int(live_server.url.rsplit(":", 1)[1])
    with pytest.raises(supervise.Stopped, match=str(port)):
        supervise.refuse_taken_port("localhost", port)


def test_a_part_that_ends_by_itself_is_named(tmp_path):
    part = supervise.start([sys.executable, "-c", "raise SystemExit(3)"], tmp_path / "log", tmp_path, None)
    with pytest.raises(supervise.Stopped, match="后台任务意外退出（退出码 3）"):
        supervise.watch({"后台任务": part}, "http://127.0.0.1:9/", tmp_path, "")


def process_state(pid):
    """The system's letter for a process: "" when it is gone, Z when it is dead and not yet collected."""
    with contextlib.suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    return ""


def test_stop_leaves_no_process_of_a_part(tmp_path):
    starts_another = (
        f"import subprocess, time; print(subprocess.Popen({SLEEP!r}).pid, flush=True); time.sleep(60)"
    )
    log = tmp_path / "log"
    part = supervise.start([sys.executable, "-c", starts_another], log, tmp_path, None)
    while not log.read_text().strip():
        time.sleep(0.02)
    supervise.stop({"后台任务": part})
    assert part.returncode == -signal.SIGTERM
    grandchild, deadline = int(log.read_text()), time.monotonic() + 10
    while process_state(grandchild) not in ("", "Z"):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_unknown_commands_and_options_get_the_usage_in_chinese():
    for words in (["nothing"], ["up", "--nothing"], ["up", "--port", "x"]):
        with pytest.raises(supervise.Stopped, match="用法"):
            dev.main(words)
