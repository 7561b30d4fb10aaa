"""Needs (诉求) that a visit could not settle on the spot: open until they are answered."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from banzhuang.core.scoping import in_scope

from .household import Household, OfHousehold, OfHouseholdQuerySet


class Topic(models.TextChoices):
    """反映类别."""

    HOUSING = "housing", "住房"
    MEDICAL = "medical", "就医"
    SCHOOLING = "schooling", "就学"
    WATER = "water", "饮水"
    WORK = "work", "就业"
    OTHER = "other", "其他"


def open_on(day) -> Q:
    """Condition: raised, and not answered by `day`; what is answered on a day is not open on it any more."""
    return Q(raised_on__lte=day) & (Q(closed_on__isnull=True) | Q(closed_on__gt=day))


class NeedQuerySet(OfHouseholdQuerySet):
    def open(self, day):
        return self.filter(open_on(day))

    def owned_by(self, user):
        """Of one's own households; and what one's office, or one's village, is to answer."""
        return self.filter(
            Q(household__in=Household.objects.owned_by(user).values("pk"))
            | Q(pk__in=self.model.objects.for_offices_of(user).values("pk"))
        )

    def for_offices_of(self, user):
        """Handlers are named as roles are: what the user's offices, or village, are to answer within the scope."""
        return self.filter(in_scope(user.scopes()), handler__in=user.role_codes())


class Need(OfHousehold):
    """诉求: raised → in hand → solved, or cannot be solved, with the reply. Its state on a day follows from its dates."""

    class Handler(models.TextChoices):
        """承办: who is to answer; offices are named by their role."""

        CONTACT = "contact", "联系领导"
        VILLAGE = "village", "本村"
        WELFARE = "welfare", "民政帮扶办"
        WORKS = "works", "村建环卫办"
        ECONOMY = "economy", "经发办"
        ORGANISATION = "organisation", "组织办"

    class Outcome(models.TextChoices):
        SOLVED = "solved", "已解决"
        CANNOT = "cannot", "无法解决"

    household = models.ForeignKey(Household, models.PROTECT, related_name="needs", verbose_name="困难户")
    content = models.CharField("诉求", max_length=300)
    topic = models.CharField("类别", max_length=10, choices=Topic.choices, default=Topic.OTHER)
    raised_on = models.DateField("提出日期")
    handler = models.CharField("承办", max_length=12, choices=Handler.choices, default=Handler.CONTACT)
    due = models.DateField("答复期限")
    taken_on = models.DateField("开始办理", null=True, blank=True)
    closed_on = models.DateField("答复日期", null=True, blank=True)
    outcome = models.CharField("结果", max_length=8, choices=Outcome.choices, blank=True, default="")
    reply = models.CharField("答复", max_length=300, blank=True, default="")
    sensitive = (
        "topic",
        "content",
        "reply",
    )
    history = HistoricalRecords()

    objects = NeedQuerySet.as_manager()

    class Meta(OfHousehold.Meta):
        verbose_name = "诉求"
        verbose_name_plural = "诉求"
        ordering = ["due", "pk"]
        indexes = [models.Index(fields=["closed_on", "due"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(due__gte=F("raised_on")),
                name="need_due_after_raised",
                violation_error_message="答复期限不能早于提出日期。",
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("raised_on")),
                name="need_closed_after_raised",
                violation_error_message="答复日期不能早于提出日期。",
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True, outcome="")
                | (Q(closed_on__isnull=False) & ~Q(outcome="") & ~Q(reply="")),
                name="closed_need_has_outcome_and_reply",
                violation_error_message="答复日期、结果和答复要一起填。",
            ),
        ]

    def __str__(self):
        return f"{self.household}户：{self.content[:20]}"

    def state_on(self, day) -> str:
        """open, in_hand, solved or cannot on `day`, from the dates."""
        if self.closed_on and self.closed_on <= day:
            return self.outcome
        return "in_hand" if self.taken_on and self.taken_on <= day else "open"

    def get_absolute_url(self):
        return reverse("need", args=[self.pk])
