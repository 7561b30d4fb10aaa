from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "banzhuang.accounts"
    verbose_name = "账号与权限"

    def ready(self):
        from banzhuang.core import parameters, running, setup

        from . import attempts, audit, backup_events, checks, demo, trail  # noqa: F401  checks register themselves
        from .parameters import PARAMETERS
        from .roles import ship_roles

        setup.registry.register(
            setup.Loader("accounts", empty=demo.load_administrators, demo=demo.load_demo_accounts)
        )

        parameters.registry.register(*PARAMETERS)
        post_migrate.connect(ship_roles, dispatch_uid="accounts.ship_roles")
        audit.connect()
        attempts.connect()
        backup_events.connect()
        running.registry.register(running.Check("trail", trail.as_running))
