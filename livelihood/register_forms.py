"""Forms of the tables that the welfare office keeps, as the admin shows them. Numbers and health stand masked."""

from django import forms
from django.forms import BaseInlineFormSet

from banzhuang.core.clock import today
from banzhuang.core.forms import IdentityForm, PartialDateField, RowForm, phone_field
from cadres import rules as cadre_rules
from cadres.forms import add_problems

from . import rules
from .forms import text_area
from .models import Contact, Household, HouseholdLabel, HouseholdYear, Member, Need, Visit
from .models.household import Cause, Health
from .models.need import Topic

CLEARED = "cleared"


class HealthForm(IdentityForm):
    """A row with a 健康状况: what is stored is never shown; left alone it stays."""

    condition = forms.ChoiceField(label="健康状况", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.health:
            choices = [("", "不改（已登记）"), *Health.choices, (CLEARED, "改为未登记")]
        else:
            choices = [("", "未登记"), *Health.choices]
        self.fields["condition"].choices = choices

    def _post_clean(self):
        condition = self.cleaned_data.get("condition")
        if condition:
            self.instance.health = "" if condition == CLEARED else condition
        super()._post_clean()


class HouseholdForm(HealthForm):
    """One household. `user` is set by the admin: a number is looked for among the rows that the user sees."""

    user = None
    partial_dates = {"registered": "registered", "removed": "removed"}
    telephone = phone_field()
    registered = PartialDateField(label="建档日期", required=False, help_text="不详时留空。")
    removed = PartialDateField(label="出册日期", required=False, help_text="当天起不在册；在册时留空。")

    class Meta:
        model = Household
        fields = ["village", "number", "head", "group", "address", "removal_reason", "note"]

    def clean(self):
        cleaned = super().clean()
        problems = rules.stands_in_order(cleaned.get("registered"), cleaned.get("removed"), today())
        if cleaned.get("removed") and not cleaned.get("removal_reason"):
            problems.append(("removal_reason", "写了出册日期，也要选出册原因。", ""))
        if not cleaned.get("removed"):
            problems += rules.registered_once(self.elsewhere(cleaned))
        add_problems(self, problems, {})
        return cleaned

    def elsewhere(self, cleaned) -> str:
        """The village in whose register the number stands, of those the user sees; "" where it stands in none."""
        number = cleaned.get("identity")
        if not number or self.user is None or not cleaned.get("village"):
            return ""
        probe = Household(id_number=number)
        found = Household.objects.for_user(self.user).filter(
            id_number_hash=Household._meta.get_field("id_number_hash").pre_save(probe, True),
            removed_on__isnull=True,
        )
        found = found.exclude(pk=self.instance.pk).exclude(village=cleaned["village"])
        other = found.select_related("village").first()
        return other.village.name if other else ""


class MemberForm(HealthForm):
    partial_dates = {"born": "born", "started": "started", "ended": "ended"}
    born = PartialDateField(label="出生日期", required=False, help_text="")
    started = PartialDateField(label="入户日期", required=False, help_text="")
    ended = PartialDateField(label="离户日期", required=False, help_text="")

    class Meta:
        model = Member
        fields = ["name", "relation", "sex", "skill", "school", "end_reason"]

    def clean(self):
        cleaned = super().clean()
        sex = dict(Member.Sex.choices).get(cleaned.get("sex"), "")
        problems = cadre_rules.identity_agrees(cleaned.get("identity", ""), sex, cleaned.get("born"))
        problems += rules.times_in_order(
            ("started", "入户日期", cleaned.get("started")),
            ("ended", "离户日期", cleaned.get("ended")),
            today(),
        )
        add_problems(self, problems, {})
        return cleaned


class YearForm(RowForm):
    other_causes = forms.MultipleChoiceField(
        label="其他致贫原因", choices=Cause.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = HouseholdYear
        fields = [
            "year", "members", "workers", "cause", "other_causes", "housing",
            "wage_income", "business_income", "property_income", "transfer_income",
        ]  # fmt: skip

    def clean(self):
        cleaned = super().clean()
        problems = rules.people_agree(cleaned.get("members"), cleaned.get("workers"))
        problems += rules.year_has_begun(cleaned.get("year"), today())
        add_problems(self, problems, {})
        return cleaned


class LabelForm(RowForm):
    partial_dates = {"started": "started", "ended": "ended"}
    started = PartialDateField(label="认定日期", required=False, help_text="")
    ended = PartialDateField(label="退出日期", required=False, help_text="")

    class Meta:
        model = HouseholdLabel
        fields = ["kind", "how_ended"]

    def clean(self):
        cleaned = super().clean()
        problems = rules.times_in_order(
            ("started", "认定日期", cleaned.get("started")),
            ("ended", "退出日期", cleaned.get("ended")),
            today(),
        )
        add_problems(self, problems, {})
        return cleaned


class ContactRowForm(RowForm):
    """A contact below its household."""

    partial_dates = {"started": "started", "ended": "ended"}
    started = PartialDateField(label="联系起", required=False, help_text="")
    ended = PartialDateField(label="联系止", required=False, help_text="")

    class Meta:
        model = Contact
        fields = ["cadre"]

    def clean(self):
        cleaned = super().clean()
        problems = rules.times_in_order(
            ("started", "联系起", cleaned.get("started")), ("ended", "联系止", cleaned.get("ended")), today()
        )
        add_problems(self, problems, {})
        return cleaned


class ContactForm(ContactRowForm):
    """A contact alone: no day with two leaders for a household."""

    class Meta(ContactRowForm.Meta):
        fields = ["household", "cadre"]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("household"):
            others = Contact.objects.filter(household=cleaned["household"]).exclude(pk=self.instance.pk)
            held = [
                (f"{row.cadre.name}的联系", row.started, row.ended) for row in others.select_related("cadre")
            ]
            problems = rules.apart(cleaned.get("started"), cleaned.get("ended"), held, rules.ONE_LEADER)
            add_problems(self, problems, {"start": "started"})
        return cleaned


class VisitRecordForm(RowForm):
    """A visit in the admin, put right by the office; photos are added on the page of the visit."""

    topics = forms.MultipleChoiceField(
        label="反映类别", choices=Topic.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Visit
        fields = [
            "household", "visitor", "date", "half_day", "topics", "heard", "measures", "result", "need", "in_log",
        ]  # fmt: skip
        widgets = {"heard": text_area(3), "measures": text_area(3)}

    def clean(self):
        cleaned = super().clean()
        household, need = cleaned.get("household"), cleaned.get("need")
        if household:
            problems = rules.visit_in_order(
                cleaned.get("date"), household.registered, household.removed, today()
            )
            add_problems(self, problems, {})
        if need and household and need.household_id != household.pk:
            self.add_error("need", "这件诉求是别的户的，选这一户的诉求。")
        if need and cleaned.get("result") in {Visit.Result.SOLVED, Visit.Result.NONE}:
            self.add_error("result", "选了诉求的，办理结果是“待办理”；诉求怎样了结，在诉求里答复。")
        return cleaned


class NeedRecordForm(RowForm):
    """A need in the admin: all of it, by the rules of the acts on its page."""

    class Meta:
        model = Need
        fields = [
            "household", "content", "topic", "raised_on", "handler", "due", "taken_on", "closed_on", "outcome", "reply",
        ]  # fmt: skip
        widgets = {"content": text_area(3), "reply": text_area(3)}

    def clean(self):
        cleaned = super().clean()
        raised_on, closed_on = cleaned.get("raised_on"), cleaned.get("closed_on")
        if raised_on is None:
            return cleaned
        problems = rules.raised_in_order(raised_on, today())
        problems += rules.taken_in_order(raised_on, cleaned.get("taken_on"), closed_on or today())
        problems += rules.answer_in_order(
            raised_on, closed_on, cleaned.get("outcome", ""), cleaned.get("reply", ""), today()
        )
        if cleaned.get("outcome") and "closed_on" in cleaned and not closed_on:
            problems.append(("closed_on", "选了结果，也要写答复日期。", ""))
        add_problems(self, problems, {})
        return cleaned


# --- The rows below a household, looked at together ---------------------------------------------------------


class Together(BaseInlineFormSet):
    """Rows of which one may be wrong only beside another."""

    def clean(self):
        super().clean()
        kept = [form for form in self.forms if self.counts(form)]
        for place, form in enumerate(kept):
            add_problems(form, self.problems(form, kept[:place]), {"start": "started"})

    def counts(self, form) -> bool:
        """Whether the row will stand there: filled in, right by itself, and not to be deleted."""
        data = getattr(form, "cleaned_data", None)
        return (
            bool(data)
            and not form.errors
            and not data.get("DELETE")
            and bool(form.instance.pk or form.has_changed())
        )

    def problems(self, form, before) -> list:
        raise TypeError("a set of rows says what its rows may not be to each other")


class ContactRows(Together):
    """No day with two leaders."""

    def problems(self, form, before):
        held = [(f"{row.instance.cadre.name}的联系", *period(row)) for row in before]
        return rules.apart(*period(form), held, rules.ONE_LEADER)


class LabelRows(Together):
    """No day with one kind twice."""

    def problems(self, form, before):
        kind = form.instance.kind
        held = [
            (form.instance.get_kind_display(), *period(row)) for row in before if row.instance.kind == kind
        ]
        return rules.apart(*period(form), held, "同一类别同一天只算一次")


class MemberRows(Together):
    """Nobody is in a household twice, nor beside the head as the head."""

    def problems(self, form, before):
        number = form.instance.id_number
        if not number:
            return []
        if number == self.instance.id_number:
            return [("identity", "这是户主的身份证号。", "户主不列在家庭成员里。")]
        live = [row for row in before if row.instance.end is None and form.instance.end is None]
        if any(row.instance.id_number == number for row in live):
            return [("identity", "这个身份证号在本户已写过一次。", "核对两人的号码。")]
        return []


def period(form):
    return form.cleaned_data.get("started"), form.cleaned_data.get("ended")
