from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "banzhuang.reports"
    verbose_name = "报表"

    def ready(self):
        from . import tasks  # noqa: F401  names the job
