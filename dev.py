#!/usr/bin/env python3
"""One command for everything: install, start, check and test the portal. Standard library only.

It must start on any machine's own Python: the environment in .venv is made here, from the hashed locks.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "需要 Python 3.11 或更高版本，当前是 %d.%d：换用较新的 python3 再运行本命令。" % sys.version_info[:2]
    )

import argparse
import base64
import hashlib
import importlib.util
import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from supervise import WINDOWS, Stopped, keep_running, refuse_taken_port, say, sole_use

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")
STAMP = VENV / "installed-locks.json"
RUNTIME_LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
STATIC_ROOT = ROOT / "staticfiles"


USAGE = """班庄镇党建民生平台

用法：python3 dev.py 命令 [选项]

  up       建立环境和数据，启动平台（网页、后台任务、定时任务），按 Ctrl-C 停止
             --port 端口（默认 8000）  --host 地址（默认 127.0.0.1）
             --data 目录（默认 ./data，或环境变量 BANZHUANG_DATA）  --empty 不装演示数据
  setup    只建立环境和数据，不启动            --data 目录  --empty
  manage   运行 manage.py，例如 manage check_audit      --data 目录（写在最前）
  check    格式、静态检查、模板、迁移和系统检查
  test     全部测试：先 SQLite，再 PostgreSQL 和 Redis；其余参数交给 pytest
  crawl    逐页检查；其余参数交给 pytest
  lock     按 requirements*.in 重做锁定文件；其余参数交给 uv，例如 --upgrade
"""

# One process for all that needs Django before the start: a second start stays short.
PREPARE = """
import sys
import django
django.setup()
from django.core.management import call_command
from villages.models import Township
call_command("migrate", interactive=False, verbosity=0)
if not Township.objects.exists():
    call_command("setup_township", sys.argv[1], stdout=sys.stderr)
if sys.argv[1] == "--demo":
    call_command("demo_accounts")
"""


# --- The environment ----------------------------------------------------------------------------------


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def installed():
    """Hashes of the locks that .venv was made from; empty when there is no usable .venv."""
    if not PYTHON.exists() or not STAMP.exists():
        return []
    return json.loads(STAMP.read_text())


def ensure_environment(dev=False):
    """Make .venv from the hashed lock, or renew it when the lock has changed."""
    lock = DEV_LOCK if dev else RUNTIME_LOCK
    if digest(lock) in installed():
        return
    version = "python%d.%d" % sys.version_info[:2]
    if not PYTHON.exists():
        if any(importlib.util.find_spec(name) is None for name in ("venv", "ensurepip")):
            raise Stopped(f"这台机器的 Python 缺少 venv 组件：先安装 {version}-venv，再运行本命令。")
        say("正在建立运行环境 .venv，首次约需一分钟。")
        run([sys.executable, "-m", "venv", "--clear", VENV], "运行环境没有建成")
    else:
        say("正在更新运行环境 .venv。")
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    run([*pip, "--require-hashes", "-r", lock], "依赖包没有装好，检查网络后重新运行即可")
    # The development lock holds every runtime pin too.
    STAMP.write_text(json.dumps([digest(path) for path in ((RUNTIME_LOCK, DEV_LOCK) if dev else (lock,))]))


def run(command, trouble, env=None):
    """Run one step quietly; its output is shown only when it fails. Returns what it printed."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        say((done.stdout + done.stderr).strip())
        raise Stopped(f"{trouble}。")
    return done.stdout


# --- The data folder ----------------------------------------------------------------------------------


def new_secrets():
    """Fresh keys for one data folder: names and values as settings.py reads them."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "BANZHUANG_FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "BANZHUANG_HASH_KEY": secrets.token_urlsafe(32),
        "BANZHUANG_AUDIT_KEY": secrets.token_urlsafe(32),
    }


def new_password():
    """16 letters and digits, none that look alike, always with a small and a capital letter and a digit."""
    kinds = [set("abcdefghijkmnpqrstuvwxyz"), set("ABCDEFGHJKLMNPQRSTUVWXYZ"), set("23456789")]
    letters = [secrets.choice(sorted(kind)) for kind in kinds]
    letters += [secrets.choice(sorted(set.union(*kinds))) for _ in range(13)]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)


def read_portal_env(data):
    lines = (data / "portal.env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def told(data, name):
    """A setting as settings.py will read it: the environment first."""
    return os.environ.get(name) or read_portal_env(data).get(name, "")


def ensure_data(data, empty):
    """Make the data folder with its keys at the first setup. Returns True for a demonstration folder."""
    if (data / "restore-unfinished").exists():
        raise Stopped(f"{data} 的上一次恢复没有做完，还不能启动：再运行一次 manage restore。")
    if (data / "portal.env").exists():
        add_later_key(data)
        demo = told(data, "BANZHUANG_DEMO").lower() in ("1", "true", "yes", "on")
        if demo and empty:
            raise Stopped(f"{data} 是演示数据目录：--empty 要用一个新目录，例如 --data data-new。")
        return demo
    if (data / "db.sqlite3").exists() and not os.environ.get("BANZHUANG_FIELD_KEYS"):
        raise Stopped(
            f"{data} 里有数据库，却没有密钥文件 portal.env：用 manage restore --keys 放回密钥，再运行本命令。"
        )
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    values = new_secrets()
    if not empty:
        values["BANZHUANG_DEMO"] = "1"
        values["BANZHUANG_DEMO_PASSWORD"] = os.environ.get("BANZHUANG_DEMO_PASSWORD") or new_password()
    text = "".join(f"{name}={value}\n" for name, value in values.items())
    write_portal_env(data, "# 平台的密钥：身份证号等字段靠它解密。与数据库分开备份，不要改动。\n" + text)
    return not empty


def add_later_key(data):
    """The one that folders of earlier versions lack. Never one of the others: data may be encrypted with them."""
    name = "BANZHUANG_AUDIT_KEY"
    if not told(data, name):
        text = (data / "portal.env").read_text(encoding="utf-8").rstrip("\n")
        write_portal_env(data, f"{text}\n{name}={new_secrets()[name]}\n")


def write_portal_env(data, text):
    """Written beside and renamed: a half-written file of keys would lock the data for good."""
    with tempfile.NamedTemporaryFile("w", dir=data, delete=False, encoding="utf-8") as file:
        file.write(text)
    os.chmod(file.name, 0o600)
    os.replace(file.name, data / "portal.env")


def child_environment(data, **more):
    return {
        **os.environ,
        "BANZHUANG_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "banzhuang.settings",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        **more,
    }


def collect_static(env):
    """Collect and compress the static files, unless nothing has changed since the last time.

    Files of earlier versions stay: pages that are open somewhere still ask for them.
    """
    lines = [digest(RUNTIME_LOCK)]
    for path in sorted(path for path in (ROOT / "static").rglob("*") if path.is_file()):
        status = path.stat()
        lines.append(f"{path} {status.st_size} {status.st_mtime_ns}")
    state, stamp = hashlib.sha256("\n".join(lines).encode()).hexdigest(), STATIC_ROOT / "collected"
    if stamp.exists() and stamp.read_text() == state:
        return
    say("正在整理静态文件。")
    run([PYTHON, "manage.py", "collectstatic", "--noinput"], "静态文件没有整理好", env)
    STATIC_ROOT.mkdir(exist_ok=True)
    stamp.write_text(state)


def setup(options):
    """Environment, keys, database, static files. Returns the demonstration accounts, if any."""
    ensure_environment()
    data = data_folder(options)
    demo = ensure_data(data, options.empty)
    env = child_environment(data)
    collect_static(env)
    say("正在检查数据库。" if (data / "db.sqlite3").exists() else "正在建立数据库。")
    printed = run([PYTHON, "-c", PREPARE, "--demo" if demo else "--empty"], "数据库没有准备好", env)
    if demo:
        return printed.strip()
    if printed.strip():
        say(printed.strip())  # the administrators' one-time passwords, told this once
    return ""


def data_folder(options):
    return Path(options.data or os.environ.get("BANZHUANG_DATA") or ROOT / "data").resolve()


# --- Starting --------------------------------------------------------------------------------------


def greeting_text(address, data, accounts):
    lines = ["", f"班庄镇党建民生平台已启动：{address}", f"数据目录：{data}"]
    if accounts:
        password = told(data, "BANZHUANG_DEMO_PASSWORD")
        lines += ["", "演示账号（用户名 姓名 角色）：", accounts, f"演示密码：{password}"]
    return "\n".join([*lines, "", "按 Ctrl-C 停止。"])


def up(options):
    """Set up what is missing and run the portal until it is told to stop."""
    visible = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(options.host, options.host)
    address = f"http://{visible}:{options.port}/"
    data = data_folder(options)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with sole_use(data, address):
        refuse_taken_port(options.host, options.port)
        accounts = setup(options)
        greeting = greeting_text(address, data, accounts)
        redis = bool(told(data, "REDIS_URL"))
        keep_running(PYTHON, ROOT, child_environment(data), options, data, address, greeting, redis)


# --- Development --------------------------------------------------------------------------------------


def call(*command, env=None):
    """Run one command of the environment in view of the person; it ends with this program."""
    process = subprocess.Popen([str(PYTHON), *map(str, command)], cwd=ROOT, env=env)
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise


def manage(options, rest):
    ensure_environment()
    return call("manage.py", *rest, env=child_environment(data_folder(options)))


def check():
    """Every check runs, also after a failure: one run shows all there is to mend."""
    ensure_environment(dev=True)
    with tempfile.TemporaryDirectory() as folder:
        env = child_environment(folder, **new_secrets())
        env.pop("DATABASE_URL", None)
        steps = {
            "格式": ["-m", "ruff", "format", "--check", "."],
            "静态检查": ["-m", "ruff", "check", "."],
            "模板": ["-m", "djlint", "templates", "--lint", "--quiet"],
            "迁移": ["manage.py", "makemigrations", "--check", "--dry-run"],
            "系统检查": ["manage.py", "check"],
        }
        failed = []
        for name, command in steps.items():
            say(f"— {name}")
            if call(*command, env=env):
                failed.append(name)
    say(f"未通过：{'、'.join(failed)}。" if failed else "检查全部通过。")
    return 1 if failed else 0


def test(rest):
    """The whole suite on each database, the second also when the first has failed."""
    ensure_environment(dev=True)
    if any(word.startswith("--database") for word in rest):
        return call("-m", "pytest", *rest)
    codes = []
    for title, database in (("SQLite", "sqlite"), ("PostgreSQL、Redis", "postgres")):
        say(f"— 测试：{title}")
        codes.append(call("-m", "pytest", f"--database={database}", *workers(rest), *rest))
    return max(codes)


def workers(rest):
    """Two at a time, unless the person chose otherwise."""
    return [] if any(word.startswith(("-n", "--numprocesses", "--pdb")) for word in rest) else ["-n", "2"]


def crawl(rest):
    ensure_environment(dev=True)
    return call("-m", "pytest", "tests/crawl", *workers(rest), *rest)


def lock(rest):
    beside = PYTHON.with_name("uv.exe" if WINDOWS else "uv")
    uv = str(beside) if beside.exists() else shutil.which("uv")
    if uv is None:
        raise Stopped("没有找到 uv：先运行 python3 dev.py check 装好开发环境，再运行本命令。")
    options = "--universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet".split()
    options += ["--custom-compile-command", "python3 dev.py lock"]
    for source, target in (("requirements.in", RUNTIME_LOCK), ("requirements-dev.in", DEV_LOCK)):
        run([uv, "pip", "compile", *options, *rest, source, "-o", target.name], f"{target.name} 没有做成")
    say("锁定文件已更新。")


class Arguments(argparse.ArgumentParser):
    def error(self, message):
        raise Stopped(f"命令或选项不对。\n\n{USAGE}")


def interrupted(number, frame):
    raise KeyboardInterrupt


def listen_to_signals():
    """Stop on Ctrl-C, on a request to end and on a closed terminal, also when started in the background."""
    signal.signal(signal.SIGINT, interrupted)
    signal.signal(signal.SIGTERM, interrupted)
    if not WINDOWS and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, interrupted)


def parse(command, words):
    parser = Arguments(add_help=False, allow_abbrev=False)
    parser.add_argument("--data")
    if command in ("up", "setup"):
        parser.add_argument("--empty", action="store_true")
    if command == "up":
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1")
    return parser.parse_args(words)


def main(words):
    """Run one command; returns the exit code."""
    command, rest = (words[0], words[1:]) if words else ("help", [])
    if command in ("-h", "--help", "help"):
        say(USAGE)
    elif command == "up":
        up(parse(command, rest))
    elif command == "setup":
        setup(parse(command, rest))
        say("已准备好：用 python3 dev.py up 启动。")
    elif command == "manage":
        # Only a --data in front is ours: what follows belongs to manage.py.
        own = 2 if rest[:1] == ["--data"] else 0
        return manage(parse(command, rest[:own]), rest[own:])
    elif command == "check":
        return check()
    elif command in ("test", "crawl", "lock"):
        return {"test": test, "crawl": crawl, "lock": lock}[command](rest)
    else:
        raise Stopped(f"没有“{command}”这个命令。\n\n{USAGE}")
    return 0


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")
    listen_to_signals()
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(0 if sys.argv[1:2] == ["up"] else 130)
    except Stopped as reason:
        sys.exit(str(reason))
