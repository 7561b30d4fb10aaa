"""Accounts: the system administrator opens and closes them, the security administrator gives roles and places.

Neither changes the own rights, and neither can take over the other's account: administrators' passwords are reset
on the server (`manage.py reset_password`). Nobody deletes an account: what it did stays its own.
"""

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.utils import timezone

from banzhuang.core.forms import SecondToldForm

from ..audit import Action, record
from ..models import Assignment, Role, User
from ..parameters import UNUSED_DAYS
from ..scoped_admin import InTurn, WholeSelection

ADMINISTRATORS = {"admin", "security", "auditor"}
OPENING = ("username", "name", "job_title", "scope")
KEEPING = ("name", "job_title", "is_active")
RIGHTS = ("scope", "groups", "is_staff")
ASSIGNED = ["code", "start", "end"]
# How they are looked at: the admin's own picture of yes and no is read out in English.
IN_WORDS = {"groups": "roles", "is_active": "active", "is_staff": "enters_admin"}


class InEditorsPlace(SecondToldForm):
    """`editor`, set by the admin, gives no place outside the own."""

    editor = None
    place = ""

    def clean(self):
        cleaned = super().clean()
        code = cleaned.get(self.place, "")
        if code and not self.editor.covers(code):
            self.add_error(self.place, f"{code} 不在您的范围内，改成范围内的村或镇。")
        return cleaned


class UserForm(InEditorsPlace):
    """No password here: a new account gets a one-time one, shown once."""

    place = "scope"
    groups = forms.ModelMultipleChoiceField(
        Role.objects.all(), label="角色", widget=forms.CheckboxSelectMultiple, required=False
    )

    class Meta:
        model = User
        fields = ["username", "name", "job_title", "scope", "groups", "is_active", "is_staff"]

    def clean_groups(self):
        roles = self.cleaned_data["groups"]
        if len(ADMINISTRATORS.intersection(role.code for role in roles)) > 1:
            raise forms.ValidationError("系统管理员、安全管理员、安全审计员应由不同的人担任，只选一个。")
        return roles


class AssignmentForm(InEditorsPlace):
    place = "code"


class AssignmentInline(admin.TabularInline):
    model = Assignment
    form = AssignmentForm
    extra = 0

    def get_fields(self, request, obj=None):
        return [*ASSIGNED, "read_version"] if gives_rights(request.user, obj) else ASSIGNED

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.editor = request.user
        return formset

    def has_add_permission(self, request, obj):
        return gives_rights(request.user, obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request, obj=None):
        return gives_rights(request.user, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return gives_rights(request.user, obj) and super().has_delete_permission(request, obj)


def gives_rights(editor, account) -> bool:
    """Rights are given by the security administrator, to an account that is there and not the own."""
    return account is not None and account != editor and "security" in editor.role_codes()


class InUse(admin.SimpleListFilter):
    title = "使用情况"
    parameter_name = "use"

    def lookups(self, request, model_admin):
        return [("unused", f"{UNUSED_DAYS.on(timezone.localdate())} 天未登录"), ("due", "须改密码")]

    def queryset(self, request, queryset):
        if self.value() == "unused":
            return queryset.unused(timezone.now())
        return queryset.filter(must_change_password=True) if self.value() == "due" else queryset


@admin.register(User)
class UserAdmin(InTurn, WholeSelection, admin.ModelAdmin):
    form = UserForm
    list_display = ["username", "name", "job_title", "scope", "roles", "active", "last_login"]
    list_filter = ["is_active", InUse, ("groups", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["username", "name"]
    inlines = [AssignmentInline]
    actions = ["reset_password", "end_sessions"]

    def get_queryset(self, request):
        return User.objects.for_user(request.user).prefetch_related("groups")

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        form.editor = request.user
        if "groups" in self.get_exclude(request, obj):
            form.base_fields.pop("groups", None)  # declared above: Django leaves out the model's fields alone
        return form

    def get_exclude(self, request, obj=None):
        """What is not open to the editor is no field of the form, so that forged values are not looked at."""
        return [name for name in UserForm.Meta.fields if name not in open_fields(request.user, obj)]

    def get_readonly_fields(self, request, obj=None):
        return [IN_WORDS.get(name, name) for name in self.get_exclude(request, obj)]

    @admin.display(description="角色")
    def roles(self, user):
        return user.role_names() if user.pk else "开户后由安全管理员授予"

    @admin.display(description="启用", ordering="is_active")
    def active(self, user):
        return yes_or_no(user.is_active)

    @admin.display(description="可进数据管理")
    def enters_admin(self, user):
        return yes_or_no(user.is_staff)

    def has_add_permission(self, request):
        return "admin" in request.user.role_codes() and super().has_add_permission(request)

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        obj.facts_before = facts(User.objects.get(pk=obj.pk)) if change else {}
        if change:
            super().save_model(request, obj, form, change)
        else:
            tell_password(request, obj, obj.give_one_time_password())

    def log_addition(self, request, obj, message):
        record(
            Action.ADD, f"账号 {obj.username}", request=request, scope_code=obj.scope, changes=changes_of(obj)
        )
        return super().log_addition(request, obj, message)

    def log_change(self, request, obj, message):
        changes = changes_of(obj)
        if changes:
            record(
                Action.RIGHTS, f"账号 {obj.username}", request=request, scope_code=obj.scope, changes=changes
            )
        return super().log_change(request, obj, message)

    @admin.action(description="重置密码", permissions=["add"])
    def reset_password(self, request, queryset):
        for user in queryset:
            if user != request.user and ADMINISTRATORS.intersection(user.role_codes()):
                command = f"manage.py reset_password {user.username}"
                messages.error(request, f"{user.name}是管理员，密码在服务器上重置：{command}。")
                continue
            with transaction.atomic():
                password = user.give_one_time_password()
                record(
                    Action.PASSWORD, f"重置 {user.username} 的密码", request=request, scope_code=user.scope
                )
            tell_password(request, user, password)

    @admin.action(description="结束登录", permissions=["change"])
    def end_sessions(self, request, queryset):
        for user in queryset:
            with transaction.atomic():
                User.objects.filter(pk=user.pk).update(sessions_since=timezone.now())
                record(Action.LOGOUT, f"结束 {user.username} 的登录", request=request, scope_code=user.scope)
            messages.success(request, f"{user.name}在各处的登录已结束，可重新登录。")


def open_fields(editor, account) -> set[str]:
    """Nobody closes the own account: who would open it again?"""
    if account is None:
        return set(OPENING)
    fields = set(RIGHTS) if gives_rights(editor, account) else set()
    if "admin" in editor.role_codes():
        fields |= set(KEEPING)
    return fields - {"is_active"} if account == editor else fields


def tell_password(request, user, password):
    messages.success(request, f"{user.name}的一次性密码：{password}（只显示这一次，登录后须修改）。")


def yes_or_no(value: bool) -> str:
    return "是" if value else "否"


def facts(user) -> dict[str, str]:
    """What the trail says of an account, in words."""
    return {
        "姓名": user.name,
        "职务": user.job_title,
        "范围": user.scope,
        "启用": yes_or_no(user.is_active),
        "可进数据管理": yes_or_no(user.is_staff),
        "角色": user.role_names(),
        "包村分工": "、".join(
            f"{a.code}（{a.start}至{a.end or '今'}）" for a in user.assignments.order_by("pk")
        ),
    }


def changes_of(user) -> dict[str, list[str]]:
    before, after = user.facts_before, facts(User.objects.get(pk=user.pk))
    return {
        name: [before.get(name, ""), value] for name, value in after.items() if before.get(name, "") != value
    }
