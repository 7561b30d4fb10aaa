"""Names of the admin site, and its page of parameters."""

from django import forms
from django.contrib import admin

from .clock import today
from .models import ParameterValue
from .parameters import registry

admin.site.site_header = "数据管理"
admin.site.site_title = "数据管理"
admin.site.index_title = "各类台账"
admin.site.enable_nav_sidebar = False


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
