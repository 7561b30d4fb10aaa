"""Visits (走访): what was heard, what was done about it, and what came of it."""

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from simple_history.models import HistoricalRecords

from banzhuang.core.access import may, writes
from banzhuang.core.photos import Photo
from banzhuang.core.scoping import ScopedQuerySet
from cadres.models import Cadre

from .household import Household, OfHousehold, OfHouseholdQuerySet
from .need import Need, Topic


class VisitQuerySet(OfHouseholdQuerySet):
    def owned_by(self, user):
        """One's own visits, also of households that were handed over since."""
        return self.filter(visitor__user=user)

    def editable_by(self, user):
        """Of a household that is not one's own any more, only what nobody else has written in."""
        rows = super().editable_by(user)
        if not may(user, "change", self.model) or writes(user, self.model):
            return rows
        present = Q(household__in=Household.objects.for_user(user).values("pk"))
        versions = self.model.history.model.objects.filter(id=OuterRef("pk"))
        return rows.filter(present | ~Exists(versions.exclude(history_user=user)))

    def between(self, start, end):
        """Visits made in [start, end)."""
        return self.filter(date__gte=start, date__lt=end)


class Visit(OfHousehold):
    """走访记录. “每周至少走访一次。积极为困难户解决生产生活中的实际困难”."""

    class Result(models.TextChoices):
        SOLVED = "solved", "当场解决"
        PENDING = "pending", "待办理"
        NONE = "none", "无需办理"

    class HalfDay(models.TextChoices):
        MORNING = "morning", "上午"
        AFTERNOON = "afternoon", "下午"
        EVENING = "evening", "晚上"

    household = models.ForeignKey(Household, models.PROTECT, related_name="visits", verbose_name="困难户")
    visitor = models.ForeignKey(Cadre, models.PROTECT, related_name="visits", verbose_name="走访干部")
    date = models.DateField("走访日期")
    half_day = models.CharField("时段", max_length=10, choices=HalfDay.choices, blank=True, default="")
    topics = models.JSONField("反映类别", default=list, blank=True)
    heard = models.CharField("反映情况", max_length=500, blank=True, default="")
    measures = models.CharField("帮扶措施", max_length=500, blank=True, default="")
    result = models.CharField("办理结果", max_length=8, choices=Result.choices)
    need = models.ForeignKey(
        Need, models.SET_NULL, null=True, blank=True, related_name="visits", verbose_name="诉求"
    )
    in_log = models.BooleanField("写入工作日志", default=False)
    sensitive = (
        "topics",
        "heard",
        "measures",
    )
    history = HistoricalRecords()

    objects = VisitQuerySet.as_manager()

    class Meta(OfHousehold.Meta):
        verbose_name = "走访记录"
        verbose_name_plural = "走访记录"
        ordering = ["-date", "-pk"]
        indexes = [
            models.Index(fields=["household", "date"]),
            models.Index(fields=["visitor", "date"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "visitor", "date"],
                name="one_visit_a_household_a_day",
                violation_error_message="这一户这一天的走访已记过。有补充的，打开那一条接着写。",
            )
        ]

    def __str__(self):
        return f"{self.date:%Y-%m-%d} {self.visitor}走访{self.household}户"

    @property
    def topic_words(self) -> list[str]:
        words = dict(Topic.choices)
        return [words[code] for code in self.topics if code in words]

    def days_late(self) -> int:
        """Days from the visit to its entry; more than the setting allows is 补录."""
        return (timezone.localdate(self.created_at) - self.date).days

    def get_absolute_url(self):
        return reverse("visit", args=[self.pk])


class VisitPhotoQuerySet(ScopedQuerySet):
    def owned_by(self, user):
        return self.filter(visit__visitor__user=user)


class VisitPhoto(Photo):
    """A photo of a visit; seen by who sees the visit."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="photos", verbose_name="走访记录")

    objects = VisitPhotoQuerySet.as_manager()

    class Meta(Photo.Meta):
        verbose_name = "走访照片"
        verbose_name_plural = "走访照片"

    def __str__(self):
        return f"{self.visit} 照片"

    @property
    def place_code(self):
        return self.visit.scope_code
