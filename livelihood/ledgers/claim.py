"""What a row says of who looks after a household, beside what the register says of it."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from banzhuang.core.dates import PartialDate
from banzhuang.ledgers.ledger import Write
from cadres.models import Cadre

from .. import rules
from ..models import Contact

Held = tuple[str, PartialDate | None, PartialDate | None]  # who, from when, until when


def contacts_of(households: Iterable) -> dict[int, list[Contact]]:
    """{household: its contacts of all times}. One query."""
    found: dict[int, list[Contact]] = {}
    rows = Contact.objects.filter(household__in=[household.pk for household in households])
    for contact in rows.select_related("cadre"):
        found.setdefault(contact.household_id, []).append(contact)
    return found


def held_on(contact: Contact, day: datetime.date) -> bool:
    return (contact.start is None or contact.start <= day) and (contact.end is None or contact.end > day)


@dataclass
class Claim:
    """`cadre` looks after a household in [start, end), says a row; an end is written of former contacts only.

    contacts: of the household, as they stand; planned: what rows above in the same file say of it; known: the contact
    that the row names by its 系统编号.
    """

    contacts: list[Contact]
    cadre: Cadre
    start: PartialDate | None = None
    end: PartialDate | None = None
    planned: list[Held] = field(default_factory=list)
    known: Contact | None = None

    @property
    def same(self) -> Contact | None:
        """The contact that the row speaks of, when it stands in the register."""
        if self.known and self.known.cadre_id == self.cadre.pk:
            return self.known
        of_cadre = [contact for contact in self.contacts if contact.cadre_id == self.cadre.pk]
        by_start = [contact for contact in of_cadre if self.start and agrees(contact.started, self.start)]
        still = [
            contact
            for contact in of_cadre
            if contact.end is None and (not self.end or self.may_close(contact))
        ]
        by_end = [
            contact for contact in of_cadre if self.end and not self.start and agrees(contact.ended, self.end)
        ]
        return next(iter([*by_start, *still, *by_end]), None)

    def may_close(self, contact: Contact) -> bool:
        return self.start is None or contact.start is None

    @property
    def former(self) -> Contact | None:
        """Whom the row's cadre takes the household over from."""
        if self.end or self.same:
            return None
        return next((contact for contact in self.contacts if contact.end is None), None)

    @property
    def others(self) -> list[Held]:
        own = {row.pk for row in (self.same, self.former) if row}
        rows = [row for row in self.contacts if row.pk not in own]
        return [(f"{row.cadre.name}的联系", row.started, row.ended) for row in rows] + self.planned

    def lacks_start(self) -> rules.Problems:
        """Who follows another needs a first day, else nobody knows until when the other held the household."""
        if self.start or self.end or self.same:
            return []
        before = self.former or max(
            (row for row in self.contacts if row.end), key=lambda row: row.end, default=None
        )
        if before is None:
            return []
        name = before.cadre.name
        now = f"由{name}联系" if before.end is None else f"由{name}联系到 {before.ended.iso()}"
        wrong = f"这户{now}，换成{self.cadre.name}要有联系起，才知道从哪一天换人。"
        return [("start", wrong, "补上“联系起”，或用“移交联系户”办理。")]

    def problems(self, day: datetime.date) -> rules.Problems:
        """The rules of the screen form; of a contact that stands only what the row changes."""
        if self.same and not self.write(None).changes():
            return []
        former = self.former
        found = rules.contact_in_order(
            self.start, former.started if former else None, former.cadre.name if former else "", day
        )
        start = self.start or (self.same.started if self.same else None)
        found = found or rules.contact_ends_in_order(start, self.end)
        return found or rules.apart(start, self.end, self.others, "一户同一天只有一名联系领导")

    def write(self, household) -> Write:
        values = {"started": self.start, "ended": self.end}
        values = {name: value for name, value in values.items() if value}
        if self.same:
            return Write(Contact, self.same, values)
        said = (
            () if household is None or isinstance(household, Write) else (f"登记联系领导{self.cadre.name}。",)
        )
        return Write(Contact, None, {"household": household, "cadre": self.cadre, **values}, said=said)

    def writes(self, household) -> list[Write]:
        """The row's contact, after the end of the one whom it follows. household: a row, or the Write that makes it."""
        writes = [self.write(household)]
        if former := self.former:
            sentence = f"{former.cadre.name}联系{household}户将止于 {self.start.iso()}，当天起由{self.cadre.name}联系。"
            writes[0].said = ()
            writes.insert(0, Write(Contact, former, {"ended": self.start}, said=(sentence,)))
        return writes


def agrees(stands: PartialDate | None, written: PartialDate) -> bool:
    """Whether two dates may be one: 2018.08 and 2018-08-05."""
    return stands is not None and stands.first <= written.last and written.first <= stands.last
