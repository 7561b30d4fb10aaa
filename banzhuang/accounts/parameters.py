"""How accounts and sessions are guarded (等保 2.0, level 2); the security administrator's to set."""

from banzhuang.core.parameters import Parameter, Whole

from .limits import By

PASSWORD_DAYS = Parameter(
    "accounts.password_days",
    "密码最多用多少天",
    "90",
    Whole(0, 365),
    security=True,
    help="满了须改密码才能办事；0 为不限",
)
UNUSED_DAYS = Parameter(
    "accounts.unused_days",
    "多少天未登录不再能登录",
    "90",
    Whole(30, 365),
    security=True,
    help="由系统管理员重置密码后恢复",
)
IDLE_MINUTES = Parameter("accounts.idle_minutes", "闲置多少分钟退出", "30", Whole(5, 120), security=True)
SESSION_HOURS = Parameter("accounts.session_hours", "一次登录最多多少小时", "12", Whole(1, 24), security=True)
SINGLE_SESSION = Parameter(
    "accounts.single_session",
    "同一账号只能一处登录",
    "0",
    Whole(0, 1),
    security=True,
    help="1 为是，后登录的一处有效；0 为否",
)


def failures(name: str, label: str, default: str, most: int, help: str = "") -> tuple[Parameter, Parameter]:
    """How many failures within how many minutes; for as many minutes it then locks, or warns."""
    return (
        Parameter(
            f"accounts.{name}_failures", f"{label}：次数", default, Whole(3, most), help, security=True
        ),
        Parameter(f"accounts.{name}_minutes", f"{label}：分钟", "15", Whole(5, 120), security=True),
    )


USUAL = "平时登录的地址不受影响"
LIMITS = {
    By.PAIR: failures("pair", "同一账号在同一地址输错即锁定", "5", 20),
    By.ACCOUNT: failures("account", "同一账号在各处共输错即锁定", "20", 200, USUAL),
    By.ADDRESS: failures("address", "同一地址上各账号共输错即锁定", "30", 500, USUAL),
}
OVER_ALL = failures("all", "全部登录共输错即告警", "100", 5000, "只告警、放慢，不拒绝")
SLOWED_SECONDS = Parameter(
    "accounts.slowed_seconds", "告警期间登录放慢几秒", "1", Whole(0, 3), USUAL, security=True
)
FAMILIAR_DAYS = Parameter(
    "accounts.familiar_days",
    "多少天内登录过的地址算平时登录的地址",
    "30",
    Whole(1, 365),
    security=True,
)
REVEALS_HELP = "满了当天不能再查看，次日恢复；一人有几种角色的，按多的算；快满和满了都提醒安全管理员"
REVEALS = {  # role code → how often an account shows whole what stands masked
    "leader": Parameter(
        "accounts.reveals_leader",
        "镇领导一天最多查看多少次完整号码",
        "30",
        Whole(0, 1000),
        security=True,
        help=REVEALS_HELP,
    ),
    "organisation": Parameter(
        "accounts.reveals_organisation",
        "组织办一人一天最多查看多少次完整号码",
        "100",
        Whole(0, 1000),
        security=True,
        help=REVEALS_HELP,
    ),
    "welfare": Parameter(
        "accounts.reveals_welfare",
        "民政帮扶办一人一天最多查看多少次完整号码",
        "100",
        Whole(0, 1000),
        security=True,
        help=REVEALS_HELP,
    ),
}
REVEALS_OF_OTHERS = Parameter(
    "accounts.reveals_others",
    "其他角色一人一天最多查看多少次完整号码",
    "10",
    Whole(0, 1000),
    security=True,
    help="给了查看权限的其他角色",
)
PARAMETERS = [
    PASSWORD_DAYS,
    UNUSED_DAYS,
    IDLE_MINUTES,
    SESSION_HOURS,
    SINGLE_SESSION,
    *[parameter for pair in LIMITS.values() for parameter in pair],
    *OVER_ALL,
    SLOWED_SECONDS,
    FAMILIAR_DAYS,
    *REVEALS.values(),
    REVEALS_OF_OTHERS,
]
