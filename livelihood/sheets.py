"""Sheets of the monthly workbook about 助贫帮困: M14's figures, the leaders' weeks, the villages, and the needs."""

import datetime
from collections import Counter

from django.db.models import Count, Q

from banzhuang.core.months import month_end
from banzhuang.core.workdays import week_of
from banzhuang.duties.duty import State
from banzhuang.indicators.indicator import Period
from banzhuang.reports.mechanism import MechanismSheet
from banzhuang.reports.sheets import Edition, TableSheet
from banzhuang.reports.tables import (
    BAD,
    NEAR,
    NOT_APPLICABLE,
    Flag,
    OfficialTable,
    TableColumn,
    Value,
)
from cadres.models import Cadre

from . import indicators
from .models import HouseholdYear, Need, Visit
from .parameters import HOUSEHOLD_DAYS, POOR_HOUSEHOLD
from .quota import households_due, load, rule_on
from .weeks import ONE, WEEK, Week, WeekState

DAY = "yyyy.mm.dd"


def highlight(edition: Edition) -> str:
    """本月要点 of the contents, in one line."""
    figures = edition.figures
    leaders = figures.value(indicators.LEADERS, edition.as_of)
    households = figures.value(indicators.CONTACTED, edition.as_of)
    visits = figures.month_value(indicators.VISITS, edition.month)
    return f"{leaders} 位领导联系 {households} 户，本月走访 {visits} 次"


def remarks(edition: Edition) -> dict[str, str]:
    """Where the households without a contact live, whose load is too small, whose answers are overdue."""
    found = {}
    for indicator, name in [
        (indicators.UNCONTACTED, lambda row: row.village.name),
        (indicators.LEADERS_BELOW_LOAD, lambda row: row.name),
        (indicators.NEEDS_OVERDUE, lambda row: row.household.village.name),
    ]:
        names = dict.fromkeys(map(name, indicator.rows(edition.as_of, edition.user)))
        found[indicator.code] = "、".join(list(names)[:4]) + ("等" if len(names) > 4 else "")
    return found


def villages_highlight(edition: Edition) -> str:
    households = edition.figures.value(indicators.HOUSEHOLDS, edition.as_of)
    uncontacted = edition.figures.value(indicators.UNCONTACTED, edition.as_of)
    return f"在册 {households} 户，未结对 {uncontacted} 户"


def needs_highlight(edition: Edition) -> str:
    figures = edition.figures
    raised, solved = (
        figures.month_value(indicator, edition.month)
        for indicator in (indicators.NEEDS_RAISED, indicators.NEEDS_SOLVED)
    )
    overdue = figures.value(indicators.NEEDS_OVERDUE, edition.as_of)
    return f"本月提出 {raised} 件、解决 {solved} 件，逾期未答复 {overdue} 件"


def weeks_highlight(edition: Edition) -> str:
    """Of the weeks themselves the contents would ask a second time; what waits is a figure."""
    unseen = edition.figures.value(indicators.UNSEEN, edition.as_of)
    return f"久未走访 {unseen} 户"


def official(edition: Edition, title: str, columns, rows, **options) -> OfficialTable:
    return OfficialTable(
        title=f"{edition.township_name}{title}",
        reporting_unit=edition.reporting_unit,
        filled_on=edition.made_on,
        as_of=edition.as_of,
        columns=columns,
        rows=rows,
        **options,
    )


# --- 走访完成情况 --------------------------------------------------------------------------------------------


def weeks_in(edition: Edition) -> list[datetime.date]:
    """Mondays of the weeks whose Sunday lies in the month, and which have begun: each week stands in one month."""
    monday = week_of(edition.month)[0]
    last = min(month_end(edition.month) - 6 * ONE, edition.as_of)
    return [monday + count * WEEK for count in range((last - monday).days // 7 + 1)]


def week_value(week: Week) -> Value | Flag:
    """The visits of a week; where nothing was owed, or it was made up, a word instead or beside."""
    match week.state:
        case WeekState.NONE:
            return Flag(None, NOT_APPLICABLE)
        case WeekState.HOLIDAY:
            return "假"
        case WeekState.EXCUSED:
            return "请假" if week.on_leave else "移交"
        case WeekState.MADE_UP:
            return Flag(week.visits, number_format='0"（已补）"')
        case WeekState.SHORT:
            return Flag(week.visits, BAD)
        case WeekState.PENDING:
            return Flag(week.visits, NEAR)
    return week.visits


def leaders_table(edition: Edition) -> OfficialTable:
    """领导干部走访完成情况: one row for each cadre who looked after a household in the weeks of the month."""
    mondays, day = weeks_in(edition), edition.as_of
    weeks = load(edition.user, mondays, day)
    dues = households_due(edition.user, day)
    loads = Counter(due.contact.cadre_id for due in dues)
    unseen = Counter(due.contact.cadre_id for due in dues if due.state == State.OVERDUE)
    held = {pk for pk, found in weeks.items() if any(week.state != WeekState.NONE for week in found)}
    visits = visits_by_leader(edition)
    cadres = Cadre.objects.for_user(edition.user).filter(pk__in=held | set(loads))
    rows = []
    for number, cadre in enumerate(cadres.defer("id_number", "phone").order_by("pk"), start=1):
        found = weeks.get(cadre.pk) or [Week(monday, WeekState.NONE) for monday in mondays]
        short = sum(week.state == WeekState.SHORT for week in found)
        waiting = unseen[cadre.pk]
        rows.append(
            (
                number,
                cadre.name,
                cadre.position,
                loads[cadre.pk],
                *map(week_value, found),
                visits.get(cadre.pk, 0),
                Flag(short, BAD) if short else 0,
                Flag(waiting, BAD) if waiting else 0,
                "已离岗" if cadre.left_on and cadre.left_on <= day else "",
            )
        )
    return official(
        edition,
        "领导干部走访完成情况表",
        leader_columns(mondays),
        rows,
        period=edition.label,
        notes=(
            f"周按周日所在的月份计；每周至少走访 {rule_on(mondays[-1]).visits} 次，■ 漏访，▲ 本周还没有完成，"
            "／ 当周没有联系户。",
            f"久未走访：截至日超过 {HOUSEHOLD_DAYS.on(day)} 天没有走访的户。",
        ),
    )


def leader_columns(mondays: list[datetime.date]) -> tuple[TableColumn, ...]:
    weeks = [
        TableColumn(
            f"{monday.month}.{monday.day}—\n{(monday + 6 * ONE).month}.{(monday + 6 * ONE).day}",
            group="各周走访次数",
            width=88,
            align="right",
            total=True,
        )
        for monday in mondays
    ]
    return (
        TableColumn("序号"),
        TableColumn("姓名"),
        TableColumn("职务", align="left"),
        TableColumn("联系\n户数", align="right", total=True),
        *weeks,
        TableColumn("本月走\n访次数", align="right", total=True),
        TableColumn("漏访\n周数", align="right", total=True),
        TableColumn("久未走\n访户数", align="right", total=True),
        TableColumn("备注", width=90, align="left"),
    )


def visits_by_leader(edition: Edition) -> dict[int, int]:
    period = Period(edition.month, edition.as_of)
    made = Visit.objects.for_user(edition.user).filter(indicators.made(period)).order_by()
    return dict(made.values("visitor").annotate(count=Count("pk")).values_list("visitor", "count"))


# --- 分村情况 ------------------------------------------------------------------------------------------------

# No household by name: the published workbook is read by all offices of the township, the register is not.
VILLAGE_COUNTS = (
    (indicators.HOUSEHOLDS, "户数", "在册"),
    (None, "人口", "在册"),
    *[(label, label.label, "其中") for label in indicators.LABELS],
    (indicators.CONTACTED, "已结对", "结对联系"),
    (indicators.UNCONTACTED, "未结对", "结对联系"),
    (indicators.VISITED, "本年\n走访户", "走访"),
    (indicators.UNSEEN, "久未\n走访", "走访"),
)
WORRYING = {"未结对", "久未\n走访"}


def people_by_village(edition: Edition) -> dict[str, int]:
    """家庭人口 of the households in the register, each by its newest year up to the day; two queries."""
    years = HouseholdYear.objects.for_user(edition.user).filter(year__lte=edition.as_of.year)
    latest = dict(years.order_by("year").values_list("household", "members"))
    people: dict[str, int] = {}
    households = indicators.HOUSEHOLDS.rows(edition.as_of, edition.user).order_by()
    for pk, code in households.values_list("pk", "scope_code"):
        people[code] = people.get(code, 0) + (latest.get(pk) or 0)
    return people


def villages_table(edition: Edition) -> OfficialTable:
    """困难户分村情况: one row for each village with a household in the register."""
    people = people_by_village(edition)
    counts = [
        edition.figures.by_village(indicator, edition.as_of) if indicator else people
        for indicator, _, _ in VILLAGE_COUNTS
    ]
    rows = []
    for village in edition.villages:
        values = [count.get(village.code, 0) for count in counts]
        if values[0]:
            flagged = [
                Flag(value, BAD) if value and label in WORRYING else value
                for value, (_, label, _) in zip(values, VILLAGE_COUNTS, strict=True)
            ]
            rows.append((len(rows) + 1, village.name, *flagged, ""))
    columns = (
        TableColumn("序号"),
        TableColumn("村", align="left"),
        *[
            TableColumn(label, group=group, width=82, align="right", total=True)
            for _, label, group in VILLAGE_COUNTS
        ],
        TableColumn("备注", width=90, align="left"),
    )
    return official(
        edition,
        f"{POOR_HOUSEHOLD.on(edition.as_of)}分村情况表",
        columns,
        rows,
        notes=(
            "没有在册户的村不列；人口按最近年度的家庭人口计；一户可以属于几类；本年走访户含走访后出册的户。",
            f"■ 未结对，或超过 {HOUSEHOLD_DAYS.on(edition.as_of)} 天没有走访。",
        ),
    )


# --- 诉求办理 ------------------------------------------------------------------------------------------------

NEED_COUNTS = (
    ("raised_month", "提出", "本月"),
    ("solved_month", "已解决", "本月"),
    ("raised_year", "提出", "本年累计"),
    ("solved_year", "已解决", "本年累计"),
    ("cannot_year", "无法解决", "本年累计"),
    ("open", "未答复", "截至日"),
    ("overdue", "其中逾期", "截至日"),
)


def need_conditions(edition: Edition) -> dict[str, Q]:
    month, year = Period(edition.month, edition.as_of), Period.to_date(edition.as_of)
    return {
        "raised_month": indicators.raised(month),
        "solved_month": indicators.solved(month),
        "raised_year": indicators.raised(year),
        "solved_year": indicators.solved(year),
        "cannot_year": indicators.answered(year) & Q(outcome=Need.Outcome.CANNOT),
        "open": indicators.unanswered(year),
        "overdue": indicators.overdue(year),
    }


def needs_table(edition: Edition) -> OfficialTable:
    """困难户诉求办理情况: one row for each village with a need of the year, or one still open."""
    counts = {name: Count("pk", filter=condition) for name, condition in need_conditions(edition).items()}
    found = Need.objects.for_user(edition.user).order_by().values("scope_code").annotate(**counts)
    by_village = {row["scope_code"]: row for row in found}
    rows = []
    for village in edition.villages:
        values = [by_village.get(village.code, {}).get(name, 0) for name, _, _ in NEED_COUNTS]
        if any(values):
            overdue = Flag(values[-1], BAD) if values[-1] else 0
            rows.append((len(rows) + 1, village.name, *values[:-1], overdue))
    columns = (
        TableColumn("序号"),
        TableColumn("村", align="left"),
        *[
            TableColumn(label, group=group, width=86, align="right", total=True)
            for _, label, group in NEED_COUNTS
        ],
        TableColumn("备注", width=150, align="left"),
    )
    return official(
        edition,
        f"{POOR_HOUSEHOLD.on(edition.as_of)}诉求办理情况表",
        columns,
        [(*row, "") for row in rows],
        period=edition.label,
        unit="件",
        notes=("没有诉求的村不列；提出、答复分别按提出日期、答复日期计；■ 超过答复期限。",),
    )


SHEETS = [
    MechanismSheet(
        "M14",
        highlight=highlight,
        indicators=tuple(indicators.INDICATORS),
        trend=indicators.VISITS,
        remarks=remarks,
    ),
    TableSheet("M14", title="走访完成情况", highlight=weeks_highlight, table=leaders_table),
    TableSheet("M14", title="困难户分村情况", highlight=villages_highlight, table=villages_table),
    TableSheet("M14", title="诉求办理", highlight=needs_highlight, table=needs_table),
]
