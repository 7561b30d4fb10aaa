"""Holidays and the days shifted for them (调休), where they differ from the library or came after it."""

from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from banzhuang.accounts.scoped_admin import InTurn
from banzhuang.core.access import may
from banzhuang.core.clock import today
from banzhuang.core.forms import SecondToldForm
from banzhuang.core.models import CalendarDay
from banzhuang.core.workdays import calendar_of

from .calendar_days import as_csv
from .grid import Refused
from .ledger_admin import LedgerAdmin
from .matching import ROW_NUMBER_HEADERS
from .resource import CalendarResource
from .staging import changes_shown, problems_of, staged_row
from .values import shown

UNKNOWN = "{} 年的放假安排还不知道，周一至周五按工作日计；国务院办公厅通知发布后在这里登记调休。"
MOST_SHOWN = 100
LOOKED_OVER_FOR = 3600  # seconds that a table shown may be confirmed
OUTDATED = "核对超过一小时，没有写入。重新上传，再核对一次。"
OVERTAKEN = "核对之后有别人改过同样的日子，没有写入。重新上传，再核对一次。"


@admin.register(CalendarDay)
class CalendarDayAdmin(InTurn, LedgerAdmin):
    """A year's table is looked over and brought at once; whoever adds and changes single days may do so.

    What was shown travels signed through the page of the person who saw it: nothing waits on the server.
    """

    form = SecondToldForm
    list_display = ["day", "working", "note"]
    list_filter = ["working"]
    resource_classes = [CalendarResource]

    def get_resource_classes(self, request):
        return self.resource_classes

    def has_import_permission(self, request):
        return self.writes(request, "add") and self.writes(request, "change")

    def has_export_permission(self, request):
        return may(request.user, "view", self.model)

    def import_action(self, request, **kwargs):
        if request.method == "POST" and "confirmed" in request.POST:
            return self.confirm(request)
        return super().import_action(request, **kwargs)

    def taken_in(self, request, form, plan):
        """What would be written, or back to the upload with what is wrong."""
        name = form.cleaned_data["file"].name
        if plan.counts["invalid"]:
            return self.import_page(request, form, **wrong(plan), file_name=name)
        kept = {"name": name, "table": as_csv(plan), "counts": plan.counts}
        context = self.page(request, "导入", form, [], "") | {
            "file_name": name,
            "counts": plan.counts,
            "rows": rows_shown(plan),
            "unread": "、".join(unread_columns(plan)),
            "confirmed": signing.dumps(kept, salt=salt(request.user), compress=True),
            "import_url": self.address("import"),
            "list_url": self.address("changelist"),
        }
        return TemplateResponse(request, "admin/ledgers/look_over.html", context)

    def confirm(self, request):
        """Write what was shown to this person within the hour, if it would still be the same."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        try:
            kept = signing.loads(request.POST["confirmed"], salt=salt(request.user), max_age=LOOKED_OVER_FOR)
            asked = {"file_name": kept["name"], "user": request.user, "day": today()}
            table = kept["table"].encode()
            if CalendarResource().import_data(table, **asked, dry_run=True).counts != kept["counts"]:
                raise Refused(OVERTAKEN)
            CalendarResource().import_data(table, **asked)
        except signing.BadSignature:
            messages.error(request, OUTDATED)
            return redirect(self.address("import"))
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect(self.address("import"))
        new, changed, same = (kept["counts"][name] for name in ("new", "changed", "same"))
        messages.success(request, f"已导入：新增 {new} 天，修改 {changed} 天，{same} 天与登记的相同。")
        return redirect(self.address("changelist"))

    def changelist_view(self, request, extra_context=None):
        """Says of which year, this or the next, nothing is known yet."""
        day = today()
        calendar = calendar_of(day, day.replace(year=day.year + 1, day=1))
        for year in (day.year, day.year + 1):
            if request.method == "GET" and not calendar.known(year):
                messages.warning(request, UNKNOWN.format(year))
        return super().changelist_view(request, extra_context)


def salt(user) -> str:
    return f"calendar days of {user.pk}"


def rows_shown(plan) -> list[dict]:
    """What is new or changed, as people read it: number of the row, and for each column its old and new text."""
    found = []
    for item in plan.planned:
        if item.outcome not in {"new", "changed"}:
            continue
        changes, values = changes_shown(plan, item), item.fact.values
        cells = [
            changes.get(column.key, ["", shown(column, values.get(column.key))])
            for column in plan.ledger.columns
        ]
        found.append({"number": item.fact.number, "new": item.outcome == "new", "cells": cells})
    return found


def unread_columns(plan) -> list[str]:
    """Headers that nobody knows; the numbering of rows is none of them."""
    headers = [column.header for table in plan.tables for column in table.columns if not column.key]
    return [header for header in dict.fromkeys(headers) if header.casefold() not in ROW_NUMBER_HEADERS]


def wrong(plan) -> dict:
    """problems: the first cells in error, as the marked workbook names them; count: of all."""
    problems = [
        problem
        for place, item in enumerate(plan.planned)
        for problem in problems_of(plan.ledger, *staged_row(plan, None, place, item))
        if problem["severity"] == "error"
    ]
    return {"problems": problems[:MOST_SHOWN], "count": len(problems)}
