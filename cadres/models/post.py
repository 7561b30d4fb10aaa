"""Posts (任职): who holds which title in which organisation, from when to when, chosen how, from where."""

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from banzhuang.core.fields import Partial, PrecisionField
from banzhuang.core.intervals import held_on
from banzhuang.core.scoping import ScopedQuerySet
from villages.models import Organisation

from .cadre import Cadre, OfCadre


class PostQuerySet(ScopedQuerySet):
    def live(self, day):
        return self.filter(held_on(day))

    def secretaries(self):
        """Party secretaries of villages and units."""
        return self.filter(title=Post.Title.SECRETARY)

    def of_villages(self):
        return self.filter(organisation__village__isnull=False)

    def ended_between(self, start, end):
        """Posts that ended on a day in [start, end]."""
        return self.filter(end__gte=start, end__lte=end)

    def owned_by(self, user):
        return self.filter(cadre__user=user)

    def succeed(self, former, reason, document="", **new):
        """The new secretary's start ends the former's post, in one act: no day with two, none in between.

        `former` may be None (first secretary); its `end` becomes the new start. → the new post.
        """
        post = Post(title=Post.Title.SECRETARY)
        for name, value in new.items():  # partial dates are no arguments of a model
            setattr(post, name, value)
        with transaction.atomic():
            if former is not None:
                former.ended = post.started
                former.end_reason, former.end_document = reason, document
                former.save()
            post.save()
        return post


def also_director(day) -> Exists:
    """一肩挑: the holder of the post is at once 村委会主任 of the same village on `day`."""
    return Exists(
        Post.objects.filter(
            held_on(day),
            title=Post.Title.DIRECTOR,
            cadre=OuterRef("cadre"),
            organisation__village=OuterRef("organisation__village"),
        )
    )


class Post(OfCadre):
    """任职. One live 书记 an organisation; a successor's start ends the former's post."""

    class Title(models.TextChoices):
        SECRETARY = "secretary", "书记"
        DEPUTY_SECRETARY = "deputy_secretary", "副书记"
        COMMITTEE_MEMBER = "committee_member", "委员"
        FIRST_SECRETARY = "first_secretary", "第一书记"
        ACTING = "acting", "主持工作"
        DIRECTOR = "director", "村委会主任"
        DEPUTY_DIRECTOR = "deputy_director", "村委会副主任"
        DIRECTOR_MEMBER = "director_member", "村委会委员"

    class Selection(models.TextChoices):
        """产生方式: 两推一选、跨村任职、机关选派、动员提前离岗或退休干部职工回村任职 (the report's words)."""

        ELECTION = "election", "两推一选"
        OTHER_VILLAGE = "other_village", "跨村任职"
        FROM_OFFICE = "from_office", "机关选派"
        EARLY_LEAVE = "early_leave", "提前离岗回村"
        RETIRED = "retired", "退休回村"
        OTHER = "other", "其他"

    class Origin(models.TextChoices):
        """原身份."""

        OFFICIAL = "official", "机关干部"
        FORMER_OFFICIAL = "former_official", "退职干部"
        RETIREE = "retiree", "退休"
        ENTREPRENEUR = "entrepreneur", "致富带头人"
        RETURNEE = "returnee", "返乡"
        COOPERATIVE = "cooperative", "合作社负责人"
        GRADUATE = "graduate", "大学生村官"
        VILLAGER = "villager", "本村"

    class EndReason(models.TextChoices):
        TERM = "term", "届满"
        INCOMPETENT = "incompetent", "不称职"
        VIOLATION = "violation", "违规违纪"
        AGE = "age", "到龄"
        HEALTH = "health", "健康"
        RESIGNED = "resigned", "辞职"
        TRANSFERRED = "transferred", "调离"
        DECEASED = "deceased", "去世"
        UNSTATED = "unstated", "未注明"

        @classmethod
        def adjustments(cls):
            """“个别工作不称职或严重违规违纪的村党组织书记及时予以调整”."""
            return [cls.INCOMPETENT, cls.VIOLATION]

    cadre = models.ForeignKey(Cadre, models.PROTECT, related_name="posts", verbose_name="干部")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="posts", verbose_name="组织")
    title = models.CharField("职务", max_length=20, choices=Title.choices)
    selection = models.CharField("产生方式", max_length=16, choices=Selection.choices, blank=True, default="")
    origin = models.CharField("原身份", max_length=16, choices=Origin.choices, blank=True, default="")
    start = models.DateField("任职起", null=True, blank=True, help_text="不详时留空")
    start_precision = PrecisionField()
    term_end = models.DateField("届满", null=True, blank=True, help_text="本届任期到哪一天")
    term_end_precision = PrecisionField()
    end = models.DateField("任职止", null=True, blank=True, help_text="止日当天不再任职；在任时留空")
    end_precision = PrecisionField()
    end_reason = models.CharField(
        "离任原因", max_length=12, choices=EndReason.choices, blank=True, default=""
    )
    end_document = models.CharField("离任文号", max_length=60, blank=True, default="")
    note = models.CharField("备注", max_length=200, blank=True, default="")
    sensitive = ("end_reason",)
    history = HistoricalRecords()

    objects = PostQuerySet.as_manager()

    started = Partial("start")
    term_ends = Partial("term_end")
    ended = Partial("end")

    class Meta(OfCadre.Meta):
        verbose_name = "任职"
        verbose_name_plural = "任职"
        ordering = ["scope_code", "title", "-start"]
        indexes = [models.Index(fields=["title", "scope_code"])]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(title="secretary", end__isnull=True),
                name="one_live_secretary_an_organisation",
                violation_error_message="这个党组织已有在任书记。换人用“书记接任”，前任会同时离任。",
            ),
            models.UniqueConstraint(
                fields=["organisation", "cadre", "title"],
                condition=Q(end__isnull=True),
                name="one_live_post_a_title",
                violation_error_message="这名干部在这个组织已任这一职务。",
            ),
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(start__isnull=True) | Q(end__gte=models.F("start")),
                name="post_ends_after_start",
                violation_error_message="任职止不能早于任职起。",
            ),
            models.CheckConstraint(
                condition=Q(end__isnull=True) | ~Q(end_reason=""),
                name="ended_post_has_a_reason",
                violation_error_message="写了任职止，也要选离任原因。",
            ),
        ]

    def __str__(self):
        return f"{self.cadre} {self.organisation.place}{self.get_title_display()}"

    @property
    def place_code(self):
        return self.organisation.scope_code

    def get_absolute_url(self):
        return reverse("cadre", args=[self.cadre_id])
