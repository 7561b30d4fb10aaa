"""Log-in and password forms, in the portal's words."""

from django import forms
from django.contrib.auth import authenticate, password_validation
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError

from .models import AuditEvent


class LoginForm(AuthenticationForm):
    """The same sentence for an unknown name, a wrong password and a disabled account."""

    error_messages = {"invalid_login": "用户名或密码不对。", "inactive": "用户名或密码不对。"}


class PasswordForm(forms.Form):
    old = forms.CharField(
        label="现在的密码",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label="新密码",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="至少 10 位；大写字母、小写字母、数字、符号至少三种；不含姓名、用户名或地名；"
        "不用地名、工作用语加年份。三四个互不相干的词的拼音，夹上数字和符号，又好记又难猜。",
    )
    again = forms.CharField(
        label="再写一遍新密码",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args, request, **kwargs):
        super().__init__(*args, **kwargs)
        self.request, self.user = request, request.user

    def clean_old(self):
        """Tried like a log-in: who finds a PC unlocked has five guesses too, and each is in the trail."""
        credentials = {"username": self.user.username, "password": self.cleaned_data["old"]}
        if authenticate(self.request, **credentials) != self.user:
            raise ValidationError("现在的密码不对。")
        return self.cleaned_data["old"]

    def clean_new(self):
        password_validation.validate_password(self.cleaned_data["new"], self.user)
        return self.cleaned_data["new"]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("new") and cleaned.get("again") and cleaned["new"] != cleaned["again"]:
            self.add_error("again", "两次写的新密码不一样。")
        return cleaned


class TrailForm(forms.Form):
    """Which events of the audit trail to look at; all when nothing is said."""

    who = forms.CharField(label="用户名", max_length=40, required=False)
    action = forms.ChoiceField(
        label="行为", choices=[("", "全部"), *AuditEvent.Action.choices], required=False
    )
    first = forms.DateField(label="从", required=False, widget=forms.DateInput({"type": "date"}))
    last = forms.DateField(label="到", required=False, widget=forms.DateInput({"type": "date"}))

    def narrow(self, events):
        conditions = {
            "username__icontains": "who",
            "action": "action",
            "at__date__gte": "first",
            "at__date__lte": "last",
        }
        chosen = {lookup: self.cleaned_data[name] for lookup, name in conditions.items()}
        return events.filter(**{lookup: value for lookup, value in chosen.items() if value})
