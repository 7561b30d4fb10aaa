"""What is done about a need (诉求), one small form an act: begin, answer, pass on, take up again."""

import datetime

from django import forms

from banzhuang.core.clock import today
from banzhuang.core.forms import RowForm
from cadres.forms import add_problems

from . import rules
from .forms import DayField, Words, text_area
from .models import Contact, Need
from .parameters import NEED_DAYS

UNWRITTEN = "答复还没有写。写明怎么办的、怎么答复户里的，至少四个字。"


class ActForm(RowForm):
    """One act on the need of the form. `act` is its name in the address of the post, `button` the word on it.

    `said` is what the page says once it is done.
    """

    act = button = said = note = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id=f"id_{self.act}_%s", **kwargs)
        self.day = today()

    def keep_reason(self):
        """The reason stands in the row's history."""
        self.instance._change_reason = self.cleaned_data["reason"]


def reason_field() -> forms.CharField:
    return Words(
        label="原因",
        min_length=4,
        max_length=100,
        error_messages={"required": "原因还没有写。", "min_length": "原因至少写四个字。"},
    )


class TakeForm(ActForm):
    act, button, said = "take", "开始办理", "已记为办理中。"
    taken_on = DayField(label="开始办理", error_messages={"required": "开始办理的日期还没有写。"})

    class Meta:
        model = Need
        fields = ["taken_on"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["taken_on"] = self.day

    def clean_taken_on(self):
        taken_on = self.cleaned_data["taken_on"]
        add_problems(self, rules.taken_in_order(self.instance.raised_on, taken_on, self.day), {})
        return taken_on


class AnswerForm(ActForm):
    act, button, said = "answer", "答复", "已答复。"
    closed_on = DayField(label="答复日期", error_messages={"required": "答复日期还没有写。"})
    outcome = forms.ChoiceField(
        label="结果",
        choices=Need.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "结果还没有选。"},
    )
    reply = Words(
        label="答复",
        max_length=300,
        error_messages={"required": UNWRITTEN},
        widget=text_area(3),
        help_text="怎么办的、怎么答复户里的。",
    )

    class Meta:
        model = Need
        fields = ["closed_on", "outcome", "reply"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["closed_on"] = self.day

    def clean(self):
        cleaned = super().clean()
        need, closed_on = self.instance, cleaned.get("closed_on")
        if closed_on and not {"outcome", "reply"} & set(self.errors):
            problems = rules.answer_in_order(
                need.raised_on, closed_on, cleaned["outcome"], cleaned["reply"], self.day
            )
            problems += rules.taken_in_order(need.raised_on, need.taken_on, closed_on)
            add_problems(self, problems, {"taken_on": "closed_on"})
        return cleaned


class PassOnForm(ActForm):
    """Another office answers, by another day; it has not begun yet."""

    act, button, said = "pass_on", "转办", "已转办。"
    due = DayField(label="答复期限", error_messages={"required": "答复期限还没有写。"})
    reason = reason_field()

    class Meta:
        model = Need
        fields = ["handler", "due"]
        labels = {"handler": "转给"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        others = dict(Need.Handler.choices)
        del others[self.instance.handler]
        if not Contact.objects.live(self.day).filter(household=self.instance.household_id).exists():
            others.pop(Need.Handler.CONTACT, None)  # nobody would be told
        self.fields["handler"].choices = [("", "选择承办"), *others.items()]
        self.initial["handler"] = ""
        self.initial["due"] = max(
            self.instance.due, self.day + datetime.timedelta(days=NEED_DAYS.on(self.day))
        )

    def clean_due(self):
        due = self.cleaned_data["due"]
        add_problems(self, rules.due_ahead(due, self.day), {})
        return due

    def save(self, commit=True):
        self.keep_reason()
        self.instance.taken_on = None
        return super().save(commit)


class ReopenForm(ActForm):
    """The answer did not hold: in hand again. Answer and reason stay in the history."""

    act, button, said = "reopen", "重新办理", "已重新办理，原答复留在办理经过里。"
    due = DayField(label="新的答复期限", error_messages={"required": "答复期限还没有写。"})
    reason = reason_field()

    class Meta:
        model = Need
        fields = ["due"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["due"] = self.day + datetime.timedelta(days=NEED_DAYS.on(self.day))

    clean_due = PassOnForm.clean_due

    def _post_clean(self):
        """The constraints are asked of the need as it will stand."""
        need = self.instance
        need.closed_on, need.outcome, need.reply, need.taken_on = None, "", "", need.taken_on or self.day
        super()._post_clean()

    def save(self, commit=True):
        self.keep_reason()
        return super().save(commit)


def acts_for(need: Need, writes: bool) -> list[type[ActForm]]:
    """What may be done about the need as it stands by who may change it; `writes`: whose all needs are."""
    if need.closed_on:
        return [ReopenForm] if writes else []
    return [AnswerForm, PassOnForm] if need.taken_on else [AnswerForm, TakeForm, PassOnForm]
