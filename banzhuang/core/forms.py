"""Forms of the portal: our templates, dates with a precision, and the guard against lost updates."""

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.utils import timezone

from .dates import PartialDate, parse_partial_date


class PortalRenderer(TemplatesSetting):
    """Fields and forms are drawn by templates/components."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


class PartialDateField(forms.CharField):
    """One text box for 2018, 2018-08 or 2018-08-05; cleans to a PartialDate or None."""

    default_error_messages = {"invalid": "日期“%(value)s”看不懂，应写成 2018-08-05、2018-08 或 2018。"}

    def __init__(self, **kwargs):
        kwargs.setdefault("help_text", "只知道月份时写 2026-03。")
        kwargs.setdefault("max_length", 20)
        super().__init__(**kwargs)

    def prepare_value(self, value):
        return value.iso() if isinstance(value, PartialDate) else value

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_partial_date(text)
        except ValueError as error:
            raise ValidationError(str(error) or self.error_messages["invalid"] % {"value": text}) from None


class RowForm(forms.ModelForm):
    """Form of a root row: carries the version it was read at, and the partial dates of the row.

    `partial_dates` maps a form field to the Partial descriptor of the model it fills.
    """

    partial_dates: dict[str, str] = {}
    read_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["read_version"].initial = self.instance.version
            for name, descriptor in self.partial_dates.items():
                self.fields[name].initial = getattr(self.instance, descriptor)

    def clean(self):
        cleaned = super().clean()
        read_at = cleaned.get("read_version")
        if self.instance.pk and read_at is not None and read_at != self.instance.version:
            when = timezone.localtime(self.instance.updated_at)
            raise ValidationError(
                f"这一条在 {when:%m月%d日 %H:%M} 已被改过（现为第 {self.instance.version} 版）。"
                "看过现在的内容再改，刚才填的还在下面。",
                code="stale",
            )
        return cleaned

    def _post_clean(self):
        for name, descriptor in self.partial_dates.items():
            if name in self.cleaned_data:
                setattr(self.instance, descriptor, self.cleaned_data[name])
        super()._post_clean()
