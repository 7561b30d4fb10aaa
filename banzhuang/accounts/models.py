"""Users with a scope and roles, assignments of villages beside the scope, and the audit trail."""

import datetime

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from banzhuang.core.clock import today
from banzhuang.core.codes import in_groups
from banzhuang.core.scoping import ScopedQuerySet, in_scope

from .log_ins import FailedLogIn, FamiliarAddress
from .parameters import PASSWORD_DAYS, UNUSED_DAYS
from .passwords import REMEMBERED, one_time_password

__all__ = ["Assignment", "AuditEvent", "FailedLogIn", "FamiliarAddress", "Role", "TrailEnd", "User"]

SCOPE_VALIDATOR = RegexValidator(r"^\d{6}(\d{3}(\d{3})?)?$", "区划代码是 6、9 或 12 位数字，如镇 320707109。")


# A password given by the administrator opens an unused account again.
SIGNS_OF_USE = ("created_at", "last_login", "password_changed_at")


def unused_limit(now: datetime.datetime) -> datetime.datetime:
    return now - datetime.timedelta(days=UNUSED_DAYS.on(timezone.localdate(now)))


class UserQuerySet(ScopedQuerySet):
    def within(self, prefixes):
        return self.filter(in_scope(prefixes, "scope"), is_system=False)

    def unused(self, now):
        """Accounts that were not logged in to for so long that they no longer can be."""
        limit = unused_limit(now)
        never_or_before = (
            Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__lt": limit}) for name in SIGNS_OF_USE
        )
        return self.filter(*never_or_before, is_system=False, is_demo=False)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def create_user(self, username, password=None, **fields):
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save()
        return user

    def system(self, scope):
        """The user in whose name commands and the clock act: no password, sees all of `scope`."""
        user, created = self.get_or_create(
            username=f"system-{scope}", defaults={"name": "系统", "scope": scope, "is_system": True}
        )
        if created:
            user.set_unusable_password()
            user.save()
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """One person at one post. There is no superuser: everyone has what the roles give."""

    username = models.CharField(
        "用户名",
        max_length=32,
        unique=True,
        validators=[RegexValidator(r"^[a-zA-Z0-9_.-]+$", "用户名只用字母、数字和 _ . -。")],
        error_messages={"unique": "这个用户名已有人用，换一个。"},
    )
    name = models.CharField("姓名", max_length=20)
    scope = models.CharField(
        "范围", max_length=12, validators=[SCOPE_VALIDATOR], help_text="区划代码：镇 9 位，村 12 位"
    )
    job_title = models.CharField("职务", max_length=40, blank=True, default="")
    is_active = models.BooleanField("启用", default=True, help_text="停用后不能登录，记录保留")
    is_staff = models.BooleanField("可进数据管理", default=False)
    is_system = models.BooleanField("系统用户", default=False, editable=False)
    is_demo = models.BooleanField("演示账号", default=False, editable=False)
    must_change_password = models.BooleanField("须修改密码", default=True)
    password_changed_at = models.DateTimeField("密码修改时间", null=True, blank=True, editable=False)
    former_passwords = models.JSONField("用过的密码（散列）", default=list, editable=False)
    sessions_since = models.DateTimeField("此前的登录已结束", null=True, editable=False)
    created_at = models.DateTimeField("开户时间", auto_now_add=True)
    is_superuser = False

    objects = UserManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name", "scope"]

    class Meta:
        verbose_name = "账号"
        verbose_name_plural = "账号"
        ordering = ["username"]
        permissions = [("import_user", "可导入账号"), ("export_user", "可导出账号")]

    def __str__(self):
        return self.name or self.username

    @property
    def scope_code(self):
        return self.scope

    def set_password(self, raw_password):
        """Also remembers the password before, so that none of the last ones is used again."""
        if self.password and self.has_usable_password():
            self.former_passwords = [self.password, *self.former_passwords][: REMEMBERED - 1]
        super().set_password(raw_password)

    def change_password(self, password: str, *, one_time: bool = False) -> None:
        """Set and save; every other session of the account is over, for its hash no longer fits."""
        self.set_password(password)
        self.must_change_password = one_time
        self.password_changed_at = timezone.now()
        self.save()

    def give_one_time_password(self) -> str:
        """A new password to be told once and changed at the next log-in; it also opens an unused account again."""
        password = one_time_password()
        self.change_password(password, one_time=True)
        return password

    def password_is_due(self, now: datetime.datetime) -> bool:
        """Whether the password must be changed before anything else: at first, after a reset, and when it is old."""
        if self.is_demo:
            return False
        days = PASSWORD_DAYS.on(timezone.localdate(now))
        age = now - (self.password_changed_at or self.created_at)
        return self.must_change_password or 0 < days <= age.days

    def is_unused(self, now: datetime.datetime) -> bool:
        """As `UserQuerySet.unused`, for one account."""
        if self.is_system or self.is_demo:
            return False
        return max(filter(None, (getattr(self, name) for name in SIGNS_OF_USE))) < unused_limit(now)

    def role_codes(self) -> list[str]:
        """Codes of the roles held; read once per instance."""
        if not hasattr(self, "_role_codes"):
            self._role_codes = list(Role.objects.filter(user=self).values_list("code", flat=True))
        return self._role_codes

    def role_names(self) -> str:
        """For lists, with `groups` prefetched."""
        return "、".join(group.name for group in self.groups.all())

    def scopes(self) -> list[str]:
        """The scope and the villages assigned beside it today."""
        if not hasattr(self, "_scopes"):
            assigned = self.assignments.live(today()).values_list("code", flat=True)
            self._scopes = [code for code in [self.scope, *assigned] if code]
        return self._scopes

    def covers(self, code: str) -> bool:
        """Whether the division code lies in one of the scopes."""
        return any(code.startswith(scope) for scope in self.scopes())


class RoleQuerySet(ScopedQuerySet):
    def within(self, prefixes):
        """Roles lie in no place: they are the same everywhere."""
        return self.all()


class Role(Group):
    """A group with a stable code, a column of the access table. Which permissions were shipped is remembered,
    so that one taken away by an administrator stays away."""

    code = models.CharField("代码", max_length=20, unique=True)
    shipped = models.JSONField(default=list, editable=False)

    objects = RoleQuerySet.as_manager()

    class Meta:
        verbose_name = "角色"
        verbose_name_plural = "角色"


class AssignmentQuerySet(ScopedQuerySet):
    def live(self, day):
        return self.filter(Q(end__isnull=True) | Q(end__gt=day), start__lte=day)

    def within(self, prefixes):
        return self.filter(in_scope(prefixes, "code"))


class Assignment(models.Model):
    """包村、片区: a village or area that a user looks after, beside the own scope, for a time."""

    user = models.ForeignKey(User, models.CASCADE, related_name="assignments", verbose_name="账号")
    code = models.CharField("区划代码", max_length=12, validators=[SCOPE_VALIDATOR])
    start = models.DateField("起")
    end = models.DateField("止", null=True, blank=True, help_text="止日当天不再生效")

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = "包村分工"
        verbose_name_plural = "包村分工"
        constraints = [
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gt=models.F("start")),
                name="assignment_ends_after_start",
                violation_error_message="止日应晚于起日。",
            )
        ]

    def __str__(self):
        return f"{self.user} {self.code}"


class AppendOnlyQuerySet(models.QuerySet):
    def update(self, **kwargs):
        raise TypeError("the audit trail is append-only")

    def delete(self):
        raise TypeError("the audit trail is append-only")


class AuditEventQuerySet(AppendOnlyQuerySet, ScopedQuerySet):
    def within(self, prefixes):
        """Also what belongs to no place: log-ins refused to a name that is no account."""
        return self.filter(in_scope(prefixes) | Q(scope_code=""))

    def done_on(self, day, user, action):
        """What `user` did of a kind on a day; what was refused is left out."""
        start = timezone.make_aware(datetime.datetime.combine(day, datetime.time()))
        end = start + datetime.timedelta(days=1)
        return self.filter(user=user, action=action, succeeded=True, at__gte=start, at__lt=end)


class AppendOnly(models.Model):
    """Written once; the database's triggers say the same (append_only.py)."""

    class Meta:
        abstract = True

    def save(self, **kwargs):
        if not self._state.adding:
            raise TypeError("the audit trail is append-only")
        super().save(**kwargs | {"force_insert": True})

    def delete(self, *args, **kwargs):
        raise TypeError("the audit trail is append-only")


class AuditEvent(AppendOnly):
    """One thing somebody did. It is written unsealed, so that nobody waits for anybody; trail.py seals it soon after."""

    class Action(models.TextChoices):
        LOGIN = "login", "登录"
        LOGOUT = "logout", "退出"
        REFUSED = "refused", "登录被拒"
        ALARM = "alarm", "登录告警"
        DENIED = "denied", "访问被拒"
        PASSWORD = "password", "修改密码"
        CHANGE = "change", "修改"
        ADD = "add", "新增"
        DELETE = "delete", "删除"
        IMPORT = "import", "导入"
        UNDO = "undo", "撤销导入"
        EXPORT = "export", "导出"
        PRINT = "print", "打印"
        REVEAL = "reveal", "查看敏感信息"
        PUBLISH = "publish", "发布"
        RIGHTS = "rights", "权限变更"

    at = models.DateTimeField("时间", db_index=True)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="用户")
    username = models.CharField("用户名", max_length=64, blank=True)
    address = models.CharField("地址", max_length=45, blank=True)
    action = models.CharField("行为", max_length=10, choices=Action.choices, db_index=True)
    scope_code = models.CharField("区划代码", max_length=12, blank=True, db_index=True)
    subject = models.CharField("对象", max_length=200, blank=True)
    detail = models.JSONField("内容", default=dict, blank=True)
    succeeded = models.BooleanField("成功", default=True)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        verbose_name = "审计记录"
        verbose_name_plural = "审计记录"
        ordering = ["-id"]

    def __str__(self):
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M:%S} {self.username} {self.get_action_display()}"

    def save(self, **kwargs):
        self.at = timezone.now()
        super().save(**kwargs)

    def explanation(self) -> str:
        """What the trail's page says beside the act: the reason given, and what was changed."""
        changes = [
            f"{name}：{old or '空'} → {new or '空'}"
            for name, (old, new) in self.detail.get("changes", {}).items()
        ]
        fields = "、".join(self.detail.get("fields") or [])
        named = f"{fields}（内容不记）" if fields else ""
        below = self.detail.get("rows_below") or []
        return "；".join(filter(None, [self.detail.get("reason", ""), *changes, named, *below]))


class Seal(AppendOnly):
    """The seal of one event. Their numbers are the order of the chain and have no gap; events have gaps (what was
    rolled back) and may come late (what took long to commit), so their own order is not the chain's.

    No constraint holds the event: one that was removed is to be missed, not to be in somebody's way.
    """

    number = models.PositiveBigIntegerField("序号", primary_key=True)
    event = models.OneToOneField(
        AuditEvent, models.DO_NOTHING, db_constraint=False, related_name="seal", verbose_name="审计记录"
    )
    at = models.DateTimeField("封印时间")
    digest = models.CharField("封印", max_length=64)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = "审计封印"
        verbose_name_plural = "审计封印"
        ordering = ["number"]

    def __str__(self):
        return f"{self.number} {self.groups}"

    @property
    def groups(self) -> str:
        """The seal as it is printed, and typed in again."""
        return in_groups(self.digest)


class TrailEnd(models.Model):
    """The last seal and how many there are: one row, which the sealer locks, and no writer of events.

    `mark` is keyed like the seals: what is cut off at the end is missed, and whoever has only the database cannot
    write another end.
    """

    seal = models.CharField("末条封印", max_length=64, default="", blank=True)
    events = models.PositiveBigIntegerField("条数", default=0)
    mark = models.CharField("末尾记号", max_length=64, default="", blank=True)

    class Meta:
        verbose_name = "审计记录末尾"
        verbose_name_plural = "审计记录末尾"

    def __str__(self):
        return f"{self.events} 条"
