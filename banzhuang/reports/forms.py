"""The form that asks for a month's workbook."""

from django import forms

from banzhuang.core.months import month_of, parse_month, shift_month

from .townships import townships_of

MONTHS_OFFERED = 24


class MonthForm(forms.Form):
    """Which month, and, for a district, which township. Offers the months up to the running one, newest first."""

    month = forms.ChoiceField(label="月份")
    township = forms.ChoiceField(label="镇")

    def __init__(self, *args, user, day, **kwargs):
        super().__init__(*args, **kwargs)
        months = [shift_month(month_of(day), -back) for back in range(MONTHS_OFFERED)]
        self.fields["month"].choices = [(f"{month:%Y-%m}", month_label(month, day)) for month in months]
        self.fields["month"].initial = f"{months[1]:%Y-%m}"
        townships = townships_of(user)
        self.fields["township"].choices = list(townships.items())
        if len(townships) == 1:
            self.fields["township"].initial = next(iter(townships))
            self.fields["township"].widget = self.fields["township"].hidden_widget()

    def clean_month(self):
        return parse_month(self.cleaned_data["month"])


def month_label(month, day) -> str:
    running = "（未结束）" if month == month_of(day) else ""
    return f"{month.year}年{month.month}月{running}"
