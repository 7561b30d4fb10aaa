"""Holidays and the days shifted for them (调休), where they differ from the library or came after it."""

from django.contrib import admin, messages
from django.shortcuts import redirect

from banzhuang.core.access import may
from banzhuang.core.clock import today
from banzhuang.core.models import CalendarDay
from banzhuang.core.workdays import calendar_of

from .ledger_admin import LedgerAdmin
from .matching import ROW_NUMBER_HEADERS
from .resource import CalendarResource
from .staging import problems_of, staged_row

UNKNOWN = "{} 年的放假安排还不知道，周一至周五按工作日计；国务院办公厅通知发布后在这里登记调休。"
MOST_SHOWN = 100


@admin.register(CalendarDay)
class CalendarDayAdmin(LedgerAdmin):
    """A year's table is brought at once; whoever adds and changes single days may do so."""

    list_display = ["day", "working", "note"]
    list_filter = ["working"]
    resource_classes = [CalendarResource]
    import_template_name = "admin/ledgers/import_at_once.html"

    def get_resource_classes(self, request):
        return self.resource_classes

    def has_import_permission(self, request):
        return self.writes(request, "add") and self.writes(request, "change")

    def has_export_permission(self, request):
        return may(request.user, "view", self.model)

    def taken_in(self, request, form, plan):
        """To the list, or back to the upload with what is wrong: then nothing was written."""
        if plan.counts["invalid"]:
            return self.import_page(request, form, **wrong(plan), file_name=form.cleaned_data["file"].name)
        new, changed, same = (plan.counts[name] for name in ("new", "changed", "same"))
        messages.success(request, f"已导入：新增 {new} 天，修改 {changed} 天，{same} 天与登记的相同。")
        if unread := unread_columns(plan):
            messages.warning(request, f"没有读这些列：{'、'.join(unread)}。")
        return redirect(self.address("changelist"))

    def changelist_view(self, request, extra_context=None):
        """Says of which year, this or the next, nothing is known yet."""
        day = today()
        calendar = calendar_of(day, day.replace(year=day.year + 1, day=1))
        for year in (day.year, day.year + 1):
            if request.method == "GET" and not calendar.known(year):
                messages.warning(request, UNKNOWN.format(year))
        return super().changelist_view(request, extra_context)


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
