from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "banzhuang.duties"
    verbose_name = "待办"

    def ready(self):
        from banzhuang.accounts import attempts

        from . import notices, tasks  # noqa: F401  tasks names the job

        attempts.alarmed.connect(notices.tell_alarm, dispatch_uid="duties.alarm")
