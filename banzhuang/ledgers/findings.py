"""What a preview says of a whole batch, counted once while its rows are staged: no page reads all rows again.

Kept encrypted on the batch: messages and sentences name people.
"""

import json
import re
from collections import Counter

from .ledger import Ledger
from .models import ImportBatch, StagedRow

REPEATED = 3  # a consequence that so many rows share is said once, not under each
MOST_SENTENCES = 2_000  # different ones that are counted: those of single rows stay under their rows
MOST_KINDS = 3  # of problems that are named for one column
VALUE = re.compile(r"“[^”]*”|\d+(?:[.\-–]\d+)*")


class Findings:
    """Counts the rows of a batch as they are staged.

    tally: rows by the filters of the preview; problems by column, severity and kind of message, with the first cell;
    said: consequences with their number of rows.
    """

    def __init__(self, ledger: Ledger):
        self.ledger = ledger
        self.tally: Counter[str] = Counter()
        self.kinds: dict[tuple[str, str, str], dict] = {}
        self.said: Counter[str] = Counter()

    def add(self, row: StagedRow, problems: list[dict], said: list[str]) -> None:
        """problems: as staging.problems_of gives them."""
        self.tally["all"] += 1
        self.tally[row.outcome] += 1
        self.tally["warned"] += row.warned
        self.tally["attention"] += row.warned or row.outcome != StagedRow.Outcome.SAME
        for problem in problems:
            kind = problem["key"], problem["severity"], VALUE.sub("", problem["message"])
            first = self.kinds.setdefault(
                kind, {"cell": problem["cell"], "message": problem["message"], "count": 0}
            )
            first["count"] += 1
        for sentence in said:
            if sentence in self.said or len(self.said) < MOST_SENTENCES:
                self.said[sentence] += 1

    def as_text(self) -> str:
        """For ImportBatch.findings."""
        common = {sentence: count for sentence, count in self.said.items() if count >= REPEATED}
        found = {"tally": self.tally, "summary": self.summary(), "common": common}
        return json.dumps(found, ensure_ascii=False)

    def summary(self) -> list[dict]:
        """Problems by column, errors first, then in the ledger's order."""
        places = {column.key: place for place, column in enumerate(self.ledger.columns)}
        by_column: dict[tuple[str, str], list[dict]] = {}
        for (key, severity, _), found in self.kinds.items():
            by_column.setdefault((key, severity), []).append(found)
        in_order = sorted(by_column.items(), key=lambda item: (item[0][1], places[item[0][0]]))
        return [
            {
                "key": key,
                "column": self.ledger.column(key).label,
                "state": "bad" if severity == "error" else "near",
                "lines": lines_of(kinds),
            }
            for (key, severity), kinds in in_order
        ]


def lines_of(kinds: list[dict]) -> list[str]:
    kinds = sorted(kinds, key=lambda kind: -kind["count"])
    lines = [
        f"{kind['cell']}：{kind['message']}"
        if kind["count"] == 1
        else f"{kind['count']} 处，如 {kind['cell']}：{kind['message']}"
        for kind in kinds[:MOST_KINDS]
    ]
    others = sum(kind["count"] for kind in kinds[MOST_KINDS:])
    return [*lines, f"另有 {others} 处。"] if others else lines


def findings_of(batch: ImportBatch) -> dict:
    """tally, summary and common of a staged batch."""
    found = json.loads(batch.findings) if batch.findings else {}
    return {"tally": {}, "summary": [], "common": {}} | found
