"""The preview of a staged batch: counters that filter, old over new cell by cell, every problem with its cell."""

import json
from collections import defaultdict
from itertools import pairwise

from django.core.paginator import Paginator
from django.db.models import Q

from banzhuang.core import places

from .grid import column_letters
from .ledger import SYSTEM_NUMBER, Column, registry
from .models import ImportBatch, StagedRow
from .parsers import Amount, Integer
from .staging import problems_of
from .values import shown, unpacked
from .village_names import VillageName

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
ROWS_A_PAGE = 100
LONGEST_TEXT = 60  # of a cell


def counters(tally: dict, chosen: str, kept: str) -> list[dict]:
    """The counters are the filter. tally: rows by filter, as counted when they were staged; kept: what links keep."""
    return [
        {
            "label": label,
            "count": tally.get(key, 0),
            "url": f"?show={key}{kept}",
            "active": key == chosen,
            "state": state,
            "mark": mark,
        }
        for key, label, state, mark in LABELS
    ]


def page_of(batch: ImportBatch, chosen: str, tally: dict, number: str | None):
    """One page of the rows that the filter leaves; how many there are is known."""
    paginator = Paginator(batch.rows.filter(FILTERS[chosen]).order_by("position"), ROWS_A_PAGE)
    paginator.count = tally.get(chosen, 0)
    return paginator.get_page(number)


def strip(batch: ImportBatch) -> list[dict]:
    """The file's columns above our fields: which are read, which only compared, which not used, which a person is to
    confirm, because two headers could be the same field."""
    ledger = registry.get(batch.kind)
    cells = []
    for place, found in enumerate(batch.understanding["strip"]):
        column = ledger.column(found["key"]) if ledger and found["key"] else None
        words = column.label if column else "不导入"
        doubtful = found.get("doubtful", False)
        cells.append(
            {
                "place": place,
                "letter": column_letters(found["index"]),
                "header": found["header"],
                "field": "只核对，不写入" if column and column.check_only else words,
                "used": column is not None,
                "state": "near" if doubtful else "" if column else "unused",
            }
        )
    return cells


def strip_words(cells: list[dict]) -> str:
    """18 列：15 列已对上，3 列不导入；其中 2 列意思相近，请确认."""
    unused = sum(not cell["used"] for cell in cells)
    doubtful = sum(cell["state"] == "near" for cell in cells)
    left = f"，{unused} 列不导入" if unused else ""
    asked = f"；其中 {doubtful} 列意思相近，请确认" if doubtful else ""
    return f"{len(cells)} 列：{len(cells) - unused} 列已对上{left}{asked}"


class Preview:
    """One page of staged rows, as the template draws it.

    columns: (label, letter) of those shown; rows: cells with old and new, problems, consequences, and which rows
    without a change were left out above; hidden: how many columns of the file are not shown.
    """

    def __init__(self, batch: ImportBatch, page, user, day, everything: bool, common: dict):
        self.ledger = registry[batch.kind]
        self.villages = {place.code: place.short_name for place in places.villages(user, day)}
        self.contents = [(row, json.loads(row.content)) for row in page]
        present = set(batch.understanding["columns"].values())
        present |= {column.key for column in self.ledger.columns if column.around and self.says(column)}
        self.touched = {key for _, content in self.contents for key in content["changes"]}
        self.touched |= {key for _, content in self.contents for key, *_ in content["problems"]}
        present -= {SYSTEM_NUMBER} - self.touched  # it says nothing to people
        columns = [column for column in self.ledger.columns if column.key in present]
        kept = columns if everything else self.narrowed(columns)
        letters = letters_of(batch)
        self.columns = [
            {"label": column.label, "letter": letters.get(column.key, ""), "right": is_number(column)}
            for column in kept
        ]
        self.hidden = len(columns) - len(kept)
        self.span = len(kept) + 2
        self.several_sheets = len(batch.understanding["sheets"]) > 1
        self.common = common
        folds = self.folds(batch, page)
        self.rows = [self.row(row, content, kept, folds.get(row.position)) for row, content in self.contents]
        self.tail = folds.get(batch.counts["rows"])

    def folds(self, batch: ImportBatch, page) -> dict[int, dict]:
        """Position of a row → the rows left out above it: how many, as Excel numbers them, and the page they are on."""
        positions = [row.position for row, _ in self.contents]
        if page.number == 1:
            positions.insert(0, -1)
        if not page.has_next():
            positions.append(batch.counts["rows"])
        gaps = [(last + 1, here - 1) for last, here in pairwise(positions) if here - last > 1]
        ends = [position for gap in gaps for position in gap]
        places = dict(batch.rows.filter(position__in=ends).order_by().values_list("position", "number"))
        return {
            last + 1: {
                "count": last - first + 1,
                "first": places.get(first, ""),
                "last": places.get(last, ""),
                "page": first // ROWS_A_PAGE + 1,
            }
            for first, last in gaps
        }

    def says(self, column: Column) -> bool:
        """Whether a row of this page has a value of the column, be it from the sheet's name or the title."""
        return any(content["values"].get(column.key) for _, content in self.contents)

    def narrowed(self, columns: list[Column]) -> list[Column]:
        """The columns that name the row, those with a change or problem on this page, then the first that say anything."""
        ranked = sorted(
            columns,
            key=lambda column: (not column.required, column.key not in self.touched, not self.says(column)),
        )
        kept = {column.key for column in ranked[:MOST_COLUMNS]}
        return [column for column in columns if column.key in kept]

    def row(self, row: StagedRow, content: dict, columns: list[Column], fold: dict | None) -> dict:
        values = unpacked(content["values"])
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
            "fold": fold,
        }

    def cell(self, column: Column, values, content, severity) -> dict:
        old, new = content["changes"].get(column.key, ("", ""))
        text = shown(column, values.get(column.key))
        if isinstance(column.parser, VillageName):
            text = self.villages.get(values.get(column.key), "")
        return {
            "text": shortened(text or content["raw"].get(column.key, "")),
            "old": shortened(old),
            "new": shortened(new),
            "changed": column.key in content["changes"],
            "severity": severity.get(column.key, ""),
            "right": is_number(column),
        }


def is_number(column: Column) -> bool:
    """Whether its values stand at the right, as numbers do."""
    return isinstance(column.parser, Integer | Amount)


def shortened(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def letters_of(batch: ImportBatch) -> dict[str, str]:
    """Column key → where it stands in the file: "C"; "C–N" for one that the table is spread over."""
    places = defaultdict(list)
    for found in batch.understanding["strip"]:
        places[found["key"]].append(column_letters(found["index"]))
    return {key: found[0] if len(found) == 1 else f"{found[0]}–{found[-1]}" for key, found in places.items()}
