"""Write the empty form of a ledger. Exit status 2 with one sentence on stderr when it cannot be written."""

import sys
from pathlib import Path

from django.core.management.base import BaseCommand

from banzhuang.accounts.demo import TOWNSHIP
from banzhuang.accounts.models import User
from banzhuang.core.clock import today

from ...grid import Refused
from ...ledger import Ledger, registry
from ...template import write_template


class Command(BaseCommand):
    help = "生成一种台账的空白模板：表头、下拉列表、填写校验和填表说明"

    def add_arguments(self, parser):
        parser.add_argument("kind", help="台账种类")
        parser.add_argument("--out", required=True, help="写到哪个 .xlsx 文件")

    def handle(self, *args, kind, out, **options):
        try:
            ledger = ledger_of(kind)
            write(ledger, Path(out))
        except Refused as refused:
            self.stderr.write(str(refused))
            sys.exit(2)
        self.stdout.write(f"已生成{ledger.label}的模板：{out}")


def ledger_of(kind: str) -> Ledger:
    if kind not in registry:
        kinds = "、".join(f"{ledger.kind}（{ledger.label}）" for ledger in registry)
        raise Refused(f"没有“{kind}”这种台账，能用的有：{kinds}。")
    return registry[kind]


def write(ledger: Ledger, out: Path) -> None:
    try:
        write_template(ledger, out, User.objects.system(TOWNSHIP), today())
    except OSError:
        raise Refused(f"写不了 {out}：没有这个文件夹，没有写的权限，或磁盘已满。") from None
