"""dev.py and supervise.py: keys, the data folder, starting and stopping, the locks."""

import contextlib
import json
import os
import re
import signal
import stat
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

import dev
import supervise

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def plain_environment(monkeypatch):
    for name in ("BANZHUANG_DEMO", "BANZHUANG_DEMO_PASSWORD", *dev.new_secrets()):
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


def test_a_folder_of_an_earlier_version_gets_the_key_it_lacks_and_keeps_the_others(
    tmp_path, plain_environment
):
    dev.ensure_data(tmp_path, empty=True)
    whole = dev.read_portal_env(tmp_path)
    file = tmp_path / "portal.env"
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(line for line in lines if not line.startswith("BANZHUANG_AUDIT_KEY=")), "utf-8")
    dev.ensure_data(tmp_path, empty=True)
    mended = dev.read_portal_env(tmp_path)
    assert list(mended) == list(whole) and len(mended["BANZHUANG_AUDIT_KEY"]) >= 32
    assert {**mended, "BANZHUANG_AUDIT_KEY": whole["BANZHUANG_AUDIT_KEY"]} == whole
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]
    dev.ensure_data(tmp_path, empty=True)
    assert dev.read_portal_env(tmp_path) == mended


def test_a_key_that_data_may_be_encrypted_with_is_never_made_anew(tmp_path, plain_environment):
    (tmp_path / "portal.env").write_text("SECRET_KEY=x\n", encoding="utf-8")
    dev.ensure_data(tmp_path, empty=True)
    assert set(dev.read_portal_env(tmp_path)) == {"SECRET_KEY", "BANZHUANG_AUDIT_KEY"}


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


def part_of(folder, *command, name="后台任务"):
    return supervise.Part(name, [sys.executable, "-c", *command], folder / "log")


@pytest.fixture
def keeper(tmp_path):
    """keeper(*parts) that is not told anything by the portal; its parts end with the test."""
    kept = []

    def keep(*parts):
        kept.extend(parts)
        made = supervise.Keeper(list(parts), tmp_path, None, tmp_path, "http://127.0.0.1:9/")
        made.logs = tmp_path
        return made

    yield keep
    supervise.stop(kept)


def await_end_of(part):
    part.process.wait(10)


def test_a_part_that_does_not_even_start_stops_all_and_is_named(tmp_path, keeper):
    kept = keeper(part_of(tmp_path, "raise SystemExit(3)"))
    kept.start()
    with pytest.raises(supervise.Stopped, match="后台任务没有启动（退出码 3）"):
        kept.await_answer()


def test_a_part_that_ends_is_started_again_while_the_others_go_on(tmp_path, keeper, capsys):
    web, worker = part_of(tmp_path, SLEEP[2], name="网页服务"), part_of(tmp_path, SLEEP[2])
    kept = keeper(web, worker)
    kept.start()
    first, other = worker.process, web.process
    first.kill()
    await_end_of(worker)
    now = time.monotonic()
    assert kept.look(now) and not kept.look(now + 0.9)
    kept.write_state()
    stands = json.loads((tmp_path / "parts.json").read_text("utf-8"))
    assert [(part["name"], part["pid"]) for part in stands] == [("网页服务", other.pid), ("后台任务", None)]
    assert stands[1]["last_end"]["how"] == "被信号 9 结束"
    assert kept.look(now + 1)
    assert (worker.runs, worker.restarts, web.process, web.runs) == (True, 1, other, True)
    assert worker.process is not first
    told = capsys.readouterr().out.splitlines()
    assert told == [
        "后台任务意外停止（被信号 9 结束），1 秒后重新启动；其余部分照常。",
        "后台任务已重新启动，这是第 1 次。",
    ]
    assert [line[20:] for line in (tmp_path / "up.log").read_text("utf-8").splitlines()] == told


@given(lasted=st.lists(st.floats(0, 100), max_size=12))
def test_pauses_grow_while_a_part_ends_soon_and_begin_anew_when_it_held(lasted):
    part = supervise.Part("后台任务", SLEEP, Path("log"))
    soon, now = 0, 1000.0
    for seconds in lasted:
        part.began = now
        now += seconds
        soon = 1 if now - part.began >= supervise.STEADY else soon + 1
        pause = part.pause_after_end(now)
        assert pause == supervise.PAUSES[min(soon, len(supervise.PAUSES)) - 1]
        assert part.again_at == now + pause
        now += pause


@pytest.mark.parametrize("told", [None, {"database": False}])
def test_of_a_portal_that_does_not_answer_nothing_is_said_of_the_jobs(keeper, tmp_path, monkeypatch, told):
    worker = part_of(tmp_path, SLEEP[2])
    kept = keeper(worker)
    kept.start()
    monkeypatch.setattr(supervise, "ask", lambda address: told)
    for seconds in range(0, 2000, 10):
        kept.look_after_jobs(worker.began + seconds)
    assert worker.runs


def test_a_worker_that_does_nothing_is_started_anew_and_one_that_works_is_not(keeper, tmp_path, monkeypatch):
    worker = part_of(tmp_path, SLEEP[2])
    kept = keeper(worker)
    kept.start()
    turns = iter(range(100))
    monkeypatch.setattr(supervise, "ask", lambda address: {"database": True, "turns": next(turns)})
    for seconds in range(0, 1000, 10):
        kept.look_after_jobs(worker.began + seconds)
    assert worker.runs
    monkeypatch.setattr(supervise, "ask", lambda address: {"database": True, "turns": 99})
    for seconds in range(1000, 1310, 10):
        kept.look_after_jobs(worker.began + seconds)
    assert worker.process.wait(10) == -signal.SIGKILL


def test_a_log_that_grows_too_long_is_begun_anew_while_it_is_written(keeper, tmp_path, monkeypatch):
    monkeypatch.setattr(supervise, "LOG_BYTES", 10)
    kept, log = keeper(), tmp_path / "web.log"
    with log.open("ab") as written:
        written.write(b"a line too long\n")
        written.flush()
        kept.turn_logs(1.0)
        written.write(b"next\n")
        written.flush()
        kept.turn_logs(30.0)
    assert (log.read_bytes(), (tmp_path / "web.old.log").read_bytes()) == (b"next\n", b"a line too long\n")


def test_web_processes_follow_the_cores(monkeypatch):
    found = []
    for cores in (1, 2, 4, 64):
        monkeypatch.setattr(os, "sched_getaffinity", lambda pid, cores=cores: range(cores), raising=False)
        found.append(supervise.web_workers())
    assert found == [2, 2, 4, 8]


def test_the_queue_listens_in_the_data_folder_or_where_its_path_is_short_enough():
    assert supervise.queue_socket(Path("/srv/banzhuang")) == Path("/srv/banzhuang/queue/queue.sock")
    long = [supervise.queue_socket(Path("/srv", name * 30)) for name in ("数据", "资料")]
    assert len(set(long)) == 2 and all(len(os.fsencode(path)) < 100 for path in long)


def test_with_an_outside_queue_none_is_started(tmp_path):
    options = SimpleNamespace(host="127.0.0.1", port=8000)
    (tmp_path / "logs").mkdir()
    names = [list(supervise.commands(sys.executable, options, tmp_path, redis)) for redis in (True, False)]
    assert names == [["网页服务", "后台任务", "定时任务"], ["任务队列", "网页服务", "后台任务", "定时任务"]]


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
    part = part_of(tmp_path, starts_another)
    part.start(tmp_path, None)
    while not log.read_text().strip():
        time.sleep(0.02)
    supervise.stop([part])
    assert part.process.returncode == -signal.SIGTERM
    grandchild, deadline = int(log.read_text()), time.monotonic() + 10
    while process_state(grandchild) not in ("", "Z"):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_unknown_commands_and_options_get_the_usage_in_chinese():
    for words in (["nothing"], ["up", "--nothing"], ["up", "--port", "x"]):
        with pytest.raises(supervise.Stopped, match="用法"):
            dev.main(words)
