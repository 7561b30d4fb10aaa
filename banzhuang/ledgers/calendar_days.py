"""节假日和调休 of a year as a table: one row a day, brought and given out on the admin's page."""

import csv
import io
from types import SimpleNamespace

from banzhuang.core.models import CalendarDay

from .ledger import Column, Ledger, Write
from .parsers import Choice, PartialDateParser, Text

WORKING = ("上班", "工作日", "调休上班", "补班")
OFF = ("休息", "放假", "休假", "节假日", "公休")


def as_csv(plan) -> str:
    """The rows of a plan as a table that reads the same: what was looked over, to be written when it is confirmed."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.label for column in plan.ledger.columns])
    for fact in plan.facts:
        day, working, note = (fact.values.get(column.key) for column in plan.ledger.columns)
        writer.writerow([day.iso(), "上班" if working else "休息", note or ""])
    return out.getvalue()


class CalendarLedger(Ledger):
    """Days that are worked or not whatever the week says.

    It has no kind: it belongs to no township, so neither the import page nor a command knows it, and no batch is kept.
    """

    label = "节假日和调休"
    model = CalendarDay
    writes = (CalendarDay,)
    title_words = ("节假日", "调休", "放假安排")
    key_columns = ("day",)
    columns = (
        Column("day", "日期", PartialDateParser("day"), required=True, width=12, path="day"),
        Column(
            "working",
            "安排",
            Choice({**dict.fromkeys(WORKING, True), **dict.fromkeys(OFF, False)}),
            synonyms=("上班或休息", "是否上班", "类型"),
            required=True,
            path="working",
        ),
        Column("note", "说明", Text(60), synonyms=("备注", "节日", "节日名称"), width=24, path="note"),
    )

    def prepare(self, setting):
        return SimpleNamespace(known={})

    def load(self, facts, context, setting):
        days = [fact.values["day"].first for fact in facts if "day" in fact.values]
        context.known = {
            row.day: row for row in self.model.objects.for_user(setting.user).filter(day__in=days)
        }

    def identity(self, fact):
        return fact.values.get("day")

    def name(self, fact):
        return fact.values["day"].iso()

    def column_of(self, model, name):
        return name

    def rows(self, user, day):
        """The calendar holds days to come and past alike."""
        return self.model.objects.for_user(user).order_by("day")

    def plan(self, fact, context, setting):
        day = fact.values["day"].first
        known = context.known.get(day)
        values = {"working": fact.values["working"]}
        if fact.values.get("note"):
            values["note"] = fact.values["note"]
        return [Write(CalendarDay, known, values if known else {"day": day, **values}, main=True)]
