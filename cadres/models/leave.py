"""Leave (请假) of cadres: the days on which nothing is owed."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from banzhuang.core.scoping import ScopedQuerySet

from .cadre import Cadre, OfCadre


class LeaveQuerySet(ScopedQuerySet):
    def touching(self, start, end):
        """Leaves with a day in [start, end)."""
        return self.filter(Q(end__isnull=True) | Q(end__gt=start), start__lt=end)

    def owned_by(self, user):
        return self.filter(cadre__user=user)


class Leave(OfCadre):
    """请假: from `start` up to the day of return (返岗日期), which is a day at work again."""

    class Kind(models.TextChoices):
        ANNUAL = "annual", "年休"
        PERSONAL = "personal", "事假"
        SICK = "sick", "病假"
        DUTY = "duty", "公出"
        STUDY = "study", "学习培训"
        OTHER = "other", "其他"

    cadre = models.ForeignKey(Cadre, models.PROTECT, related_name="leaves", verbose_name="干部")
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    start = models.DateField("请假起")
    end = models.DateField("返岗日期", null=True, blank=True, help_text="当天已上班；未定时留空")
    reason = models.CharField("事由", max_length=100, blank=True, default="")
    approved_by = models.CharField("批准人", max_length=30, blank=True, default="")
    sensitive = (
        "kind",
        "reason",
    )
    history = HistoricalRecords()

    objects = LeaveQuerySet.as_manager()

    class Meta(OfCadre.Meta):
        verbose_name = "请假"
        verbose_name_plural = "请假"
        ordering = ["-start", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gt=F("start")),
                name="leave_ends_after_start",
                violation_error_message="返岗日期应晚于请假起。",
            )
        ]

    def __str__(self):
        return f"{self.cadre} {self.start:%Y-%m-%d}{self.get_kind_display()}"

    @property
    def place_code(self):
        return self.cadre.scope_code

    def get_absolute_url(self):
        return reverse("cadre", args=[self.cadre_id])
