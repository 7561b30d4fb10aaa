"""Put a backup in the place of the portal's data, or with --keys the keys where none stand."""

from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from banzhuang.core.backups import BackupRefused, keys, passphrase, restoring, signals
from supervise import Stopped, sole_use


class Command(BaseCommand):
    help = "恢复备份；加 --keys 时放回密钥，加 --check 时只检查"
    requires_system_checks = []  # also where there is no key and no database yet

    def add_arguments(self, parser):
        kind = parser.add_mutually_exclusive_group()
        kind.add_argument("--keys", action="store_true", help="放回密钥（portal.env）")
        kind.add_argument("--check", action="store_true", help="只检查备份能不能恢复，什么都不改")
        parser.add_argument("file", type=Path, help="备份文件")

    def handle(self, *args, file, **options):
        act = self.put_keys_back if options["keys"] else self.check if options["check"] else self.restore
        try:
            act(file)
        except (BackupRefused, Stopped) as refused:
            raise CommandError(str(refused)) from None
        except OSError as fault:
            raise CommandError(
                f"读写 {fault.filename or file} 时出错（{fault.strerror}），没有恢复。核对路径、权限和磁盘空间。"
            ) from None

    def put_keys_back(self, file):
        with sole_use(settings.DATA_DIR, "正在放回密钥"):
            written = keys.put_back(file, passphrase.tried(for_keys=True))
        said = "密钥已放回 portal.env。里面有 DATABASE_URL 的，换了服务器要先改。接着恢复数据。"
        self.stdout.write(said if written else "同样的密钥已经在，没有改动。")

    def check(self, file):
        found = restoring.check(file, passphrase.tried(for_keys=False), timezone.now())
        self.stdout.write(f"备份完好，密钥与它相符：{contents(found)}。什么都没有改动。")

    def restore(self, file):
        with sole_use(settings.DATA_DIR, "正在恢复备份"):
            found = restoring.restore(file, passphrase.tried(for_keys=False), timezone.now())
            self.stdout.write(f"已恢复：{contents(found)}。密钥与数据相符，所有人须重新登录。")
            if found.migrated:
                self.stdout.write("备份由较旧的程序做成，数据库已升级到本程序的结构。")
            before = f"，数据库在 {found.database}" if found.database else ""
            self.stdout.write(f"恢复以前的数据在 {found.kept}{before}，核对无误后自行删除。")
            try:
                call_command("check_audit", stdout=self.stdout)
            finally:
                signals.restored.send_robust(None, path=file, made_at=found.made_at)


def contents(found: restoring.Restored) -> str:
    moment = timezone.localtime(found.made_at)
    missing = f"（另有 {found.missing} 个在备份时已经缺失）" if found.missing else ""
    return f"{moment:%Y-%m-%d %H:%M} 的数据，{found.rows} 行，{found.files} 个文件{missing}"
