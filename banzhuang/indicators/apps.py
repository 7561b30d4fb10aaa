from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "banzhuang.indicators"
    verbose_name = "指标"
