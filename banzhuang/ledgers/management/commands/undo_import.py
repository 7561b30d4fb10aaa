"""Take a committed batch back as one. Exit status 2 with one sentence on stderr when it cannot be."""

import sys

from django.core.management.base import BaseCommand

from banzhuang.accounts.demo import TOWNSHIP
from banzhuang.accounts.models import User

from ...models import ImportBatch
from ...undo import UndoRefused, undo_batch


class Command(BaseCommand):
    help = "撤销一批导入"

    def add_arguments(self, parser):
        parser.add_argument("batch", type=int, help="批次号")

    def handle(self, *args, batch, **options):
        row = ImportBatch.objects.filter(pk=batch).first()
        try:
            if row is None:
                raise UndoRefused([f"没有批次 {batch}"])
            count = undo_batch(row, User.objects.system(TOWNSHIP))
        except UndoRefused as refused:
            self.stderr.write(f"不能撤销：{'；'.join(refused.reasons).rstrip('。')}。")
            sys.exit(2)
        self.stdout.write(f"已撤销批次 {batch}，{count} 条数据恢复到导入前。")
