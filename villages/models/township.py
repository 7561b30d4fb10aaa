"""The township and its areas (片区)."""

from django.core.validators import RegexValidator
from django.db import models
from simple_history.models import HistoricalRecords

from banzhuang.core.models import RootModel


class Township(RootModel):
    """乡镇, by its 9-digit division code."""

    code = models.CharField(
        "区划代码",
        max_length=9,
        unique=True,
        validators=[RegexValidator(r"^\d{9}$", "镇的区划代码是 9 位数字。")],
    )
    name = models.CharField("名称", max_length=30)
    history = HistoricalRecords()

    class Meta(RootModel.Meta):
        verbose_name = "乡镇"
        verbose_name_plural = "乡镇"
        ordering = ["code"]

    def __str__(self):
        return self.name

    @property
    def place_code(self):
        return self.code


class Area(RootModel):
    """片区: a group of villages that the township looks after together, e.g. 山西片."""

    township = models.ForeignKey(Township, models.PROTECT, related_name="areas", verbose_name="乡镇")
    name = models.CharField("名称", max_length=30)
    order = models.PositiveSmallIntegerField("排序", default=0)
    history = HistoricalRecords()

    class Meta(RootModel.Meta):
        verbose_name = "片区"
        verbose_name_plural = "片区"
        ordering = ["township", "order", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["township", "name"],
                name="area_name_once_a_township",
                violation_error_message="这个镇已有同名的片区。",
            )
        ]

    def __str__(self):
        return self.name

    @property
    def place_code(self):
        return self.township.code
