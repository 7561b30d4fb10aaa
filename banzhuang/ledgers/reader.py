"""Reading a workbook: in a child process with limits, so that no file can hurt the one who reads it.

calamine aborts its process on a 1.8 KB file with cells A1 and XFD1048576. The child (package `reading`) imports
neither Django nor Celery, gets no environment (keys!) and sends back nothing but plain values.
"""

import io
import os
import pickle
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from .grid import Refused, SheetGrid, WorkbookGrid
from .reading.limits import LAST_ROW, MAX_FILE, MAX_RESULT, PATIENCE, SECONDS

__all__ = ["Refused", "read_workbook"]

# `ledgers` is imported by this name in the child, for banzhuang/__init__.py brings Celery and Django.
CHILD = "import sys; sys.path.append(sys.argv[1]); from {module} import main; main(*sys.argv[2:])"
FRAME = str(Path(__file__).resolve().parents[1])
ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP")

TOO_SLOW = f"读这个文件超过 {SECONDS} 秒，已停下；删去空白的行列和图片，或分成几个文件，再上传。"
DIED = "读这个文件用尽了内存，已停下；删去空白的行列和图片，或分成几个文件，再上传。"


def read_workbook(path: str | os.PathLike, filename: str) -> WorkbookGrid:
    """Read .xlsx, .xlsm, .xlsb, .xls, .et, .ods or .csv, told apart by content.

    path: the file; filename: its name as uploaded (the sheet of a .csv is called after it).
    Raises Refused with one sentence for the user.
    """
    refuse_size(path)
    with Child(path, filename) as child:
        return assemble(child.messages())


def refuse_size(path: str | os.PathLike) -> None:
    size = os.path.getsize(path)
    if not size:
        raise Refused("文件是空的，重新保存后再上传。")
    if size > MAX_FILE:
        shown, limit = size / 2**20, MAX_FILE // 2**20
        raise Refused(f"文件有 {shown:.1f} MB，超过 {limit} MB；删去图片或分成几个文件，再上传。")


class Child:
    """The reading process: started on entry, surely ended on exit.

    module: whose `main` it runs, with path, the file's name without its ending, and further arguments; given: what it
    finds on its standard input; seconds: of the processor that it may take, if not SECONDS; too_slow, died: what is said
    when it had to be stopped, or ended by itself.
    """

    module = "ledgers.reading.child"
    seconds = 0
    too_slow, died = TOO_SLOW, DIED

    def __init__(self, path, filename, *further: str, given: bytes = b""):
        self.arguments = [FRAME, os.path.abspath(path), Path(filename).stem, *further]
        self.given = given
        self.late = threading.Event()

    def __enter__(self):
        with tempfile.TemporaryFile() as given:  # a pipe would want someone to fill it
            given.write(self.given)
            given.seek(0)
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-c", CHILD.replace("{module}", self.module), *self.arguments],
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
            )
        self.timer = threading.Timer(PATIENCE * (self.seconds or SECONDS), self.stop)
        self.timer.daemon = True
        self.timer.start()
        return self

    def __exit__(self, *error):
        self.timer.cancel()
        self.process.kill()
        self.process.stdout.close()
        self.process.wait()

    def stop(self):
        self.late.set()
        self.process.kill()

    def messages(self) -> Iterator[tuple]:
        """What the child sends, until it says that this was all. Raises Refused when it dies before."""
        received = 0
        while header := self.process.stdout.read(4):
            size = int.from_bytes(header, "big")
            received += size
            if received > MAX_RESULT:
                raise Refused(self.died)
            data = self.process.stdout.read(size)
            if len(data) < size:
                break
            message = PlainUnpickler(io.BytesIO(data)).load()
            if message[0] == "end":
                return
            if message[0] == "refused":
                raise Refused(message[1])
            yield message
        raise Refused(self.too_slow if self.late.is_set() or self.overran() else self.died)

    def overran(self) -> bool:
        """Whether the system ended it for the processor time it took."""
        import signal

        return self.process.wait() == -getattr(signal, "SIGXCPU", 0)


class PlainUnpickler(pickle.Unpickler):
    """Takes dates beside what pickle knows by itself. A hostile file that owned the child gets no further."""

    CLASSES = {("datetime", "date"): date, ("datetime", "datetime"): datetime}

    def find_class(self, module, name):
        if (module, name) not in self.CLASSES:
            raise Refused(DIED)
        return self.CLASSES[module, name]


def assemble(messages: Iterator[tuple]) -> WorkbookGrid:
    """The workbook from the child's messages: ("workbook", format), then for each sheet ("sheet", fields) and
    any number of ("rows", [(row, values), …]) with the rows that hold something."""
    workbook = WorkbookGrid([], "")
    blank = []  # one list for all blank rows: a value in row 1 048 576 must not cost a million lists
    for kind, content in messages:
        if kind == "workbook":
            workbook.format = content
        elif kind == "sheet":
            workbook.sheets.append(SheetGrid(rows=[], **content))
        else:
            rows = workbook.sheets[-1].rows
            for number, values in content:
                if number >= LAST_ROW:
                    raise Refused(DIED)
                if number >= len(rows):
                    rows.extend([blank] * (number + 1 - len(rows)))
                rows[number] = values
    return workbook
