"""The adapter to django-import-export: what its pages of the admin ask of a resource, our engine does.

Nothing of its own engine is used: it reads in the web process, ignores columns it does not know, makes rows anew that
have no key, and takes 是 for no.
"""

import datetime
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from django.db import IntegrityError, transaction
from import_export.resources import Resource

from banzhuang.accounts.audit import Action, record

from .calendar_days import CalendarLedger
from .choosing import Chosen, nothing_found
from .export import Disclosure
from .exporting import write as write_selection
from .grid import Refused
from .header import recognise
from .ledger import Ledger, Setting
from .listing import Selection
from .models import ImportBatch
from .plan import Plan, parse_table, plan_facts
from .reader import read_workbook
from .receiving import take_in


class LedgerResource(Resource):
    """One ledger, as the pages of the admin see it."""

    ledger: Ledger

    @classmethod
    def get_display_name(cls) -> str:
        return cls.ledger.label

    def import_data(
        self, dataset: bytes, *, file_name: str, user, day: datetime.date, **kwargs
    ) -> ImportBatch:
        """A batch of the user's own, to be looked over and committed on the portal's page. Raises Refused."""
        return take_in(user, file_name, dataset, Chosen(self.ledger.kind), day)

    def export(
        self,
        queryset,
        *,
        out: Path,
        user,
        day: datetime.date,
        whole: Disclosure | None = None,
        words: Sequence[str] = (),
    ) -> int:
        """Write those of the rows that the ledger holds to `out`, .xlsx or .csv; → how many. words: the filters.
        Raises Refused."""
        rows = self.held(queryset, user, day)
        return write_selection(Selection(self.ledger, rows, words), out, user, day, whole)

    @classmethod
    def held(cls, queryset, user, day: datetime.date):
        """Of the rows of a list those that the ledger holds on the day, in its order: a table may have other rows too,
        which would come back as what they are not."""
        return cls.ledger.rows(user, day).filter(pk__in=queryset.order_by().values("pk"))


@cache
def resource_of(ledger: Ledger) -> type[LedgerResource]:
    return type(f"{type(ledger).__name__}Resource", (LedgerResource,), {"ledger": ledger})


class ReferenceResource(LedgerResource):
    """A short table that belongs to no township: written at once when every row is right, else not at all.

    Its rows need no batch: there are few of them, each keeps its history, and nothing of a file is left behind that
    another could confirm.
    """

    MOST = 2_000

    def import_data(self, dataset, *, file_name, user, day, dry_run=False, **kwargs) -> Plan:
        """→ the plan, written when it has no row in error and is not only to be looked at. Raises Refused."""
        plan = self.read(dataset, file_name, user, day)
        if not plan.counts["invalid"] and not dry_run:
            try:
                with transaction.atomic():
                    self.write(plan, file_name)
            except IntegrityError:
                raise Refused("刚才有别人改过同样的数据，没有写入。再上传一次。") from None
        return plan

    def read(self, content: bytes, file_name: str, user, day) -> Plan:
        with tempfile.NamedTemporaryFile(suffix=".upload") as file:
            file.write(content)
            file.flush()
            workbook = read_workbook(file.name, file_name)
        tables = [table for _, _, table in recognise(workbook, [self.ledger], file_name)]
        if not tables:
            raise Refused(nothing_found([self.ledger], Chosen(self.ledger.label)))
        setting = Setting(user, day)
        context = self.ledger.prepare(setting)
        facts = [fact for table in tables for fact in parse_table(self.ledger, table, context)]
        if not facts:
            raise Refused("表头下面没有填内容。填好后再上传。")
        if len(facts) > self.MOST:
            raise Refused(f"表里有 {len(facts)} 行，最多 {self.MOST} 行。分成几个文件再上传。")
        planned = plan_facts(self.ledger, facts, context, setting)
        return Plan(self.ledger, setting, tables, planned, facts, context, workbook)

    def write(self, plan: Plan, file_name: str) -> None:
        """Row by row through `save`, which writes the history; one event for all."""
        for item in plan.planned:
            for write in item.writes:
                changes = write.changes()
                row = write.instance or write.model()
                for name, (_, value) in changes.items():
                    setattr(row, name, value)
                if changes:
                    row.save()
        record(Action.IMPORT, f"{self.ledger.label} {file_name}", user=plan.setting.user, **plan.counts)


class CalendarResource(ReferenceResource):
    ledger = CalendarLedger()
