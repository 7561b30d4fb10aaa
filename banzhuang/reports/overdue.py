"""逾期事项: what is overdue, and what will be soon, on the day of the workbook."""

from banzhuang.core.mechanisms import MECHANISMS
from banzhuang.duties.duty import Duty, State, pressing
from banzhuang.duties.owing import Names, names_of

from .contents import Entry
from .sheets import Edition
from .tables import BAD, NEAR, REGISTER, Flag, OfficialTable, TableColumn, Value

SHEET_NAME, OFFICE = "逾期事项", "党建办"
COLUMNS = (
    TableColumn("序号"),
    TableColumn("状态", width=82),
    TableColumn("机制", width=150, align="left"),
    TableColumn("事项", width=150, align="left"),
    TableColumn("对象", width=230, align="left"),
    TableColumn("情况", width=230, align="left"),
    TableColumn("应办日期", width=104, number_format="yyyy-mm-dd"),
    TableColumn("逾期天数", width=84, number_format="0", align="right"),
    TableColumn("责任单位\n（责任人）", width=108),
)
NOTE = "■ 逾期，▲ 临近。依据各项机制的规定期限，由系统按截止日逐条判定。"


def overdue_entry(edition: Edition) -> Entry:
    """Overdue first, then what is near, and below the report's words for each; an empty list says so in its note."""
    duties = pressing(edition.duties)
    names = names_of(duties, edition.villages)
    overdue = sum(duty.state == State.OVERDUE for duty in duties)
    highlight = f"逾期 {overdue} 项，临近 {len(duties) - overdue} 项"
    table = OfficialTable(
        title="逾期事项",
        columns=COLUMNS,
        rows=tuple(duty_row(number, duty, edition, names) for number, duty in enumerate(duties, start=1)),
        layout=REGISTER,
        reporting_unit=edition.reporting_unit,
        as_of=edition.as_of,
        filled_on=edition.made_on,
        notes=(NOTE, *words_of(duties)) if duties else ("截止日没有逾期和临近的事项。",),
        signature=False,
        identified_by=(3, 4),
    )
    return Entry(SHEET_NAME, OFFICE, highlight, "", table)


def words_of(duties: list[Duty]) -> list[str]:
    """The sentence of the report that each rule comes from, once a rule."""
    rules = {duty.rule.code: duty.rule for duty in duties}
    return [f"{rule.label}的依据：“{rule.words}”。" for rule in rules.values()]


def duty_row(number: int, duty: Duty, edition: Edition, names: Names) -> tuple[Value | Flag, ...]:
    """序号 状态 机制 事项 对象 情况 应办日期 逾期天数 责任单位（责任人）."""
    overdue = duty.state == State.OVERDUE
    days = (edition.as_of - duty.due).days if overdue and duty.due else None
    mechanism = MECHANISMS[duty.rule.mechanism]
    return (
        number,
        Flag("逾期", BAD) if overdue else Flag("临近", NEAR),
        f"{mechanism.code} {mechanism.title}",
        duty.rule.label,
        duty.about,
        duty.detail if duty.published is None else duty.published,
        duty.due,
        days,
        names.of(duty),
    )
