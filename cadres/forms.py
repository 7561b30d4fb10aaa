"""Forms of cadres and posts; the rules are those of the ledgers."""

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from banzhuang.accounts.models import User
from banzhuang.core.clock import today
from banzhuang.core.dates import PartialDate
from banzhuang.core.forms import IdentityForm, PartialDateField, RowForm, phone_field
from banzhuang.core.models import StaleObject

from . import rules
from .models import Cadre, Leave, Post
from .parameters import TERM_YEARS

OVERTAKEN = "现任书记的任职刚被改过，看过现在的内容再办理，刚才填的还在下面。"


def add_problems(form, problems, names):
    """Put a rule's findings at the form's fields; `names` maps the rule's field to the form's."""
    for field, wrong, remedy in problems:
        form.add_error(names.get(field, field), f"{wrong}{remedy}")


class CadreForm(IdentityForm):
    """One person."""

    partial_dates = {
        "born": "born",
        "joined_party": "joined_party",
        "started_work": "started_work",
        "left": "left",
    }
    born = PartialDateField(label="出生日期", required=False)
    joined_party = PartialDateField(label="入党时间", required=False)
    started_work = PartialDateField(label="参加工作时间", required=False)
    left = PartialDateField(
        label="离岗日期", required=False, help_text="调离、退休等，当天起不在岗；在岗时留空。"
    )
    telephone = phone_field()

    class Meta:
        model = Cadre
        fields = [
            "name", "sex", "ethnic_group", "native_place", "birthplace", "education", "in_service_education",
            "school", "political_status", "category", "position", "township", "village", "user", "note",
        ]  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "user" in self.fields:  # not for those who only read
            self.keep_account()

    def keep_account(self):
        """Whoever may not see accounts still keeps the one that the row is linked to."""
        account = self.fields["user"]
        account.queryset = account.queryset | User.objects.filter(pk=self.instance.user_id)

    def clean(self):
        cleaned = super().clean()
        if (
            cleaned.get("village")
            and cleaned.get("township")
            and cleaned["village"].township_id != cleaned["township"].pk
        ):
            self.add_error("village", "所选的村不属于所选的镇。")
        sex = dict(Cadre.Sex.choices).get(cleaned.get("sex"), "")
        problems = rules.identity_agrees(cleaned.get("identity", ""), sex, cleaned.get("born"))
        problems += rules.life_in_order(
            cleaned.get("born"), cleaned.get("joined_party"), cleaned.get("started_work"), today()
        )
        add_problems(self, problems, {})
        return cleaned


class PostForm(RowForm):
    """One post, with dates as far as they are known."""

    partial_dates = {"started": "started", "term_ends": "term_ends", "ended": "ended"}
    started = PartialDateField(
        label="任职起", required=False, help_text="不详时留空；只知道月份时写 2026-03。"
    )
    term_ends = PartialDateField(label="届满", required=False)
    ended = PartialDateField(label="任职止", required=False, help_text="止日当天不再任职；在任时留空。")

    class Meta:
        model = Post
        fields = [
            "cadre",
            "organisation",
            "title",
            "selection",
            "origin",
            "end_reason",
            "end_document",
            "note",
        ]

    def clean(self):
        cleaned = super().clean()
        start, end = cleaned.get("started"), cleaned.get("ended")
        if start and end and end.first < start.first:
            self.add_error("ended", f"任职止 {end.iso()} 早于任职起 {start.iso()}，核对两个日期。")
        if end and not cleaned.get("end_reason"):
            self.add_error("end_reason", "写了任职止，也要选离任原因。")
        if cleaned.get("title") == Post.Title.SECRETARY and cleaned.get("organisation"):
            others = Post.objects.secretaries().filter(organisation=cleaned["organisation"])
            others = others.exclude(pk=self.instance.pk).select_related("cadre")
            held = [(post.cadre.name, post.started, post.ended) for post in others]
            add_problems(self, rules.one_secretary_a_day(start, end, held), {"start": "started"})
        return cleaned


class LeaveForm(RowForm):
    """One leave. Two leaves of one person have no day in common."""

    class Meta:
        model = Leave
        fields = ["cadre", "kind", "start", "end", "reason", "approved_by"]

    def clean(self):
        cleaned = super().clean()
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and end <= start:
            self.add_error("end", f"返岗日期应晚于请假起（{start.isoformat()}），只请一天的写第二天。")
        elif start and cleaned.get("cadre"):
            others = Leave.objects.filter(cadre=cleaned["cadre"]).exclude(pk=self.instance.pk)
            taken = [(leave.get_kind_display(), leave.start, leave.end) for leave in others]
            add_problems(self, rules.leave_apart(start, end, taken), {})
        return cleaned


def grouped(cadres, village):
    """Choices with the village's own people first, then the township's, then the other villages'."""
    groups = {"本村": [], "镇机关": [], "其他村": []}
    for cadre in cadres:
        name = (
            "本村" if village and cadre.village_id == village else "其他村" if cadre.village_id else "镇机关"
        )
        place = cadre.village or cadre.position or cadre.get_category_display()
        groups[name].append((cadre.pk, f"{cadre.name}（{place}）"))
    return [("", "选择干部"), *[(name, members) for name, members in groups.items() if members]]


class SuccessionForm(forms.Form):
    """A new secretary, and with the same date the end of the former's post."""

    cadre = forms.ModelChoiceField(Cadre.objects.none(), label="新任书记")
    started = PartialDateField(label="任职起", help_text="前任同日离任。只知道月份时写 2026-03。")
    selection = forms.ChoiceField(choices=[("", "选择产生方式"), *Post.Selection.choices], label="产生方式")
    origin = forms.ChoiceField(choices=[("", "选择原身份"), *Post.Origin.choices], label="原身份")
    term_ends = PartialDateField(label="届满", required=False, help_text="不填时按任期年限推算。")
    end_reason = forms.ChoiceField(
        choices=[("", "选择离任原因"), *Post.EndReason.choices], label="前任离任原因"
    )
    end_document = forms.CharField(label="任免文号", max_length=60, required=False)
    former_read = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, user, organisation, former, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.organisation, self.former = user, organisation, former
        candidates = Cadre.objects.for_user(user).select_related("village").order_by("initials")
        if former is None:
            del self.fields["end_reason"], self.fields["former_read"]
        else:
            candidates = candidates.exclude(pk=former.cadre_id)
            self.fields["former_read"].initial = self.as_read()
        self.fields["cadre"].queryset = candidates
        self.fields["cadre"].choices = grouped(candidates, organisation.village_id)

    def clean_cadre(self):
        """Who is appointed does not write it, nor does who leaves (`clean`)."""
        cadre = self.cleaned_data["cadre"]
        if said := cadre.refused_to(self.user):
            raise ValidationError(said)
        return cadre

    def clean(self):
        cleaned = super().clean()
        former = self.former
        if former and (said := former.refused_to(self.user)):
            raise ValidationError(said)
        if former and cleaned.get("former_read") != self.as_read():
            self.data = self.data.copy()
            self.data["former_read"] = self.as_read()
            raise ValidationError(OVERTAKEN, code="stale")
        problems = rules.succession_in_order(
            cleaned.get("started"),
            former.started if former else None,
            former.cadre.name if former else "",
            today(),
        )
        if not (former and former.started):
            problems += self.still_held(cleaned.get("started"))
        add_problems(self, problems, {"start": "started"})
        start, term_ends = cleaned.get("started"), cleaned.get("term_ends")
        if start and term_ends and term_ends.first <= start.first:
            self.add_error("term_ends", f"届满 {term_ends.iso()} 应晚于任职起 {start.iso()}。")
        return cleaned

    def as_read(self) -> str:
        """Which post, and which version of it, the person saw as the one that ends."""
        return f"{self.former.pk}:{self.former.version}"

    def still_held(self, start: PartialDate | None) -> list[tuple[str, str, str]]:
        posts = Post.objects.secretaries().filter(organisation=self.organisation, end__isnull=False)
        last = posts.select_related("cadre").order_by("-end").first()
        return rules.still_held(start, last.cadre.name, last.ended) if last else []

    def save(self):
        """→ the new post; the former's ends on its start. None, with the reason said, when another was quicker."""
        data = self.cleaned_data
        post = dict(
            cadre=data["cadre"],
            organisation=self.organisation,
            selection=data["selection"],
            origin=data["origin"],
            started=data["started"],
            term_ends=data["term_ends"]
            or rules.term_from(data["started"], TERM_YEARS.on(data["started"].first), today()),
        )
        try:
            return Post.objects.succeed(self.former, data.get("end_reason", ""), data["end_document"], **post)
        except (IntegrityError, StaleObject):
            self.add_error(None, OVERTAKEN)
