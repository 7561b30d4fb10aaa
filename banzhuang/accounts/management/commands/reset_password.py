"""A one-time password given on the server: for administrators, whom no other account may reset."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from banzhuang.accounts.audit import Action, record
from banzhuang.accounts.models import User


class Command(BaseCommand):
    help = "在服务器上重置一个账号的密码"

    def add_arguments(self, parser):
        parser.add_argument("username", help="用户名")

    def handle(self, *args, username, **options):
        user = User.objects.filter(username=username, is_system=False).first()
        if user is None:
            raise CommandError(f"没有账号 {username}。")
        with transaction.atomic():
            password = user.give_one_time_password()
            record(Action.PASSWORD, f"在服务器上重置 {username} 的密码", scope_code=user.scope)
        self.stdout.write(
            f"{username}（{user.name}）的一次性密码：{password}（只显示这一次，登录后须修改）。"
        )
