"""Writing notices: each account's day on each working day, 催办 of a person's duty, and what the security
administrators are warned of; at most once a day."""

import datetime
import hashlib
from collections.abc import Callable, Iterable

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from banzhuang.accounts.audit import Action, record
from banzhuang.accounts.models import User
from banzhuang.core.workdays import calendar_of

from .duty import Duty, State, duties_seen_by, owed_by, pressing
from .models import Notice

BACKUP = "core.backup"  # the key of what a notice of a failed backup is about
KEPT = datetime.timedelta(days=90)
# Whose part it is to see to it that others do theirs.
LOOKING_AFTER = {"leader", "organisation", "economy", "welfare", "works"}


def is_working(day: datetime.date) -> bool:
    return calendar_of(day, day).is_working(day)


def remind(day: datetime.date, report: Callable[[int, int], None] | None = None) -> int:
    """Tell each account that owes something pressing on `day` so, and forget old notices; → how many owe.

    Run twice, or by two at once, it writes nothing twice: the database has one notice a day. `report(done, total)`
    counts accounts.
    """
    users = list(User.objects.filter(is_active=True, is_system=False, groups__isnull=False).distinct())
    notices = []
    for done, user in enumerate(users, start=1):
        owed = pressing(owed_by(user, duties_seen_by(user, day)))
        if owed:
            notices.append(notice_of_day(user, owed, day))
        if report:
            report(done, len(users))
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    Notice.objects.filter(day__lt=day - KEPT).delete()
    return len(notices)


def notice_of_day(user: User, owed: list[Duty], day: datetime.date) -> Notice:
    """今天要办 5 项，其中逾期 2 项."""
    overdue = sum(duty.state == State.OVERDUE for duty in owed)
    text = f"今天要办 {len(owed)} 项" + (f"，其中逾期 {overdue} 项" if overdue else "")
    return Notice(user=user, day=day, kind=Notice.Kind.DAY, text=text, url=f"{reverse('duties')}?whose=mine")


def tell_of_failed_backup(sender, why, now, **kwargs) -> None:
    """The system administrators, once a day."""
    day = timezone.localdate(now)
    text = f"每日备份没有做成：{why}"[: Notice._meta.get_field("text").max_length]
    administrators = User.objects.filter(is_active=True, groups__role__code="admin").distinct()
    Notice.objects.bulk_create(
        [
            Notice(
                user=user, day=day, kind=Notice.Kind.DAY, subject=BACKUP, text=text, url=reverse("notices")
            )
            for user in administrators
        ],
        ignore_conflicts=True,
    )


def may_urge(user: User, duty: Duty) -> bool:
    """Whether `user`, who sees `duty`, may remind the person who owes it: it is overdue, and another's."""
    if duty.state != State.OVERDUE or duty.owner in {None, user.pk}:
        return False
    return not LOOKING_AFTER.isdisjoint(user.role_codes())


@transaction.atomic
def urge(user: User, duty: Duty, day: datetime.date) -> bool:
    """Tell who owes `duty` that it is waited for; False when that was done today already, by whomever."""
    text = f"{user.name}催办“{duty.about}”"[: Notice._meta.get_field("text").max_length]
    _, written = Notice.objects.get_or_create(
        user_id=duty.owner,
        day=day,
        kind=Notice.Kind.URGED,
        subject=duty.key,
        defaults={"text": text, "url": duty.url},
    )
    if written:
        owner = User.objects.get(pk=duty.owner)
        record(Action.ADD, f"催办 {owner.name}：{duty.rule.label}", user=user, scope_code=duty.scope_code)
    return written


def urged_on(day: datetime.date, duties: list[Duty]) -> set[str]:
    """Keys of those of `duties` that somebody has urged on `day`."""
    rows = Notice.objects.filter(day=day, kind=Notice.Kind.URGED, subject__in=[duty.key for duty in duties])
    return set(rows.values_list("subject", flat=True))


def warn(users: Iterable[User], day: datetime.date, text: str, url: str, key: str, **kwargs: object) -> None:
    """A warning of accounts.warnings; a second one of the same key on the same day is dropped by the database."""
    subject = hashlib.sha256(key.encode()).hexdigest()
    shown = text[: Notice._meta.get_field("text").max_length]
    url = url or reverse("notices")
    notices = [
        Notice(user=user, day=day, kind=Notice.Kind.SECURITY, subject=subject, text=shown, url=url)
        for user in users
    ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
