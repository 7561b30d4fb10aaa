"""Celery: on the filesystem broker in the data folder by default, on Redis when REDIS_URL is set.

The queue is never the record of work: the `Job` row is (banzhuang.core.jobs), the message only wakes a worker.
"""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banzhuang.settings")

from django.conf import settings

app = Celery("banzhuang")


def broker_settings():
    if settings.REDIS_URL:
        return {
            "broker_url": settings.REDIS_URL,
            # A submit must answer in 3 seconds when Redis is refused or hangs: one try, 2 seconds at most.
            # The worker's own reconnecting is not touched by this.
            "broker_transport_options": {
                "socket_timeout": 2,
                "socket_connect_timeout": 2,
                "max_retries": 0,
                "interval_start": 0,
            },
        }
    queue, control = settings.BROKER_DIR / "queue", settings.BROKER_DIR / "control"
    queue.mkdir(parents=True, exist_ok=True)
    control.mkdir(parents=True, exist_ok=True)
    return {
        "broker_url": "filesystem://",
        "broker_transport_options": {
            "data_folder_in": str(queue),
            "data_folder_out": str(queue),
            "control_folder": str(control),
            "store_processed": False,
            "polling_interval": 0.1,
        },
    }


app.conf.update(
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # by default the worker gives up after a hundred tries
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_publish_retry=False,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    timezone=settings.TIME_ZONE,
    beat_schedule={
        "sweep-jobs": {"task": "core.sweep_jobs", "schedule": 30.0},
        "clear-sessions": {"task": "accounts.clear_sessions", "schedule": crontab(hour=3, minute=41)},
        "sweep-photos": {"task": "core.sweep_photos", "schedule": crontab(hour=3, minute=52)},
        "expire-imports": {"task": "ledgers.expire_imports", "schedule": crontab(minute=17)},
        "notices-of-the-day": {"task": "duties.remind_today", "schedule": crontab(hour=7, minute=30)},
        "monthly-workbook": {
            "task": "reports.make_last_month",
            "schedule": crontab(day_of_month=1, hour=6, minute=0),
        },
    },
    beat_schedule_filename=str(settings.DATA_DIR / "beat-schedule"),
    **broker_settings(),
)
app.autodiscover_tasks()
