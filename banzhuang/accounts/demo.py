"""Accounts of a new township: three administrators to begin with, or the demo's ten."""

from django.conf import settings

from .models import Role, User
from .passwords import one_time_password

TOWNSHIP = "320707109"
# username, name, job title, role code, scope, may enter the admin
DEMO_ACCOUNTS = [
    ("lingdao", "马强", "党委委员", "leader", TOWNSHIP, False),
    ("zuzhi", "周敏", "组织办", "organisation", TOWNSHIP, True),
    ("jingfa", "徐海", "经发办", "economy", TOWNSHIP, True),
    ("minzheng", "吴燕", "民政帮扶办", "welfare", TOWNSHIP, True),
    ("cunjian", "何志远", "村建环卫办", "works", TOWNSHIP, True),
    ("jiguan", "林晓", "办事员", "staff", TOWNSHIP, False),
    ("cunganbu", "王德胜", "西响石村", "village", "320707109216", False),
    ("shenji", "孙静", "安全审计员", "auditor", TOWNSHIP, False),
    ("anquan", "朱明", "安全管理员", "security", TOWNSHIP, True),
    ("admin", "张磊", "系统管理员", "admin", TOWNSHIP, True),
]
ADMINISTRATORS = DEMO_ACCOUNTS[-3:]


def load_administrators() -> None:
    """The three administrators (三员) of a real township, each with a one-time password printed once."""
    print("首次登录账号（登录后须改密码，只显示这一次）：")
    for username, _, title, role, scope, staff in ADMINISTRATORS:
        password = one_time_password()
        user = User.objects.create_user(
            username,
            password,
            name=title,
            scope=scope,
            job_title=title,
            is_staff=staff,
            must_change_password=True,
        )
        user.groups.add(Role.objects.get(code=role))
        print(f"  {username}  {title}  {password}")


def load_demo_accounts(day) -> None:
    """Ten accounts with the demo's password; they can log in only where the demo runs."""
    for username, name, title, role, scope, staff in DEMO_ACCOUNTS:
        user = User.objects.create_user(
            username,
            settings.DEMO_PASSWORD or None,
            name=name,
            scope=scope,
            job_title=title,
            is_staff=staff,
            is_demo=True,
            must_change_password=False,
        )
        user.groups.add(Role.objects.get(code=role))
