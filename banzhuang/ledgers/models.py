"""Imports: a batch, its staged rows until they are committed or expire, what the batch wrote; forms matched by hand."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from banzhuang.core.fields import EncryptedTextField
from banzhuang.core.models import ScopedModel
from banzhuang.core.scoping import ScopedQuerySet


class ImportBatchQuerySet(ScopedQuerySet):
    def owned_by(self, user):
        return self.filter(owner=user)

    def waiting(self):
        """Neither written nor given up."""
        return self.filter(state__in=ImportBatch.WAITING)

    def expired(self, now):
        return self.waiting().filter(expires_at__lte=now)


class ImportBatch(ScopedModel):
    """One uploaded ledger, private to its owner: read, staged, then committed or given up; committed ones can be undone.

    While its `job` is not finished it is being read (READING) or written (STAGED).
    """

    class State(models.TextChoices):
        READING = "reading", "正在读取"
        UNMATCHED = "unmatched", "待指定"
        FAILED = "failed", "未读成"
        STAGED = "staged", "待核对"
        COMMITTED = "committed", "已提交"
        UNDONE = "undone", "已撤销"
        DISCARDED = "discarded", "已放弃"
        EXPIRED = "expired", "已过期"

    WAITING = (State.READING, State.UNMATCHED, State.STAGED)

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="导入人"
    )
    kind = models.CharField("台账种类", max_length=40, blank=True, help_text="读懂之前可以没有")
    file_name = models.CharField("文件名", max_length=200)
    sha256 = models.CharField("文件校验", max_length=64)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.STAGED)
    understanding = models.JSONField(
        "识别结果",
        default=dict,
        help_text="sheets、header_rows、columns、unmatched、metadata、dropped，同 import_ledger --json",
    )
    counts = models.JSONField("行数", default=dict, help_text="new、changed、same、invalid、errors、warnings")
    chosen = models.JSONField("手工指定", default=dict, help_text="种类、工作表、各列")
    findings = EncryptedTextField("核对摘要", blank=True, default="")
    revision = models.PositiveIntegerField("第几次读取", default=0)
    upload = models.CharField("保存的原文件", max_length=40, blank=True, default="")
    job = models.ForeignKey(
        "core.Job", models.SET_NULL, null=True, related_name="+", verbose_name="正在做的任务"
    )
    error = models.CharField("没有读成的原因", max_length=300, blank=True, default="")
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

    @property
    def busy(self) -> bool:
        """Whether a worker is reading or writing it, or will."""
        return self.job is not None and not self.job.finished


class FormMatch(ScopedModel):
    """How somebody matched the columns of a form by hand; the next file with these headers is read so in the township.

    fingerprint: of the headers (choosing.fingerprint); columns: header as joined → key, or None for not imported.
    """

    kind = models.CharField("台账种类", max_length=40)
    fingerprint = models.CharField("表头校验", max_length=64)
    columns = models.JSONField("列的对应", default=dict)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="指定人"
    )
    made_at = models.DateTimeField("指定时间", auto_now=True)

    class Meta:
        verbose_name = "列的对应"
        verbose_name_plural = "列的对应"
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope_code", "kind", "fingerprint"],
                name="one_match_a_form",
                violation_error_message="这种表的对应已经记住，改那一条即可。",
            )
        ]

    def __str__(self):
        return f"按 {timezone.localdate(self.made_at)} {self.made_by.name} 的对应"

    @property
    def place_code(self):
        return self.made_by.scope[:9]


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
