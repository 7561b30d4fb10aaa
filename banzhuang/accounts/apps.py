from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "banzhuang.accounts"
    verbose_name = "账号与权限"

    def ready(self):
        from banzhuang.core import setup

        from . import audit, demo
        from .roles import ship_roles

        setup.registry.register(
            setup.Loader("accounts", base=demo.load_administrators, demo=demo.load_demo_accounts)
        )

        post_migrate.connect(ship_roles, dispatch_uid="accounts.ship_roles")
        audit.connect()
