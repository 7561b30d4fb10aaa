"""Accounts, roles and assignments, for the administrators."""

import secrets

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group

from .audit import Action, record
from .models import Assignment, Role, User

admin.site.unregister(Group)


class AssignmentInline(admin.TabularInline):
    model = Assignment
    extra = 0


class UserForm(forms.ModelForm):
    """No password here: a new account gets a one-time one, shown once."""

    class Meta:
        model = User
        fields = ["username", "name", "job_title", "scope", "groups", "is_active", "is_staff"]

    groups = forms.ModelMultipleChoiceField(
        Role.objects.all(), label="角色", widget=forms.CheckboxSelectMultiple, required=False
    )


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    form = UserForm
    list_display = ["username", "name", "job_title", "scope", "role_names", "is_active", "last_login"]
    list_filter = ["is_active", "groups"]
    search_fields = ["username", "name"]
    inlines = [AssignmentInline]
    actions = ["reset_password"]

    def get_queryset(self, request):
        return User.objects.for_user(request.user)

    def get_readonly_fields(self, request, obj=None):
        """Roles and scope are the security administrator's; nobody changes the own ones."""
        if "security" in request.user.role_codes() and obj != request.user:
            return []
        return ["groups", "scope"] if obj is not None else ["groups"]

    def has_delete_permission(self, request, obj=None):
        """Accounts are switched off, never deleted: what they did stays theirs."""
        return False

    def save_model(self, request, obj, form, change):
        if not change:
            password = one_time_password()
            obj.set_password(password)
            messages.success(request, f"{obj.name}的首次登录密码：{password}（只显示这一次，登录后须修改）。")
        super().save_model(request, obj, form, change)
        record(Action.RIGHTS, f"账号 {obj.username}", request=request, changed=form.changed_data)

    @admin.action(description="重置密码")
    def reset_password(self, request, queryset):
        for user in queryset:
            password = one_time_password()
            user.set_password(password)
            user.must_change_password = True
            user.save()
            record(Action.PASSWORD, f"重置 {user.username} 的密码", request=request)
            messages.success(request, f"{user.name}的一次性密码：{password}（只显示这一次，登录后须修改）。")


def one_time_password() -> str:
    return f"Yi-{secrets.token_urlsafe(9)}"


@admin.register(Role)
class RoleAdmin(admin.ModelAdmin):
    list_display = ["name", "code"]
    fields = ["name", "permissions"]
    filter_horizontal = ["permissions"]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        record(Action.RIGHTS, f"角色 {form.instance.name}", request=request, changed=form.changed_data)
