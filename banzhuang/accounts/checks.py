"""System checks before the portal goes into service: `manage.py check --deploy`."""

from django.conf import settings
from django.core.checks import Error as Fault
from django.core.checks import register
from django.db import Error


@register("accounts", deploy=True)
def no_demo_accounts(app_configs, **kwargs):
    """Demo accounts cannot log in where the demo does not run; they do not belong in a real township's lists."""
    from .models import User

    try:
        left = User.objects.filter(is_demo=True).count()
    except Error:  # before the first migrate
        return []
    if settings.DEMO or not left:
        return []
    return [
        Fault(
            f"不是演示模式，数据库里却有 {left} 个演示账号，它们不能登录。",
            hint="演示数据和真实数据不要混用：用 python3 dev.py up --empty --data 新目录 另建一个库。",
            id="accounts.E001",
        )
    ]
