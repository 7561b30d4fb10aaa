"""The preview of a staged batch: counters that filter, old over new cell by cell, every problem with its cell."""

import json
from collections import Counter, defaultdict

from django.db.models import Count, Q

from banzhuang.core import places

from .grid import column_letters
from .ledger import Column, registry
from .models import ImportBatch, StagedRow
from .parsers import VillageName
from .staging import problems_of
from .values import shown, unpack

Outcome = StagedRow.Outcome
FILTERS = {
    "all": Q(),
    "attention": ~Q(outcome=Outcome.SAME) | Q(warned=True),
    "new": Q(outcome=Outcome.NEW),
    "changed": Q(outcome=Outcome.CHANGED),
    "same": Q(outcome=Outcome.SAME),
    "invalid": Q(outcome=Outcome.INVALID),
    "warned": Q(warned=True),
}
LABELS = [
    ("all", "全部", "", ""),
    ("attention", "有变化与错误", "", ""),
    ("new", "新增", "", "new"),
    ("changed", "修改", "", "changed"),
    ("same", "不变", "", "same"),
    ("invalid", "错误", "bad", ""),
    ("warned", "提醒", "near", ""),
]
MOST_COLUMNS = 9  # what an office screen holds beside the summary; all are one click away
REPEATED = 3  # a consequence that so many rows share is said once, not under each


def counters(batch: ImportBatch, chosen: str) -> list[dict]:
    """The counters are the filter; counted from the staged rows, so that they always agree with the list."""
    counts = batch.rows.aggregate(
        **{key: Count("pk", filter=FILTERS[key]) for key in FILTERS if key != "all"}
    )
    counts["all"] = batch.rows.count()
    return [
        {
            "label": label,
            "count": counts[key],
            "url": f"?show={key}",
            "active": key == chosen,
            "state": state,
            "mark": mark,
        }
        for key, label, state, mark in LABELS
    ]


def strip(batch: ImportBatch) -> list[dict]:
    """The file's columns above our fields: which are read, which not used."""
    ledger = registry[batch.kind]
    return [
        {
            "letter": column_letters(found["index"]),
            "header": found["header"],
            "field": ledger.column(found["key"]).label if found["key"] else "不导入",
            "state": "" if found["key"] else "unused",
        }
        for found in batch.understanding["strip"]
    ]


class Preview:
    """One page of staged rows, as the template draws it.

    columns: (label, letter) of those shown; rows: cells with old and new, problems, consequences, and how many
    rows without a change were left out above; hidden: how many columns of the file are not shown.
    """

    def __init__(self, batch: ImportBatch, page, user, day, everything: bool):
        self.ledger = registry[batch.kind]
        self.villages = {place.code: place.short_name for place in places.villages(user, day)}
        self.contents = [(row, json.loads(row.content)) for row in page]
        present = set(batch.understanding["columns"].values())
        present |= {column.key for column in self.ledger.columns if column.around and self.says(column)}
        columns = [column for column in self.ledger.columns if column.key in present]
        kept = columns if everything else self.narrowed(columns)
        letters = {found["key"]: column_letters(found["index"]) for found in batch.understanding["strip"]}
        self.columns = [{"label": column.label, "letter": letters.get(column.key, "")} for column in kept]
        self.hidden = len(columns) - len(kept)
        self.span = len(kept) + 2
        self.several_sheets = len(batch.understanding["sheets"]) > 1
        self.common = common_sentences(batch)
        self.rows = []
        before = page.start_index() - 2 if page.number == 1 else None
        for row, content in self.contents:
            skipped = row.position - before - 1 if before is not None else 0
            before = row.position
            self.rows.append(self.row(row, content, kept, skipped))

    def says(self, column: Column) -> bool:
        """Whether a row of this page has a value of the column, be it from the sheet's name or the title."""
        return any(content["values"].get(column.key) for _, content in self.contents)

    def narrowed(self, columns: list[Column]) -> list[Column]:
        """The columns that name the row, those with a change or problem on this page, then the first others."""
        touched = {key for _, content in self.contents for key in content["changes"]}
        touched |= {key for _, content in self.contents for key, *_ in content["problems"]}
        ranked = sorted(columns, key=lambda column: (not column.required, column.key not in touched))
        kept = {column.key for column in ranked[:MOST_COLUMNS]}
        return [column for column in columns if column.key in kept]

    def row(self, row: StagedRow, content: dict, columns: list[Column], skipped: int) -> dict:
        values = unpack(json.dumps(content["values"]))
        problems = problems_of(self.ledger, row, content)
        severity = {problem["key"]: problem["severity"] for problem in reversed(problems)}
        return {
            "number": row.number,
            "sheet": row.sheet,
            "outcome": row.outcome,
            "label": row.get_outcome_display(),
            "warned": row.warned,
            "cells": [self.cell(column, values, content, severity) for column in columns],
            "problems": problems,
            "said": [sentence for sentence in content["said"] if sentence not in self.common],
            "skipped": skipped,
        }

    def cell(self, column: Column, values, content, severity) -> dict:
        old, new = content["changes"].get(column.key, ("", ""))
        text = shown(column, values.get(column.key))
        if isinstance(column.parser, VillageName):
            text = self.villages.get(values.get(column.key), "")
        return {
            "text": text or content["raw"].get(column.key, ""),
            "old": old,
            "new": new,
            "changed": column.key in content["changes"],
            "severity": severity.get(column.key, ""),
        }


def common_sentences(batch: ImportBatch) -> dict[str, int]:
    """Consequences that several rows share, with their number."""
    counts = Counter()
    for row in batch.rows.filter(outcome__in=[Outcome.NEW, Outcome.CHANGED]):
        counts.update(json.loads(row.content)["said"])
    return {sentence: count for sentence, count in counts.items() if count >= REPEATED}


def summary(batch: ImportBatch) -> list[dict]:
    """Problems by column: “身份证号：1 处错误（O34）”, errors first."""
    ledger = registry[batch.kind]
    cells = defaultdict(list)
    for row in batch.rows.filter(Q(outcome=Outcome.INVALID) | Q(warned=True)):
        for problem in problems_of(ledger, row, json.loads(row.content)):
            cells[problem["column"], problem["severity"]].append(problem["cell"])
    lines = []
    for (column, severity), found in sorted(cells.items(), key=lambda item: (item[0][1], -len(item[1]))):
        word, state = ("错误", "bad") if severity == "error" else ("提醒", "near")
        some = "、".join(found[:4]) + (" 等" if len(found) > 4 else "")
        lines.append({"column": column, "state": state, "text": f"{len(found)} 处{word}（{some}）"})
    return lines
