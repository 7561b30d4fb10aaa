"""Celery: on the Valkey server that supervise.py starts with the portal, or on the Redis of REDIS_URL: one protocol.

The queue is never the record of work: the `Job` row is (banzhuang.core.jobs), the message only wakes a worker.
"""

import os
from urllib.parse import quote

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_ready, worker_shutting_down
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banzhuang.settings")

from django.conf import settings

app = Celery("banzhuang")

# A submit must answer in 3 seconds when the queue is refused or hangs: one try, 2 seconds at most. The worker's own
# reconnecting is not touched by this.
PATIENCE = {"socket_timeout": 2, "socket_connect_timeout": 2, "max_retries": 0, "interval_start": 0}


def broker_settings():
    if settings.REDIS_URL:
        return {"broker_url": settings.REDIS_URL, "broker_transport_options": PATIENCE}
    if settings.QUEUE_SOCKET:
        address = f"redis+socket://{quote(str(settings.QUEUE_SOCKET))}"
        return {"broker_url": address, "broker_transport_options": PATIENCE}
    settings.QUEUE_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    TRANSPORT_ALIASES["files"] = "banzhuang.core.file_queue:Transport"
    return {
        "broker_url": "files://",
        "broker_transport_options": {"folder": str(settings.QUEUE_DIR), "polling_interval": 0.1},
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
    worker_enable_remote_control=False,  # nobody steers a worker through the queue
    timezone=settings.TIME_ZONE,
    beat_schedule={
        # What a stopped worker finds is not a heap of these: each is only worth doing before the next comes.
        "round": {"task": "core.make_round", "schedule": 60.0, "options": {"expires": 50}},
        "check-database": {"task": "core.check_database", "schedule": crontab(hour=4, minute=7)},
        # One that waited for a worker is not done ten times over.
        "seal-events": {"task": "accounts.seal_events", "schedule": 10.0, "options": {"expires": 10.0}},
        "daily-backup": {"task": "core.back_up", "schedule": crontab(hour=2, minute=30)},
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


@worker_ready.connect
def begin_sweeping(**kwargs):
    from banzhuang.core import sweeping

    sweeping.begin()


@worker_shutting_down.connect
def end_sweeping(**kwargs):
    from banzhuang.core import sweeping

    sweeping.end()
