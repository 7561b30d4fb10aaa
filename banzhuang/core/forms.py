"""Forms of the portal: our templates, dates with a precision, and the guard against lost updates."""

import hashlib
from collections.abc import Callable

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.utils import timezone

from .codes import CodeError, check_id_number, is_starred, join_phones, same_mask
from .dates import PartialDate, parse_partial_date

KEPT = "脱敏显示；不改就留着"
TYPED_WHOLE = "要改的，填写完整的号码；不改的，照登记的留着。"


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


class SecondToldForm(forms.ModelForm):
    """Carries what the row was like when it was read. Who saves over something newer is shown what stands there now
    and keeps what was typed; a second submit is then meant.

    Of a row without a version it is what the form shows. The rows are locked by who saves (accounts.scoped_admin.InTurn).
    """

    read_version = forms.CharField(label="版本", widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["read_version"].initial = self.version_now()

    def version_now(self) -> str:
        shown = sorted((name, plain(self.initial.get(name))) for name in self.initial if name in self.fields)
        return hashlib.sha256(repr(shown).encode()).hexdigest()

    def clean(self):
        cleaned = super().clean()
        if self.instance.pk and cleaned.get("read_version") != self.version_now():
            self.data = self.data.copy()
            self.data[self.add_prefix("read_version")] = self.version_now()
            raise ValidationError(self.what_stands_now(), code="stale")
        return cleaned

    def changed_by_another(self) -> str:
        return "这一条刚才已被别人改过"

    def what_stands_now(self) -> str:
        """Who comes second is told what the first one wrote, where it is not the same."""
        changed = [self[name] for name in self.changed_data if not self[name].is_hidden]
        fields = [
            field for field in changed if not isinstance(field.field, forms.FileField)
        ]  # files are added
        if not fields:
            return f"{self.changed_by_another()}，现在的内容与刚才填的相同。"
        stands = "，".join(map(stands_at, fields))
        return f"{self.changed_by_another()}，与刚才填的不同：{stands}。刚才填的还在下面，核对后再提交一次，以下面的为准。"


class RowForm(SecondToldForm):
    """Form of a root row: carries the version it was read at, and the partial dates of the row.

    `partial_dates` maps a form field to the Partial descriptor of the model it fills.
    """

    partial_dates: dict[str, str] = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name, descriptor in self.partial_dates.items():
                self.fields[name].initial = getattr(self.instance, descriptor)

    def version_now(self) -> str:
        return str(self.instance.version)

    def changed_by_another(self) -> str:
        when = timezone.localtime(self.instance.updated_at)
        return f"这一条在 {when:%m月%d日 %H:%M} 已被改过（现为第 {self.instance.version} 版）"

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
        return self.whole("identity", "id_number", check_id_number)

    def clean_telephone(self):
        return self.whole("telephone", "phone", join_phones)

    def whole(self, name: str, column: str, check: Callable[[str], str]) -> str:
        """The number that the field stands for: the stored one by its own mask, else a whole one; no other mask."""
        text, mask = self.cleaned_data[name].strip(), getattr(self.instance, f"{column}_mask")
        if not text:
            return ""
        if same_mask(text, mask):
            return getattr(self.instance, column)
        if is_starred(text):
            raise ValidationError(
                f"打了星号，与登记的（{mask or '空白'}）不同，不是完整的号码。{TYPED_WHOLE}"
            )
        try:
            return check(text)
        except CodeError as error:
            raise ValidationError(f"{error.message}{error.remedy}") from None

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
    return forms.CharField(label="联系电话", max_length=60, required=False, help_text=KEPT)


def plain(value):
    """A stored value as it compares: related rows by their keys."""
    if isinstance(value, list | tuple):
        return sorted(str(getattr(item, "pk", item)) for item in value)
    return "" if value is None else str(value)


def stands_at(field) -> str:
    """What a bound field says now that it does not say below; of many rows those in which the two differ."""
    if not isinstance(field.field, forms.ModelMultipleChoiceField):
        return f"{field.label}现为“{in_words(field)}”"
    now, typed = plain(list(field.initial or [])), list(map(str, field.data or []))
    words = {str(row.pk): field.field.label_from_instance(row) for row in field.field.queryset}
    told = [
        f"{what}“{'、'.join(words.get(key, key) for key in keys)}”而下面{not_so}"
        for what, keys, not_so in (
            ("现在有", [key for key in now if key not in typed], "没有"),
            ("现在没有", [key for key in typed if key not in now], "有"),
        )
        if keys
    ]
    return field.label + "，".join(told)


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
    if isinstance(value, bool):
        return "是" if value else "否"
    return "空" if value in (None, "") else str(value)
