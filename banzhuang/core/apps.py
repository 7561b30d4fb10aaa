import gc

from django.apps import AppConfig
from django.contrib.admin import apps as admin


class CoreConfig(AppConfig):
    name = "banzhuang.core"
    verbose_name = "基础"
    default = True

    def ready(self):
        # An import or an export makes rows by the hundred thousand and hardly a cycle; looking for cycles as often as
        # Python does by itself takes a fifth of its time.
        gc.set_threshold(50_000, 20, 10)


class DataAdminConfig(admin.AdminConfig):
    """Django's admin on our site (banzhuang.core.site)."""

    default_site = "banzhuang.core.site.DataAdmin"
    default = False
