"""Celery tasks of the frame: each fetches and calls one function that is tested without Celery."""

from celery import shared_task
from django.utils import timezone

from . import health, jobs, photos, pulses


@shared_task(name="core.run_job")
def run_job(pk):
    jobs.run(pk)


@shared_task(name="core.make_round")
def make_round():
    pulses.beat(pulses.ROUND)


@shared_task(name="core.check_database")
def check_database():
    health.check_database()


@shared_task(name="core.sweep_photos")
def sweep_photos():
    photos.sweep_orphans(timezone.now())
