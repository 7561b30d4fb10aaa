"""How accounts and sessions are guarded (等保 2.0, level 2); the security administrator's to set."""

from banzhuang.core.parameters import Parameter, Whole

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
PARAMETERS = [PASSWORD_DAYS, UNUSED_DAYS, IDLE_MINUTES, SESSION_HOURS, SINGLE_SESSION]
