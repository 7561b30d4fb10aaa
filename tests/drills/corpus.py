"""Reads every spreadsheet below a folder as an upload would be read, and says what came of it.

    python -m tests.drills.corpus FOLDER
    python -m tests.drills.corpus --nasty

One line a file: read, or refused and why; or what must never be: an exception, a hang, a crash of the reading process
(it died, or was out of memory), a refusal that is no Chinese sentence. Ends with totals, and with exit status 1 when
there was one of these. --nasty: the hostile and broken files of tests/ledgers/nasty.py, also the heavy ones; that some
of these end the reading process is what it is for, and no fault as long as the sentence is there.
"""

import argparse
import os
import re
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

from tests.environment import SETTINGS

ENDINGS = ".xlsx .xlsm .xltx .xltm .xlsb .xls .xlt .et .ett .ods .ots .fods .csv .tsv .txt .xml .html".split()
SLOWEST = 30  # seconds; the reading process is stopped after 20, the rest is the finder
GOAL = 94  # per cent
FAULTS = ("crash", "hang", "exception", "no sentence")


def main() -> int:
    parser = argparse.ArgumentParser(
        description="reads every spreadsheet below a folder, in the limits of an upload"
    )
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--nasty", action="store_true", help="the files of tests/ledgers/nasty.py")
    parser.add_argument("--all", action="store_true", help="also files without a spreadsheet's ending")
    wanted = parser.parse_args()
    if bool(wanted.folder) == wanted.nasty:
        parser.error("a folder, or --nasty")
    with tempfile.TemporaryDirectory() as data:
        start_django(data)
        if wanted.nasty:
            wanted.folder = make_nasty(Path(data, "nasty"))
        return drill(wanted.folder, wanted.all, FAULTS[1:] if wanted.nasty else FAULTS)


def start_django(data: str) -> None:
    os.environ.update(SETTINGS, BANZHUANG_DATA=data, DJANGO_SETTINGS_MODULE="banzhuang.settings")
    import django

    django.setup()


def make_nasty(folder: Path) -> Path:
    from tests.ledgers import nasty

    folder.mkdir()
    for name, make in {**nasty.READ, **nasty.REFUSED, **nasty.EITHER, **nasty.HEAVY}.items():
        make(folder / name)
    return folder


def drill(folder: Path, everything: bool, faults: tuple[str, ...]) -> int:
    counts, slowest = Counter(), (0.0, "")
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if not everything and path.suffix.lower() not in ENDINGS:
            continue
        started = time.monotonic()
        outcome, words = read(path)
        took = time.monotonic() - started
        if took > SLOWEST:
            outcome = "hang"
        counts[outcome] += 1
        slowest = max(slowest, (took, path.name))
        print(f"{outcome:11} {took:5.1f} s  {path.relative_to(folder)}  {words}", flush=True)
    return report(counts, slowest, faults)


def read(path: Path) -> tuple[str, str]:
    """(read, refused or one of FAULTS; what there is to say of it)."""
    from banzhuang.ledgers.header import recognise
    from banzhuang.ledgers.ledger import registry
    from banzhuang.ledgers.reader import DIED, TOO_SLOW, Refused, read_workbook

    try:
        workbook = read_workbook(path, path.name)
        found = recognise(workbook, list(registry), path.name)
    except Refused as refused:
        sentence = str(refused)
        if sentence in {DIED, TOO_SLOW}:
            return "crash" if sentence == DIED else "hang", sentence
        chinese = re.search("[\u4e00-\u9fff]", sentence) and sentence.endswith("。")
        return "refused" if chinese else "no sentence", sentence
    except Exception:
        return "exception", traceback.format_exc()
    rows = sum(map(bool, (row for sheet in workbook.sheets for row in sheet.rows)))
    kinds = "、".join(dict.fromkeys(ledger.label for ledger, _, _ in found))
    return "read", f"{workbook.format}, {len(workbook.sheets)} sheets, {rows} rows {kinds}"


def report(counts: Counter, slowest: tuple[float, str], faults: tuple[str, ...]) -> int:
    total = sum(counts.values())
    if not total:
        print("no spreadsheets there")
        return 1
    print(f"\n{total} files")
    for outcome, count in counts.most_common():
        print(f"{outcome:11} {count:6} {count / total:6.1%}")
    print(f"slowest {slowest[0]:.1f} s: {slowest[1]}; goal for an honest corpus: {GOAL} % read, no fault")
    return int(any(counts[fault] for fault in faults))


if __name__ == "__main__":
    sys.exit(main())
