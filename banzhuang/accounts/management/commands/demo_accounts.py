"""List the demo accounts, one a line: username, name, role."""

from django.core.management.base import BaseCommand

from banzhuang.accounts.demo import DEMO_ACCOUNTS
from banzhuang.accounts.models import User


class Command(BaseCommand):
    help = "列出演示账号"

    def handle(self, *args, **options):
        order = {account[0]: place for place, account in enumerate(DEMO_ACCOUNTS)}
        for user in sorted(User.objects.filter(is_demo=True), key=lambda user: order.get(user.username, 99)):
            self.stdout.write(f"{user.username} {user.name} {user.role_names()}")
