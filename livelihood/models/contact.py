"""Contacts (结对联系): which leader looks after which household, from when to when."""

from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from banzhuang.core.dates import PartialDate
from banzhuang.core.fields import Partial, PrecisionField
from cadres.models import Cadre

from .household import Household, OfHousehold, OfHouseholdQuerySet, registered_on


class ContactQuerySet(OfHouseholdQuerySet):
    def owned_by(self, user):
        return self.filter(cadre__user=user)

    def live(self, day):
        """Held on `day`, of a household that stands in the register then."""
        return super().live(day).filter(registered_on(day, "household__"))

    def hand_over(self, contacts, to: Cadre, on) -> list:
        """End each of `contacts` on the day `on`, from which `to` is the contact: no day with two, none in between.

        → the new contacts. What began on `on` or later would end before it began: ValueError names the household.
        """
        made = []
        with transaction.atomic():
            for contact in contacts:
                if contact.start and contact.start > on:
                    raise ValueError(f"{contact.household}户的联系从 {contact.start} 才开始")
                contact.ended = PartialDate(on, "day")
                contact.save()
                new = self.model(household=contact.household, cadre=to)
                new.started = PartialDate(on, "day")
                new.save()
                made.append(new)
        return made


class Contact(OfHousehold):
    """结对联系. “每个领导干部至少联系20个贫困户”; one live contact a household."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="contacts", verbose_name="困难户")
    cadre = models.ForeignKey(Cadre, models.PROTECT, related_name="contacts", verbose_name="联系领导")
    start = models.DateField("联系起", null=True, blank=True, help_text="不详时留空")
    start_precision = PrecisionField()
    end = models.DateField("联系止", null=True, blank=True, help_text="当天起不再联系；在联系时留空")
    end_precision = PrecisionField()
    history = HistoricalRecords()

    objects = ContactQuerySet.as_manager()

    started = Partial("start")
    ended = Partial("end")

    class Meta(OfHousehold.Meta):
        verbose_name = "结对联系"
        verbose_name_plural = "结对联系"
        ordering = ["scope_code", "household", "-start"]
        constraints = [
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(end__isnull=True),
                name="one_live_contact_a_household",
                violation_error_message="这一户已有联系领导。换人用“移交联系户”，原来的联系同时结束。",
            ),
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(start__isnull=True) | Q(end__gte=F("start")),
                name="contact_ends_after_start",
                violation_error_message="联系止不能早于联系起。",
            ),
        ]

    def __str__(self):
        return f"{self.cadre}联系{self.household}户"

    def get_absolute_url(self):
        return reverse("household", args=[self.household_id])
