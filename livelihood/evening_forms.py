"""晚间补录: a day's 走访表 typed in at the desk, one line a visit; each line goes through the form of the yard."""

import datetime

from django import forms

from banzhuang.core.clock import today

from .forms import NOTHING, DayField, VisitForm
from .models import Contact, Household, Need, Visit
from .parameters import NEED_DAYS

LINES = 10
# What people write on paper where nothing was said.
NOTHING_IN_WORDS = {"无", "没有", "无反映", "没有反映", "无困难"}
# The number before each word is the key that chooses it.
RESULTS = [
    ("", "选择"),
    *[(value, f"{place} {label}") for place, (value, label) in enumerate(Visit.Result.choices, 1)],
]
SHOWN_AT = {"date": "date", "heard": "heard", "topics": "heard", "measures": "measures", "result": "result"}


class Held:
    """The households of a leader, as they are called in a line: 张福永（西响石村3组）, 张福永, or zfy where that is one."""

    def __init__(self, cadre, user, day: datetime.date):
        rows = Household.objects.for_user(user).filter(
            pk__in=Contact.objects.live(day).filter(cadre=cadre).values("household")
        )
        self.rows = list(rows.select_related("village").order_by("initials", "pk"))

    def names(self) -> list[str]:
        return [self.name(household) for household in self.rows]

    @staticmethod
    def name(household: Household) -> str:
        return f"{household.head}（{household.place}）"

    def find(self, text: str) -> Household:
        """The one household that `text` names; ValidationError says why there is none, or which there are."""
        text = text.strip().replace("(", "（").replace(")", "）")
        found = [row for row in self.rows if text == self.name(row)]
        found = found or [row for row in self.rows if text == row.head]
        found = found or [row for row in self.rows if text.lower() == row.initials]
        if len(found) == 1:
            return found[0]
        if found:
            raise forms.ValidationError(
                f"叫这个名字的有：{'、'.join(map(self.name, found))}。从列表里选一户。"
            )
        raise forms.ValidationError("不在这位领导的联系户里。核对户主；不是联系户的，从那一户的页面记走访。")


class LineForm(forms.Form):
    """One line. Empty lines are skipped; a full one is judged and saved by `VisitForm`."""

    household = forms.CharField(
        label="户主",
        max_length=60,
        error_messages={"required": "户主还没有写。"},
        widget=forms.TextInput(attrs={"list": "households", "autocomplete": "off"}),
    )
    date = DayField(label="走访日期", error_messages={"required": "走访日期还没有写。"})
    heard = forms.CharField(label="反映情况", max_length=500, required=False)
    measures = forms.CharField(label="帮扶措施", max_length=500, required=False)
    result = forms.ChoiceField(
        label="办理结果", choices=RESULTS, error_messages={"required": "办理结果还没有选。"}
    )

    def __init__(self, *args, user, visitor, held, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.visitor, self.held, self.visit = user, visitor, held, None
        self.fields["date"].widget.attrs["max"] = today().isoformat()

    def has_changed(self):
        """A line counts once something is written in it; the date stands there from the beginning."""
        written = (self.data.get(self.add_prefix(name), "") for name in self.fields if name != "date")
        return self.is_bound and any(text.strip() for text in written)

    def clean_household(self):
        return self.held.find(self.cleaned_data["household"])

    def clean(self):
        cleaned = super().clean()
        if self.errors or not self.has_changed():
            return cleaned
        self.entry = VisitForm(
            self.entry_data(cleaned), user=self.user, household=cleaned["household"], visitor=self.visitor
        )
        for name, errors in self.entry.errors.items():
            shown = None if name == "__all__" else SHOWN_AT.get(name, "result")
            for error in errors:
                self.add_error(shown, error)
        return cleaned

    def entry_data(self, cleaned) -> dict:
        """The line as the form of the yard would send it."""
        heard = cleaned["heard"].strip()
        nothing = heard.rstrip("。") in NOTHING_IN_WORDS
        due = max(cleaned["date"], today()) + datetime.timedelta(days=NEED_DAYS.on(today()))
        contacts = Contact.objects.live(today()).filter(household=cleaned["household"])
        return {
            "date": cleaned["date"].isoformat(),
            "topics": [NOTHING] if nothing else [],
            "heard": "" if nothing else heard,
            "measures": cleaned["measures"],
            "result": cleaned["result"],
            "handler": Need.Handler.CONTACT if contacts.exists() else Need.Handler.WELFARE,
            "due": due.isoformat(),
            "in_log": "on",
        }

    def save(self) -> Visit | None:
        """→ the visit; None, with the reason at the line, when another one stands there."""
        self.visit = self.entry.save()
        if self.visit is None:
            for error in self.entry.non_field_errors():
                self.add_error(None, error)
        return self.visit


class BaseLines(forms.BaseFormSet):
    def written(self) -> list[LineForm]:
        """The lines in which something stands."""
        return [line for line in self.forms if line.has_changed()]


Lines = forms.formset_factory(LineForm, formset=BaseLines, extra=LINES, max_num=LINES, absolute_max=LINES)
