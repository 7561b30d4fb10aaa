"""Celery tasks of the frame: each fetches and calls one function that is tested without Celery."""

from celery import shared_task
from django.utils import timezone

from . import jobs, photos


@shared_task(name="core.run_job")
def run_job(pk):
    jobs.run(pk)


@shared_task(name="core.sweep_jobs")
def sweep_jobs():
    jobs.sweep(timezone.now())


@shared_task(name="core.sweep_photos")
def sweep_photos():
    photos.sweep_orphans(timezone.now())
