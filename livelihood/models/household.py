"""Households (困难户): who lives there, how the household stands year by year, and what it counts as, for a time."""

from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from banzhuang.core.fields import EncryptedTextField, InitialsField, Partial, PrecisionField
from banzhuang.core.intervals import held_on
from banzhuang.core.models import IdentityMixin, PhoneMixin, RootModel
from banzhuang.core.scoping import ScopedQuerySet, in_scope
from villages.models import Village


def registered_on(day, prefix: str = "") -> Q:
    """Condition: the household stands in the register on `day`."""
    return held_on(day, prefix, "registered_on", "removed_on")


class Health(models.TextChoices):
    """健康状况, as the register of poor households writes it."""

    HEALTHY = "healthy", "健康"
    CHRONIC = "chronic", "长期慢性病"
    SERIOUS = "serious", "患有大病"
    DISABLED = "disabled", "残疾"


class HouseholdQuerySet(ScopedQuerySet):
    def as_of(self, day):
        """Households in the register on `day`."""
        return self.filter(registered_on(day))

    def owned_by(self, user):
        """Those whom the user's cadre is the contact of, now, and those whose open need the user's office answers.

        What was handed over, or answered, is not one's own any more.
        """
        from .contact import Contact
        from .need import Need

        contacts = Contact.objects.filter(cadre__user=user, end__isnull=True)
        needs = Need.objects.for_offices_of(user).filter(closed_on__isnull=True)
        own = Q(pk__in=contacts.values("household")) | Q(pk__in=needs.values("household"))
        return self.filter(in_scope(user.scopes()), own)


class Household(IdentityMixin, PhoneMixin, RootModel):
    """困难户. The identity number is the head's; members are the other persons of the family."""

    class RemovalReason(models.TextChoices):
        MOVED = "moved", "整户迁出"
        DECEASED = "deceased", "整户死亡"
        MERGED = "merged", "并户"
        MISTAKEN = "mistaken", "错登"
        IMPROVED = "improved", "稳定脱困"
        OTHER = "other", "其他"

    village = models.ForeignKey(Village, models.PROTECT, related_name="poor_households", verbose_name="村")
    number = models.CharField("户编号", max_length=30, blank=True, default="")
    head = models.CharField("户主", max_length=30)
    initials = InitialsField(max_length=30, source="head", db_index=True)
    group = models.CharField("村民小组", max_length=20, blank=True, default="", help_text="如 3 组")
    address = models.CharField("住址", max_length=100, blank=True, default="")
    health = EncryptedTextField("户主健康状况", choices=Health.choices, blank=True, default="")
    registered_on = models.DateField("建档日期", null=True, blank=True, help_text="不详时留空")
    registered_on_precision = PrecisionField()
    removed_on = models.DateField("出册日期", null=True, blank=True, help_text="当天起不在册；在册时留空")
    removed_on_precision = PrecisionField()
    removal_reason = models.CharField(
        "出册原因", max_length=10, choices=RemovalReason.choices, blank=True, default=""
    )
    note = models.CharField("备注", max_length=200, blank=True, default="")
    sensitive = ("phone",)
    history = HistoricalRecords()

    objects = HouseholdQuerySet.as_manager()

    registered = Partial("registered_on")
    removed = Partial("removed_on")

    class Meta(RootModel.Meta):
        verbose_name = "困难户"
        verbose_name_plural = "困难户"
        ordering = ["scope_code", "initials", "pk"]
        permissions = [("reveal_household", "可查看困难户完整身份证号、电话和健康状况")]
        constraints = [
            models.UniqueConstraint(
                fields=["village", "id_number_hash"],
                condition=~Q(id_number_hash="") & Q(removed_on__isnull=True),
                name="household_once_by_id_number",
                violation_error_message="这个身份证号的户主已在册，一户只登记一次。",
            ),
            models.CheckConstraint(
                condition=Q(removed_on__isnull=True)
                | Q(registered_on__isnull=True)
                | Q(removed_on__gte=F("registered_on")),
                name="household_removed_after_registered",
                violation_error_message="出册日期不能早于建档日期。",
            ),
            models.CheckConstraint(
                condition=Q(removed_on__isnull=True) | ~Q(removal_reason=""),
                name="removed_household_has_a_reason",
                violation_error_message="写了出册日期，也要选出册原因。",
            ),
        ]

    def __str__(self):
        return self.head

    @property
    def place_code(self):
        return self.village.code

    @property
    def place(self) -> str:
        """西响石村3组."""
        return f"{self.village.name}{self.group}"

    def get_absolute_url(self):
        return reverse("household", args=[self.pk])

    def save(self, *args, **kwargs):
        """What still holds moves along with a household that moves; past facts stay with the village of their time."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            for rows in (self.contacts, self.labels, self.members):
                for row in rows.filter(end__isnull=True).exclude(scope_code=self.scope_code):
                    row.save()
            for need in self.needs.filter(closed_on__isnull=True).exclude(scope_code=self.scope_code):
                need.save()


class OfHousehold(RootModel):
    """A row that belongs to a household, and lies where the household lay when it was saved."""

    class Meta(RootModel.Meta):
        abstract = True

    @property
    def place_code(self):
        return self.household.scope_code


class OfHouseholdQuerySet(ScopedQuerySet):
    def owned_by(self, user):
        return self.filter(household__in=Household.objects.owned_by(user).values("pk"))

    def live(self, day):
        return self.filter(held_on(day))


class Cause(models.TextChoices):
    """致贫原因."""

    DISASTER = "disaster", "因灾"
    ILLNESS = "illness", "因病"
    DISABILITY = "disability", "因残"
    SCHOOLING = "schooling", "因学"
    SKILL = "skill", "缺技术"
    LABOUR = "labour", "缺劳力"
    FUNDS = "funds", "缺资金"
    OTHER = "other", "其他"


class HouseholdYear(OfHousehold):
    """家庭年度情况: persons, workers, causes, housing and income of one year, in yuan."""

    class Housing(models.TextChoices):
        SAFE = "safe", "安全住房"
        GRADE_C = "grade_c", "C级危房"
        GRADE_D = "grade_d", "D级危房"
        NONE = "none", "无房"

    household = models.ForeignKey(Household, models.CASCADE, related_name="years", verbose_name="困难户")
    year = models.PositiveSmallIntegerField("年度")
    members = models.PositiveSmallIntegerField("家庭人口", null=True, blank=True)
    workers = models.PositiveSmallIntegerField("劳动力人数", null=True, blank=True)
    cause = models.CharField("主要致贫原因", max_length=12, choices=Cause.choices, blank=True, default="")
    other_causes = models.JSONField("其他致贫原因", default=list, blank=True)
    housing = models.CharField("住房情况", max_length=8, choices=Housing.choices, blank=True, default="")
    wage_income = models.DecimalField("工资性收入", max_digits=12, decimal_places=2, null=True, blank=True)
    business_income = models.DecimalField(
        "经营性收入", max_digits=12, decimal_places=2, null=True, blank=True
    )
    property_income = models.DecimalField(
        "财产性收入", max_digits=12, decimal_places=2, null=True, blank=True
    )
    transfer_income = models.DecimalField(
        "转移性收入", max_digits=12, decimal_places=2, null=True, blank=True
    )
    sensitive = (
        "cause",
        "other_causes",
    )
    history = HistoricalRecords()

    objects = OfHouseholdQuerySet.as_manager()

    class Meta(OfHousehold.Meta):
        verbose_name = "家庭年度情况"
        verbose_name_plural = "家庭年度情况"
        ordering = ["household", "-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "year"],
                name="one_row_a_household_year",
                violation_error_message="这一户这一年已有一条。",
            ),
            models.CheckConstraint(
                condition=Q(year__gte=1949) & Q(year__lte=2200),
                name="household_year_plausible",
                violation_error_message="年度应是四位数，如 2026。",
            ),
            models.CheckConstraint(
                condition=Q(workers__isnull=True) | Q(members__isnull=True) | Q(workers__lte=F("members")),
                name="workers_not_more_than_members",
                violation_error_message="劳动力人数不能多于家庭人口。",
            ),
        ]

    def __str__(self):
        return f"{self.household} {self.year}年"

    @property
    def cause_codes(self) -> list[str]:
        """The causes, 主要致贫原因 first; set, they fill both columns."""
        return [code for code in [self.cause, *self.other_causes] if code]

    @cause_codes.setter
    def cause_codes(self, codes: list[str]):
        self.cause, self.other_causes = codes[0] if codes else "", list(codes[1:])

    @property
    def causes(self) -> list[str]:
        """主要致贫原因 first, then the others, in words."""
        words = dict(Cause.choices)
        return [words[code] for code in dict.fromkeys([self.cause, *self.other_causes]) if code in words]

    @property
    def income(self):
        """Yuan of the year, None when nothing is known."""
        lines = [self.wage_income, self.business_income, self.property_income, self.transfer_income]
        known = [line for line in lines if line is not None]
        return sum(known) if known else None


class HouseholdLabel(OfHousehold):
    """What a household counts as, for a time: 建档立卡户, 低保 …"""

    class Kind(models.TextChoices):
        REGISTERED = "registered", "建档立卡户"
        LIFTED = "lifted", "脱贫户"
        UNSTABLE = "unstable", "脱贫不稳定户"
        MARGINAL = "marginal", "边缘易致贫户"
        HARDSHIP = "hardship", "突发严重困难户"
        MINIMUM = "minimum", "低保"
        MINIMUM_MARGINAL = "minimum_marginal", "低保边缘"
        DESTITUTE = "destitute", "特困"
        LOW_INCOME = "low_income", "低收入农户"
        OTHER = "other", "其他困难"

    household = models.ForeignKey(Household, models.CASCADE, related_name="labels", verbose_name="困难户")
    kind = models.CharField("类别", max_length=16, choices=Kind.choices)
    start = models.DateField("认定日期", null=True, blank=True, help_text="不详时留空")
    start_precision = PrecisionField()
    end = models.DateField("退出日期", null=True, blank=True, help_text="当天起不再是这一类")
    end_precision = PrecisionField()
    how_ended = models.CharField("退出原因", max_length=60, blank=True, default="")
    history = HistoricalRecords()

    objects = OfHouseholdQuerySet.as_manager()

    started = Partial("start")
    ended = Partial("end")

    class Meta(OfHousehold.Meta):
        verbose_name = "困难类别"
        verbose_name_plural = "困难类别"
        ordering = ["household", "-start"]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "kind"],
                condition=Q(end__isnull=True),
                name="one_live_label_of_a_kind",
                violation_error_message="这一户现在已是这一类。",
            ),
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(start__isnull=True) | Q(end__gte=F("start")),
                name="label_ends_after_start",
                violation_error_message="退出日期不能早于认定日期。",
            ),
        ]

    def __str__(self):
        return f"{self.household} {self.get_kind_display()}"


class Member(IdentityMixin, OfHousehold):
    """家庭成员 beside the head. Health is encrypted and shown only with a reason."""

    class Sex(models.TextChoices):
        MALE = "1", "男"
        FEMALE = "2", "女"

    class Relation(models.TextChoices):
        """GB/T 4761, 与户主关系."""

        SPOUSE = "spouse", "配偶"
        SON = "son", "子"
        DAUGHTER = "daughter", "女"
        DAUGHTER_IN_LAW = "daughter_in_law", "儿媳"
        SON_IN_LAW = "son_in_law", "女婿"
        GRANDCHILD = "grandchild", "孙子女"
        DAUGHTERS_CHILD = "daughters_child", "外孙子女"
        PARENT = "parent", "父母"
        PARENT_IN_LAW = "parent_in_law", "岳父母、公婆"
        GRANDPARENT = "grandparent", "祖父母"
        SIBLING = "sibling", "兄弟姐妹"
        OTHER = "other", "其他"

    class Skill(models.TextChoices):
        """劳动能力."""

        SKILLED = "skilled", "技能劳动力"
        ORDINARY = "ordinary", "普通劳动力"
        WEAK = "weak", "弱劳动力或半劳动力"
        NONE = "none", "无劳动力"

    household = models.ForeignKey(Household, models.CASCADE, related_name="members", verbose_name="困难户")
    name = models.CharField("姓名", max_length=30)
    relation = models.CharField("与户主关系", max_length=16, choices=Relation.choices)
    sex = models.CharField("性别", max_length=1, choices=Sex.choices, blank=True, default="")
    born_on = models.DateField("出生日期", null=True, blank=True)
    born_on_precision = PrecisionField()
    health = EncryptedTextField("健康状况", choices=Health.choices, blank=True, default="")
    skill = models.CharField("劳动能力", max_length=10, choices=Skill.choices, blank=True, default="")
    school = models.CharField("在读学校及年级", max_length=60, blank=True, default="")
    start = models.DateField("入户日期", null=True, blank=True, help_text="出生、婚入等；不详时留空")
    start_precision = PrecisionField()
    end = models.DateField("离户日期", null=True, blank=True, help_text="去世、迁出等；在户时留空")
    end_precision = PrecisionField()
    end_reason = models.CharField("离户原因", max_length=30, blank=True, default="")
    history = HistoricalRecords()

    objects = OfHouseholdQuerySet.as_manager()

    born = Partial("born_on")
    started = Partial("start")
    ended = Partial("end")

    class Meta(OfHousehold.Meta):
        verbose_name = "家庭成员"
        verbose_name_plural = "家庭成员"
        ordering = ["household", "relation", "born_on", "pk"]
        permissions = [("reveal_member", "可查看家庭成员完整身份证号和健康状况")]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "id_number_hash"],
                condition=~Q(id_number_hash="") & Q(end__isnull=True),
                name="member_once_by_id_number",
                violation_error_message="这个身份证号的成员已在本户。",
            ),
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(start__isnull=True) | Q(end__gte=F("start")),
                name="member_leaves_after_joining",
                violation_error_message="离户日期不能早于入户日期。",
            ),
        ]

    def __str__(self):
        return self.name
