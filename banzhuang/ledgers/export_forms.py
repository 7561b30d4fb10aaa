"""The choice before an export: masked, or whole against a reason."""

from django import forms

from banzhuang.accounts.reveal import LEAST

MASKED, WHOLE = "masked", "whole"


class ExportForm(forms.Form):
    """Only for whom may reveal; everyone else's export is masked and asks nothing. `purpose` when valid."""

    numbers = forms.ChoiceField(
        label="身份证号、电话等",
        choices=[(MASKED, "打码"), (WHOLE, "写全")],
        initial=MASKED,
        widget=forms.RadioSelect,
        help_text="写全的记入审计，表上写明由谁、何时导出。",
    )
    reason = forms.CharField(
        label="写全的用途", required=False, max_length=100, help_text="打码的不用写；写全的至少写四个字。"
    )

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("numbers") == WHOLE and len(cleaned.get("reason", "").strip()) < LEAST:
            self.add_error("reason", "写明用途，至少四个字；或改选“打码”。")
        return cleaned

    @property
    def purpose(self) -> str:
        """The reason, "" for a masked export."""
        whole = self.cleaned_data["numbers"] == WHOLE
        return self.cleaned_data["reason"].strip() if whole else ""
