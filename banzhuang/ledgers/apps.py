from django.apps import AppConfig


class LedgersConfig(AppConfig):
    name = "banzhuang.ledgers"
    verbose_name = "导入"
