"""Sheets of the monthly workbook about cadres: M1's figures, and the official table of secretaries."""

from banzhuang.indicators.indicator import Period
from banzhuang.reports.mechanism import MechanismSheet
from banzhuang.reports.sheets import Edition, TableSheet
from banzhuang.reports.tables import OfficialTable, TableColumn, Total

from . import indicators
from .models import Cadre, Post
from .models.post import also_director


def highlight(edition: Edition) -> str:
    """本月要点 of the contents, in one line."""
    sent = edition.figures.value(indicators.FROM_OFFICES, edition.as_of)
    adjusted = edition.figures.value(indicators.ADJUSTED, edition.as_of)
    return f"机关、退职干部任书记 {sent} 人，本年调整 {adjusted} 人"


def vacancy_remark(edition: Edition) -> dict[str, str]:
    """Which villages are without a secretary, beside the figure."""
    vacant = indicators.VACANT.rows(edition.as_of, edition.user)
    return {indicators.VACANT.code: "、".join(organisation.place for organisation in vacant[:6])}


# Dates stay dates; the official table shows their month, or the year alone where that is all that is known.
MONTH = "yyyy.mm"

# One column table of the register: label, upper head, what to read.
REGISTER = (
    TableColumn("村", lambda post: post.organisation.place, align="left"),
    TableColumn("姓名", lambda post: post.cadre.name),
    TableColumn("性别", lambda post: post.cadre.get_sex_display()),
    TableColumn("民族", lambda post: post.cadre.ethnic_group),
    TableColumn("出生\n年月", lambda post: post.cadre.born, number_format=MONTH),
    TableColumn("入党\n时间", lambda post: post.cadre.joined_party, number_format=MONTH),
    TableColumn("全日制", lambda post: post.cadre.get_education_display(), group="学历"),
    TableColumn("在职", lambda post: post.cadre.get_in_service_education_display(), group="学历"),
    TableColumn(
        "参加工\n作时间", lambda post: post.cadre.started_work, group="工作经历", number_format=MONTH
    ),
    TableColumn("原身份", lambda post: post.get_origin_display(), group="工作经历"),
    TableColumn("任现职\n时间", lambda post: post.started, group="任现职情况", number_format=MONTH),
    TableColumn("产生方式", lambda post: post.get_selection_display(), group="任现职情况"),
    TableColumn("届满\n时间", lambda post: post.term_ends, group="任现职情况", number_format=MONTH),
    TableColumn("是否\n一肩挑", lambda post: "是" if post.is_director else "否", group="任现职情况"),
    TableColumn("备注", lambda post: post.note, align="left"),
)


def secretaries_table(edition: Edition) -> OfficialTable:
    """村党组织书记基本情况表: one row a village with a secretary in post."""
    posts = list(
        Post.objects.for_user(edition.user)
        .filter(indicators.serving(Period.to_date(edition.as_of)))
        .select_related("cadre", "organisation__village")
        .annotate(is_director=also_director(edition.as_of))
        .order_by("scope_code")
    )
    men = sum(post.cadre.sex == Cadre.Sex.MALE for post in posts)
    women = sum(post.cadre.sex == Cadre.Sex.FEMALE for post in posts)
    return OfficialTable(
        title=f"{edition.township_name}村党组织书记基本情况表",
        reporting_unit=edition.reporting_unit,
        filled_on=edition.made_on,
        as_of=edition.as_of,
        columns=(TableColumn("序号"), *REGISTER),
        rows=tuple(
            (number, *[column.read(post) for column in REGISTER]) for number, post in enumerate(posts, 1)
        ),
        totals=(
            Total("合计", span=2),
            Total(len(posts), number_format='0"人"'),
            Total(f"男 {men} 人　女 {women} 人", span=4),
            *[Total()] * 7,
            Total(sum(post.is_director for post in posts), number_format='0"人"'),
            Total(),
        ),
        frozen_columns=3,
        notes=("身份证号、联系电话不在本表；任现职时间空白的为起任不详。",),
    )


SHEETS = [
    MechanismSheet(
        "M1",
        highlight=highlight,
        indicators=tuple(indicators.INDICATORS),
        trend=indicators.FROM_OFFICES,
        remarks=vacancy_remark,
    ),
    TableSheet("M1", title="书记基本情况", table=secretaries_table),
]
