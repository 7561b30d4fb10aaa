"""Fill an empty database: villages and roles, then the three administrators or the demo township."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from banzhuang.core.clock import today
from banzhuang.core.setup import registry


class Command(BaseCommand):
    help = "装入村庄和角色；加 --demo 时装入演示数据"

    def add_arguments(self, parser):
        kind = parser.add_mutually_exclusive_group(required=True)
        kind.add_argument("--demo", action="store_true", help="演示：44 个村、虚构的人员和数据")
        kind.add_argument("--empty", action="store_true", help="只装村庄、角色和三名管理员")

    def handle(self, *args, demo, empty, **options):
        if demo and not settings.DEMO:
            raise CommandError("演示数据只在演示模式（BANZHUANG_DEMO=1）下装入。")
        with transaction.atomic():
            accounts = get_user_model().objects.filter(is_system=False)
            if accounts.exists() or any(loader.filled and loader.filled() for loader in registry):
                raise CommandError("数据库里已有账号和村庄，没有改动。")
            for loader in registry:
                if loader.base:
                    loader.base()
            for loader in registry:
                if demo and loader.demo:
                    loader.demo(today())
                if empty and loader.empty:
                    loader.empty()
        self.stdout.write("已装入演示数据。" if demo else "已装入村庄、角色和三名管理员。")
