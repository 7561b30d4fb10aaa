from django.apps import AppConfig


class LedgersConfig(AppConfig):
    name = "banzhuang.ledgers"
    verbose_name = "导入"

    def ready(self):
        from banzhuang.core import parameters

        from . import tasks  # noqa: F401  names the jobs
        from .parameters import PARAMETERS

        parameters.registry.register(*PARAMETERS)
