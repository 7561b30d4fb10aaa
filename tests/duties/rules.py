"""A rule for tests: in each village one duty, of a person, of an office, or of the village itself."""

import datetime

from banzhuang.duties.duty import Duty, DutyRule, registry, state_by_due
from villages.models import Village

DUE = datetime.date(2026, 7, 12)  # a Sunday


def add_rule(monkeypatch, *, owes="welfare", owner=None, due=DUE, state=None, said=(), code="m14.test"):
    """Register it for the length of a test. owner: an account. state: whatever the day, else by `due`.

    said: further (name, value) pairs of each duty.
    """

    def describe(rows, day):
        for village in rows:
            yield Duty(
                rule=rule,
                about=f"{village.name}走访",
                detail="本周 0 次",
                due=due,
                state=state or state_by_due(due, day, 3),
                scope_code=village.code,
                url=f"/villages/{village.code}/",
                act="记走访",
                owner=owner.pk if owner else None,
                **dict(said),
            )

    rule = DutyRule(
        code=code,
        mechanism="M14",
        label="每周走访",
        words="每周走访一次联系户",
        owes=owes,
        rows=lambda day: Village.objects.order_by("code"),
        describe=describe,
        fact=lambda count, state: f"{count} 户未走访",
    )
    monkeypatch.setitem(registry._items, code, rule)
    return rule
