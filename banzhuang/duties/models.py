"""Notices: what somebody is told, at most once a day about one thing."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from banzhuang.core.scoping import ScopedQuerySet


class NoticeQuerySet(ScopedQuerySet):
    def owned_by(self, user):
        return self.filter(user=user)

    def unread(self):
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """One sentence for one account, and where it leads. `subject` tells things of a kind apart."""

    class Kind(models.TextChoices):
        DAY = "day", "每日提醒"
        URGED = "urged", "催办"
        SECURITY = "security", "安全提醒"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="收件人")
    day = models.DateField("日期")
    kind = models.CharField("种类", max_length=8, choices=Kind.choices)
    subject = models.CharField("事项键", max_length=80, blank=True, default="")
    text = models.CharField("内容", max_length=200)
    url = models.CharField("地址", max_length=300)
    created_at = models.DateTimeField("时间", auto_now_add=True)
    read_at = models.DateTimeField("已读时间", null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "通知"
        verbose_name_plural = "通知"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "day", "kind", "subject"],
                name="one_notice_a_day",
                violation_error_message="同一件事，一天只通知一次。",
            )
        ]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="notices_newest"),
            models.Index(fields=["day"], name="notices_by_day"),
        ]

    def __str__(self):
        return self.text

    def get_absolute_url(self):
        """Marks it as read and leads where it points."""
        return reverse("notice", args=[self.pk])
