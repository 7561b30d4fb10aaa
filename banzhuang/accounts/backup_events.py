"""Backups and restores in the audit trail: who has the file of a backup and its passphrase has all of the data."""

from django.utils import timezone

from banzhuang.core.backups import signals

from .audit import Action, record


def connect() -> None:
    signals.made.connect(made, dispatch_uid="audit.backup_made")
    signals.failed.connect(failed, dispatch_uid="audit.backup_failed")
    signals.restored.connect(restored, dispatch_uid="audit.backup_restored")


def made(sender, path, bytes, **kwargs):
    record(Action.EXPORT, f"备份 {path.name}", bytes=bytes)


def failed(sender, why, **kwargs):
    record(Action.EXPORT, "每日备份", succeeded=False, reason=why)


def restored(sender, path, made_at, **kwargs):
    moment = timezone.localtime(made_at)
    record(Action.IMPORT, f"恢复备份 {path.name}", reason=f"恢复到 {moment:%Y-%m-%d %H:%M} 的数据")
