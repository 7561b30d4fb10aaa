"""The tables by which attempts to log in are judged (accounts.attempts)."""

import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from .parameters import FAMILIAR_DAYS


class FailedLogInQuerySet(models.QuerySet):
    def times(self, by: str, key: str, since: datetime.datetime) -> list[datetime.datetime]:
        """Of the failures that count by `by` (accounts.limits) under `key` since then, in order."""
        rows = self.filter(**{by: key}, at__gt=since)
        return list(rows.order_by("at").values_list("at", flat=True))


class FailedLogIn(models.Model):
    """An attempt to log in that has failed, or is still at it. By what it counts stands as hashes; "" where it does not
    count (accounts.limits). Kept for a day."""

    at = models.DateTimeField("时间", db_index=True)
    pair = models.CharField("账号和地址", max_length=64, db_index=True)
    account = models.CharField("账号", max_length=64, blank=True, default="", db_index=True)
    address = models.CharField("地址", max_length=64, blank=True, default="", db_index=True)

    objects = FailedLogInQuerySet.as_manager()

    class Meta:
        verbose_name = "登录失败"
        verbose_name_plural = "登录失败"

    def __str__(self):
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M:%S}"


class FamiliarAddressQuerySet(models.QuerySet):
    def knows(self, username: str, network: str, now: datetime.datetime) -> bool:
        """Whether the account was logged in to from there lately."""
        known = self.filter(user__username=username, network=network)
        return known.filter(last_login__gte=familiar_since(now)).exists()

    def forgotten(self, now: datetime.datetime):
        return self.filter(last_login__lt=familiar_since(now))


def familiar_since(now: datetime.datetime) -> datetime.datetime:
    return now - datetime.timedelta(days=FAMILIAR_DAYS.on(timezone.localdate(now)))


class FamiliarAddress(models.Model):
    """Where an account is used to logging in."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="账号")
    network = models.CharField("地址或网段", max_length=45)
    last_login = models.DateTimeField("最近登录")

    objects = FamiliarAddressQuerySet.as_manager()

    class Meta:
        verbose_name = "平时登录的地址"
        verbose_name_plural = "平时登录的地址"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "network"],
                name="familiar_address_once",
                violation_error_message="这个账号的这个地址已有一条。",
            )
        ]

    def __str__(self):
        return f"{self.user} {self.network}"
