"""`manage.py export_month YYYY-MM --out FILE [--township CODE]`: the month's workbook as a file.

A published month comes out with its published figures; what the facts say otherwise since is counted on stdout.
The archive is not touched. Exit status 2 with one sentence on stderr when it cannot be made.
"""

import io
import os
import sys
from pathlib import Path

from django.core.management.base import BaseCommand
from django.utils import timezone

from banzhuang.accounts.models import User
from banzhuang.core.clock import today
from banzhuang.core.months import parse_month
from banzhuang.reports.making import MonthRefused, changes_since, draft_of, edition_of, entries_of, write_file
from banzhuang.reports.models import MonthlyWorkbook
from banzhuang.reports.townships import known_townships


class Command(BaseCommand):
    help = "导出一个月的月度工作簿（.xlsx）"

    def add_arguments(self, parser):
        parser.add_argument("month", metavar="YYYY-MM", help="月份，如 2026-06")
        parser.add_argument("--out", required=True, metavar="FILE", help="写到哪个文件")
        parser.add_argument(
            "--township", metavar="CODE", default="", help="镇的区划代码（9 位），只有一个镇时可不写"
        )

    def handle(self, *args, **options):
        try:
            self.export(options["month"], Path(options["out"]), options["township"])
        except (MonthRefused, ValueError, OSError) as refusal:
            self.stderr.write(sentence(refusal))
            sys.exit(2)

    def export(self, text: str, target: Path, township: str) -> None:
        month = parse_month(text)
        township = township or only_township()
        edition = edition_of(township, month, today())
        entries = entries_of(edition)
        published = (
            MonthlyWorkbook.objects.of_month(township, month).published().order_by("correction").last()
        )
        if published:
            changes = changes_since(published, entries)
            workbook, words = published, f"已发布的一期，发布后有 {len(changes)} 处变化。"
        else:
            workbook, words = (
                draft_of(edition, entries, User.objects.system(township), timezone.now()),
                "未发布。",
            )
        stream = io.BytesIO()
        write_file(workbook, stream)
        partial = target.with_name(f".{target.name}.partial")
        try:
            partial.write_bytes(stream.getbuffer())
            os.replace(partial, target)
        finally:
            partial.unlink(missing_ok=True)
        self.stdout.write(f"{target}：{workbook}，{words}")


def only_township() -> str:
    townships = known_townships()
    if len(townships) == 1:
        return next(iter(townships))
    if not townships:
        raise MonthRefused("还没有任何镇的账号，用 --township 写明镇的区划代码，如 320707109。")
    listed = "、".join(f"{code} {name}" for code, name in townships.items())
    raise MonthRefused(f"有多个镇，用 --township 写明是哪一个：{listed}。")


def sentence(refusal: Exception) -> str:
    if isinstance(refusal, OSError):
        return f"文件写不到 {Path(refusal.filename or '').parent}。换一个已有的、可以写入的文件夹。"
    return str(refusal)
