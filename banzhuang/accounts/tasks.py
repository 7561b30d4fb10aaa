"""Celery tasks of the accounts."""

import logging

from celery import shared_task
from django.core.management import call_command

from . import trail

log = logging.getLogger(__name__)


@shared_task(name="accounts.clear_sessions")
def clear_sessions():
    """Rows of sessions that can no longer be used."""
    call_command("clearsessions")


@shared_task(name="accounts.seal_events")
def seal_events():
    """What was recorded since the last time; nothing to do costs four look-ups by an index."""
    try:
        trail.seal_events()
    except trail.SealingRefused as refusal:
        log.error("%s", refusal)
