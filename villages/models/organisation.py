"""Organisations: party organisations, village committees, township offices, units."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from banzhuang.core.intervals import held_on
from banzhuang.core.models import RootModel
from banzhuang.core.scoping import ScopedQuerySet

from .township import Township
from .village import Village


class OrganisationQuerySet(ScopedQuerySet):
    def as_of(self, day):
        return self.filter(held_on(day))

    def of_party(self):
        return self.filter(kind__in=Organisation.Kind.party())

    def of_villages(self):
        return self.filter(village__isnull=False)


class Organisation(RootModel):
    """党组织、村委会、镇机关、单位; of a village, or of the township when `village` is empty."""

    class Kind(models.TextChoices):
        BRANCH = "branch", "党支部"
        GENERAL_BRANCH = "general_branch", "党总支"
        COMMITTEE = "committee", "党委"
        VILLAGE_COMMITTEE = "village_committee", "村委会"
        OFFICE = "office", "镇机关"
        UNIT = "unit", "单位"

        @classmethod
        def party(cls):
            return [cls.BRANCH, cls.GENERAL_BRANCH, cls.COMMITTEE]

    kind = models.CharField("类别", max_length=20, choices=Kind.choices)
    name = models.CharField("名称", max_length=60)
    township = models.ForeignKey(Township, models.PROTECT, related_name="organisations", verbose_name="乡镇")
    village = models.ForeignKey(
        Village, models.PROTECT, null=True, blank=True, related_name="organisations", verbose_name="村"
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级组织"
    )
    start = models.DateField("成立日期", null=True, blank=True)
    end = models.DateField("撤销日期", null=True, blank=True)
    history = HistoricalRecords()

    objects = OrganisationQuerySet.as_manager()

    class Meta(RootModel.Meta):
        verbose_name = "组织"
        verbose_name_plural = "组织"
        ordering = ["scope_code", "kind", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["township", "name"],
                condition=Q(end__isnull=True),
                name="organisation_name_once_a_township",
                violation_error_message="本镇已有同名的组织。",
            ),
            models.UniqueConstraint(
                fields=["village", "kind"],
                condition=Q(
                    end__isnull=True, kind__in=["branch", "general_branch", "committee", "village_committee"]
                ),
                name="one_organisation_of_a_kind_a_village",
                violation_error_message="这个村已有同类组织，先撤销原来的。",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def place_code(self):
        return self.village.code if self.village_id else self.township.code

    @property
    def place(self) -> str:
        return self.village.name if self.village_id else self.name


class OrganisationYear(RootModel):
    """Party members by year."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="years", verbose_name="组织")
    year = models.PositiveSmallIntegerField("年度")
    members = models.PositiveIntegerField("党员数", help_text="正式党员和预备党员")
    history = HistoricalRecords()

    class Meta(RootModel.Meta):
        verbose_name = "组织年度情况"
        verbose_name_plural = "组织年度情况"
        ordering = ["organisation", "-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "year"],
                name="one_row_an_organisation_year",
                violation_error_message="这个组织这一年已有一条。",
            )
        ]

    def __str__(self):
        return f"{self.organisation} {self.year}年"

    @property
    def place_code(self):
        return self.organisation.scope_code
