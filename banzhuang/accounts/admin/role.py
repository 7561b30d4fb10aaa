"""Roles: which permissions each has, within what the access table lets it see."""

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import FilteredSelectMultiple
from django.contrib.auth.models import Permission
from django.db.models import Q

from banzhuang.core.access import ACCESS
from banzhuang.core.forms import SecondToldForm

from ..audit import Action, record
from ..models import Role
from ..scoped_admin import InTurn, WholeSelection

ACTS = {
    "view": "查看",
    "add": "新增",
    "change": "修改",
    "delete": "删除",
    "import": "导入",
    "export": "导出",
    "reveal": "查看身份证号",
}


def in_words(permission) -> str:
    """干部 · 查看; Django keeps the names of its permissions in English."""
    options = permission.content_type.model_class()._meta
    act = permission.codename.removesuffix(f"_{options.model_name}")
    return f"{options.verbose_name} · {ACTS.get(act, permission.name)}"


def shown_permissions():
    """Those of the tables that roles can see; the others would give nothing."""
    tables = (Q(content_type__app_label=app, content_type__model=model) for app, model in map(split, ACCESS))
    condition = next(tables)
    for table in tables:
        condition |= table
    return Permission.objects.filter(condition).select_related("content_type")


def split(label: str) -> list[str]:
    return label.split(".")


class PermissionField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, permission):
        return in_words(permission)


class RoleForm(SecondToldForm):
    permissions = PermissionField(
        Permission.objects.none(), label="权限", required=False, widget=FilteredSelectMultiple("权限", False)
    )

    class Meta:
        model = Role
        fields = ["name", "permissions"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "permissions" in self.fields:
            self.fields["permissions"].queryset = shown_permissions()


@admin.register(Role)
class RoleAdmin(InTurn, WholeSelection, admin.ModelAdmin):
    """Roles are shipped; a role that the editor holds is looked at, not changed."""

    form = RoleForm
    list_display = ["name"]
    fields = ["name", "permissions", "read_version"]

    def get_queryset(self, request):
        return Role.objects.prefetch_related("permissions__content_type")

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        own = obj is not None and obj.code in request.user.role_codes()
        return not own and super().has_change_permission(request, obj)

    def get_fields(self, request, obj=None):
        return self.fields if self.has_change_permission(request, obj) else ["name", "permissions_in_words"]

    @admin.display(description="权限")
    def permissions_in_words(self, role):
        return "、".join(map(in_words, role.permissions.all()))

    def save_model(self, request, obj, form, change):
        obj.had = set(obj.permissions.all())
        super().save_model(request, obj, form, change)

    def log_change(self, request, obj, message):
        has = set(Role.objects.get(pk=obj.pk).permissions.select_related("content_type"))
        changes = {
            word: ["", "、".join(sorted(map(in_words, permissions)))]
            for word, permissions in (("给予", has - obj.had), ("收回", obj.had - has))
            if permissions
        }
        if changes or message:
            record(Action.RIGHTS, f"角色 {obj.name}", request=request, changes=changes)
        return super().log_change(request, obj, message)
