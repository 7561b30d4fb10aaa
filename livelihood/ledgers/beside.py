"""What stands beside a household: its figures of the year, what it counts as, who looks after it on the day."""

import datetime
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from banzhuang.core.intervals import held_on
from banzhuang.ledgers.standing import date_value

from ..models import Contact, HouseholdLabel, HouseholdYear

FIGURES = ("members", "workers", "housing")
INCOMES = ("wage_income", "business_income", "property_income", "transfer_income")


def beside_households(pks: Sequence[int], user, day: datetime.date) -> dict[str, dict[int, Any]]:
    """As Ledger.beside; three queries."""
    found: dict[str, dict[int, Any]] = defaultdict(dict)
    names = (*FIGURES, *INCOMES)
    years = HouseholdYear.objects.for_user(user).filter(household__in=pks, year=day.year)
    for pk, cause, others, *values in years.values_list("household", "cause", "other_causes", *names):
        found["causes"][pk] = [code for code in (cause, *others) if code]
        for name, value in zip(names, values, strict=True):
            found[name][pk] = value
    labels = HouseholdLabel.objects.for_user(user).live(day).filter(household__in=pks)
    for pk, kind in labels.order_by("start", "pk").values_list("household", "kind"):
        found["labels"].setdefault(pk, []).append(kind)
    contacts = Contact.objects.for_user(user).filter(held_on(day), household__in=pks)
    for pk, name, *start in contacts.values_list("household", "cadre__name", "start", "start_precision"):
        found["contact"][pk], found["contact_start"][pk] = name, date_value(*start)
    return found
