"""What happened to backups, for those who keep the audit trail or tell people of it."""

from django.dispatch import Signal

made = Signal()  # path, bytes
failed = Signal()  # why: the sentence; the clock's own backup only
restored = Signal()  # path, made_at
