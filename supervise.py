"""The running portal: web, background jobs and timetable as one, started and stopped together.

Used by dev.py with the machine's own Python: standard library only.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

WINDOWS = sys.platform == "win32"
READY_SECONDS = 60
STOP_SECONDS = 10
LOG_BYTES = 20 * 1024 * 1024
# The path only: a search word in the query may be a name or an identity number.
ACCESS_LINE = "%(t)s %(h)s %(m)s %(U)s %(s)s %(b)s %(M)sms"


class Stopped(Exception):
    """The work cannot go on; the text is the one sentence shown to the person at the terminal."""


def say(text):
    print(text, flush=True)


@contextlib.contextmanager
def sole_use(data, address):
    """Hold the data folder for this process; the system lets go of it whatever way the process ends."""
    with open(data / "up.lock", "a+", encoding="utf-8") as file:
        try:
            if WINDOWS:
                import msvcrt

                file.seek(1024)  # past the text, which others must still be able to read
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip()
            raise Stopped(
                f"这个数据目录的平台已在运行（{holder}）：先停止它，或用 --data 换一个目录。"
            ) from None
        file.truncate(0)
        file.write(f"{address}，进程 {os.getpid()}")
        file.flush()
        yield
        file.truncate(0)


def refuse_taken_port(host, port):
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            if not WINDOWS:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, OverflowError):
        raise Stopped(f"{host} 的端口 {port} 不能使用：换一个端口，例如 --port {port + 1}。") from None


def commands(host, port, data):
    """The three parts of the portal: {Chinese name: (log name, module and arguments)}."""
    listen = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if WINDOWS:
        web = ["waitress", f"--listen={listen}", "--threads=8", "banzhuang.wsgi:application"]
    else:
        web = ["gunicorn", "banzhuang.wsgi:application", f"--bind={listen}", "--worker-class=gthread"]
        web += [f"--workers={min(2, os.cpu_count() or 1)}", "--threads=8", "--no-control-socket"]
        web += ["--graceful-timeout=5", f"--access-logfile={data / 'logs' / 'access.log'}"]
        web += [f"--access-logformat={ACCESS_LINE}"]
    celery = ["celery", "-A", "banzhuang"]
    worker = [*celery, "worker", "--pool=threads", "--concurrency=2", "--loglevel=INFO"]
    worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    beat = [*celery, "beat", f"--schedule={data / 'beat-schedule'}", "--pidfile="]
    return {"网页服务": ("web", web), "后台任务": ("worker", worker), "定时任务": ("beat", beat)}


def end_with_parent():
    """Linux: end the child when this program is killed outright and cannot stop it itself."""
    import ctypes

    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start(command, log, root, env):
    """Start one part in a process group of its own, so that Ctrl-C reaches only this program."""
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".old.log"))
    group = {"start_new_session": True}
    if WINDOWS:
        group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    elif sys.platform == "linux":
        group["preexec_fn"] = end_with_parent
    with open(log, "ab") as output:
        return subprocess.Popen(
            command,
            cwd=root,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            **group,
        )


def stop(parts):
    """Ask every part to end, wait, and kill what is left of its group."""
    for process in parts.values():
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for process in parts.values():
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.1, deadline - time.monotonic()))
        with contextlib.suppress(OSError):
            process.kill() if WINDOWS else os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(address):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{address}healthz", timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def watch(parts, address, logs, greeting):
    """Greet once the portal answers; raise when a part has ended by itself or the portal never answers."""
    started, ready = time.monotonic(), False
    while True:
        for name, process in parts.items():
            if process.poll() is not None:
                raise Stopped(
                    f"{name}意外退出（退出码 {process.returncode}），其余部分已停止：原因见 {logs}。"
                )
        if not ready and answers(address):
            ready = True
            say(greeting)
        if not ready and time.monotonic() - started > READY_SECONDS:
            raise Stopped(f"平台 {READY_SECONDS} 秒内没有应答，已停止：原因见 {logs}。")
        time.sleep(0.5 if ready else 0.1)


def keep_running(python, root, env, options, data, address, greeting):
    """Run all parts until a signal (KeyboardInterrupt) or a failure; nothing is left running after it."""
    logs = data / "logs"
    logs.mkdir(exist_ok=True)
    # The log that gunicorn opens by itself is turned over here too.
    access = logs / "access.log"
    if access.exists() and access.stat().st_size > LOG_BYTES:
        access.replace(access.with_suffix(".old.log"))
    parts = {}
    try:
        for name, (log, command) in commands(options.host, options.port, data).items():
            parts[name] = start([str(python), "-m", *command], logs / f"{log}.log", root, env)
        watch(parts, address, logs, greeting)
    finally:
        # A second Ctrl-C must not cut the stopping short.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        say("正在停止。")
        stop(parts)
        say("已停止。")
