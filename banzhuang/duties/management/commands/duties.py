"""`manage.py duties [--on YYYY-MM-DD] [--user NAME | --seen-by NAME] [--json]`: the list of duties of a day.

--user: what that user owes. --seen-by: what that user may see. Without either, all of the township. Exit status 2 with
one sentence on stderr for a user or a day that does not exist.
"""

import datetime
import json
import sys
from unicodedata import east_asian_width

from django.core.management.base import BaseCommand

from banzhuang.accounts.demo import TOWNSHIP
from banzhuang.accounts.models import User
from banzhuang.core import places
from banzhuang.core.clock import today

from ...duty import ORDER, Duty, duties_seen_by, owed_by
from ...owing import Names, names_of


class Refused(Exception):
    """The Chinese sentence for stderr."""


class Command(BaseCommand):
    help = "列出一天的待办：谁、什么事、何时到期、什么状态"

    def add_arguments(self, parser):
        parser.add_argument("--on", metavar="YYYY-MM-DD", default="", help="哪一天，默认今天")
        parser.add_argument("--user", metavar="NAME", default="", help="只列这个用户要办的")
        parser.add_argument("--seen-by", metavar="NAME", default="", help="只列这个用户能看到的")
        parser.add_argument("--json", action="store_true", help="输出 JSON")

    def handle(self, *args, on, user, seen_by, **options):
        try:
            if user and seen_by:
                raise Refused("--user 和 --seen-by 只能写一个。")
            day = day_of(on)
            viewer = viewer_of(user or seen_by)
        except Refused as refusal:
            self.stderr.write(str(refusal))
            sys.exit(2)
        found = duties_seen_by(viewer, day)
        if user:
            found = owed_by(viewer, found)
        names = names_of(found, places.villages(viewer, day))
        if options["json"]:
            self.stdout.write(
                json.dumps([described(duty, names) for duty in found], ensure_ascii=False, indent=1)
            )
        else:
            self.write_words(found, names, day)

    def write_words(self, duties: list[Duty], names: Names, day: datetime.date) -> None:
        states = [duty.state for duty in duties]
        counts = "，".join(f"{state.label} {states.count(state)}" for state in ORDER if state in states)
        self.stdout.write(f"{day} 待办 {len(duties)} 项{f'：{counts}' if counts else ''}。")
        rows = [
            (duty.state.label, duty.due.isoformat() if duty.due else "", names.of(duty), duty.rule.label)
            for duty in duties
        ]
        widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
        for row, duty in zip(rows, duties, strict=True):
            cells = [text + " " * (wide - width(text)) for text, wide in zip(row, widths, strict=True)]
            self.stdout.write("  ".join([*cells, f"{duty.about}（{duty.detail}）"]))


def described(duty: Duty, names: Names) -> dict:
    return {
        "rule": duty.rule.code,
        "words": duty.rule.words,
        "owes": names.of(duty),
        "owes_user": names.username(duty),
        "about": duty.about,
        "due": duty.due.isoformat() if duty.due else None,
        "state": duty.state.label,
        "url": duty.url,
    }


def width(text: str) -> int:
    """Columns of a terminal: a Chinese character takes two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def day_of(text: str) -> datetime.date:
    if not text:
        return today()
    try:
        day = datetime.datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        day = None
    if day is None or not 1949 <= day.year <= 2200:
        raise Refused(f"日期“{text}”看不懂，应写成 2026-07-01 这样的形式。")
    return day


def viewer_of(username: str) -> User:
    if not username:
        return User.objects.system(TOWNSHIP)
    viewer = User.objects.filter(username=username, is_active=True).first()
    if viewer is None:
        raise Refused(f"没有用户“{username}”，或已停用。")
    return viewer
