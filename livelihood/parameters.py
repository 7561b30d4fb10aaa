"""Settings of 助贫帮困. The report says “每个领导干部至少联系20个贫困户，每周至少走访一次”; how that is counted is theirs."""

from banzhuang.core.parameters import OneOf, Parameter, Whole

BY_LEADER, BY_HOUSEHOLD = "按人每周", "按户"
QUOTA = Parameter(
    "livelihood.quota",
    "走访要求怎样算",
    BY_LEADER,
    OneOf((BY_LEADER, BY_HOUSEHOLD)),
    help="“按人每周”：每名领导每周走访够次数；“按户”：每户都不超过走访间隔",
)
WEEKLY_VISITS = Parameter("livelihood.weekly_visits", "每名领导每周至少走访几次", "1", Whole(1, 20))
HOUSEHOLD_DAYS = Parameter(
    "livelihood.household_days",
    "一户最长多少天走访一次",
    "30",
    Whole(7, 365),
    help="超过即列入久未走访，到期前一周起提醒",
)
LOAD = Parameter("livelihood.load", "每名领导至少联系多少户", "20", Whole(1, 200))
AVAILABLE_DAYS = Parameter(
    "livelihood.available_days",
    "一周能走访的工作日不足几天的免走访",
    "3",
    Whole(1, 5),
    help="法定假日、请假、移交前后不算能走访的工作日",
)
MAKE_UP_WEEKS = Parameter(
    "livelihood.make_up_weeks",
    "漏访后几周内可以补访",
    "1",
    Whole(0, 8),
    help="补访要在当周应访之外；0 为不计补访",
)
LATE_ENTRY_DAYS = Parameter(
    "livelihood.late_entry_days", "走访后多少天录入算补录", "7", Whole(1, 60), help="补录照常计数，名单里标明"
)
NEED_DAYS = Parameter("livelihood.need_days", "诉求多少天内答复", "7", Whole(1, 90))
KEEP_POSITION = Parameter(
    "livelihood.keep_position", "走访照片保留拍摄位置", "否", OneOf(("是", "否")), help="位置只在系统内可查"
)
POOR_HOUSEHOLD = Parameter(
    "livelihood.poor_household", "困难户的称呼", "困难户", help="页面和报表用这个称呼，如困难户、低收入户"
)
PARAMETERS = [
    QUOTA,
    WEEKLY_VISITS,
    HOUSEHOLD_DAYS,
    LOAD,
    AVAILABLE_DAYS,
    MAKE_UP_WEEKS,
    LATE_ENTRY_DAYS,
    NEED_DAYS,
    KEEP_POSITION,
    POOR_HOUSEHOLD,
]
