"""`manage.py export_ledger KIND --out FILE [--user NAME]`: what the register holds today, as a ledger.

Identity numbers and phones stay masked. Exit status 2 with one sentence on stderr when it cannot be made.
"""

import sys
from pathlib import Path

from django.core.management.base import BaseCommand

from banzhuang.accounts.audit import Action, record
from banzhuang.core.clock import today

from ...export import may_export, write_ledger
from ...grid import Refused
from .import_ledger import owner_of
from .ledger_template import ledger_of


class Command(BaseCommand):
    help = "导出一种台账（.xlsx），身份证号、电话脱敏"

    def add_arguments(self, parser):
        parser.add_argument("kind", metavar="KIND", help="台账种类，如 cadres")
        parser.add_argument("--out", required=True, metavar="FILE", help="写到哪个文件")
        parser.add_argument("--user", default="", metavar="NAME", help="以谁的名义，默认系统")

    def handle(self, *args, kind, out, user, **options):
        target = Path(out)
        try:
            owner, ledger = owner_of(user), ledger_of(kind)
            if not may_export(owner, ledger):
                raise Refused(f"{owner}没有导出“{ledger.label}”的权限。")
            day = today()
            count = write_ledger(ledger, ledger.rows(owner, day), target, owner, day)
        except Refused as refused:
            self.refuse(str(refused))
        except OSError:
            self.refuse(f"文件写不到 {target.parent}。换一个已有的、可以写入的文件夹。")
        record(Action.EXPORT, f"{ledger.label} {count} 行（脱敏）", user=owner, kind=ledger.kind, rows=count)
        self.stdout.write(f"{target}：{ledger.label} {count} 行，身份证号、电话已脱敏。")

    def refuse(self, sentence: str):
        self.stderr.write(sentence)
        sys.exit(2)
