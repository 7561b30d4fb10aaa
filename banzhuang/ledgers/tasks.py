"""Celery tasks of the imports."""

from celery import shared_task
from django.utils import timezone

from .staging import expire


@shared_task(name="ledgers.expire_imports")
def expire_imports():
    expire(timezone.now())
