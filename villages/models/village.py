"""Villages: known by code, name and aliases, for a time; what varies by year stands in VillageYear."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from banzhuang.core.fields import InitialsField
from banzhuang.core.intervals import held_on
from banzhuang.core.models import RootModel
from banzhuang.core.scoping import ScopedQuerySet

from .township import Area, Township


class VillageQuerySet(ScopedQuerySet):
    def as_of(self, day):
        """Villages that exist on `day`: valid from–to is [start, end)."""
        return self.filter(held_on(day, start="valid_from", end="valid_to"))


class Village(RootModel):
    """行政村, by its 12-digit code. Villages merge and codes change: old facts stay with the old code."""

    township = models.ForeignKey(Township, models.PROTECT, related_name="villages", verbose_name="乡镇")
    area = models.ForeignKey(
        Area, models.SET_NULL, null=True, blank=True, related_name="villages", verbose_name="片区"
    )
    code = models.CharField(
        "区划代码",
        max_length=12,
        unique=True,
        validators=[RegexValidator(r"^\d{12}$", "村的区划代码是 12 位数字。")],
    )
    name = models.CharField("村名", max_length=30)
    initials = InitialsField(max_length=30, source="name", db_index=True)
    aliases = models.JSONField(
        "别名", default=list, blank=True, help_text="台账里的其他写法，如原村名；“村”“村委会”等后缀不用写"
    )
    is_resettled = models.BooleanField("移民村", default=False)
    longitude = models.FloatField("经度", null=True, blank=True)
    latitude = models.FloatField("纬度", null=True, blank=True)
    boundary = models.JSONField("边界", null=True, blank=True, help_text="GeoJSON，可不填")
    valid_from = models.DateField("设立日期", null=True, blank=True)
    valid_to = models.DateField(
        "撤并日期", null=True, blank=True, help_text="当天起不再是村；原有数据仍归本村"
    )
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="predecessors", verbose_name="并入村"
    )
    history = HistoricalRecords()

    objects = VillageQuerySet.as_manager()

    class Meta(RootModel.Meta):
        verbose_name = "村"
        verbose_name_plural = "村"
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["township", "name"],
                condition=Q(valid_to__isnull=True),
                name="village_name_once_a_township",
                violation_error_message="本镇已有同名的村。",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gt=models.F("valid_from")),
                name="village_ends_after_start",
                violation_error_message="撤并日期应晚于设立日期。",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def short_name(self) -> str:
        """The name as dense tables write it, without 村."""
        return self.name.removesuffix("村") or self.name

    @property
    def place_code(self):
        return self.code

    def clean(self):
        if self.code and self.township_id and not self.code.startswith(self.township.code):
            raise ValidationError({"code": f"{self.township}的村，代码应以 {self.township.code} 开头。"})
        if self.successor_id and not self.valid_to:
            raise ValidationError({"valid_to": "写了并入村，也要写撤并日期。"})

    def get_absolute_url(self):
        return reverse("village", args=[self.code])


class VillageYear(RootModel):
    """What varies by year: population, households, whether economically weak, collective income."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="years", verbose_name="村")
    year = models.PositiveSmallIntegerField("年度")
    population = models.PositiveIntegerField("人口", null=True, blank=True, help_text="户籍人口，人")
    households = models.PositiveIntegerField("户数", null=True, blank=True)
    is_weak = models.BooleanField("经济薄弱村", default=False)
    collective_income = models.DecimalField(
        "村集体收入", max_digits=14, decimal_places=2, null=True, blank=True, help_text="元"
    )
    history = HistoricalRecords()

    class Meta(RootModel.Meta):
        verbose_name = "村年度情况"
        verbose_name_plural = "村年度情况"
        ordering = ["village", "-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["village", "year"],
                name="one_row_a_village_year",
                violation_error_message="这个村这一年已有一条。",
            ),
            models.CheckConstraint(
                condition=Q(year__gte=1949) & Q(year__lte=2200),
                name="village_year_plausible",
                violation_error_message="年度应是四位数，如 2026。",
            ),
        ]

    def __str__(self):
        return f"{self.village} {self.year}年"

    @property
    def place_code(self):
        return self.village.code
