from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "banzhuang.duties"
    verbose_name = "待办"

    def ready(self):
        from banzhuang.accounts.warnings import security_warning
        from banzhuang.core.backups import signals

        from . import notices, tasks  # noqa: F401  tasks names the job

        security_warning.connect(notices.warn, dispatch_uid="duties.warn")
        signals.failed.connect(notices.tell_of_failed_backup, dispatch_uid="duties.backup_failed")
