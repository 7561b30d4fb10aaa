"""The archive of monthly workbooks: one row an issue, its file, and the frozen figures behind it."""

import hashlib

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from banzhuang.core.models import RootModel
from banzhuang.core.months import month_end
from banzhuang.core.scoping import ScopedQuerySet


class PublishedIsFrozen(Exception):
    """A published workbook is neither changed nor deleted; what changes makes a numbered 更正 issue."""


class MonthlyWorkbookQuerySet(ScopedQuerySet):
    def published(self):
        return self.filter(state=MonthlyWorkbook.State.PUBLISHED)

    def drafts(self):
        return self.filter(state=MonthlyWorkbook.State.MADE)

    def of_month(self, township_code, month):
        return self.filter(scope_code=township_code, month=month)

    def newest_first(self):
        return self.order_by("scope_code", "-month", "-correction")

    def without_content(self):
        """For lists: the frozen figures of a year are megabytes."""
        return self.defer("content")


def place_of_file(workbook, filename) -> str:
    return f"monthly/{workbook.scope_code}/{filename}"


class MonthlyWorkbook(RootModel):
    """One issue of 党建与民生工作月报 of a township.

    content: {"township", "unit", "villages", "sheets": frozen sheets} as banzhuang.reports.making puts it together;
    the file is written from it, and can be written again.
    """

    class State(models.TextChoices):
        MADE = "made", "未发布"
        PUBLISHED = "published", "已发布"

    month = models.DateField("月份", help_text="当月第一天")
    as_of = models.DateField("数据截至")
    correction = models.PositiveSmallIntegerField("更正次数", default=0, help_text="0 为首次发布的一期")
    total_issue = models.PositiveIntegerField("总期号", default=1)
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.MADE)
    file = models.FileField("文件", upload_to=place_of_file, max_length=200)
    sha256 = models.CharField("文件校验", max_length=64)
    content = models.JSONField("冻结的数字", default=dict)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="编制人"
    )
    made_at = models.DateTimeField("生成时间")
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="发布人",
    )
    published_at = models.DateTimeField("发布时间", null=True, blank=True)

    objects = MonthlyWorkbookQuerySet.as_manager()

    class Meta(RootModel.Meta):
        verbose_name = "月度工作簿"
        verbose_name_plural = "月度工作簿"
        ordering = ["scope_code", "-month", "-correction"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope_code", "month", "correction"],
                name="one_workbook_an_issue",
                violation_error_message="这个月的这一期已经有了。",
            ),
            models.UniqueConstraint(
                fields=["scope_code", "month"],
                condition=Q(state="made"),
                name="one_unpublished_workbook_a_month",
                violation_error_message="这个月已有一份未发布的工作簿，重新生成会替换它。",
            ),
            models.CheckConstraint(
                condition=Q(state="made", published_at__isnull=True, published_by__isnull=True)
                | Q(state="published", published_at__isnull=False, published_by__isnull=False),
                name="published_workbook_says_when_and_by_whom",
                violation_error_message="已发布的工作簿要有发布人和发布时间，未发布的不应有。",
            ),
        ]

    def __str__(self):
        return f"{self.month.year}年第 {self.issue} 期{self.correction_words}"

    @property
    def place_code(self) -> str:
        return self.scope_code

    @property
    def issue(self) -> int:
        """The number within the year: one issue a month."""
        return self.month.month

    @property
    def correction_words(self) -> str:
        return f"（第 {self.correction} 次更正）" if self.correction else ""

    @property
    def is_published(self) -> bool:
        return self.state == self.State.PUBLISHED

    @property
    def covers_whole_month(self) -> bool:
        return self.as_of == month_end(self.month)

    @property
    def download_name(self) -> str:
        """File name for people: 班庄镇党建与民生工作月报2026年6月.xlsx."""
        suffix = f"（更正{self.correction}）" if self.correction else ""
        draft = "" if self.is_published else "（未发布）"
        return f"{self.content['township']}党建与民生工作月报{self.month.year}年{self.month.month}月{suffix}{draft}.xlsx"

    def get_absolute_url(self):
        return reverse("workbook", args=[self.pk])

    def predecessor(self):
        """The issue that this one corrects; None for a first one."""
        if not self.correction:
            return None
        return MonthlyWorkbook.objects.of_month(self.scope_code, self.month).get(
            correction=self.correction - 1
        )

    def file_is_whole(self) -> bool:
        """Whether the file is there and is the one whose checksum is kept."""
        if not self.file or not self.file.storage.exists(self.file.name):
            return False
        with self.file.open("rb") as kept:
            return hashlib.file_digest(kept, "sha256").hexdigest() == self.sha256

    def save(self, *args, **kwargs):
        """Raises PublishedIsFrozen for a row that is published in the database."""
        self._refuse_published()
        return super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        self._refuse_published()
        return super().delete(*args, **kwargs)

    def _refuse_published(self):
        if self.pk and MonthlyWorkbook.objects.published().filter(pk=self.pk).exists():
            raise PublishedIsFrozen(self)
