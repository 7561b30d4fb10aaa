from .contact import Contact
from .household import Household, HouseholdLabel, HouseholdYear, Member
from .need import Need
from .visit import Visit, VisitPhoto

__all__ = [
    "Contact",
    "Household",
    "HouseholdLabel",
    "HouseholdYear",
    "Member",
    "Need",
    "Visit",
    "VisitPhoto",
]
