"""Holidays and the days shifted for them (调休), where they differ from the library or came after it."""

from django.contrib import admin, messages

from banzhuang.core.clock import today
from banzhuang.core.models import CalendarDay
from banzhuang.core.workdays import calendar_of

from ..scoped_admin import ScopedAdmin

UNKNOWN = "{} 年的放假安排还不知道，周一至周五按工作日计；国务院办公厅通知发布后在这里登记调休。"


@admin.register(CalendarDay)
class CalendarDayAdmin(ScopedAdmin):
    list_display = ["day", "working", "note"]
    list_filter = ["working"]

    def changelist_view(self, request, extra_context=None):
        """Says of which year, this or the next, nothing is known yet."""
        day = today()
        calendar = calendar_of(day, day.replace(year=day.year + 1, day=1))
        for year in (day.year, day.year + 1):
            if request.method == "GET" and not calendar.known(year):
                messages.warning(request, UNKNOWN.format(year))
        return super().changelist_view(request, extra_context)
