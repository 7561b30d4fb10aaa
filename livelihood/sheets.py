"""Sheets of the monthly workbook about 助贫帮困: M14's figures, the leaders' weeks, the register, and the needs."""

import datetime
from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, Subquery

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
    Total,
    Value,
    rows_from,
)
from cadres.models import Cadre

from . import indicators
from .models import Contact, Household, HouseholdLabel, HouseholdYear, Need, Visit
from .models.household import Cause, held_on
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


def register_highlight(edition: Edition) -> str:
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
    for number, cadre in enumerate(cadres.defer("id_number").order_by("pk"), start=1):
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


# --- 困难户结对名册 ------------------------------------------------------------------------------------------


@dataclass
class Entry:
    """A household in the register on a day, with what stood beside it then."""

    household: Household
    labels: str
    year: HouseholdYear | None
    unseen: bool

    @property
    def members(self) -> int | None:
        return self.year.members if self.year else None

    @property
    def cause(self) -> str:
        return Cause(self.year.cause).label if self.year and self.year.cause else ""

    @property
    def contact(self) -> Value | Flag:
        return self.household.contact_name or Flag("未结对", BAD)

    @property
    def last_visit(self) -> Value | Flag:
        last = self.household.last_visit
        if last is None:
            return Flag("未走访", BAD) if self.unseen else "未走访"
        return Flag(last, BAD, number_format=DAY) if self.unseen else last


REGISTER = (
    TableColumn("序号"),
    TableColumn("村", lambda entry: entry.household.village.name, align="left"),
    TableColumn("户主", lambda entry: entry.household.head),
    TableColumn("村民\n小组", lambda entry: entry.household.group),
    TableColumn("类别", lambda entry: entry.labels, width=235, align="left"),
    TableColumn("家庭\n人口", lambda entry: entry.members),
    TableColumn("主要致\n贫原因", lambda entry: entry.cause),
    TableColumn("姓名", lambda entry: entry.contact, group="联系领导"),
    TableColumn("职务", lambda entry: entry.household.contact_position, group="联系领导"),
    TableColumn("上次走访", lambda entry: entry.last_visit, number_format=DAY, width=120),
)


def entries(edition: Edition) -> list[Entry]:
    """The households in the register by village, with what holds of them as of the day; four queries."""
    day, user = edition.as_of, edition.user
    contact = Contact.objects.filter(held_on(day), household=OuterRef("pk"))
    rows = (
        indicators.HOUSEHOLDS.rows(day, user)
        .annotate(contact_position=Subquery(contact.values("cadre__position")[:1]))
        .defer("id_number", "health")
    )
    unseen = set(indicators.UNSEEN.rows(day, user).values_list("pk", flat=True))
    labels: dict[int, list[str]] = {}
    for label in HouseholdLabel.objects.for_user(user).live(day).order_by("start", "pk"):
        labels.setdefault(label.household_id, []).append(label.get_kind_display())
    years = HouseholdYear.objects.for_user(user).filter(year__lte=day.year).order_by("year")
    latest = {year.household_id: year for year in years}
    return [
        Entry(row, "、".join(labels.get(row.pk, [])), latest.get(row.pk), row.pk in unseen) for row in rows
    ]


def register_table(edition: Edition) -> OfficialTable:
    """困难户结对联系名册: one row a household in the register."""
    found = entries(edition)
    people = sum(entry.members or 0 for entry in found)
    contacted = sum(bool(entry.household.contact_name) for entry in found)
    return official(
        edition,
        f"{POOR_HOUSEHOLD.on(edition.as_of)}结对联系名册",
        REGISTER,
        rows_from(REGISTER, found),
        totals=(
            Total("合计", span=2),
            Total(len(found), number_format='0"户"'),
            Total(span=2),
            Total(people, number_format='0"人"'),
            Total(),
            Total(contacted, number_format='"已结对"0"户"', span=2),
            Total(),
        ),
        frozen_columns=3,
        identified_by=(1, 2, 3),
        notes=(
            f"身份证号、联系电话不在本表；■ 未结对，或超过 {HOUSEHOLD_DAYS.on(edition.as_of)} 天没有走访。",
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
    TableSheet("M14", title="困难户结对名册", highlight=register_highlight, table=register_table),
    TableSheet("M14", title="诉求办理", highlight=needs_highlight, table=needs_table),
]
