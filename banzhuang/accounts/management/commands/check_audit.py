"""Walk the whole audit trail: whether an event was changed, removed, or the chain made anew. Exit code 1 when it is so.

`--head 9F3C 21AB 07D4 E5B8`: whether a head that was printed with a workbook still stands in the chain.
"""

import sys

from django.core.management.base import BaseCommand
from django.utils import timezone

from banzhuang.accounts import trail


class Command(BaseCommand):
    help = "核对审计记录是否完整"

    def add_arguments(self, parser):
        parser.add_argument(
            "--head", nargs="+", metavar="链头", help="月报封面上印的审计链头，如 9F3C 21AB 07D4 E5B8"
        )

    def handle(self, *args, head=None, **options):
        faults = [*self.seal(), *self.walk(), *(self.compare(" ".join(head)) if head else [])]
        if faults:
            sys.exit("\n".join(faults))

    def seal(self) -> list[str]:
        """The unsealed tail is named as it was found, then sealed."""
        found = trail.trail_state(walk=False)
        if found.is_behind(timezone.now()):
            self.stderr.write(
                f"注意：有 {found.unsealed} 条记录没有封印，最早的是 {moment(found.oldest)}。"
                "封印应在几秒内完成：看后台任务和定时任务是否在运行。"
            )
        try:
            trail.seal_events(thorough=True)
        except trail.SealingRefused as refusal:
            return [str(refusal)]
        return []

    def walk(self) -> list[str]:
        state = trail.trail_state()
        if state.broken:
            return [str(state.broken)]
        words = [f"审计记录完整，共 {state.sealed} 条"]
        if state.head:
            words.append(f"链头 {state.head.groups}（{moment(state.head.at)} 封印）")
        if state.unsealed:
            words.append(f"另有 {state.unsealed} 条待封印，最早 {moment(state.oldest)}")
        self.stdout.write("，".join(words) + "。")
        return []

    def compare(self, typed: str) -> list[str]:
        try:
            seal = trail.find_head(typed)
        except trail.NoHead as wrong:
            return [str(wrong)]
        if seal is None:
            return [
                f"链里没有链头 {typed}：先与纸上核对有没有抄错；没有抄错的，印发以后有记录被删，或整条链被重做。"
            ]
        self.stdout.write(f"链头 {seal.groups} 仍在链中：第 {seal.number} 条，{moment(seal.at)} 封印。")
        return []


def moment(at) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"
