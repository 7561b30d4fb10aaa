from django.apps import AppConfig
from django.contrib.admin import apps as admin


class CoreConfig(AppConfig):
    name = "banzhuang.core"
    verbose_name = "基础"
    default = True


class DataAdminConfig(admin.AdminConfig):
    """Django's admin on our site (banzhuang.core.site)."""

    default_site = "banzhuang.core.site.DataAdmin"
    default = False
