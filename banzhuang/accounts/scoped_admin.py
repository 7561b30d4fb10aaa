"""The admin of business tables: the same scope and checks as the portal, and one audit event for each act."""

from django.contrib import admin
from django.core.exceptions import ObjectDoesNotExist
from simple_history.admin import SimpleHistoryAdmin

from banzhuang.core.access import may
from banzhuang.core.models import RootModel
from banzhuang.core.scoping import ScopedQuerySet

from .audit import Action, record


class ScopedChoices:
    """Related rows to choose from are those the user may see."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        related = db_field.remote_field.model
        if isinstance(related._default_manager.get_queryset(), ScopedQuerySet):
            kwargs["queryset"] = related.objects.for_user(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ScopedInline(ScopedChoices, admin.TabularInline):
    extra = 0


class ScopedAdmin(ScopedChoices, SimpleHistoryAdmin):
    """Rows and choices through `for_user`; rights from the access table and the role's permissions."""

    list_per_page = 50
    history_list_per_page = 50

    def get_queryset(self, request):
        return self.model.objects.for_user(request.user)

    def get_form(self, request, obj=None, change=False, **kwargs):
        """The form also refuses a place outside the scope, which a code typed by hand could name."""
        form = super().get_form(request, obj, change=change, **kwargs)

        class InScope(form):
            def _post_clean(self):
                super()._post_clean()
                if not self.errors and outside(request.user, self.instance):
                    self.add_error(None, "这一条不在您的范围内，改成范围内的村或镇。")

        return InScope

    def has_view_permission(self, request, obj=None):
        return may(request.user, "view", self.model)

    def has_change_permission(self, request, obj=None):
        return may(request.user, "change", self.model) and self.inside(request, obj)

    def has_delete_permission(self, request, obj=None):
        return may(request.user, "delete", self.model) and self.inside(request, obj)

    def has_add_permission(self, request):
        return may(request.user, "add", self.model)

    def inside(self, request, obj) -> bool:
        return obj is None or self.get_queryset(request).filter(pk=obj.pk).exists()

    def log_addition(self, request, obj, message):
        self.record(Action.ADD, request, obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request, obj, message):
        self.record(Action.CHANGE, request, obj, message)
        return super().log_change(request, obj, message)

    def log_deletions(self, request, queryset):
        for obj in queryset:
            self.record(Action.DELETE, request, obj)
        return super().log_deletions(request, queryset)

    def record(self, action, request, obj, message=()):
        """Which fields, not their values: those stand in the row's history, encrypted where they are sensitive."""
        fields = [
            name
            for part in message
            if isinstance(part, dict)
            for name in part.get("changed", {}).get("fields", [])
        ]
        subject = f"{self.opts.verbose_name} {obj}"
        record(action, subject, request=request, scope_code=getattr(obj, "scope_code", ""), fields=fields)


def outside(user, row) -> bool:
    """Whether the row would belong to a place that the user does not cover."""
    if not isinstance(row, RootModel):
        return False
    try:
        return not user.covers(row.place_code)
    except (AttributeError, ObjectDoesNotExist):
        return False  # the place itself is missing; the form says so at its field
