"""Celery tasks of the frame: each fetches and calls one function that is tested without Celery."""

from celery import shared_task
from django.urls import reverse
from django.utils import timezone

from . import health, jobs, photos, pulses
from .backups import daily

CHECK = "core.check_database"


@shared_task(name="core.run_job")
def run_job(pk):
    jobs.run(pk)


@shared_task(name="core.make_round")
def make_round():
    pulses.beat(pulses.ROUND)


@shared_task(name="core.check_database")
def check_database():
    health.check_database()


@jobs.job(CHECK, "检查数据库")
def check_database_now(job):
    sound = health.check_database()
    said = "数据库完好。" if sound else "数据库有损坏，见“运行情况”。"
    return {"said": said, "url": reverse("running"), "link": "看运行情况"}


@shared_task(name="core.sweep_photos")
def sweep_photos():
    photos.sweep_orphans(timezone.now())


@shared_task(name="core.back_up")
def back_up():
    daily.run(timezone.now())
