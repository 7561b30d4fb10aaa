"""Back up the portal's data, also while it runs, or with --keys its keys: each into an encrypted file of its own."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from banzhuang.core.backups import BackupRefused, daily, keys, making, passphrase
from banzhuang.core.backups.room import in_words

WHERE_KEYS_GO = "用 --out 写明密钥备份到哪个文件，例如 U 盘上的文件；不要和数据备份放在一处。"


class Command(BaseCommand):
    help = "备份数据到一个加密文件；加 --keys 时只备份密钥"

    def add_arguments(self, parser):
        parser.add_argument("--keys", action="store_true", help="只备份 portal.env（密钥）")
        parser.add_argument("--out", type=Path, help="写到哪个文件；不写的，放进备份文件夹")

    def handle(self, *args, keys, out, **options):
        try:
            self.stdout.write(back_up_keys(out) if keys else back_up_data(out))
        except BackupRefused as refused:
            raise CommandError(str(refused)) from None
        except OSError as fault:
            raise CommandError(
                f"读写 {fault.filename or out} 时出错（{fault.strerror}），没有备份。核对路径、权限和磁盘空间。"
            ) from None


def back_up_keys(out: Path | None) -> str:
    if out is None:
        raise BackupRefused(WHERE_KEYS_GO)
    keys.back_up(out, passphrase.new(for_keys=True))
    return f"密钥已备份到 {out}。与数据备份分开保管，口令另记。"


def back_up_data(out: Path | None) -> str:
    now = timezone.now()
    path = out or settings.BACKUPS_DIR / f"banzhuang-{making.stamp_of(now)}{making.SUFFIX}"
    made = making.make(path, passphrase.new(for_keys=False), now)
    daily.note(now, made)
    lines = [f"已备份到 {path}：{made.rows} 行，{made.files} 个文件，{in_words(made.bytes)}。里面没有密钥。"]
    if made.missing:
        lines.append(f"有 {made.missing} 个照片或月报的文件已不在磁盘上，没有备份到：从更早的备份中找。")
    return "\n".join(lines)
