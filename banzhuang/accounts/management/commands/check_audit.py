"""Walk the whole audit trail: whether an event was changed or is missing. Exit code 1 when it is so."""

import sys

from django.core.management.base import BaseCommand
from django.utils import timezone

from banzhuang.accounts.models import TrailEnd, end_is_whole, first_broken_event


class Command(BaseCommand):
    help = "核对审计记录是否完整"

    def handle(self, *args, **options):
        broken = first_broken_event()
        if broken:
            at = timezone.localtime(broken.at)
            sys.exit(
                f"审计记录在第 {broken.pk} 条（{at:%Y-%m-%d %H:%M:%S}）断开：这一条被改过，或前面有记录被删。"
            )
        if not end_is_whole():
            sys.exit("审计记录末尾有记录被删。")
        count = TrailEnd.objects.values_list("events", flat=True).first() or 0
        self.stdout.write(f"审计记录完整，共 {count} 条。")
