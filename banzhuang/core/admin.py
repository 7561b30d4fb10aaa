"""The admin of all business tables: the same scope, checks and masking as the portal."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from simple_history.admin import SimpleHistoryAdmin

from .access import may
from .clock import today
from .models import ParameterValue, RootModel
from .parameters import registry
from .scoping import ScopedQuerySet

admin.site.site_header = "数据管理"
admin.site.site_title = "数据管理"
admin.site.index_title = "各类台账"
admin.site.enable_nav_sidebar = False


class ScopedAdmin(SimpleHistoryAdmin):
    """Rows and choices through `for_user`; rights from the access table and the role's permissions."""

    list_per_page = 50
    history_list_per_page = 50

    def get_queryset(self, request):
        return self.model.objects.for_user(request.user)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        related = db_field.remote_field.model
        if isinstance(related._default_manager.get_queryset(), ScopedQuerySet):
            kwargs["queryset"] = related.objects.for_user(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

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

    def save_model(self, request, obj, form, change):
        """A forged place would put the row outside the scope: refused."""
        if isinstance(obj, RootModel) and not request.user.covers(obj.place_code):
            raise ValidationError("这一条不在您的范围内。")
        super().save_model(request, obj, form, change)


class ParameterForm(forms.ModelForm):
    """The key is chosen from what is declared; the value must be readable as what it sets."""

    key = forms.ChoiceField(label="参数")

    class Meta:
        model = ParameterValue
        fields = ["key", "value", "valid_from"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["key"].choices = [(p.key, f"{p.label}（默认 {p.default}）") for p in registry]
        self.fields["valid_from"].initial = today

    def clean(self):
        cleaned = super().clean()
        declared = registry.get(cleaned.get("key", ""))
        if declared and "value" in cleaned:
            try:
                declared.read(cleaned["value"])
            except ValueError:
                self.add_error("value", f"“{declared.label}”应为整数，如 {declared.default}。")
        return cleaned


@admin.register(ParameterValue)
class ParameterValueAdmin(admin.ModelAdmin):
    form = ParameterForm
    list_display = ["label", "value", "valid_from", "set_by"]
    list_select_related = ["set_by"]

    @admin.display(description="参数")
    def label(self, row):
        declared = registry.get(row.key)
        return declared.label if declared else row.key

    def save_model(self, request, obj, form, change):
        obj.set_by = request.user
        super().save_model(request, obj, form, change)
