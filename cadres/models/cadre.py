"""Cadres: one row a person, whatever posts they hold."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from banzhuang.core.clock import today
from banzhuang.core.fields import InitialsField, Partial, PrecisionField
from banzhuang.core.models import IdentityMixin, PhoneMixin, RootModel
from banzhuang.core.scoping import ScopedQuerySet, in_scope
from villages.models import Township, Village

from .. import rules


class CadreQuerySet(ScopedQuerySet):
    def within(self, prefixes):
        """A person is visible where a live post is: an office cadre sent as secretary is seen by that village."""
        from .post import Post

        posts = Post.objects.live(today()).filter(in_scope(prefixes))
        return self.filter(in_scope(prefixes) | Q(pk__in=posts.values("cadre")))

    def owned_by(self, user):
        return self.filter(user=user)

    def leaders(self, day):
        """镇领导班子 on `day`."""
        return self.filter(category=Cadre.Category.LEADER).at_work(day)

    def at_work(self, day):
        """Not yet left (调离、退休) on `day`."""
        return self.filter(Q(left_on__isnull=True) | Q(left_on__gt=day))


class Cadre(IdentityMixin, PhoneMixin, RootModel):
    """干部: party and township staff, village cadres, graduates, by the columns of the official roster."""

    class Sex(models.TextChoices):
        MALE = "1", "男"
        FEMALE = "2", "女"

    class Category(models.TextChoices):
        LEADER = "leader", "镇三套班子"
        ASSISTANT = "assistant", "助理级"
        CLERK = "clerk", "办事员"
        GRADUATE = "graduate", "大学生村官"
        VILLAGE = "village", "村干部"
        UNIT = "unit", "单位干部"

    class Education(models.TextChoices):
        """GB/T 4658, as the roster writes it."""

        PRIMARY = "primary", "小学"
        JUNIOR = "junior", "初中"
        SENIOR = "senior", "高中"
        VOCATIONAL = "vocational", "中专"
        COLLEGE = "college", "大专"
        BACHELOR = "bachelor", "本科"
        MASTER = "master", "研究生"

    class Political(models.TextChoices):
        """GB/T 4762."""

        MEMBER = "member", "中共党员"
        PROBATIONARY = "probationary", "中共预备党员"
        LEAGUE = "league", "共青团员"
        DEMOCRATIC = "democratic", "民主党派"
        MASSES = "masses", "群众"

    name = models.CharField("姓名", max_length=30)
    initials = InitialsField(max_length=30, source="name", db_index=True)
    sex = models.CharField("性别", max_length=1, choices=Sex.choices, blank=True, default="")
    ethnic_group = models.CharField("民族", max_length=20, blank=True, default="")
    born_on = models.DateField("出生日期", null=True, blank=True)
    born_on_precision = PrecisionField()
    native_place = models.CharField("籍贯", max_length=60, blank=True, default="")
    birthplace = models.ForeignKey(
        Village, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="出生地村"
    )
    education = models.CharField(
        "全日制学历", max_length=12, choices=Education.choices, blank=True, default=""
    )
    in_service_education = models.CharField(
        "在职学历", max_length=12, choices=Education.choices, blank=True, default=""
    )
    school = models.CharField("毕业院校及专业", max_length=100, blank=True, default="")
    political_status = models.CharField(
        "政治面貌", max_length=12, choices=Political.choices, blank=True, default=""
    )
    joined_party_on = models.DateField("入党时间", null=True, blank=True)
    joined_party_on_precision = PrecisionField()
    started_work_on = models.DateField("参加工作时间", null=True, blank=True)
    started_work_on_precision = PrecisionField()
    category = models.CharField("人员类别", max_length=10, choices=Category.choices)
    position = models.CharField(
        "职务",
        max_length=60,
        blank=True,
        default="",
        help_text="花名册上的写法；有起止时间的职务在“任职”中登记",
    )
    township = models.ForeignKey(Township, models.PROTECT, related_name="cadres", verbose_name="乡镇")
    village = models.ForeignKey(
        Village, models.PROTECT, null=True, blank=True, related_name="cadres", verbose_name="村"
    )
    left_on = models.DateField("离岗日期", null=True, blank=True, help_text="调离、退休等，当天起不在岗")
    left_on_precision = PrecisionField()
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="cadre",
        verbose_name="账号",
    )
    note = models.CharField("备注", max_length=200, blank=True, default="")
    sensitive = ("phone",)
    history = HistoricalRecords()

    objects = CadreQuerySet.as_manager()

    born = Partial("born_on")
    joined_party = Partial("joined_party_on")
    started_work = Partial("started_work_on")
    left = Partial("left_on")

    class Meta(RootModel.Meta):
        verbose_name = "干部"
        verbose_name_plural = "干部"
        ordering = ["initials", "pk"]
        permissions = [("reveal_cadre", "可查看完整身份证号和电话")]
        constraints = [
            models.UniqueConstraint(
                fields=["township", "id_number_hash"],
                condition=~Q(id_number_hash=""),
                name="cadre_once_by_id_number",
                violation_error_message="这个身份证号已登记过一名干部，一人只登记一次。",
            )
        ]

    def __str__(self):
        return self.name

    @property
    def place_code(self):
        return self.village.code if self.village_id else self.township.code

    def get_absolute_url(self):
        return reverse("cadre", args=[self.pk])

    def refused_to(self, user):
        return rules.written_by_another(self.user_id, user.pk)


class OfCadre(RootModel):
    """A row that states facts about its `cadre`, who does not write them."""

    class Meta(RootModel.Meta):
        abstract = True

    def refused_to(self, user):
        return self.cadre.refused_to(user) if self.cadre_id else ""
