"""Imports: a batch, its staged rows until they are committed or expire, and what the batch wrote."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from banzhuang.core.fields import EncryptedTextField
from banzhuang.core.models import ScopedModel
from banzhuang.core.scoping import ScopedQuerySet


class ImportBatchQuerySet(ScopedQuerySet):
    def owned_by(self, user):
        return self.filter(owner=user)

    def expired(self, now):
        return self.filter(state=ImportBatch.State.STAGED, expires_at__lte=now)


class ImportBatch(ScopedModel):
    """One uploaded ledger, private to its owner: staged, then committed or given up; committed ones can be undone."""

    class State(models.TextChoices):
        STAGED = "staged", "待核对"
        COMMITTED = "committed", "已提交"
        UNDONE = "undone", "已撤销"
        DISCARDED = "discarded", "已放弃"
        EXPIRED = "expired", "已过期"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="导入人"
    )
    kind = models.CharField("台账种类", max_length=40)
    file_name = models.CharField("文件名", max_length=200)
    sha256 = models.CharField("文件校验", max_length=64)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.STAGED)
    understanding = models.JSONField(
        "识别结果",
        default=dict,
        help_text="sheets、header_rows、columns、unmatched、metadata、dropped，同 import_ledger --json",
    )
    counts = models.JSONField("行数", default=dict, help_text="new、changed、same、invalid、errors、warnings")
    created_at = models.DateTimeField("上传时间", auto_now_add=True)
    expires_at = models.DateTimeField("过期时间")
    committed_at = models.DateTimeField("提交时间", null=True)
    undone_at = models.DateTimeField("撤销时间", null=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = "导入批次"
        verbose_name_plural = "导入批次"
        ordering = ["-id"]

    def __str__(self):
        return f"{self.file_name}（{timezone.localtime(self.created_at):%Y-%m-%d %H:%M}）"

    @property
    def place_code(self):
        return self.owner.scope


class StagedRow(models.Model):
    """One fact of a staged ledger: its Excel row, what would come of it, and everything needed to do it.

    `content` is encrypted JSON (it holds identity numbers): values, problems and writes of the row.
    """

    class Outcome(models.TextChoices):
        NEW = "new", "新增"
        CHANGED = "changed", "修改"
        SAME = "same", "不变"
        INVALID = "invalid", "错误"

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField("次序")
    sheet = models.CharField("工作表", max_length=100)
    number = models.PositiveIntegerField("行号")
    outcome = models.CharField("结果", max_length=8, choices=Outcome.choices)
    warned = models.BooleanField("有提醒", default=False)
    content = EncryptedTextField()

    class Meta:
        verbose_name = "待核对的行"
        verbose_name_plural = "待核对的行"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["batch", "position"], name="staged_row_once")]

    def __str__(self):
        return f"{self.sheet} 第 {self.number} 行"


class BatchChange(models.Model):
    """One row that a batch wrote: as it was before (empty when new) and after, so that it can be undone."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="changes")
    order = models.PositiveIntegerField("次序")
    model = models.CharField("表", max_length=60)
    object_id = models.BigIntegerField("行")
    version = models.PositiveIntegerField("写后的版本")
    before = EncryptedTextField(blank=True, default="")
    after = EncryptedTextField()

    class Meta:
        verbose_name = "批次写入"
        verbose_name_plural = "批次写入"
        ordering = ["order"]
        indexes = [models.Index(fields=["model", "object_id"])]

    def __str__(self):
        return f"{self.model} {self.object_id}"
