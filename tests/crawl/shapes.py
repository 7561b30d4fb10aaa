"""What some fields of some tables look like beyond their type: places, states, and JSON that a page reads.

A shape is a function of the row being made and of `mark(field, secret=False)`, which gives a token for it. A table
without a shape is filled from its field types alone.
"""

import datetime
import json

from django.utils import timezone

from banzhuang.core.access import writes
from banzhuang.core.mechanisms import MECHANISMS
from banzhuang.ledgers.exporting import KIND as EXPORT
from banzhuang.ledgers.ledger import registry as ledgers
from banzhuang.reports.contents import Entry
from banzhuang.reports.frozen import freeze
from banzhuang.reports.tables import OfficialTable, TableColumn
from cadres.models import Cadre, Post
from livelihood.models import Need

MONTH = datetime.date(2022, 3, 1)
LEDGER = next(iter(ledgers))


def user(row, mark):
    return {"scope": row.site.code, "password": "!", "must_change_password": False}


def assignment(row, mark):
    return {"code": row.site.code, "start": MONTH}


def audit_event(row, mark):
    return {"scope_code": row.site.code, "action": "change"}


def job(row, mark):
    """An export that is done, of the first ledger; its file is gone."""
    said = {"said": mark("result"), "link": mark("result"), "url": f"/{mark('result')}/"}
    return {
        "kind": EXPORT,
        "state": "done",
        "finished_at": timezone.now(),
        "arguments": {"ledger": LEDGER.kind, "query": "", "day": MONTH.isoformat(), "reason": ""},
        "result": said | {"file": mark("result"), "rows": 1, "words": [mark("result")], "scopes": []},
    }


def calendar_day(row, mark):
    """A day of its own: each is there once."""
    return {"day": MONTH + datetime.timedelta(days=len(row.site.marks)), "working": False}


def notice(row, mark):
    return {"url": "/duties/"}


def import_batch(row, mark):
    """Staged, of the first ledger; the owner is not yet decided on it."""
    names = {column.key: column.label for column in LEDGER.columns}
    return {
        "kind": LEDGER.kind,
        "expires_at": timezone.now() + datetime.timedelta(hours=8),
        "counts": {key: 1 for key in ("rows", "new", "changed", "same", "invalid", "errors", "warnings")},
        "understanding": {
            "sheets": [mark("understanding")],
            "header_rows": {},
            "columns": {label: key for key, label in names.items()},
            "unmatched": [mark("understanding")],
            "metadata": {"unit": mark("understanding")},
            "dropped": [],
            "strip": [{"index": 0, "header": mark("understanding"), "key": next(iter(names))}],
            "all_sheets": [{"name": mark("understanding"), "hidden": False, "read": True}] * 2,
            "notes": [mark("understanding")],
            "forms": [],
            "remembered": mark("understanding"),
        },
        "chosen": {},
        "findings": json.dumps(
            {
                "tally": {"all": 1, "attention": 1, "invalid": 1},
                "summary": [
                    {"column": mark("findings"), "state": "bad", "lines": [mark("findings")], "key": ""}
                ],
                "common": {mark("findings"): 3},
            }
        ),
        "upload": "",
    }


def staged_row(row, mark):
    """A row of the file with a word in each column; what is sensitive there is sensitive here."""
    raw = {column.key: mark("content", column.sensitive) for column in LEDGER.columns}
    first = LEDGER.columns[0].key
    content = {
        "values": {},
        "present": sorted(raw),
        "cells": {key: index for index, key in enumerate(raw)},
        "raw": {column.key: raw[column.key] for column in LEDGER.columns if not column.sensitive},
        "problems": [[first, "error", f"{mark('content')}没有登记。", "核对后改正。"]],
        "changes": {},
        "said": [mark("content")],
        "fingerprint": "",
    }
    return {"position": 0, "number": 2, "outcome": "invalid", "content": json.dumps(content)}


def batch_change(row, mark):
    return {
        "order": 0,
        "model": Cadre._meta.label,
        "object_id": row.site.row(Cadre).instance.pk,
        "version": 1,
    }


def monthly_workbook(row, mark):
    """A draft with one sheet, so that its files are written from tokens."""
    table = OfficialTable(
        title=mark("content"), columns=(TableColumn(mark("content")),), rows=((mark("content"),),)
    )
    entry = Entry("M1", next(iter(MECHANISMS.values())).office, mark("content"), "", table)
    content = {"township": mark("content"), "unit": mark("content"), "villages": 1, "mechanisms": 1}
    return {
        "scope_code": row.site.code[:9],
        "month": MONTH,
        "as_of": MONTH,
        "published_by": None,
        "content": {**content, "sheets": freeze([entry])},
    }


def published_workbook(draft):
    return {
        "month": datetime.date(2022, 2, 1),
        "state": "published",
        "published_by": draft.made_by,
        "published_at": timezone.now(),
    }


def township(row, mark):
    return {"code": row.site.code[:9]}


def village(row, mark):
    return {"code": row.site.code}


def cadre(row, mark):
    """Whoever writes cadres writes no row of one's own: there somebody else's, who has no account, stands at home."""
    return {"user": None} if writes(row.site.user, Cadre) else {}


def post(row, mark):
    """In post, the term over: it stands on every page that lists or reminds."""
    return {"title": Post.Title.SECRETARY, "start": MONTH, "term_end": MONTH + datetime.timedelta(days=900)}


def household(row, mark):
    """In the register, and for long: nobody has been there."""
    return {"registered_on": MONTH, "removal_reason": ""}


def need(row, mark):
    """Open, and to be answered by the office or village of who stands behind the site."""
    offices = [code for code in Need.Handler.values if code in row.site.user.role_codes()]
    return {"handler": offices[0] if offices else Need.Handler.CONTACT, "outcome": ""}


SHAPES = {
    "accounts.User": user,
    "accounts.Assignment": assignment,
    "accounts.AuditEvent": audit_event,
    "cadres.Cadre": cadre,
    "cadres.Post": post,
    "core.CalendarDay": calendar_day,
    "core.Job": job,
    "duties.Notice": notice,
    "ledgers.BatchChange": batch_change,
    "ledgers.ImportBatch": import_batch,
    "ledgers.StagedRow": staged_row,
    "livelihood.Household": household,
    "livelihood.Need": need,
    "reports.MonthlyWorkbook": monthly_workbook,
    "villages.Township": township,
    "villages.Village": village,
}
# Tables that publish: how a published row differs from the one beside it.
PUBLISHED = {"reports.MonthlyWorkbook": published_workbook}
