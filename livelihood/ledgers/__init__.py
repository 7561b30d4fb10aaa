"""Ledgers of livelihood: the register of households, who looks after them, and the visits."""

from .contact import ContactsLedger
from .household import HouseholdsLedger
from .visit import VisitsLedger

LEDGERS = [HouseholdsLedger(), ContactsLedger(), VisitsLedger()]
