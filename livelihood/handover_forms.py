"""Handover of a leader's households: all of them, or those chosen, in one act and with one date."""

import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from banzhuang.core.clock import today
from banzhuang.core.dates import PartialDate
from banzhuang.core.models import StaleObject
from cadres.models import Cadre

from .models import Contact

OVERTAKEN = "有的户刚由别人改过，下面已是现在的名单，核对后再移交一次。"


class HandoverForm(forms.Form):
    """Who takes over from `former`, which households, from which day on."""

    to = forms.ModelChoiceField(Cadre.objects.none(), label="接手的领导", empty_label="选择领导")
    on = forms.DateField(
        label="移交日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="从这一天起由接手的领导联系；此前的走访仍记在原联系领导名下。",
    )
    contacts = forms.ModelMultipleChoiceField(
        Contact.objects.none(),
        label="移交的户",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "移交的户还没有选。"},
    )
    leaves = forms.BooleanField(label="同时登记离岗（调离、退休等，从移交日期起不再在岗）", required=False)

    def __init__(self, *args, user, former, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.former = user, former
        day = today()
        takers = Cadre.objects.for_user(user).at_work(day).exclude(pk=former.pk)
        takers = takers.filter(category=Cadre.Category.LEADER) | takers.filter(
            contacts__end__isnull=True, contacts__isnull=False
        )
        self.fields["to"].queryset = takers.distinct().order_by("initials")
        self.fields["to"].label_from_instance = lambda cadre: (
            f"{cadre.name}（{cadre.position or cadre.get_category_display()}）"
        )
        held = Contact.objects.editable_by(user).filter(cadre=former, end__isnull=True)
        self.fields["contacts"].queryset = held.select_related("household__village").order_by(
            "scope_code", "household__initials"
        )
        self.fields["contacts"].label_from_instance = lambda contact: (
            f"{contact.household.place} {contact.household.head}"
        )
        self.fields["on"].initial = day

    def clean_on(self):
        on = self.cleaned_data["on"]
        if on > today():
            raise ValidationError(f"移交日期不能晚于今天（{today().isoformat()}）。到那一天再办。")
        return on

    def clean(self):
        cleaned = super().clean()
        on, contacts = cleaned.get("on"), cleaned.get("contacts")
        late = [contact for contact in contacts or () if on and contact.start and contact.start > on]
        if late:
            named = "、".join(
                f"{contact.household.head}（{contact.started.iso()} 起）" for contact in late[:3]
            )
            self.add_error(
                "on",
                f"有 {len(late)} 户在这一天还不由{self.former.name}联系：{named}。改移交日期，或不选这些户。",
            )
        if cleaned.get("leaves") and (said := self.former.refused_to(self.user)):
            self.add_error("leaves", said)
        elif (
            cleaned.get("leaves")
            and contacts is not None
            and contacts.count() < self.fields["contacts"].queryset.count()
        ):
            self.add_error("leaves", "离岗的领导不能再留有联系户，全部移交后再登记离岗。")
        return cleaned

    def save(self) -> list[Contact]:
        """→ the new contacts; empty, with the reason said, when another was quicker."""
        data = self.cleaned_data
        try:
            with transaction.atomic():
                made = Contact.objects.hand_over(data["contacts"], data["to"], data["on"])
                if data["leaves"]:
                    self.leave(data["on"])
        except (IntegrityError, StaleObject):
            self.add_error(None, OVERTAKEN)
            return []
        return made

    def leave(self, on: datetime.date) -> None:
        self.former.left = PartialDate(on, "day")
        self.former.save()
