"""Celery tasks of the accounts."""

from celery import shared_task
from django.core.management import call_command


@shared_task(name="accounts.clear_sessions")
def clear_sessions():
    """Rows of sessions that can no longer be used."""
    call_command("clearsessions")
