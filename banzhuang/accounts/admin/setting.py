"""Parameters: each with the day from which it holds; those of security are the security administrator's."""

from django import forms
from django.contrib import admin

from banzhuang.core.clock import today
from banzhuang.core.forms import SecondToldForm
from banzhuang.core.models import ParameterValue
from banzhuang.core.parameters import registry

from ..audit import Action, record
from ..scoped_admin import InTurn, WholeSelection


def settable_by(user) -> list:
    """The parameters an editor may set: of security, or all the others."""
    security = "security" in user.role_codes()
    return [parameter for parameter in registry if parameter.security == security]


class ParameterForm(SecondToldForm):
    """The key is chosen from what is declared; the value must be readable as what it sets."""

    editor = None
    key = forms.ChoiceField(label="参数")

    class Meta:
        model = ParameterValue
        fields = ["key", "value", "valid_from"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "key" in self.fields:
            choices = [(p.key, f"{p.label}（默认 {p.default}）") for p in settable_by(self.editor)]
            self.fields["key"].choices = choices
            self.fields["valid_from"].initial = today

    def clean(self):
        cleaned = super().clean()
        declared = registry.get(cleaned.get("key", ""))
        if declared and "value" in cleaned:
            try:
                declared.read(cleaned["value"])
            except (ValueError, ArithmeticError):
                self.add_error("value", f"“{declared.label}”应为{declared.shape}，如 {declared.default}。")
        return cleaned


@admin.register(ParameterValue)
class ParameterValueAdmin(InTurn, WholeSelection, admin.ModelAdmin):
    form = ParameterForm
    list_display = ["label", "value", "valid_from", "set_by"]
    list_select_related = ["set_by"]

    def get_queryset(self, request):
        return ParameterValue.objects.filter(key__in=[p.key for p in settable_by(request.user)])

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        form.editor = request.user
        return form

    @admin.display(description="参数")
    def label(self, row):
        return label_of(row)

    def save_model(self, request, obj, form, change):
        obj.value_before = ParameterValue.objects.get(pk=obj.pk).value if change else ""
        obj.set_by = request.user
        super().save_model(request, obj, form, change)

    def log_addition(self, request, obj, message):
        self.record(Action.ADD, request, obj, ["", obj.value])
        return super().log_addition(request, obj, message)

    def log_change(self, request, obj, message):
        self.record(Action.CHANGE, request, obj, [obj.value_before, obj.value])
        return super().log_change(request, obj, message)

    def log_deletions(self, request, queryset):
        for obj in queryset:
            self.record(Action.DELETE, request, obj, [obj.value, ""])
        return super().log_deletions(request, queryset)

    def record(self, action, request, obj, change):
        subject = f"参数 {label_of(obj)}（{obj.valid_from} 起）"
        record(action, subject, request=request, changes={"值": change})


def label_of(row) -> str:
    declared = registry.get(row.key)
    return declared.label if declared else row.key
