"""How much of the ledgers goes out at once; the security administrator's to set."""

from banzhuang.core.parameters import Parameter, Whole

IN_REQUEST_ROWS = (
    5_000  # more rows are written by a job; whole numbers never are, so that none lie on the server
)
MOST_ROWS = Parameter(
    "ledgers.most_rows",
    "一次最多导出多少行",
    "10000",
    Whole(100, 1_000_000),
    security=True,
    help="超过的不导出；完整号码另有上限",
)
WHOLE_ROWS = Parameter(
    "ledgers.whole_rows",
    "一人一天最多导出多少行完整号码",
    "50",
    Whole(0, IN_REQUEST_ROWS),
    security=True,
    help="0 为不能导出完整号码；到了上限提醒安全管理员",
)
PARAMETERS = [MOST_ROWS, WHOLE_ROWS]
