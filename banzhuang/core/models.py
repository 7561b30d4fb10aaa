"""Abstract bases of business rows, dated parameters, days of the calendar, and jobs.

`RootModel`: scope, version against lost updates, import batch. `IdentityMixin`, `PhoneMixin`: encrypted numbers.
"""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from simple_history.models import HistoricalRecords

from .fields import DerivedField, EncryptedTextField, HashField, MaskField, PhoneMaskField, ScopeCodeField
from .scoping import ScopedQuerySet


class StaleObject(Exception):
    """The row was changed by someone else since it was read."""


class ScopedModel(models.Model):
    """A row that belongs to a village or a township: its users are those whose scope begins its code."""

    scope_code = ScopeCodeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def place_code(self) -> str:
        """The division code of the village, or of the township, that the row belongs to."""
        raise TypeError(f"{type(self).__name__} does not say where it belongs")


class RootModel(ScopedModel):
    """A row that is edited by people and by ledgers.

    sensitive: names of plain fields (encrypted ones are without saying) of whose change the trail tells the name alone.
    """

    sensitive: tuple[str, ...] = ()

    version = models.PositiveIntegerField("版本", default=1, editable=False)
    batch = models.ForeignKey(
        "ledgers.ImportBatch",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name="导入批次",
    )
    created_at = models.DateTimeField("录入时间", auto_now_add=True)
    updated_at = models.DateTimeField("修改时间", auto_now=True)

    class Meta:
        abstract = True
        default_permissions = ("view", "add", "change", "delete", "import", "export")

    def save(self, *args, **kwargs):
        """Raises StaleObject when the row has moved on since this copy was read."""
        if self._state.adding or self.pk is None:
            super().save(*args, **kwargs)
            return
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], *self.followers()}
        read_at = self.version
        try:
            # One transaction: nobody reads the new version beside the old values.
            with transaction.atomic():
                rows = type(self)._base_manager.filter(pk=self.pk, version=read_at)
                if not rows.update(version=F("version") + 1):
                    raise StaleObject(self)
                self.version = read_at + 1
                super().save(*args, **kwargs)
        except BaseException:
            self.version = read_at
            raise

    def refused_to(self, user) -> str:
        """Why `user`, who may write the table, may not write this row as it stands here; "" when nothing is against it.

        Asked of a row before it is changed and after. A table that has such rows says so; admin, ledgers and undo ask.
        """
        return ""

    def followers(self) -> list[str]:
        """Columns that each save works out anew, also one of few fields: a stale hash would find nobody."""
        derived = (DerivedField, ScopeCodeField)
        return ["updated_at", *(field.name for field in self._meta.fields if isinstance(field, derived))]


def is_guarded(model: type[models.Model]) -> bool:
    """Whether the table has rows that not everybody who may write it may write."""
    return issubclass(model, RootModel) and model.refused_to is not RootModel.refused_to


class IdentityMixin(models.Model):
    """One identity number (GB 11643): encrypted, found by its keyed hash, shown by its mask."""

    id_number = EncryptedTextField("身份证号", blank=True, default="")
    id_number_hash = HashField(max_length=80, source="id_number", db_index=True)
    id_number_mask = MaskField("身份证号（掩码）", max_length=18, source="id_number")

    class Meta:
        abstract = True


class PhoneMixin(models.Model):
    """A phone, or several joined by 、: encrypted, shown by its mask. Nobody is found by it, so it has no hash."""

    phone = EncryptedTextField("联系电话", blank=True, default="")
    phone_mask = PhoneMaskField("联系电话（掩码）", max_length=60, source="phone")

    class Meta:
        abstract = True


class ParameterValue(models.Model):
    """A setting and the day from which it holds; what is declared for it stands in core.parameters."""

    key = models.CharField("参数", max_length=60)
    value = models.CharField("值", max_length=200)
    valid_from = models.DateField("起用日期")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="设置人")

    class Meta:
        verbose_name = "参数"
        verbose_name_plural = "参数"
        ordering = ["key", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "valid_from"],
                name="one_parameter_value_a_day",
                violation_error_message="这个参数在同一天已有一个值，改那一条即可。",
            )
        ]

    def __str__(self):
        return f"{self.key} = {self.value}"


class CalendarDayQuerySet(ScopedQuerySet):
    def within(self, prefixes):
        """Days lie in no place: they are the same everywhere."""
        return self.all()


class CalendarDay(models.Model):
    """A day that is worked or not whatever the library of holidays says of it (core.workdays)."""

    day = models.DateField("日期", unique=True, error_messages={"unique": "这一天已登记过，改那一条即可。"})
    working = models.BooleanField("安排", choices=[(True, "上班"), (False, "休息")])
    note = models.CharField("说明", max_length=60, blank=True, default="", help_text="如 国庆节调休")
    history = HistoricalRecords()

    objects = CalendarDayQuerySet.as_manager()

    class Meta:
        verbose_name = "节假日和调休"
        verbose_name_plural = "节假日和调休"
        ordering = ["-day"]

    def __str__(self):
        return f"{self.day} {self.get_working_display()}"


class JobQuerySet(ScopedQuerySet):
    def owned_by(self, user):
        return self.filter(owner=user)


class Job(models.Model):
    """Long work: what it is, whose, how far, and its result. The message queue only wakes a worker for it."""

    class State(models.TextChoices):
        QUEUED = "queued", "排队中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"

    kind = models.CharField("种类", max_length=40)
    title = models.CharField("事项", max_length=120)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, verbose_name="发起人")
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.QUEUED)
    arguments = models.JSONField(default=dict)
    address = models.CharField("发起地址", max_length=45, blank=True, default="")
    done = models.PositiveIntegerField("已做", default=0)
    total = models.PositiveIntegerField("总数", default=0)
    unit = models.CharField("计数单位", max_length=8, default="", blank=True)
    result = models.JSONField(default=dict, blank=True)
    error = models.CharField("未完成的原因", max_length=300, blank=True, default="")
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    created_at = models.DateTimeField("发起时间", auto_now_add=True)
    beats = models.PositiveIntegerField("心跳次数", default=0)
    finished_at = models.DateTimeField("结束时间", null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = "任务"
        verbose_name_plural = "任务"
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "id"])]

    def __str__(self):
        return self.title

    @property
    def finished(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED}

    @property
    def count(self) -> str:
        """11 / 19 张表."""
        return f"{self.done} / {self.total} {self.unit}".strip() if self.total else ""

    @property
    def percent(self) -> int:
        return min(100, self.done * 100 // self.total) if self.total else 0


class PulseQuerySet(ScopedQuerySet):
    def within(self, prefixes):
        """The portal runs in no place: it is the same everywhere."""
        return self.all()


class Pulse(models.Model):
    """A sign of life of what works unseen: how often it gave one, when last, and what it said then."""

    name = models.CharField("名称", max_length=20, unique=True)
    count = models.PositiveBigIntegerField("次数", default=0)
    at = models.DateTimeField("最近一次")
    facts = models.JSONField("内容", default=dict)

    objects = PulseQuerySet.as_manager()

    class Meta:
        verbose_name = "运行情况"
        verbose_name_plural = "运行情况"

    def __str__(self):
        return self.name
