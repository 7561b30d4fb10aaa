from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "banzhuang.duties"
    verbose_name = "待办"
