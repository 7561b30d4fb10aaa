"""Making, publishing and correcting a month's workbook.

Figures come from dated facts, so a month comes out the same whenever it is made, unless a fact was corrected. What
is published stays: made again, it is compared with what the facts say now, and only differences make a draft of a
numbered 更正 issue.
"""

import datetime
import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from banzhuang.accounts.audit import Action, record
from banzhuang.accounts.models import User
from banzhuang.accounts.trail import head_to_print
from banzhuang.core import places
from banzhuang.core.clock import today
from banzhuang.core.months import month_end, month_of, shift_month
from banzhuang.core.parameters import PARTY_COMMITTEE
from banzhuang.duties.duty import duties_seen_by
from banzhuang.indicators.figures import Figures, compute
from banzhuang.indicators.indicator import Indicator
from banzhuang.indicators.indicator import registry as indicators

from .board import board_entry
from .contents import Entry
from .counting import counting_entry
from .cover import Cover
from .differences import Difference, differences
from .frozen import checksum, freeze, thaw
from .mechanism import FLOW
from .models import MonthlyWorkbook
from .official import Target
from .overdue import overdue_entry
from .sheets import Edition, days_of, in_order, months_of
from .tables import chinese_date
from .workbook import write_month

Progress = Callable[[int, int], None]
STEPS = 3


class MonthRefused(Exception):
    """The month cannot be made or published; the message is the Chinese sentence for people."""


def edition_of(township_code: str, month: datetime.date, day: datetime.date) -> Edition:
    """Gathers figures, duties and villages of the township, as its system user sees them.

    month: any day of it. day: today. A maker's own rights do not decide what the township's workbook counts.
    """
    month = month_of(month)
    if month > day:
        raise MonthRefused(f"{month.year}年{month.month}月还没有到，不能生成月报。")
    name = places.township_name(township_code)
    if not name:
        raise MonthRefused(f"没有代码为 {township_code} 的镇，镇的区划代码是 9 位数字，如 320707109。")
    as_of = min(day, month_end(month))
    user = User.objects.system(township_code)
    return Edition(
        month=month,
        as_of=as_of,
        made_on=day,
        township_code=township_code,
        township_name=name,
        reporting_unit=PARTY_COMMITTEE.on(as_of),
        figures=figures_of(list(indicators), as_of, user, township_code),
        user=user,
        duties=tuple(duties_seen_by(user, as_of, [township_code])),
        villages=tuple(places.villages(user, as_of)),
    )


def figures_of(wanted: list[Indicator], as_of: datetime.date, user, township_code: str) -> Figures:
    """Stocks on the days and flows over the months that the sheets show; one query a table for each kind."""
    flows = [indicator for indicator in wanted if indicator.kind == FLOW]
    stocks = [indicator for indicator in wanted if indicator.kind != FLOW]
    figures = compute(stocks, days_of(as_of), user, [township_code])
    figures.cells.update(
        compute(flows, [as_of], user, [township_code], months=months_of(month_of(as_of))).cells
    )
    return figures


def entries_of(edition: Edition) -> list[Entry]:
    """All sheets after cover and contents, in their fixed order."""
    return [
        board_entry(edition, [indicator for indicator in indicators if indicator.board]),
        *[sheet.entry(edition) for sheet in in_order()],
        overdue_entry(edition),
        counting_entry(edition, list(indicators)),
    ]


def make_month(
    township_code: str, month: datetime.date, user: User, progress: Progress | None = None
) -> MonthlyWorkbook:
    """Makes the month's workbook and puts it into the archive; safe to run again.

    An unpublished one is replaced. After publication the result is the published workbook itself when the facts
    still say the same, else a draft of the next 更正 issue. progress(done, total) counts sheets.
    Raises MonthRefused.
    """
    report = progress or (lambda done, total: None)
    report(0, STEPS)
    edition = edition_of(township_code, month, today())
    entries = entries_of(edition)
    total = len(entries) + STEPS
    report(STEPS - 1, total)
    issues = MonthlyWorkbook.objects.of_month(township_code, edition.month)
    published = issues.published().order_by("correction").last()
    if published and not changes_since(published, entries):
        discard(issues.drafts())
        report(total, total)
        return published
    draft = draft_of(edition, entries, user, timezone.now(), issues.drafts().first())
    draft.correction = published.correction + 1 if published else 0
    keep(draft, Action.ADD, f"生成月度工作簿 {draft}", user, lambda done, _: report(STEPS + done, total))
    return draft


def draft_of(
    edition: Edition,
    entries: list[Entry],
    user: User,
    moment: datetime.datetime,
    former: MonthlyWorkbook | None = None,
) -> MonthlyWorkbook:
    """An unsaved workbook row of the edition; `former` is the unpublished one it replaces."""
    draft = former or MonthlyWorkbook(scope_code=edition.township_code, month=edition.month)
    draft.as_of, draft.made_by, draft.made_at = edition.as_of, user, moment
    draft.total_issue = next_total_issue(edition.township_code, edition.month)
    draft.content = {
        "township": edition.township_name,
        "unit": edition.reporting_unit,
        "villages": len(edition.villages),
        "mechanisms": len({sheet.code for sheet in in_order()}),
        "sheets": freeze(entries),
        "trail": head_to_print(),
    }
    return draft


def changes_since(published: MonthlyWorkbook, entries: list[Entry]) -> list[Difference]:
    """What the facts say now against what was published."""
    return differences(thaw(published.content["sheets"]), entries)


def corrections(workbook: MonthlyWorkbook) -> list[Difference]:
    """What a 更正 issue says otherwise than the issue before it; nothing for a first one."""
    before = workbook.predecessor()
    return changes_since(before, thaw(workbook.content["sheets"])) if before else []


def discard(drafts) -> None:
    for draft in drafts:
        draft.delete()
        draft.file.delete(save=False)


def next_total_issue(township_code: str, month: datetime.date) -> int:
    """总期号: the months published before this one, and this."""
    earlier = MonthlyWorkbook.objects.filter(scope_code=township_code, month__lt=month).published()
    return earlier.values("month").distinct().count() + 1


def publish(workbook: MonthlyWorkbook, user: User) -> None:
    """Freezes the workbook: from now on the month has these figures. Raises MonthRefused, PublishedIsFrozen."""
    if not workbook.covers_whole_month:
        first = shift_month(workbook.month, 1)
        raise MonthRefused(
            f"数据只到{chinese_date(workbook.as_of)}，不是整月。{first.month}月{first.day}日起重新生成，再发布。"
        )
    workbook.state = MonthlyWorkbook.State.PUBLISHED
    workbook.published_by, workbook.published_at = user, timezone.now()
    workbook.total_issue = next_total_issue(workbook.scope_code, workbook.month)
    workbook.content["trail"] = head_to_print()
    keep(workbook, Action.PUBLISH, f"发布月度工作簿 {workbook}", user)


def keep(
    workbook: MonthlyWorkbook, action: str, subject: str, user: User, progress: Progress | None = None
) -> None:
    """Writes the file beside the old one and saves the row with its event; the old file goes when the row is safe."""
    former = workbook.file.name
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "month.xlsx")
        write_file(workbook, str(path), progress)
        with path.open("rb") as written:
            workbook.sha256 = hashlib.file_digest(written, "sha256").hexdigest()
            name = f"{workbook.month:%Y-%m}-{workbook.correction}-{workbook.sha256[:12]}.xlsx"
            written.seek(0)
            workbook.file.save(name, File(written), save=False)
    storage, name = workbook.file.storage, workbook.file.name
    try:
        with transaction.atomic():
            workbook.save()
            record(action, subject, user=user, scope_code=workbook.scope_code, sha256=workbook.sha256)
    except Exception:
        storage.delete(name)
        raise
    if former and former != name:
        transaction.on_commit(lambda: storage.delete(former))


def write_file(workbook: MonthlyWorkbook, target: Target, progress: Progress | None = None) -> None:
    """The workbook of the row's frozen figures; the same row gives the same bytes."""
    made_at = timezone.make_naive(workbook.made_at, datetime.UTC)
    write_month(target, cover_of(workbook), thaw(workbook.content["sheets"]), made_at, progress)


def cover_of(workbook: MonthlyWorkbook) -> Cover:
    """The words of the cover; the checksum on it is of the figures, the file's own stands in the archive."""
    content, month = workbook.content, workbook.month
    made_at = timezone.localtime(workbook.made_at)
    # What the clock made is compiled by whoever checks and publishes it.
    compiler = workbook.published_by if workbook.made_by.is_system else workbook.made_by
    offices = len({sheet["office"] for sheet in content["sheets"]})
    issue = (
        f"{month.year}年第 {workbook.issue} 期（总第 {workbook.total_issue} 期）{workbook.correction_words}"
    )
    return Cover(
        title=f"{content['township']}党建与民生工作月报",
        issue=issue,
        office=f"{content['unit']}党建办公室",
        date=chinese_date(timezone.localdate(workbook.published_at or workbook.made_at)),
        lines=(
            ("报告期", f"{month.year}年{month.month}月1日 — {month.month}月{month_end(month).day}日"),
            ("数据截至", f"{chinese_date(workbook.as_of)} 24:00"),
            ("范　　围", f"全镇 {content['villages']} 个村、{offices} 个责任单位"),
            ("内　　容", f"{content['mechanisms']} 项机制、{content['villages']} 村总表、逾期事项"),
            ("状　　态", state_words(workbook)),
        ),
        compiled_by=compiler.name if compiler else "",
        made=f"生成 {made_at:%Y-%m-%d %H:%M}　校验 {checksum(content['sheets'])}",
        trail=trail_words(content),
    )


def trail_words(content: dict) -> str:
    """How the audit trail stood when the issue was made, and when it was published; issues made before have no head."""
    if "trail" not in content:
        return ""
    head = content["trail"]
    if head is None:
        return "审计链头　未取得，用 check_audit 核对"
    sealed_at = timezone.localtime(datetime.datetime.fromisoformat(head["at"]))
    return f"审计 {head['events']} 条　链头 {head['seal']}　封印 {sealed_at:%Y-%m-%d %H:%M:%S}"


def state_words(workbook: MonthlyWorkbook) -> str:
    if not workbook.is_published:
        return "未发布，仅供核对"
    return f"已发布，第 {workbook.correction} 次更正" if workbook.correction else "已发布，数据冻结"
