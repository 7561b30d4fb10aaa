"""The preview of a staged batch: counters that filter, old over new cell by cell, every problem with its cell."""

import json
from collections import Counter, defaultdict

from django.db.models import Q

from .grid import column_letters
from .ledger import registry
from .models import ImportBatch, StagedRow
from .staging import problems_of
from .values import shown, unpack

Outcome = StagedRow.Outcome
FILTERS = {
    "all": lambda rows: rows,
    "attention": lambda rows: rows.exclude(Q(outcome=Outcome.SAME) & Q(warned=False)),
    "new": lambda rows: rows.filter(outcome=Outcome.NEW),
    "changed": lambda rows: rows.filter(outcome=Outcome.CHANGED),
    "same": lambda rows: rows.filter(outcome=Outcome.SAME),
    "invalid": lambda rows: rows.filter(outcome=Outcome.INVALID),
    "warned": lambda rows: rows.filter(warned=True),
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


def counters(batch: ImportBatch, chosen: str) -> list[dict]:
    """The counters are the filter; counted from the staged rows, so that they always agree with the list."""
    return [
        {
            "label": label,
            "count": narrow(batch.rows.all()).count(),
            "url": f"?show={key}",
            "active": key == chosen,
            "state": state,
            "mark": mark,
        }
        for key, label, state, mark in LABELS
        for narrow in [FILTERS[key]]
    ]


def strip(batch: ImportBatch) -> list[dict]:
    """The file's columns above our fields: which are read, which only compared, which not used."""
    ledger = registry[batch.kind]
    columns = []
    for found in batch.understanding["strip"]:
        column = ledger.column(found["key"]) if found["key"] else None
        field = "不导入" if column is None else column.label
        columns.append(
            {
                "letter": column_letters(found["index"]),
                "header": found["header"],
                "field": field,
                "state": "" if column else "unused",
            }
        )
    return columns


def shown_columns(batch: ImportBatch) -> list:
    """The ledger's columns that the file has, in the ledger's order."""
    present = set(batch.understanding["columns"].values())
    return [column for column in registry[batch.kind].columns if column.key in present]


def preview_rows(batch: ImportBatch, rows) -> dict:
    """Heads and rows of a page: each row has its cells, and below it its problems and what follows from it."""
    ledger, columns = registry[batch.kind], shown_columns(batch)
    return {
        "columns": [{"label": column.label, "letter": letter_of(batch, column.key)} for column in columns],
        "span": len(columns) + 2,
        "rows": [preview_row(ledger, row, columns) for row in rows],
        "sheets": len(batch.understanding["sheets"]) > 1,
    }


def letter_of(batch, key) -> str:
    return next((column_letters(c["index"]) for c in batch.understanding["strip"] if c["key"] == key), "")


def preview_row(ledger, row: StagedRow, columns) -> dict:
    content = json.loads(row.content)
    values = unpack(json.dumps(content["values"]))
    problems = problems_of(ledger, row, content)
    severity = {problem["key"]: problem["severity"] for problem in reversed(problems)}
    cells = []
    for column in columns:
        old, new = content["changes"].get(column.key, ("", ""))
        text = shown(column, values.get(column.key)) or content["raw"].get(column.key, "")
        cells.append({"text": text, "old": old, "new": new, "changed": column.key in content["changes"], "severity": severity.get(column.key, "")})
    return {
        "number": row.number,
        "sheet": row.sheet,
        "outcome": row.outcome,
        "label": row.get_outcome_display(),
        "warned": row.warned,
        "cells": cells,
        "problems": problems,
        "said": content["said"],
    }


def summary(batch: ImportBatch) -> list[dict]:
    """Problems by column: “身份证号：1 处错误（O34）”, worst first."""
    ledger = registry[batch.kind]
    cells, counts = defaultdict(list), Counter()
    for row in batch.rows.filter(Q(outcome=Outcome.INVALID) | Q(warned=True)):
        for problem in problems_of(ledger, row, json.loads(row.content)):
            kind = (problem["column"], problem["severity"])
            counts[kind] += 1
            cells[kind].append(problem["cell"])
    return [
        {
            "column": column,
            "state": "bad" if severity == "error" else "near",
            "text": f"{count} 处{'错误' if severity == 'error' else '提醒'}（{'、'.join(cells[column, severity][:4])}{' 等' if count > 4 else ''}）",
        }
        for (column, severity), count in sorted(counts.items(), key=lambda item: (item[0][1] != "error", -item[1]))
    ]
