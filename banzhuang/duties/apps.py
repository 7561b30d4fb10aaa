from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "banzhuang.duties"
    verbose_name = "待办"

    def ready(self):
        from . import tasks  # noqa: F401  names the job
