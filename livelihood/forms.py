"""The form of a visit: what was heard, done and came of it, with photos; and the need that it raises or joins."""

import datetime

from django import forms
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.html import format_html

from banzhuang.core.access import may
from banzhuang.core.clock import today
from banzhuang.core.dates import PartialDate
from banzhuang.core.forms import RowForm
from banzhuang.core.photo_field import MOST, PhotosField
from banzhuang.core.photos import store
from banzhuang.core.text import normalise
from cadres.forms import add_problems
from cadres.models import Cadre

from . import rules
from .models import Contact, Household, Need, Visit, VisitPhoto
from .models.need import Topic
from .parameters import KEEP_POSITION, NEED_DAYS

NOTHING = "nothing"  # 没有: a choice of the form; a visit of which nothing was heard has no topic
NEW = "new"
NOT_ONES_OWN = "这户已由别人联系，这次走访不再另立诉求，也不改原来的；办理结果照原来的选。"
# Which office a need of a topic goes to, until somebody chooses another.
HANDLERS = {
    Topic.HOUSING: Need.Handler.WORKS,
    Topic.MEDICAL: Need.Handler.WELFARE,
    Topic.SCHOOLING: Need.Handler.WELFARE,
    Topic.WATER: Need.Handler.WORKS,
    Topic.WORK: Need.Handler.ECONOMY,
}


class Words(forms.CharField):
    """Running text as it is stored; a line break counts as one character, as the browser counts it."""

    def to_python(self, value):
        return normalise(super().to_python(value))


class DayField(forms.DateField):
    """A day, by the picker of phone or browser."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_error_messages = {"invalid": "日期看不懂，应写成 2026-07-01。"}


def text_area(lines: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": lines})


class VisitForm(RowForm):
    """One visit to `household` by `visitor`; without a visitor the form asks for one (the welfare office enters).

    `save()` → the visit, the same one for the same visit sent again; None, with the reason at the form, when another
    visit stands there.
    """

    visitor = forms.ModelChoiceField(
        Cadre.objects.none(),
        label="走访干部",
        empty_label="选择走访干部",
        error_messages={"required": "走访干部还没有选。"},
    )
    date = DayField(label="走访日期", error_messages={"required": "走访日期还没有写。"})
    topics = forms.MultipleChoiceField(
        label="反映类别",
        choices=[*Topic.choices, (NOTHING, "没有")],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    heard = Words(label="反映情况", max_length=500, required=False, widget=text_area(3))
    measures = Words(label="帮扶措施", max_length=500, required=False, widget=text_area(2))
    result = forms.ChoiceField(
        label="办理结果",
        choices=Visit.Result.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "办理结果还没有选。"},
    )
    joins = forms.ChoiceField(label="诉求", required=False)
    handler = forms.ChoiceField(label="承办", required=False)
    due = DayField(label="答复期限", required=False)
    photos = PhotosField(required=False, help_text="")
    dropped = forms.ModelMultipleChoiceField(
        VisitPhoto.objects.none(), label="去掉的照片", required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Visit
        fields = ["date", "half_day", "topics", "heard", "measures", "result", "in_log"]
        widgets = {"half_day": forms.RadioSelect}

    def __init__(self, *args, user, household, visitor=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.household, self.day = user, household, today()
        if self.instance.pk is None:
            self.instance.household = household
        self.contact = self.contact_with_sight()
        self.ask_visitor(visitor)
        self.offer_half_days()
        self.former = not self.sees_household()
        if self.former:
            self.leave_needs()
        else:
            self.offer_needs()
        self.offer_photos()

    # --- What is offered ------------------------------------------------------------------------------

    def contact_with_sight(self) -> Contact | None:
        """Who looks after the household now; `seen`: whether the user may know who it is."""
        seen = Contact.objects.for_user(self.user).filter(pk=OuterRef("pk"))
        live = Contact.objects.live(self.day).filter(household=self.household)
        return live.select_related("cadre").annotate(seen=Exists(seen)).first()

    def sees_household(self) -> bool:
        """A visit stays its visitor's when the household is another's to look after; a new one is of one in sight."""
        seen = Household.objects.for_user(self.user).filter(pk=self.household.pk)
        return self.instance.pk is None or seen.exists()

    def leave_needs(self):
        """Whoever looked after the household before corrects what was heard; needs are the present contact's."""
        self.needs = {}
        for name in ("joins", "handler", "due"):
            del self.fields[name]
        pending, result = Visit.Result.PENDING, self.fields["result"]
        raised = self.instance.result == pending
        result.choices = [choice for choice in Visit.Result.choices if (choice[0] == pending) == raised]
        result.error_messages["invalid_choice"] = NOT_ONES_OWN

    def ask_visitor(self, visitor):
        if self.instance.pk or visitor is not None:
            del self.fields["visitor"]
            if visitor is not None:
                self.instance.visitor = visitor
            return
        offered = Cadre.objects.for_user(self.user).at_work(self.day)
        holders = Contact.objects.live(self.day).values("cadre")
        choice = self.fields["visitor"]
        choice.queryset = offered.filter(Q(category=Cadre.Category.LEADER) | Q(pk__in=holders))
        choice.label_from_instance = lambda cadre: (
            f"{cadre.name}（{cadre.position or cadre.get_category_display()}）"
        )
        choice.initial = self.contact.cadre_id if self.contact else None

    def offer_half_days(self):
        self.fields["half_day"].choices = Visit.HalfDay.choices
        if self.instance.pk is None:
            self.fields["date"].initial = self.day
            self.fields["in_log"].initial = True
        elif not self.instance.topics and not self.instance.heard:
            self.initial["topics"] = [NOTHING]
        self.fields["date"].widget.attrs["max"] = self.day.isoformat()

    def offer_needs(self):
        needs = Need.objects.for_user(self.user).filter(household=self.household)
        open_or_own = Q(closed_on__isnull=True) | Q(pk=self.instance.need_id)
        self.needs = {str(need.pk): need for need in needs.filter(open_or_own).order_by("-raised_on", "-pk")}
        words = [
            (pk, f"并入 {PartialDate(need.raised_on, 'day').chinese()} 的诉求：{need.content[:20]}")
            for pk, need in self.needs.items()
        ]
        joins = self.fields["joins"]
        joins.choices = [("", "有同类未答复的就并入，没有的另立新件"), *words, (NEW, "另立新件")]
        joins.initial = str(self.instance.need_id or "")
        handlers = dict(Need.Handler.choices)
        if self.contact and self.contact.seen:
            handlers[Need.Handler.CONTACT] = f"联系领导（{self.contact.cadre.name}）"
        elif not self.contact:  # nobody would be told
            del handlers[Need.Handler.CONTACT]
        self.fields["handler"].choices = list(handlers.items())
        self.fields["handler"].initial = Need.Handler.CONTACT if self.contact else Need.Handler.WELFARE
        self.fields["due"].initial = self.day + datetime.timedelta(days=NEED_DAYS.on(self.day))

    def offer_photos(self):
        self.fields["photos"].keep_position = self.keeps_position = KEEP_POSITION.on(self.day) == "是"
        if self.instance.pk:
            self.fields["dropped"].queryset = self.instance.photos.all()
        else:
            del self.fields["dropped"]

    # --- What is refused ------------------------------------------------------------------------------

    def clean_topics(self):
        chosen = self.cleaned_data["topics"]
        if NOTHING in chosen and len(chosen) > 1:
            raise forms.ValidationError("选了“没有”，又选了其他类别，去掉一边。")
        return [code for code, _ in self.fields["topics"].choices if code in chosen]

    def clean(self):
        cleaned = super().clean()
        if "visitor" in cleaned:
            self.instance.visitor = cleaned["visitor"]
        house = self.household
        problems = rules.visit_in_order(cleaned.get("date"), house.registered, house.removed, self.day)
        if not {"heard", "topics"} & set(self.errors):
            problems += rules.heard_something(cleaned["topics"], cleaned["heard"])
        add_problems(self, problems, {})
        self.clean_need(cleaned)
        self.clean_photos_together(cleaned)
        cleaned["topics"] = [code for code in cleaned.get("topics", []) if code != NOTHING]
        self.twin = None if self.errors else self.find_twin()
        if self.twin and not self.is_twin(self.twin):
            self.refuse_second(self.twin)
        return cleaned

    def clean_need(self, cleaned):
        """A pending matter joins a need or raises one; what has raised a need stays pending."""
        self.need = None
        if self.former:
            return
        if cleaned.get("result") != Visit.Result.PENDING:
            self.keep_raised(cleaned)
            return
        self.need = self.joined(cleaned)
        if self.need is not None or "joins" in self.errors:
            return
        if not may(self.user, "add", Need):
            self.add_error("result", "没有新增“诉求”的权限，不能另立新件；并入已有的，或请民政帮扶办登记。")
        if not cleaned.get("heard") and "heard" not in self.errors:
            self.add_error("heard", "要办的事还没有写。待办理的，写明户里反映的事。")
        if not cleaned.get("handler") and "handler" not in self.errors:
            self.add_error("handler", "承办还没有选。")
        date, due = cleaned.get("date"), cleaned.get("due")
        if not due and "due" not in self.errors:
            self.add_error("due", "答复期限还没有写。")
        elif due and date and due < date:
            self.add_error("due", f"答复期限早于走访日期（{date.isoformat()}），核对两个日期。")

    def keep_raised(self, cleaned):
        need = self.instance.need
        if not cleaned.get("result") or need is None:
            return
        if not need.visits.exclude(pk=self.instance.pk).exists():
            self.add_error("result", "这次走访已立诉求，办理结果仍选“待办理”；诉求怎样了结，在诉求里答复。")

    def joined(self, cleaned) -> Need | None:
        """The need that was chosen; without a choice the newest open one of a topic of this visit."""
        chosen = cleaned.get("joins", "")
        if chosen:
            return self.needs.get(chosen)
        topics = cleaned.get("topics", [])
        return next((need for need in self.needs.values() if need.topic in topics), None)

    def clean_photos_together(self, cleaned):
        if not self.instance.pk:
            return
        count = len(set(self.instance.photos.all()) - set(cleaned.get("dropped") or ()))
        count += len(cleaned.get("photos") or ())
        if count > MOST:
            self.add_error(
                "photos", f"一次走访最多 {MOST} 张照片，现在是 {count} 张；去掉 {count - MOST} 张。"
            )

    # --- The same visit twice -------------------------------------------------------------------------

    def find_twin(self) -> Visit | None:
        key = {"visitor": self.instance.visitor_id, "date": self.cleaned_data["date"]}
        return Visit.objects.filter(household=self.household, **key).exclude(pk=self.instance.pk).first()

    def is_twin(self, other: Visit) -> bool:
        """Whether `other` says what is sent: then it was sent before, and the answer to it was lost."""
        return self.instance.pk is None and all(
            getattr(other, name) == self.cleaned_data[name] for name in self._meta.fields
        )

    def refuse_second(self, other: Visit) -> None:
        link = '{}这一天走访这一户已记过。有补充的，<a href="{}">打开那一条接着写</a>。'
        self.add_error(None, format_html(link, other.visitor.name, reverse("edit_visit", args=[other.pk])))

    # --- Saving ---------------------------------------------------------------------------------------

    def save(self) -> Visit | None:
        if self.twin is None:
            try:
                with transaction.atomic():
                    return self.write()
            except IntegrityError:  # another request was quicker
                self.twin = self.find_twin()
        if not self.is_twin(self.twin):
            self.refuse_second(self.twin)
            return None
        room = MOST - self.twin.photos.count()
        store(VisitPhoto, self.cleaned_data["photos"][:room], self.user, visit=self.twin)
        return self.twin

    def write(self) -> Visit:
        data = self.cleaned_data
        if not self.former:
            pending = data["result"] == Visit.Result.PENDING
            self.instance.need = (self.need or self.raise_need(data)) if pending else None
        visit = super().save()
        for photo in data.get("dropped") or ():
            photo.delete()
        store(VisitPhoto, data["photos"], self.user, visit=visit)
        return visit

    def raise_need(self, data) -> Need:
        need = Need(
            household=self.household, raised_on=data["date"], handler=data["handler"], due=data["due"]
        )
        need.topic = data["topics"][0] if data["topics"] else Topic.OTHER
        longest = Need._meta.get_field("content").max_length
        heard = data["heard"].replace("\n", " ")
        need.content = heard if len(heard) <= longest else f"{heard[: longest - 1]}…"
        need.save()
        return need
