"""Settings of the mechanisms of cadres; where the report is silent they are settings, not constants."""

from banzhuang.core.parameters import Parameter

TERM_YEARS = Parameter(
    "cadres.term_years", "村“两委”任期（年）", "5", int, help="登记任职未写届满时，按起任日期推算"
)
TERM_NEAR_DAYS = Parameter("cadres.term_near_days", "届满前多少天提醒", "180", int)
VACANCY_DAYS = Parameter(
    "cadres.vacancy_days",
    "书记空缺多少天内应补齐",
    "60",
    int,
    help="超过即为逾期；没有前任的组织从成立或启用之日起算",
)
PARAMETERS = [TERM_YEARS, TERM_NEAR_DAYS, VACANCY_DAYS]
