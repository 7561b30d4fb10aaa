"""The frame of the portal: packages that know no business table, and the roof (settings, urls)."""

from .celery import app as celery_app

__all__ = ["celery_app"]
