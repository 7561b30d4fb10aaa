"""Forms of the portal: our templates, dates with a precision, and the guard against lost updates."""

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.utils import timezone

from .codes import CodeError, check_id_number
from .dates import PartialDate, parse_partial_date

KEPT = "显示为掩码；不改就留着"


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

    def has_changed(self, initial, data):
        return super().has_changed(self.prepare_value(initial), data)

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

    `partial_dates` maps a form field to the Partial descriptor of the model it fills. Who saves over a newer
    version is shown what stands there now and keeps what was typed; a second submit is then meant.
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
        if self.instance.pk and cleaned.get("read_version") != self.instance.version:
            self.data = self.data.copy()
            self.data[self.add_prefix("read_version")] = str(self.instance.version)
            raise ValidationError(self.what_stands_now(), code="stale")
        return cleaned

    def what_stands_now(self) -> str:
        """Who comes second is told what the first one wrote, where it is not the same."""
        when = timezone.localtime(self.instance.updated_at)
        lead = f"这一条在 {when:%m月%d日 %H:%M} 已被改过（现为第 {self.instance.version} 版）"
        changed = [self[name] for name in self.changed_data if not self[name].is_hidden]
        fields = [
            field for field in changed if not isinstance(field.field, forms.FileField)
        ]  # files are added
        if not fields:
            return f"{lead}，现在的内容与刚才填的相同。"
        stands = "，".join(f"{field.label}现为“{in_words(field)}”" for field in fields)
        return f"{lead}，与刚才填的不同：{stands}。刚才填的还在下面，核对后再提交一次，以下面的为准。"

    def _get_validation_exclusions(self):
        """The columns behind the partial dates come from this form: what the database asks of them is asked here."""
        columns = {getattr(self._meta.model, descriptor).column for descriptor in self.partial_dates.values()}
        return super()._get_validation_exclusions() - columns

    def _post_clean(self):
        for name, descriptor in self.partial_dates.items():
            if name in self.cleaned_data:
                setattr(self.instance, descriptor, self.cleaned_data[name])
        super()._post_clean()


class IdentityForm(RowForm):
    """Form of a row with an identity number, maybe a phone: both are shown by their masks, and a mask that comes
    back as it was keeps what is stored."""

    identity = forms.CharField(label="身份证号", max_length=40, required=False, help_text=KEPT)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["identity"].initial = self.instance.id_number_mask
        if "telephone" in self.fields:
            self.fields["telephone"].initial = self.instance.phone_mask

    def clean_identity(self):
        text = self.cleaned_data["identity"].strip()
        if not text:
            return ""
        if self.instance.pk and text == self.instance.id_number_mask:
            return self.instance.id_number
        try:
            return check_id_number(text)
        except CodeError as error:
            raise ValidationError(str(error)) from None

    def clean_telephone(self):
        text = self.cleaned_data["telephone"].strip()
        return self.instance.phone if text == self.instance.phone_mask else text

    def _get_validation_exclusions(self):
        """A number that another row has is refused here, not by the database."""
        return super()._get_validation_exclusions() - {"id_number_hash"}

    def _post_clean(self):
        if "identity" in self.cleaned_data:
            self.instance.id_number = self.cleaned_data["identity"]
            self.instance._meta.get_field("id_number_hash").pre_save(self.instance, False)
        if "telephone" in self.cleaned_data:
            self.instance.phone = self.cleaned_data["telephone"]
        super()._post_clean()


def phone_field() -> forms.CharField:
    """The `telephone` of an IdentityForm."""
    return forms.CharField(label="联系电话", max_length=40, required=False, help_text=KEPT)


def in_words(field) -> str:
    """The stored value of a bound field, as a person reads it."""
    value = field.initial
    if isinstance(value, PartialDate):
        return value.iso()
    if hasattr(field.field, "queryset"):
        value = field.field.queryset.filter(pk=value).first()
    elif isinstance(value, list):
        words = dict(field.field.choices)
        value = "、".join(str(words.get(item, item)) for item in value)
    elif hasattr(field.field, "choices"):
        value = dict(field.field.choices).get(value, value)
    return "空" if value in (None, "") else str(value)
