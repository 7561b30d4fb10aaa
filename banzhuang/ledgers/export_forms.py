"""The choice before an export: masked, or whole against a reason and under a password."""

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.validators import RegexValidator

from banzhuang.accounts.reveal import LEAST

from .export import Disclosure
from .sealing import new_password

MASKED, WHOLE = "masked", "whole"


class SealingPassword(forms.CharField):
    """What opens the workbook: one is thought out, another may be typed; shown, for it has to be written down."""

    default_validators = [RegexValidator(r"^[!-~]*$", "打开密码只用字母、数字和符号，不用空格和汉字。")]

    def __init__(self, **kwargs):
        defaults = {"label": "打开密码", "max_length": 64, "required": False, "initial": new_password}
        super().__init__(**(defaults | kwargs))

    def widget_attrs(self, widget):
        return super().widget_attrs(widget) | {"autocomplete": "off", "spellcheck": "false"}


def judge_password(form: forms.Form, user) -> None:
    """As strict as with the password of an account, and not that one: it is told to others."""
    if form.has_error("password"):
        return
    try:
        validate_password(form.cleaned_data["password"], user)
    except forms.ValidationError as weak:
        form.add_error("password", weak)


class ExportForm(forms.Form):
    """Only for whom may reveal; everyone else's export is masked and asks nothing. `disclosure` when valid."""

    numbers = forms.ChoiceField(
        label="身份证号、电话等",
        choices=[(MASKED, "脱敏"), (WHOLE, "完整显示")],
        initial=MASKED,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="完整显示的用途",
        required=False,
        max_length=100,
        help_text="至少四个字，写在表上，记入审计；脱敏的不用写。",
    )
    password = SealingPassword(
        label="完整显示的打开密码",
        help_text="打开完整号码的表要用，先记下再导出：平台不保存。可以改成自己定的。",
    )

    def __init__(self, *args, user, left: int, **kwargs):
        """left: how many rows with whole numbers the user may still take out today."""
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["numbers"].help_text = f"今天还能导出完整号码 {left} 行。"

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("numbers") == WHOLE:
            if len(cleaned.get("reason", "").strip()) < LEAST:
                self.add_error("reason", "写明用途，至少四个字；或改选“脱敏”。")
            judge_password(self, self.user)
        return cleaned

    @property
    def disclosure(self) -> Disclosure | None:
        """None for a masked export."""
        if self.cleaned_data["numbers"] == MASKED:
            return None
        return Disclosure(self.cleaned_data["reason"].strip(), self.cleaned_data["password"])
