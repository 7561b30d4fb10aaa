from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "banzhuang.core"
    verbose_name = "基础"
