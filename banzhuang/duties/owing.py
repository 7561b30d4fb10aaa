"""Who owes a duty, by name: a person, a village, or an office."""

from collections.abc import Iterable
from dataclasses import dataclass

from banzhuang.accounts.models import User
from banzhuang.core.places import Place

from .duty import VILLAGE, Duty


@dataclass(frozen=True)
class Names:
    """people: account → (username, name). villages: division code → name."""

    people: dict[int, tuple[str, str]]
    villages: dict[str, str]

    def of(self, duty: Duty) -> str:
        """孙建国, 西响石村 or 民政帮扶办."""
        if person := self.person(duty):
            return person
        if duty.owing == VILLAGE:
            return self.villages.get(duty.scope_code, duty.office)
        return duty.office

    def person(self, duty: Duty) -> str:
        """The name of the person who owes it; "" where it is an office's or a village's."""
        return self.people[duty.owner][1] if duty.owner is not None else duty.person

    def username(self, duty: Duty) -> str | None:
        return self.people[duty.owner][0] if duty.owner is not None else None


def names_of(duties: Iterable[Duty], places: Iterable[Place]) -> Names:
    """The names for `duties`, by one query. Who sees a duty may read whose it is, if not the account."""
    owners = {duty.owner for duty in duties if duty.owner is not None}
    rows = User.objects.filter(pk__in=owners).values_list("pk", "username", "name") if owners else ()
    people = {pk: (username, name or username) for pk, username, name in rows}
    return Names(people, {place.code: place.name for place in places})
