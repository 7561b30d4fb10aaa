"""The admin of accounts, roles and settings: three administrators (三员), none of whom can do the others' part."""

from django.contrib import admin
from django.contrib.auth.models import Group

from .account import UserAdmin
from .role import RoleAdmin
from .setting import ParameterValueAdmin

admin.site.unregister(Group)

__all__ = ["ParameterValueAdmin", "RoleAdmin", "UserAdmin"]
